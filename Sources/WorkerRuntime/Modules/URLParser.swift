// SPDX-License-Identifier: Apache-2.0

/// The part of the WHATWG URL parser that module URLs need.
enum URLParser {
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")

    static func isSpecial(_ scheme: String) -> Bool {
        switch scheme {
        case "file", "http", "https", "ws", "wss", "ftp": true
        default: false
        }
    }

    static func parse(_ text: String, base: ModuleURL?) -> ModuleURL? {
        var input = trimmed(text)[...]
        let scheme = takeScheme(&input)
        let fragment = takeTail(after: UInt8(ascii: "#"), from: &input).map { PercentCoding.encode($0, .fragment) }
        guard let scheme else {
            return base.flatMap { resolve(input, fragment: fragment, against: $0) }
        }
        if let base, scheme == base.scheme, isSpecial(scheme), !startsWithSlash(input, special: true) {
            return resolve(input, fragment: fragment, against: base)
        }
        return parseAfterScheme(scheme, input, fragment: fragment)
    }

    /// Leading and trailing controls and spaces, and tabs and line ends anywhere, do not count.
    private static func trimmed(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        if let last = bytes.lastIndex(where: { $0 > 0x20 }) {
            bytes.removeSubrange((last + 1)...)
        } else {
            bytes.removeAll()
        }
        bytes.removeSubrange(..<(bytes.firstIndex { $0 > 0x20 } ?? bytes.endIndex))
        bytes.removeAll { $0 == 9 || $0 == 10 || $0 == 13 }
        return bytes
    }

    private static func takeScheme(_ input: inout ArraySlice<UInt8>) -> String? {
        guard let colon = input.firstIndex(of: UInt8(ascii: ":")), let first = input.first else { return nil }
        guard isLetter(first) else { return nil }
        let name = input[..<colon]
        guard name.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }) else {
            return nil
        }
        input = input[(colon + 1)...]
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static func takeTail(after mark: UInt8, from input: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let index = input.firstIndex(of: mark) else { return nil }
        defer { input = input[..<index] }
        return input[(index + 1)...]
    }

    private static func takeQuery(_ input: inout ArraySlice<UInt8>, special: Bool) -> String? {
        takeTail(after: UInt8(ascii: "?"), from: &input).map {
            PercentCoding.encode($0, special ? .specialQuery : .query)
        }
    }

    private static func startsWithSlash(_ input: ArraySlice<UInt8>, special: Bool) -> Bool {
        input.first == slash || (special && input.first == backslash)
    }

    private static func parseAfterScheme(
        _ scheme: String, _ input: ArraySlice<UInt8>, fragment: String?
    ) -> ModuleURL? {
        var rest = input
        let special = isSpecial(scheme)
        let query = takeQuery(&rest, special: special)
        let authority: String?
        if special, scheme != "file" {
            rest = rest.drop { $0 == slash || $0 == backslash }
            guard let found = takeAuthority(&rest, scheme: scheme), !found.isEmpty else { return nil }
            authority = found
        } else if startsWithSlash(rest, special: special), startsWithSlash(rest.dropFirst(), special: special) {
            rest = rest.dropFirst(2)
            guard let found = takeAuthority(&rest, scheme: scheme) else { return nil }
            authority = found
        } else if special {
            authority = ""
        } else if rest.first == slash {
            authority = nil
        } else {
            // Spaces before what follows an opaque path would be lost when the URL is parsed again.
            var path = PercentCoding.encode(rest, .control)
            if path.utf8.last == 0x20, query != nil || fragment != nil {
                path.removeLast()
                path += "%20"
            }
            return ModuleURL(scheme: scheme, authority: nil, path: path, query: query, fragment: fragment)
        }
        let path =
            rest.isEmpty && !special
            ? "" : normalizedPath(rest, backslashSeparates: special)
        return ModuleURL(scheme: scheme, authority: authority, path: path, query: query, fragment: fragment)
    }

    private static func takeAuthority(_ input: inout ArraySlice<UInt8>, scheme: String) -> String? {
        let special = isSpecial(scheme)
        let end = input.firstIndex { $0 == slash || (special && $0 == backslash) } ?? input.endIndex
        let bytes = input[..<end]
        input = input[end...]
        guard !bytes.contains(where: { $0 <= 0x20 || "<>^|".utf8.contains($0) }) else { return nil }
        let text = PercentCoding.encode(bytes, .control)
        guard special else { return text }
        let lower = text.lowercased()
        return scheme == "file" && lower == "localhost" ? "" : lower
    }

    private static func resolve(_ input: ArraySlice<UInt8>, fragment: String?, against base: ModuleURL) -> ModuleURL? {
        if base.isOpaque {
            guard input.isEmpty, let fragment else { return nil }
            return ModuleURL(
                scheme: base.scheme, authority: nil, path: base.path, query: base.query, fragment: fragment)
        }
        let special = base.isSpecial
        var rest = input
        let query = takeQuery(&rest, special: special)
        if startsWithSlash(rest, special: special) {
            if startsWithSlash(rest.dropFirst(), special: special) {
                return parseAfterScheme(base.scheme, input, fragment: fragment)
            }
        } else if rest.isEmpty {
            return ModuleURL(
                scheme: base.scheme, authority: base.authority, path: base.path, query: query ?? base.query,
                fragment: fragment)
        } else {
            let folder = base.path.utf8.lastIndex(of: slash).map { base.path.utf8[...$0] } ?? "/".utf8[...]
            rest = (Array(folder) + rest)[...]
        }
        let path = normalizedPath(rest, backslashSeparates: special)
        return ModuleURL(
            scheme: base.scheme, authority: base.authority, path: path, query: query, fragment: fragment)
    }

    /// An encoded absolute path without dot segments. `isFilePath`: the bytes are not percent-encoded yet.
    static func normalizedPath(
        _ bytes: some Collection<UInt8>, isFilePath: Bool = false, backslashSeparates: Bool
    ) -> String {
        let set: PercentCoding.EncodeSet = isFilePath ? .filePath : .path
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 1)
        var rest = Array(bytes)[...]
        if rest.first == slash || (backslashSeparates && rest.first == backslash) { rest = rest.dropFirst() }
        while true {
            let end = rest.firstIndex { $0 == slash || (backslashSeparates && $0 == backslash) }
            let segment = rest[..<(end ?? rest.endIndex)]
            switch dots(in: segment, encoded: !isFilePath) {
            case 2:
                output.removeSubrange((output.lastIndex(of: slash) ?? 0)...)
                if end == nil { output.append(slash) }
            case 1:
                if end == nil { output.append(slash) }
            default:
                output.append(slash)
                PercentCoding.append(segment, to: &output, encoding: set)
            }
            guard let end else { break }
            rest = rest[(end + 1)...]
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// 1 for `.`, 2 for `..`, in any mixture of dots and `%2e`; otherwise 0.
    private static func dots(in segment: ArraySlice<UInt8>, encoded: Bool) -> Int {
        guard (1...6).contains(segment.count) else { return 0 }
        var rest = segment
        var count = 0
        while let first = rest.first {
            if first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if encoded, rest.count >= 3, rest.prefix(2).elementsEqual("%2".utf8),
                rest[rest.startIndex + 2] | 0x20 == UInt8(ascii: "e")
            {
                rest = rest.dropFirst(3)
            } else {
                return 0
            }
            count += 1
        }
        return count <= 2 ? count : 0
    }
}
