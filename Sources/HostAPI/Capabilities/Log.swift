// SPDX-License-Identifier: Apache-2.0

/// One line that a script logged, with its secrets taken out.
public struct LogLine: Sendable, Hashable {
    /// How much it matters.
    public enum Level: String, Sendable, Codable, CaseIterable {
        case debug
        case log
        case info
        case warn
        case error
    }

    /// Who logged it: the label of the scope.
    public let caller: String
    /// How much it matters.
    public let level: Level
    /// The text; may hold line ends.
    public let text: String
    /// The name under which the script was granted the log.
    public var binding = ""
    /// The number of the dispatch, where the embedder gives it one.
    public var dispatch: UInt64 = 0
}

/// Lines to a log of the operator's, so many in a dispatch.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `log.write` | level, text | whether there was room for it |
///
/// A line past the limit is dropped, and the first such one is replaced by a line that says so: a script does not fail
/// for what it logs.
public struct Log: Capability {
    /// `log`.
    public static let name = "log"
    private let secrets: Secrets
    private let sink: @Sendable (LogLine) -> Void

    /// A log. The sink is called on the thread that logs; return soon.
    public init(redacting secrets: Secrets = .none, to sink: @escaping @Sendable (LogLine) -> Void) {
        self.secrets = secrets
        self.sink = sink
    }

    /// How much.
    public typealias Grant = LogGrant

    /// `write`.
    public var operations: [Operation] {
        [
            Operation(sync: "write", mostArgumentBytes: 1 << 20) { (arguments: HostArguments, call) throws(HostError) in
                let name = try arguments.string(0, most: 16)
                guard let level = LogLine.Level(rawValue: name) else {
                    let levels = LogLine.Level.allCases.map(\.rawValue).joined(separator: ", ")
                    throw arguments.invalid(0, "must be one of \(levels), not \(HostError.quote(name))")
                }
                let text = secrets.redact(try arguments.string(1))
                if Self.hasRoom(for: text, call) {
                    sink(Self.line(level, text, call))
                    return .boolean(true)
                }
                if call.used(.droppedLogLines) == 0 {
                    sink(Self.line(.warn, "the log is full: further lines are dropped", call))
                }
                try call.charge(1, of: .droppedLogLines)
                return .boolean(false)
            }
        ]
    }

    private static func line(_ level: LogLine.Level, _ text: String, _ call: HostCall<LogGrant>) -> LogLine {
        LogLine(caller: call.caller, level: level, text: text, binding: call.binding, dispatch: call.dispatch)
    }

    /// Once something was dropped, nothing more is logged: what looks like a whole log would have holes.
    private static func hasRoom(for text: String, _ call: HostCall<LogGrant>) -> Bool {
        guard call.used(.droppedLogLines) == 0, (try? call.charge(1, of: .logLines)) != nil else { return false }
        return (try? call.charge(text.utf8.count, of: .logBytes)) != nil
    }
}
