// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// A URL of `http` or `https` without its fragment, in parts, parsed as the URL Standard says.
///
/// What is checked and what is sent both come from these parts, never from a text that something else parses again.
/// Two things that the standard has are refused: user names and passwords, and host names that are not ASCII.
struct RequestURL: Sendable, Hashable, CustomStringConvertible {
    let isSecure: Bool
    let host: NetworkHost
    let port: Int
    /// Percent-encoded, from its first slash.
    var path: String
    /// Percent-encoded, without the question mark.
    var query: String?

    var scheme: String { isSecure ? "https" : "http" }
    /// Host and port as the `Host` header has them.
    var authority: String { port == (isSecure ? 443 : 80) ? "\(host)" : "\(host):\(port)" }
    /// What a request line has.
    var target: String { query.map { "\(path)?\($0)" } ?? path }
    var description: String { "\(scheme)://\(authority)\(target)" }

    func hasOrigin(of other: RequestURL) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    /// Parses an absolute URL, or with a base a relative one.
    /// - Throws: `invalidArgument`, which says why it is none that can be fetched.
    init(_ text: String, base: RequestURL? = nil) throws(HostError) {
        do throws(Malformed) {
            self = try Self.parse(Self.stripped(text), base)
        } catch {
            throw HostError(.invalidArgument, "\(HostError.quote(text)) cannot be fetched: \(error.reason)")
        }
    }

    private init(isSecure: Bool, host: NetworkHost, port: Int, path: String, query: String?) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    private struct Malformed: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private typealias Bytes = ArraySlice<UInt8>

    /// Without spaces and controls around it, tabs and line ends in it, and the fragment.
    private static func stripped(_ text: String) -> Bytes {
        let bytes = Array(text.utf8).prefix { $0 != UInt8(ascii: "#") }
        let first = bytes.firstIndex { $0 > 0x20 } ?? bytes.endIndex
        let last = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? first
        return bytes[first..<max(first, last)].filter { $0 != 9 && $0 != 10 && $0 != 13 }[...]
    }

    private static func parse(_ text: Bytes, _ base: RequestURL?) throws(Malformed) -> RequestURL {
        if let colon = text.firstIndex(of: UInt8(ascii: ":")), isScheme(text[..<colon]) {
            let isSecure: Bool
            switch String(decoding: text[..<colon], as: UTF8.self).lowercased() {
            case "http": isSecure = false
            case "https": isSecure = true
            default: throw Malformed("its scheme is neither http nor https")
            }
            let rest = text[(colon + 1)...]
            if let base, base.isSecure == isSecure, !rest.starts(with: "//".utf8) {
                return try relative(rest, base)
            }
            return try absolute(rest, isSecure)
        }
        guard let base else { throw Malformed("it is no absolute URL") }
        return try relative(text, base)
    }

    private static func relative(_ text: Bytes, _ base: RequestURL) throws(Malformed) -> RequestURL {
        guard let first = text.first else { return base }
        if isSlash(first), let second = text.dropFirst().first, isSlash(second) {
            return try absolute(text, base.isSecure)
        }
        let (path, query) = split(text)
        var url = base
        url.query = query
        if first == UInt8(ascii: "?") { return url }
        let folder =
            isSlash(first)
            ? []
            : Array(
                base.path.utf8.split(
                    separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
                ).dropFirst().dropLast())
        url.path = Self.path(path, after: folder.map { String(Substring($0)) })
        return url
    }

