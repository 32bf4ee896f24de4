// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Glibc

/// `rookery top`: what the workers of a server use, again and again.
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what the workers of a server use, the busiest first.", usage: "rookery top [options]")

    @Flag(help: "Print one table and end.") var once = false
    @Option(
        parsing: .unconditionalSingleValue,
        help: .init("Seconds between two tables. 2 unless given.", valueName: "N"))
    var interval: [String] = []
    @OptionGroup(title: "Server") var server: ClientOptions

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let seconds = try Numbers.single(interval, "--interval").map { try Numbers.whole($0, "--interval", least: 1) }
        let client = try server.client()
        let (isOnce, pause) = (once, Duration.seconds(seconds ?? 2))
        try Waiting.run {
            var before: TopSample?
            while true {
                let sample = try await TopSample(client)
                // Rates need two looks: the first table of a single one has totals only.
                let text = sample.table(since: before, rows: isOnce ? nil : Self.terminalRows)
                if isOnce {
                    StandardOutput.write(text)
                    return
                }
                // Home, then each line cleared to its end, then all below.
                let drawn = text.split(separator: "\n", omittingEmptySubsequences: false).joined(
                    separator: "\u{1b}[K\n")
                StandardOutput.write((isatty(STDOUT_FILENO) == 1 ? "\u{1b}[H" + drawn + "\u{1b}[J" : text + "\n"))
                if StandardOutput.failed != nil { throw CommandEnded(.outputClosed) }
                before = sample
                try await Task.sleep(for: pause)
            }
        }
    }

    /// What fits between the head and the end of most terminals.
    private static var terminalRows: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        return Environment["LINES"].flatMap { Int($0) }.map { max(5, $0 - 4) } ?? 40
    }
}

/// What the workers had used at a moment.
struct TopSample: Sendable {
    let workers: [AdminClient.Worker]
    let metrics: [String: Double]
    let time: ContinuousClock.Instant

    init(_ client: AdminClient) async throws {
        time = .now
        async let text = client.metrics()
        workers = try await client.workers()
        metrics = Self.parse(try await text ?? "")
    }

    init(workers: [AdminClient.Worker], metrics: [String: Double], time: ContinuousClock.Instant) {
        (self.workers, self.metrics, self.time) = (workers, metrics, time)
    }

    /// The series of Prometheus' text that have no labels.
    static func parse(_ text: String) -> [String: Double] {
        var metrics: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") && !line.contains("{") {
            let parts = line.split(separator: " ")
            if parts.count >= 2, let value = Double(parts[1]), value.isFinite { metrics[String(parts[0])] = value }
        }
        return metrics
    }

    /// The table, with rates where there is a sample before.
    func table(since before: TopSample?, rows most: Int? = nil) -> String {
        let seconds = before.map { max(0.001, ($0.time.duration(to: time)) / .seconds(1)) }
        var old: [String: AdminClient.Worker] = [:]
        for worker in before?.workers ?? [] { old[worker.name] = worker }
        // Since the sample before; in all where there is none. A server that began anew counts from zero again.
        func gained(_ worker: AdminClient.Worker, _ value: (AdminClient.Worker) -> Int?) -> Int {
            let now = value(worker) ?? 0
            guard let was = old[worker.name].flatMap(value), was <= now else { return now }
            return now - was
        }
        let busiest = workers.sorted { left, right in
            let (first, second) = (gained(left) { $0.cpuMicroseconds }, gained(right) { $0.cpuMicroseconds })
            return first == second ? left.name < right.name : first > second
        }
        func rate(_ count: Int) -> String {
            guard let seconds else { return "\(count)" }
            return "\((Double(count) / seconds * 10).rounded() / 10)"
        }
        var table = TextTable(
            head: before == nil
                ? ["NAME", "VERSION", "REQUESTS", "ERRORS", "ISOLATES", "MEMORY", "CPU"]
                : ["NAME", "VERSION", "REQ/S", "ERR/S", "ISOLATES", "MEMORY", "CPU%"])
        for worker in busiest.prefix(most ?? busiest.count) {
            let cpu = gained(worker) { $0.cpuMicroseconds }
            table.rows.append([
                worker.name, "\(worker.version)", rate(gained(worker) { $0.requests }),
                rate(gained(worker) { $0.errors }), worker.isolates.map(String.init) ?? "-",
                worker.memoryBytes.map(ByteCount.text) ?? "-",
                seconds.map { "\((Double(cpu) / 1e4 / $0 * 10).rounded() / 10)" } ?? Spent.text(cpu),
            ])
        }
        return summary + "\n\n" + table.lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        var parts = ["\(workers.count) \(workers.count == 1 ? "worker" : "workers")"]
        parts.append("\(workers.reduce(0) { $0 + ($1.isolates ?? 0) }) isolates")
        parts.append("\(ByteCount.text(workers.reduce(0) { $0 + ($1.memoryBytes ?? 0) })) held")
        if let bytes = metrics["process_resident_memory_bytes"] {
            parts.append("\(ByteCount.text(Int(exactly: bytes.rounded()) ?? 0)) resident")
        }
        for (series, words) in [
            ("rookery_requests_in_flight", "in flight"), ("rookery_requests_queued", "queued"),
            ("rookery_connections", "connections"),
        ] {
            if let value = metrics[series].flatMap({ Int(exactly: $0) }) { parts.append("\(value) \(words)") }
        }
        return parts.joined(separator: ", ")
    }
}
