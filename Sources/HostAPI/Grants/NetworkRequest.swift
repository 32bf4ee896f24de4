// SPDX-License-Identifier: Apache-2.0

/// The host of a URL, as the URL parser of the web leaves it.
public enum NetworkHost: Sendable, Hashable, CustomStringConvertible {
    /// A name in lower-case ASCII. One that ends in a dot is another name than the same without.
    case name(String)
    case address(IPAddress)

    /// Reads a host in its canonical form: a name, four decimal numbers, or an IPv6 address in brackets; `nil` for
    /// any other, such as a name with an empty label, or one that some resolver could take for an address.
    public init?(_ text: String) {
        if text.utf8.first == UInt8(ascii: "["), text.utf8.last == UInt8(ascii: "]") {
            guard let address = IPAddress(String(text.dropFirst().dropLast())), address.family == .v6 else {
                return nil
            }
            self = .address(address)
            return
        }
        if let address = IPAddress(text), address.family == .v4 {
            self = .address(address)
            return
        }
        var labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard text.utf8.count <= 254, let last = labels.last, !Self.isNumber(last),
            labels.allSatisfy({ (1...63).contains($0.count) && $0.allSatisfy(Self.isNameByte) })
        else { return nil }
        self = .name(text)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Digits, or hexadecimal after `0x`: what the `inet_aton` of old takes for a part of an address.
    private static func isNumber(_ label: Substring.UTF8View) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        if label.allSatisfy(isDigit) { return true }
        return label.starts(with: "0x".utf8)
            && label.dropFirst(2).allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
    }

    /// As in a URL.
    public var description: String {
        switch self {
        case .name(let name): name
        case .address(let address): address.family == .v6 ? "[\(address)]" : "\(address)"
        }
    }
}

/// A request that a script wants to make, in the parts of its parsed URL. No grant ever sees a URL as text.
public struct NetworkRequest: Sendable, Hashable {
    /// `http`, `https`, `ws` or `wss`.
    public let scheme: String
    /// The host.
    public let host: NetworkHost
    /// The port, with the scheme's own where the URL has none.
    public let port: Int
    /// The method; its case counts.
    public let method: String
    /// The path without query and fragment, percent-encoded, from its first slash.
    public let path: String

    /// The schemes that a grant may be about, with their ports.
    public static let ports = ["http": 80, "https": 443, "ws": 80, "wss": 443]

    /// A request, of parts as the web's URL parser leaves them.
    /// - Throws: `invalidArgument` where a part is not in its canonical form, which is then not repaired.
    public init(
        scheme: String, host: String, port: Int? = nil, method: String = "GET", path: String = "/"
    ) throws(HostError) {
        guard let standard = Self.ports[scheme] else {
            throw HostError(
                .invalidArgument,
                "a request with the scheme \(HostError.quote(scheme)): use http, https, ws or wss")
        }
        guard let parsed = NetworkHost(host) else {
            throw HostError(.invalidArgument, "\(HostError.quote(host)) is no host that a request can go to")
        }
        let port = port ?? standard
        guard (1...65535).contains(port) else {
            throw HostError(.invalidArgument, "a request to port \(port): ports are 1 to 65535")
        }
        guard Self.isToken(method) else {
            throw HostError(.invalidArgument, "\(HostError.quote(method)) is no method")
        }
        guard path.utf8.first == UInt8(ascii: "/"),
            path.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { throw HostError(.invalidArgument, "\(HostError.quote(path)) is no path of a parsed URL") }
        self.scheme = scheme
        self.host = parsed
        self.port = port
        self.method = method
        self.path = path
    }

    /// Whether a text is a token of HTTP: a method, or the name of a header.
    static func isToken(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
