// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials

/// `rookery list`: the workers of a server.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the workers of a server.", usage: "rookery list [options]")

    @OptionGroup(title: "Server") var server: ClientOptions
    @Flag(help: "Print one JSON array.") var json = false

    func run() throws {
        let client = try server.client()
        let workers = try Waiting.run { try await client.workers() }
        guard !json else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            StandardOutput.write(Array(try encoder.encode(workers)) + [10])
            return
        }
        guard !workers.isEmpty else {
            StandardError.write("no worker is deployed\n")
            return
        }
        var table = TextTable(head: [
            "NAME", "VERSION", "CREATED", "REQUESTS", "ERRORS", "ISOLATES", "MEMORY", "CPU",
        ])
        for worker in workers {
            let created: String? =
                switch worker.created {
                case .milliseconds(let time): LocalTime.date(time)
                case .text(let text): text
                case nil: nil
                }
            table.rows.append([
                worker.name, "\(worker.version)", created ?? "-", worker.requests.map(String.init) ?? "-",
                worker.errors.map(String.init) ?? "-", worker.isolates.map(String.init) ?? "-",
                worker.memoryBytes.map(ByteCount.text) ?? "-", worker.cpuMicroseconds.map(Spent.text) ?? "-",
            ])
        }
        StandardOutput.write(table.lines.joined(separator: "\n") + "\n")
        for worker in workers {
            guard let fault = worker.fault else { continue }
            StandardError.write(TerminalText.line("rookery: the worker \(worker.name): \(fault)") + "\n")
        }
    }
}

/// Spans of time for people.
enum Spent {
    /// `120 µs`, `3.4 ms`, `12.0 s`, `3 m 20 s`, `2 h 5 m`.
    static func text(_ microseconds: Int) -> String {
        func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        let value = Double(microseconds)
        switch microseconds {
        case ..<1000: return "\(microseconds) µs"
        case ..<1_000_000: return "\(rounded(value / 1000)) ms"
        case ..<60_000_000: return "\(rounded(value / 1_000_000)) s"
        case ..<3_600_000_000: return "\(microseconds / 60_000_000) m \(microseconds / 1_000_000 % 60) s"
        default: return "\(microseconds / 3_600_000_000) h \(microseconds / 60_000_000 % 60) m"
        }
    }
}
