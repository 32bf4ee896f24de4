// SPDX-License-Identifier: Apache-2.0

/// What a `data:` URL holds, by the Fetch Standard's processor.
package struct DataURL: Hashable, Sendable {
    /// The MIME type in lower case, without parameters.
    package let mimeType: String
    package let bytes: [UInt8]

    /// Fails for another scheme, for want of a comma, and for bad base64.
    package init(_ url: ModuleURL) throws(ModuleError) {
        guard url.scheme == "data" else {
            throw Self.invalid(url, "its scheme is not \"data:\"")
        }
        let text = Array((url.path + (url.query.map { "?" + $0 } ?? "")).utf8)
        let start = url.authority == nil ? text : Array("//\(url.authority ?? "")".utf8) + text
        guard let comma = start.firstIndex(of: UInt8(ascii: ",")) else {
            throw Self.invalid(url, "a comma must stand before the data")
        }
        var type = Self.trimmed(start[..<comma])
        var bytes = PercentCoding.decode(start[(comma + 1)...])
        if let shorter = Self.withoutBase64Mark(type) {
            guard let decoded = Base64.forgivingDecode(bytes) else {
                throw Self.invalid(url, "its data is not base64")
            }
            bytes = decoded
            type = shorter
        }
        self.mimeType = Self.essence(type) ?? "text/plain"
        self.bytes = bytes
    }

    private static func invalid(_ url: ModuleURL, _ reason: String) -> ModuleError {
        ModuleError(.invalidDataURL, "\(ModuleError.quote(url.text)) is not a valid data: URL: \(reason)")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    /// The type before `;base64`, in any case and with spaces after the semicolon; nil where that mark is absent.
    private static func withoutBase64Mark(_ type: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let mark = type.suffix(6)
        guard mark.count == 6, String(decoding: mark, as: UTF8.self).lowercased() == "base64" else { return nil }
        var rest = type.dropLast(6)
        while rest.last == 0x20 { rest.removeLast() }
        guard rest.last == UInt8(ascii: ";") else { return nil }
        return rest.dropLast()
    }

    /// `type/subtype`, where both are tokens; the parameters do not matter here.
    private static func essence(_ type: ArraySlice<UInt8>) -> String? {
        let whole = trimmed(type.prefix { $0 != UInt8(ascii: ";") })
        let parts = whole.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isTokenByte) }) else { return nil }
        return String(decoding: whole, as: UTF8.self).lowercased()
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Base64 as `atob` reads it.
enum Base64 {
    /// Ignores white space; padding may be missing; nil where the text is not base64.
    static func forgivingDecode(_ bytes: [UInt8]) -> [UInt8]? {
        var digits = bytes.filter { ![0x20, 0x09, 0x0A, 0x0C, 0x0D].contains($0) }
        if digits.count % 4 == 0 {
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = (bits & 0xFFFF) << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return output
    }

    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5A: digit - 0x41
        case 0x61...0x7A: digit - 0x61 + 26
        case 0x30...0x39: digit - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
