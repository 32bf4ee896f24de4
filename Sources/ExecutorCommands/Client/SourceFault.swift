// SPDX-License-Identifier: Apache-2.0
internal import WorkerRuntime

/// Why a worker does not work.
struct SourceFault: Sendable, Hashable {
    var message: String
    /// Relative to the folder of the project.
    var file: String?
    var line: Int?
    var column: Int?
    var sourceLine: String?
    var stack: String?

    init(
        _ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil, sourceLine: String? = nil,
        stack: String? = nil
    ) {
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.sourceLine = sourceLine
        self.stack = stack
    }

    init(_ fault: BundleFault) {
        self.init(
            fault.message, file: fault.file, line: fault.line, column: fault.column, sourceLine: fault.sourceLine)
    }

    /// As `rookery run` shows what is uncaught.
    var text: String {
        let excerpt = SourceExcerpt(file: file, line: line, column: column, sourceLine: sourceLine)
        let words = stack.flatMap { $0.isEmpty ? nil : "Uncaught " + $0 } ?? message
        return (excerpt.lines + [TerminalText.lines(words)]).joined(separator: "\n")
    }

    /// With the text of the line, where there is such a file.
    func located(in folder: String) -> SourceFault {
        var fault = self
        guard sourceLine == nil, let line, let file,
            let found = try? OperatorFile(PathText.absolute(file, in: folder)), let text = try? found.read()
        else { return fault }
        fault.sourceLine = SourceText.line(line, of: text)
        return fault
    }

    /// The place of the first frame of the stack that is in a file of the worker.
    func placed() -> SourceFault {
        var fault = self
        for frame in (stack ?? "").split(separator: "\n") {
            let pieces = frame.split(separator: Self.root, maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else { continue }
            let parts = pieces[1].prefix { $0 != ")" }.split(separator: ":")
            guard parts.count >= 3, let line = Int(parts[parts.count - 2]), let column = Int(parts[parts.count - 1])
            else { continue }
            fault.file = parts.dropLast(2).joined(separator: ":")
            (fault.line, fault.column) = (line, column)
            break
        }
        fault.stack = stack.map(Self.withoutRoot)
        return fault
    }

    /// Where a worker's own modules are.
    private static let root = "file:///"

    /// A stack with the names of a worker's modules in place of their URLs.
    static func withoutRoot(_ stack: String) -> String {
        stack.split(separator: root, omittingEmptySubsequences: false).joined()
    }
}
