// SPDX-License-Identifier: Apache-2.0

/// A proxy of the operator's that requests go through: `http://proxy.example:3128`.
///
/// Addresses are checked as without it: the host resolves names itself, and asks the proxy for a tunnel (`CONNECT`) to
/// the address that was checked. A proxy that `resolvesNames` is asked for names instead, for `http` without a tunnel;
/// it is then the proxy that must keep requests from addresses that are not public. In JSON the URL as a text, or an
/// object with `url`, `authorization` and `resolvesNames`.
public struct NetworkProxy: Sendable, Hashable, Codable {
    /// Where it is.
    public let host: NetworkHost
    /// Its port.
    public let port: Int
    /// What the host tells the proxy in `Proxy-Authorization`.
    public let authorization: HeaderTemplate?
    /// Whether names are left to the proxy.
    public private(set) var resolvesNames: Bool

    /// A proxy.
    /// - Throws: `GrantError` for what is not `http://HOST` or `http://HOST:PORT`; the port is 80 then.
    public init(
        _ url: String, authorization: HeaderTemplate? = nil, resolvesNames: Bool = false
    ) throws(GrantError) {
        let mistake = GrantError("the proxy \(HostError.quote(url)): write http://HOST:PORT")
        guard url.hasPrefix("http://") else { throw mistake }
        let rest = url.dropFirst(7)
        let bracket = rest.lastIndex(of: "]") ?? rest.startIndex
        let colon = rest[bracket...].lastIndex(of: ":") ?? rest.endIndex
        let digits = rest[colon...].dropFirst()
        guard let host = NetworkHost(rest[..<colon].lowercasedASCII),
            let port = colon == rest.endIndex ? 80 : Int(digits), (1...65535).contains(port)
        else { throw mistake }
        self.host = host
        self.port = port
        self.authorization = authorization
        self.resolvesNames = resolvesNames
    }

    /// What meets both: the one proxy there is, which may be left names only if both say so; `nil` where they differ.
    static func both(_ left: NetworkProxy?, _ right: NetworkProxy?) -> NetworkProxy?? {
        guard var both = left ?? right else { return .some(nil) }
        if let left, let right {
            guard left.host == right.host, left.port == right.port, left.authorization == right.authorization else {
                return .none
            }
        }
        both.resolvesNames = left?.resolvesNames == true && right?.resolvesNames == true
        return .some(both)
    }

    /// Decodes a text or an object.
    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.strictContainer(["url", "authorization", "resolvesNames"]) {
            let authorization: HeaderTemplate? = try container.value("authorization", or: nil)
            let resolvesNames = try container.value("resolvesNames", or: false)
            let url = try container.decode(String.self, forKey: GrantKey("url"))
            do throws(GrantError) {
                try self.init(url, authorization: authorization, resolvesNames: resolvesNames)
            } catch {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: error.description))
            }
        } else {
            self = try decoder.parsedText { text throws(GrantError) in try NetworkProxy(text) }
        }
    }

    /// Encodes an object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encode("http://\(host):\(port)", forKey: GrantKey("url"))
        try container.encodeIfPresent(authorization, forKey: GrantKey("authorization"))
        if resolvesNames { try container.encode(true, forKey: GrantKey("resolvesNames")) }
    }
}
