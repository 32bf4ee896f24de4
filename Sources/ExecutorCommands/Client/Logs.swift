// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import WorkerTypes

/// `rookery logs`: what a worker logs, and what it is asked, as it happens.
struct Logs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follows what a worker logs, and a record of each request.",
        usage: "rookery logs NAME [options]",
        discussion: "Connects again when the server ends or is not reached. Ctrl-C ends it.")

    @Argument(help: "The worker.") var name: String
    @Flag(help: "Print one JSON object a line.") var json = false
    @OptionGroup(title: "Server") var server: ClientOptions

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let name = try ClientOptions.name(name)
        let client = try server.client()
        let printsJSON = json
        try Waiting.run { try await LogFollower(client, name, printsJSON: printsJSON).run() }
    }
}

/// Follows the log of a worker through the ends of connections.
struct LogFollower: Sendable {
    private let client: AdminClient
    private let name: String
    private let printsJSON: Bool

    private static let longestPause = Duration.seconds(10)

    init(_ client: AdminClient, _ name: String, printsJSON: Bool) {
        (self.client, self.name, self.printsJSON) = (client, name, printsJSON)
    }

    /// Ends with the first refusal, or when nobody reads the output. The first connection must come about.
    func run() async throws {
        var pause = Duration.milliseconds(250)
        var wasConnected = false
        while true {
            var reason = "the server ended the log"
            let start = ContinuousClock.now
            do {
                try await client.events(of: name) { event in
                    show(event)
                    if StandardOutput.failed != nil { throw CommandEnded(.outputClosed) }
                }
                wasConnected = true
            } catch let error as ClientError {
                switch error {
                case .nobodyListens, .unreachable, .cutOff, .timedOut:
                    // A log that was quiet has been there too.
                    wasConnected = wasConnected || ContinuousClock.now - start > .seconds(5) || error.isLate
                    guard wasConnected else { throw error }
                    reason = error.description
                case .refused(let refusal) where wasConnected && (500...599).contains(refusal.status):
                    reason = error.description
                case .refused, .wrongToken, .noRookery: throw error
                }
            }
            if ContinuousClock.now - start > .seconds(5) { pause = .milliseconds(250) }
            StandardError.write("rookery: \(reason); connecting again\n")
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func show(_ event: ServerSentEvent) {
        if printsJSON {
            guard event.type == "line" || event.type == "record" else { return }
            let data = event.data.utf8.contains(10) ? event.data.split(separator: "\n").joined() : event.data
            StandardOutput.write(#"{"event":"\#(event.type)","data":\#(data)}"# + "\n")
            return
        }
        if let text = LogText.of(event) { StandardOutput.write(text) }
    }
}

extension ClientError {
    /// It came after the answer had begun.
    fileprivate var isLate: Bool { if case .cutOff = self { true } else { false } }
}

/// Events of a log for people.
enum LogText {
    /// One or more whole lines; nil for what is not known.
    static func of(_ event: ServerSentEvent) -> String? {
        let data = Data(event.data.utf8)
        switch event.type {
        case "line": return (try? JSONDecoder().decode(WorkerLogLine.self, from: data)).map(of)
        case "record": return (try? JSONDecoder().decode(RequestRecord.self, from: data)).map(of)
        case "dropped": return "         lines were dropped here: they came faster than they were taken\n"
        default: return nil
        }
    }

    /// `HH:MM:SS level message`.
    static func of(_ line: WorkerLogLine) -> String {
        "\(LocalTime.clock(line.time)) \(padded(line.level)) \(indented(line.message))\n"
    }

    /// `HH:MM:SS fetch GET URL 200 ok 3.2 ms`, and what was uncaught.
    static func of(_ record: RequestRecord) -> String {
        let status = record.status == 0 ? "-" : "\(record.status)"
        var text =
            "\(LocalTime.clock(record.time)) \(padded(record.kind.rawValue)) "
            + TerminalText.line("\(record.method) \(record.url)") + " \(status) \(record.outcome.rawValue) "
            + Spent.text(record.usage.wallMicroseconds) + ", cpu \(Spent.text(record.usage.cpuMicroseconds))"
            + ", \(record.start.rawValue), version \(record.version)\n"
        if let stack = record.stack ?? record.error { text += "         " + indented(stack) + "\n" }
        return text
    }

    private static func padded(_ word: String) -> String {
        let word = TerminalText.line(word)
        return word + String(repeating: " ", count: max(0, 5 - word.count))
    }

    /// Further lines stand below the first.
    private static func indented(_ text: String) -> String {
        TerminalText.lines(text).split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n         ")
    }
}
