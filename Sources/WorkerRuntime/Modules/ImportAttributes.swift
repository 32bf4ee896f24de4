// SPDX-License-Identifier: Apache-2.0

/// Turns `with { type: "json" }` of an import declaration into `assert { … }`, the older spelling.
///
/// esbuild 0.17 knows only that one and stops with a syntax error at the newer one. Rewriting exactly there, and nowhere else, needs no parser of JavaScript and cannot touch strings.
package enum ImportAttributes {
    /// Rewrites the attributes clause that a parser stopped at; nil where there is none.
    ///
    /// The place is that of the word `with`, or of the `{` after it, for parsers that took it for a statement on a
    /// line of its own. `line` and `column` count from 1, the column in bytes. Where one space stands on both sides
    /// of the brace, as formatters write it, nothing after the clause moves.
    package static func rewriting(_ source: [UInt8], line: Int, column: Int) -> [UInt8]? {
        guard let range = SourceText.range(ofLine: line, in: source), column > 0, column <= range.count else {
            return nil
        }
        var keyword = range.lowerBound + column - 1
        if source[keyword] == UInt8(ascii: "{") {
            let end = skippingSpaceBackward(from: keyword, in: source)
            guard end >= 4 else { return nil }
            keyword = end - 4
        }
        guard source[keyword...].starts(with: "with".utf8) else { return nil }
        let stringEnd = skippingSpaceBackward(from: keyword, in: source)
        guard stringEnd > 1, stringEnd < source.count,
            source[stringEnd - 1] == UInt8(ascii: "\"") || source[stringEnd - 1] == UInt8(ascii: "'")
        else { return nil }
        let afterKeyword = source[(keyword + 4)...]
        let between = afterKeyword.prefix(while: isSpace)
        guard afterKeyword.dropFirst(between.count).first == UInt8(ascii: "{") else { return nil }
        let rest = afterKeyword.dropFirst(between.count + 1)
        let space = source[stringEnd..<keyword]
        var output = Array(source[..<stringEnd])
        if space.elementsEqual(" ".utf8), between.elementsEqual(" ".utf8), rest.first == 0x20 {
            output += " assert{".utf8
            output += rest.dropFirst()
        } else {
            // No line may end before `assert`; it may after.
            output += " assert".utf8
            output += space
            output += between
            output += "{".utf8
            output += rest
        }
        return output
    }

    /// The index after the last byte before `index` that is not white space.
    private static func skippingSpaceBackward(from index: Int, in source: [UInt8]) -> Int {
        var end = index
        while end > 0, isSpace(source[end - 1]) { end -= 1 }
        return end
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
}
