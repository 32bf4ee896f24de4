// SPDX-License-Identifier: Apache-2.0

/// What esbuild says of the files of a bundle, in the text that it writes for people: a line `✘ [ERROR] …` or
/// `▲ [WARNING] …`, below it a line with the place, the source line, and notes.
struct EsbuildReport: Sendable {
    struct Message: Hashable, Sendable {
        var text: String
        /// As esbuild names it: relative to its working folder. Empty where there is no place.
        var file = ""
        /// Counted from 1; 0 where there is no place.
        var line = 0
        /// Counted from 1, in bytes.
        var column = 0
        var notes: [String] = []
    }

    private(set) var errors: [Message] = []
    private(set) var warnings: [Message] = []

    /// So many messages are kept.
    private static let most = 200

    init(_ text: String) {
        var message: Message?
        var isError = false
        func keep(_ message: Message?, in list: inout [Message]) {
            if let message, list.count < Self.most { list.append(message) }
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let starts = [("✘ [ERROR] ", true), ("▲ [WARNING] ", false)]
            if let (mark, kind) = starts.first(where: { line.hasPrefix($0.0) }) {
                if isError { keep(message, in: &errors) } else { keep(message, in: &warnings) }
                message = Message(text: String(line.dropFirst(mark.count)))
                isError = kind
            } else if message != nil, let place = Self.place(in: line) {
                // Those that follow are of notes.
                guard message?.line == 0 else { continue }
                message?.file = place.file
                message?.line = place.line
                message?.column = place.column + 1
            } else if line.hasPrefix("  "), !line.hasPrefix("   ") {
                message?.notes.append(String(line.dropFirst(2)))
            }
        }
        if isError { keep(message, in: &errors) } else { keep(message, in: &warnings) }
    }

    /// `    src/index.ts:3:14:`; the name may have colons.
    private static func place(in line: Substring) -> (file: String, line: Int, column: Int)? {
        guard line.hasPrefix("    "), !line.hasPrefix("     "), line.hasSuffix(":") else { return nil }
        let parts = line.dropFirst(4).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, let row = Int(parts[parts.count - 2]), let column = Int(parts[parts.count - 1]),
            row > 0,
            column >= 0, column < Int.max
        else { return nil }
        return (parts.dropLast(2).joined(separator: ":"), row, column)
    }
}
