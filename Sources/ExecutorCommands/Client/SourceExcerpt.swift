// SPDX-License-Identifier: Apache-2.0
internal import WorkerRuntime

/// A place in a source, as `rookery run` shows it: the place, the line, and a caret under the column.
struct SourceExcerpt {
    var file: String?
    var line: Int?
    var column: Int?
    var sourceLine: String?

    var lines: [String] {
        guard let file else { return [] }
        guard let line else { return [TerminalText.line(file)] }
        let place = TerminalText.line(file) + ":\(line)" + (column.map { ":\($0)" } ?? "")
        guard let sourceLine, !sourceLine.isEmpty else { return [place] }
        let shown = TerminalText.line(sourceLine)
        return [place, shown] + (column.map { [RunReport.caret(under: shown, column: $0)] } ?? [])
    }

    /// All faults of a bundle, for people.
    static func report(_ faults: [BundleFault]) -> String {
        faults.map { fault in
            let excerpt = SourceExcerpt(
                file: fault.file, line: fault.line, column: fault.column, sourceLine: fault.sourceLine)
            return (excerpt.lines + [TerminalText.lines(fault.message)]).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}
