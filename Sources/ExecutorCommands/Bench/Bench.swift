// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Isolates
internal import WorkerRuntime
internal import WorkerTypes

/// `rookery bench`: what isolates cost on this machine.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what isolates cost on this machine.",
        subcommands: [
            ColdBench.self, WarmBench.self, DispatchBench.self, DensityBench.self, KillBench.self, SoakBench.self,
            HostileBench.self, NoisyBench.self, AccountingBench.self, PartsBench.self, CallsBench.self,
            KeyValueBench.self,
        ])
}

/// What the benches share: an engine with the base snapshot, a worker, a request.
struct BenchSetting {
    let host: IsolateHost
    /// What of the prelude loads when a script first names it.
    let parts: [Snapshot.Part]
    let limits = Limits(memory: 128 << 20, cpu: nil, wall: nil)

    /// Answers as workers do, from an async handler.
    static let worker = Array(
        """
        export default {
          async fetch(request) {
            return new Response(`hello ${request.url}`);
          },
        };
        """.utf8)
    static let request = Array("GET\nhttps://bench.test/path\naccept\n*/*\n".utf8)
    private static let answer = Array("hello https://bench.test/path".utf8)

    init(mostParked: Int = 64, observer: (any RuntimeObserver)? = nil) throws {
        let engine = try Engine(.init(reportsCrashes: true))
        host = IsolateHost(engine, mostParked: mostParked, observer: observer)
        let snapshot = try BaseSnapshot.load(engine, from: CacheFolder().store)
        parts = snapshot.parts
        try engine.use(snapshot)
    }

    func blank(
        limits: Limits? = nil, onLost: @escaping @Sendable (LostTurn) -> Void = { _ in }
    ) throws -> WorkerInstance {
        try WorkerInstance(host, name: "bench", limits: limits ?? self.limits, onLost: onLost)
    }

    /// A worker whose `fetch` has this body.
    func instance(
        _ body: String, limits: Limits? = nil, onLost: @escaping @Sendable (LostTurn) -> Void = { _ in }
    ) throws -> WorkerInstance {
        let instance = try blank(limits: limits, onLost: onLost)
        let source = "export default { async fetch() { \(body) } };"
        try instance.load(Array(source.utf8), url: "file:///bench/body.js")
        return instance
    }

    func live() throws -> WorkerInstance {
        let instance = try blank()
        try instance.load(Self.worker, url: "file:///bench/worker.js")
        return instance
    }

    /// Whether the worker answers as it should.
    static func answers(_ instance: WorkerInstance) -> Bool {
        (try? instance.respond(to: request)) == answer
    }

    /// Fails the bench where the worker does not answer.
    static func requireAnswer(_ instance: WorkerInstance) throws {
        guard answers(instance) else { throw CommandEnded(.ourFault, "a worker did not answer") }
    }

    /// Runs `body` on a thread for isolates and waits.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        let thread = try IsolateThread()
        let gate = Gate<Result<Value, any Error>>()
        thread.loop.post { gate.open(Result { try body() }) }
        defer { thread.stop() }
        return try gate.wait().get()
    }
}

/// Samples of one measure, in nanoseconds.
struct Samples: Sendable {
    private var values: [UInt64] = []

    mutating func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        values.append(UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000))
    }

    var count: Int { values.count }

    /// The nearest-rank percentile in microseconds, to a tenth.
    func microseconds(_ percent: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return (Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 100).rounded() / 10
    }
}

extension Samples {
    /// Takes `count` samples, after a tenth as many that do not count.
    static func taking(_ count: Int, _ sample: () throws -> Duration) rethrows -> Samples {
        var samples = Samples()
        for round in 0..<count + count / 10 {
            let time = try sample()
            if round >= count / 10 { samples.add(time) }
        }
        return samples
    }
}

/// What a bench found: a table, or a JSON object.
struct BenchReport {
    private var rows: [(key: String, json: String)] = []

    mutating func add(_ key: String, _ value: Int) { rows.append((key, "\(value)")) }
    mutating func add(_ key: String, _ value: Double) { rows.append((key, "\(value)")) }
    mutating func add(_ key: String, _ values: [String: some LosslessStringConvertible]) {
        let members = values.sorted { $0.key < $1.key }.map { name, value in
            "\"\(name)\":" + (value is String ? "\"\(value)\"" : "\(value)")
        }
        rows.append((key, "{" + members.joined(separator: ",") + "}"))
    }
    mutating func add(_ key: String, _ values: [Int]) {
        rows.append((key, "[" + values.map(String.init).joined(separator: ",") + "]"))
    }

    init() {}

    /// n, p50_us, p99_us.
    init(_ samples: Samples) {
        add("n", samples.count)
        add("p50_us", samples.microseconds(50))
        add("p99_us", samples.microseconds(99))
    }

    func print(asJSON: Bool) {
        if asJSON {
            StandardOutput.write("{" + rows.map { "\"\($0.key)\":\($0.json)" }.joined(separator: ",") + "}\n")
        } else {
            let width = rows.map(\.key.count).max() ?? 0
            for row in rows {
                let gap = String(repeating: " ", count: width - row.key.count + 2)
                StandardOutput.write(row.key + gap + row.json + "\n")
            }
        }
    }
}

/// What the latency benches take: how many samples, and in which form to print.
struct BenchOptions: ParsableArguments {
    @Option(help: "How many. Each bench has a number of its own unless given.") var rounds: String?
    @Flag(help: "Print one JSON object.") var json = false

    func count(default standard: Int) throws -> Int {
        try rounds.map { try Numbers.whole($0, "--rounds", least: 1) } ?? standard
    }
}
