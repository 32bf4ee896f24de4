// SPDX-License-Identifier: Apache-2.0

/// Rewrites V8's stack text in terms of the sources that modules were compiled from.
package struct StackMapper {
    private let maps: [String: SourceMap]

    /// The maps by the URLs of their modules.
    package init(maps: [String: SourceMap]) {
        self.maps = maps
    }

    /// Replaces each `URL:LINE:COLUMN` in a frame whose URL has a map. The URL stays where the map has one source
    /// that is the module itself; otherwise the source's name is resolved against it.
    package func rewrite(_ stack: String) -> String {
        guard !maps.isEmpty else { return stack }
        return stack.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let frame = line.drop { $0 == " " || $0 == "\t" }
            return frame.hasPrefix("at ") ? rewrite(frame: line) : String(line)
        }.joined(separator: "\n")
    }

    /// URLs hold no spaces, so each place is within one word.
    private func rewrite(frame: Substring) -> String {
        frame.split(separator: " ", omittingEmptySubsequences: false).map { word in
            rewrite(word: Array(word.utf8)) ?? String(word)
        }.joined(separator: " ")
    }

    private func rewrite(word: [UInt8]) -> String? {
        let opening = word.first == UInt8(ascii: "(") ? 1 : 0
        var end = word.count
        while end > opening, word[end - 1] == UInt8(ascii: ")") || word[end - 1] == UInt8(ascii: ",") { end -= 1 }
        var rest = word[opening..<end]
        guard let column = Self.takeNumber(&rest), let line = Self.takeNumber(&rest) else { return nil }
        let url = String(decoding: rest, as: UTF8.self)
        guard let map = maps[url], let place = map.originalPosition(line: line, column: column) else { return nil }
        return String(decoding: word[..<opening], as: UTF8.self)
            + "\(map.url(of: place, inModule: url)):\(place.line):\(place.column)"
            + String(decoding: word[end...], as: UTF8.self)
    }

    /// Takes `:NUMBER` off the end.
    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = bytes[(colon + 1)...]
        guard (1...10).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        bytes = bytes[..<colon]
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
