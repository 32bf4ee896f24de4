// SPDX-License-Identifier: Apache-2.0

/// Columns of text, the first one to the left, the others to the right.
struct TextTable {
    let head: [String]
    var rows: [[String]] = []

    /// A line for the head and one for each row.
    var lines: [String] {
        let shown = ([head] + rows).map { $0.map(TerminalText.line) }
        let widths = head.indices.map { column in
            shown.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return shown.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                let blanks = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                return index == 0 ? cell.0 + blanks : blanks + cell.0
            }
            return cells.joined(separator: "  ")
        }
    }
}
