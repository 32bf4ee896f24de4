// SPDX-License-Identifier: Apache-2.0

/// Text of others for a terminal: what would move the cursor, change colours or ring is shown, not done.
enum TerminalText {
    /// Line ends and tabs stay.
    static func lines(_ text: String) -> String { escaped(text) { $0 == "\n" || $0 == "\t" } }

    /// On one line.
    static func line(_ text: String) -> String { escaped(text) { $0 == "\t" } }

    private static func escaped(_ text: String, except isKept: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && !isKept($0) }) else { return text }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isControl(scalar), !isKept(scalar) {
                let digits = String(scalar.value, radix: 16)
                let escape =
                    scalar == "\n"
                    ? "\\n" : scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
                output.append(contentsOf: escape.unicodeScalars)
            } else {
                output.append(scalar)
            }
        }
        return String(output)
    }

    /// Also what turns the direction of writing around.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