    /// What follows the scheme; however many slashes it begins with.
    private static func absolute(_ text: Bytes, _ isSecure: Bool) throws(Malformed) -> RequestURL {
        let text = text.drop(while: isSlash)
        let end = text.firstIndex { isSlash($0) || $0 == UInt8(ascii: "?") } ?? text.endIndex
        let authority = text[..<end]
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw Malformed("it has a user name or password; set an Authorization header instead")
        }
        // A colon within brackets belongs to the address.
        let bracket = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        let colon = authority[bracket...].firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        let (path, query) = split(text[end...])
        return RequestURL(
            isSecure: isSecure, host: try host(authority[..<colon]),
            port: try port(authority[colon...].dropFirst()) ?? (isSecure ? 443 : 80),
            path: Self.path(path, after: []), query: query)
    }

    private static func port(_ digits: Bytes) throws(Malformed) -> Int? {
        var port = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit), port < 10000 else { throw Malformed("its port is none") }
            port = port * 10 + Int(digit - 0x30)
        }
        guard port <= 65535 else { throw Malformed("its port is larger than 65535") }
        return digits.isEmpty ? nil : port
    }

    private static func split(_ text: Bytes) -> (path: Bytes, query: String?) {
        guard let mark = text.firstIndex(of: UInt8(ascii: "?")) else { return (text, nil) }
        return (text[..<mark], encoded(text[(mark + 1)...], also: " \"#<>'"))
    }

    private static func path(_ text: Bytes, after folder: [String]) -> String {
        var segments = folder
        var rest = text
        if let first = rest.first, isSlash(first) { rest.removeFirst() }
        let parts = rest.split(omittingEmptySubsequences: false, whereSeparator: isSlash)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch String(decoding: part, as: UTF8.self).lowercased().replacing("%2e", with: ".") {
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            case ".": if isLast { segments.append("") }
            default: segments.append(encoded(part, also: " \"#<>?^`{}"))
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    private static func encoded(_ text: Bytes, also set: StaticString) -> String {
        let set = Array("\(set)".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        for byte in text {
            if (0x21...0x7e).contains(byte), !set.contains(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let hexadecimal = Array("0123456789ABCDEF".utf8)

    private static func isSlash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }

    private static func isScheme(_ text: Bytes) -> Bool {
        guard let first = text.first, (0x61...0x7a).contains(first | 0x20) else { return false }
        return text.allSatisfy {
            (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0)
        }
    }
}

// MARK: Hosts

extension RequestURL {
    private static func host(_ text: Bytes) throws(Malformed) -> NetworkHost {
        guard !text.isEmpty else { throw Malformed("it has no host") }
        if text.first == UInt8(ascii: "[") {
            guard let host = NetworkHost(String(decoding: text, as: UTF8.self)) else {
                throw Malformed("its IPv6 address is none")
            }
            return host
        }
        guard let plain = percentDecoded(text), plain.allSatisfy({ $0 < 0x80 }) else {
            throw Malformed("its host is not ASCII; write the name in its xn-- form")
        }
        let name = String(decoding: plain, as: UTF8.self).lowercased()
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        if let last = labels.last, !last.isEmpty,
            last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || number(last) != nil
        {
            guard let address = address(labels) else { throw Malformed("its IPv4 address is none") }
            return .address(address)
        }
        guard let host = NetworkHost(name) else { throw Malformed("its host is no name") }
        return host
    }

    private static func percentDecoded(_ text: Bytes) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return nil
            }
            rest = rest.dropFirst(2)
            plain.append(value)
        }
        return plain
    }

    /// One to four numbers, of which the last fills what is left.
    private static func address(_ labels: [Substring]) -> IPAddress? {
        let numbers = labels.compactMap(number)
        guard numbers.count == labels.count, (1...4).contains(numbers.count), let last = numbers.last,
            numbers.dropLast().allSatisfy({ $0 <= 255 }), last < 1 << UInt64(8 * (5 - numbers.count))
        else { return nil }
        let bits = numbers.dropLast().enumerated().reduce(last) { $0 + $1.element << UInt64(8 * (3 - $1.offset)) }
        return IPAddress(v4: UInt32(truncatingIfNeeded: bits))
    }

    /// Decimal, octal after `0`, hexadecimal after `0x`.
    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.first != "+", text.first != "-" else { return nil }
        if text.hasPrefix("0x") { return text.count == 2 ? 0 : unsigned(text.dropFirst(2), 16) }
        if text.count > 1, text.hasPrefix("0") { return unsigned(text.dropFirst(), 8) }
        return unsigned(text, 10)
    }

    private static func unsigned(_ digits: Substring, _ radix: Int) -> UInt64? {
        guard let first = digits.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        // Too many digits to be an address, but digits.
        return UInt64(digits, radix: radix)
            ?? (digits.allSatisfy { $0.hexDigitValue.map { $0 < radix } ?? false } ? .max : nil)
    }
}
