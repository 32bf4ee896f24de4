// SPDX-License-Identifier: Apache-2.0

public import HostAPI
internal import NIOCore

/// Whose word counts for where a request comes from.
///
/// A handler always sees exactly one `x-forwarded-for`, with one address, and one `x-forwarded-proto`, both of the
/// front's making, and none of `forwarded`, `x-forwarded-host`, `x-forwarded-port` and `x-real-ip`: what clients write
/// there is worth nothing. Only where the connection's other end is a trusted proxy, the front reads them: the client
/// is the last address in the list that is no trusted proxy itself, since what stands before it that client wrote.
public struct ForwardingPolicy: Sendable, Hashable {
    /// The field that trusted proxies write. They have to remove or extend what comes in.
    public enum Field: Sendable, Hashable {
        /// `X-Forwarded-For` and `X-Forwarded-Proto`.
        case xForwarded
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    /// The addresses of proxies.
    public var trusted: [AddressBlock]
    /// Whether the other ends of Unix sockets are proxies.
    public var trustsUnixSockets: Bool
    /// What they write.
    public var field: Field

    /// A policy. By default nobody is trusted.
    public init(trusted: [AddressBlock] = [], trustsUnixSockets: Bool = false, field: Field = .xForwarded) {
        self.trusted = trusted
        self.trustsUnixSockets = trustsUnixSockets
        self.field = field
    }

    func trusts(_ address: IPAddress) -> Bool {
        // A listener of both versions sees IPv4 addresses mapped into IPv6.
        let plain = address.mapped ?? address
        return trusted.contains { $0.contains(plain) || $0.contains(address) }
    }

    /// Where a request comes from.
    struct Origin {
        let client: String
        let scheme: URLScheme
        /// The fields that the handler sees.
        let fields: [UInt8]
    }

    func origin(_ peer: PeerAddress, _ bytes: Span<UInt8>, _ places: [FieldPlace], scheme: URLScheme) -> Origin {
        guard peer.isTrusted else { return peer.origin }
        var hops: [String] = []
        var proto: String?
        for place in places where place.isHidden {
            if field == .xForwarded {
                if bytes.equalsAnyCase(place.name, "x-forwarded-for") {
                    hops += Self.list(bytes.text(place.value))
                } else if bytes.equalsAnyCase(place.name, "x-forwarded-proto") {
                    proto = Self.list(bytes.text(place.value)).last
                }
            } else if bytes.equalsAnyCase(place.name, "forwarded") {
                for element in Self.list(bytes.text(place.value)) {
                    hops.append(Self.parameter("for", of: element) ?? "unknown")
                    proto = Self.parameter("proto", of: element) ?? proto
                }
            }
        }
        return PeerAddress.makeOrigin(client: client(hops) ?? peer.text, scheme: Self.scheme(proto) ?? scheme)
    }

    /// `nil` where the last proxy that is trusted does not say an address.
    private func client(_ hops: [String]) -> String? {
        var found: IPAddress?
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else { break }
            found = address
            if !trusts(address) { break }
        }
        return found.map { "\($0)" }
    }

    private static func scheme(_ text: String?) -> URLScheme? {
        switch text?.lowercased() {
        case "http": .http
        case "https": .https
        default: nil
        }
    }

    /// An address with or without a port; of version 6 with or without brackets.
    private static func address(_ text: String) -> IPAddress? {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        if let address = IPAddress(text) { return address.mapped ?? address }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        return IPAddress(String(text[..<colon]))
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingBlanks() }
    }

    private static func parameter(_ name: String, of element: String) -> String? {
        for pair in element.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingBlanks().lowercased() == name else { continue }
            let value = parts[1].trimmingBlanks()
            guard value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 else { return value }
            return String(value.dropFirst().dropLast())
        }
        return nil
    }
}

/// The other end of a connection.
struct PeerAddress {
    let text: String
    let isTrusted: Bool
    /// What is said of it where nothing else is known.
    let origin: ForwardingPolicy.Origin

    init(_ address: SocketAddress?, _ policy: ForwardingPolicy, _ scheme: URLScheme) {
        if let name = address?.ipAddress, let parsed = IPAddress(name) {
            text = "\(parsed.mapped ?? parsed)"
            isTrusted = policy.trusts(parsed)
        } else {
            text = "unix"
            isTrusted = policy.trustsUnixSockets
        }
        origin = Self.makeOrigin(client: text, scheme: scheme)
    }

    static func makeOrigin(client: String, scheme: URLScheme) -> ForwardingPolicy.Origin {
        var fields = HeaderBlock()
        fields.append("x-forwarded-for", client)
        fields.append("x-forwarded-proto", scheme.name)
        return ForwardingPolicy.Origin(client: client, scheme: scheme, fields: fields.bytes)
    }
}

extension IPAddress {
    /// The address of version 4 in `::ffff:0:0/96`.
    var mapped: IPAddress? { family == .v6 && bits >> 32 == 0xffff ? embedded : nil }
}

extension Span<UInt8> {
    /// Bytes as Latin-1.
    func text(_ range: Range<Int>) -> String {
        var text = ""
        for index in range { text.unicodeScalars.append(Unicode.Scalar(self[index])) }
        return text
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    func trimmingBlanks() -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let front = drop(while: isBlank)
        guard let last = front.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(front[...last])
    }
}
