// SPDX-License-Identifier: Apache-2.0

/// Requests that are granted: to these hosts, and with the schemes, methods and paths where these are given.
public struct NetworkRule: Sendable, Hashable, Codable {
    /// The hosts.
    public private(set) var hosts: [HostPattern]
    /// The schemes; `nil` is `http`, `https`, `ws` and `wss`.
    public private(set) var schemes: Set<String>?
    /// The methods, in capitals as a rule; `nil` is every one.
    public private(set) var methods: Set<String>?
    /// The paths; `nil` is every one.
    public private(set) var paths: [PathPattern]?
    /// Headers that the host sets on such requests, whatever the script set: values by name.
    public private(set) var headers: [String: HeaderTemplate]
    /// The secrets whose placeholders are filled in where a script wrote them into a header of such requests.
    public private(set) var secrets: Set<String>

    /// A rule.
    /// - Throws: `GrantError` for a scheme, method or header that cannot be.
    public init(
        hosts: [HostPattern], schemes: Set<String>? = nil, methods: Set<String>? = nil, paths: [PathPattern]? = nil,
        headers: [String: HeaderTemplate] = [:], secrets: Set<String> = []
    ) throws(GrantError) {
        self.hosts = hosts
        self.schemes = schemes
        self.methods = methods
        self.paths = paths
        self.headers = headers
        self.secrets = secrets
        try check()
    }

    /// Every request.
    public static let any = NetworkRule(anyOf: [.any])

    init(anyOf hosts: [HostPattern]) {
        self.hosts = hosts
        headers = [:]
        secrets = []
    }

    private func check() throws(GrantError) {
        for scheme in schemes ?? [] where NetworkRequest.ports[scheme] == nil {
            throw GrantError("there is no scheme \(HostError.quote(scheme)) to grant: use http, https, ws or wss")
        }
        for method in methods ?? [] where !NetworkRequest.isToken(method) {
            throw GrantError("\(HostError.quote(method)) is no method")
        }
        var seen: Set<String> = []
        for name in headers.keys {
            guard NetworkRequest.isToken(name) else {
                throw GrantError("\(HostError.quote(name)) is no name of a header")
            }
            guard !Self.isReserved(name) else {
                throw GrantError("the header \(name) belongs to the connection: it cannot be granted")
            }
            guard seen.insert(name.lowercasedASCII).inserted else {
                throw GrantError("the header \(name) is given twice: the case of its name does not count")
            }
        }
        for name in secrets where !Secrets.isName(name) { throw Secrets.badName(name) }
    }

    /// Headers that say where a message ends, or which server it is for.
    private static func isReserved(_ name: String) -> Bool {
        [
            "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
            "expect", "proxy-connection", "http2-settings",
        ].contains(name.lowercasedASCII)
    }

    /// Whether the rule grants a request.
    public func allows(_ request: NetworkRequest) -> Bool {
        hosts.contains { $0.matches(request.host, port: request.port) }
            && schemes?.contains(request.scheme) ?? true
            && methods?.contains(request.method) ?? true
            && paths?.contains { $0.matches(request.path) } ?? true
    }

    static let keys = ["hosts", "schemes", "methods", "paths", "headers", "secrets"]

    /// Decodes an object; `hosts` must be there.
    public init(from decoder: any Decoder) throws {
        try self.init(in: decoder.strictContainer(Self.keys))
    }

    init(in container: KeyedDecodingContainer<GrantKey>) throws {
        hosts = try container.decode([HostPattern].self, forKey: GrantKey("hosts"))
        schemes = try container.value("schemes", or: nil)
        methods = try container.value("methods", or: nil)
        paths = try container.value("paths", or: nil)
        headers = try container.value("headers", or: [:])
        secrets = try container.value("secrets", or: [])
        do throws(GrantError) {
            try check()
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: error.description))
        }
    }

    /// Encodes what is given.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encode(hosts, forKey: GrantKey("hosts"))
        try container.encodeIfPresent(schemes, forKey: GrantKey("schemes"))
        try container.encodeIfPresent(methods, forKey: GrantKey("methods"))
        try container.encodeIfPresent(paths, forKey: GrantKey("paths"))
        if !headers.isEmpty { try container.encode(headers, forKey: GrantKey("headers")) }
        if !secrets.isEmpty { try container.encode(secrets, forKey: GrantKey("secrets")) }
    }
}
