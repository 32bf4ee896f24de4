// SPDX-License-Identifier: Apache-2.0

/// Which hosts and ports a rule is about: `api.example.com`, `*.example.org:8443`, `*`, `192.0.2.1`, `[2001:db8::1]:80`,
/// `10.0.0.0/8`. Without a port it is about every port.
public struct HostPattern: Sendable, Hashable, Codable, CustomStringConvertible {
    enum Name: Sendable, Hashable {
        case any
        case exact(String)
        /// Names with at least one label before this one.
        case below(String)
        case block(AddressBlock)
    }

    let name: Name
    /// The port; `nil` is every port.
    public let port: Int?

    /// Every host and port.
    public static let any = HostPattern(name: .any, port: nil)

    private init(name: Name, port: Int?) {
        self.name = name
        self.port = port
    }

    /// Parses a pattern. Names are ASCII, their case does not count.
    /// - Throws: `GrantError`, which says what to write instead.
    public init(_ text: String) throws(GrantError) {
        let shown = HostError.quote(text)
        guard !text.utf8.contains(UInt8(ascii: "@")), !text.contains("://") else {
            throw GrantError("\(shown): write the host alone, perhaps with a port, not a URL")
        }
        if text.utf8.contains(UInt8(ascii: "/")) {
            self.init(name: .block(try AddressBlock(text)), port: nil)
            return
        }
        var host = text[...]
        var port: Int?
        if let bracket = text.lastIndex(of: "]"), text.utf8.first == UInt8(ascii: "[") {
            let rest = text[text.index(after: bracket)...]
            guard let address = IPAddress(String(text[..<bracket].dropFirst())), address.family == .v6 else {
                throw GrantError("\(shown): between the brackets stands an IPv6 address")
            }
            if !rest.isEmpty { port = try Self.port(rest, shown) }
            self.init(name: .block(AddressBlock(address)), port: port)
            return
        }
        if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            guard !host.utf8.contains(UInt8(ascii: ":")) else {
                throw GrantError("\(shown): write an IPv6 address in brackets, as in [::1] or [::1]:8080")
            }
            port = try Self.port(text[colon...], shown)
        }
        self.init(name: try Self.name(host, shown), port: port)
    }

    private static func port(_ text: Substring, _ shown: String) throws(GrantError) -> Int {
        let digits = text.dropFirst()
        guard text.first == ":", let port = Int(digits), (1...65535).contains(port), String(port) == digits else {
            throw GrantError("\(shown): after the colon stands a port from 1 to 65535")
        }
        return port
    }

    private static func name(_ text: Substring, _ shown: String) throws(GrantError) -> Name {
        if text == "*" { return .any }
        let isSuffix = text.hasPrefix("*.")
        let plain = (isSuffix ? text.dropFirst(2) : text).lowercasedASCII
        if !isSuffix, let address = IPAddress(plain) { return .block(AddressBlock(address)) }
        guard case .name(let name) = NetworkHost(plain), plain.utf8.last != UInt8(ascii: ".") else {
            throw GrantError(
                "\(shown) is no host: write a name such as api.example.com, *.example.com for all names below it, an "
                    + "address, or * for every host; names in their ASCII form (xn--…), without a dot at the end")
        }
        return isSuffix ? .below(name) : .exact(name)
    }

    /// Whether the pattern is about a host and port.
    public func matches(_ host: NetworkHost, port: Int) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        switch (name, host) {
        case (.any, _): return true
        case (.exact(let name), .name(let host)): return name == host
        case (.below(let name), .name(let host)):
            return host.utf8.count > name.utf8.count + 1 && host.hasSuffix("." + name)
        case (.block(let block), .address(let address)): return block.contains(address)
        case (.exact, .address), (.below, .address), (.block, .name): return false
        }
    }

    /// Whether the pattern names an address itself, which grants connecting to it whatever it is. `localhost` names
    /// the loopback addresses.
    func names(_ address: IPAddress, port: Int, of host: NetworkHost) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        switch name {
        case .block(let block): return block.contains(address)
        case .exact(let name):
            let isLocal = name == "localhost" || name.hasSuffix(".localhost")
            return isLocal && host == .name(name) && AddressPolicy.kind(of: address) == .loopback
        case .any, .below: return false
        }
    }

    /// As it is parsed.
    public var description: String {
        let host =
            switch name {
            case .any: "*"
            case .exact(let name): name
            case .below(let name): "*." + name
            case .block(let block):
                block.first.family == .v6 && block.prefix == 128 ? "[\(block)]" : "\(block)"
            }
        return port.map { "\(host):\($0)" } ?? host
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        self = try decoder.parsedText { text throws(GrantError) in try HostPattern(text) }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension StringProtocol {
    var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
