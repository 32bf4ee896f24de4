// SPDX-License-Identifier: Apache-2.0

/// Lines and columns of source texts, counted as V8 counts them.
package enum SourceText {
    /// Longer lines are cut: they are for people's eyes.
    private static let longestLine = 500

    /// The bytes of a line, counted from 1, without its end; nil where there is no such line.
    static func range(ofLine line: Int, in text: [UInt8]) -> Range<Int>? {
        var start = 0
        var number = 1
        var index = 0
        while index < text.count {
            let width = lineEnd(at: index, in: text)
            guard width > 0 else {
                index += 1
                continue
            }
            if number == line { return start..<index }
            index += width
            start = index
            number += 1
        }
        return number == line ? start..<text.count : nil
    }

    package static func line(_ line: Int, of text: [UInt8]) -> String? {
        range(ofLine: line, in: text).map { range in
            ModuleError.shorten(String(decoding: text[range], as: UTF8.self), to: longestLine)
        }
    }

    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// How many bytes end a line here: LF, CR, CR LF, U+2028 or U+2029; 0 where none do.
    private static func lineEnd(at index: Int, in text: [UInt8]) -> Int {
        switch text[index] {
        case 10: 1
        case 13: index + 1 < text.count && text[index + 1] == 10 ? 2 : 1
        case 0xE2:
            index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8 ? 3 : 0
        default: 0
        }
    }
}
