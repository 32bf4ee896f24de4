// SPDX-License-Identifier: Apache-2.0

/// The grant to make requests: what one of its rules allows, to public addresses and those granted, within limits.
///
/// In JSON an object with `rules`, `addresses`, `proxy` and `limits`; one rule may also stand there without a list, as in
/// `{"hosts":["api.example.com"],"methods":["GET"]}`. Check a request with `check(_:)`, at every redirect again, and
/// what its host resolves to with `check(_:of:)`; connect to the address that was checked.
public struct NetworkGrant: HostGrant, Hashable {
    /// Rules and addresses, all of which a request must meet.
    struct Layer: Sendable, Hashable, Codable {
        var rules: [NetworkRule]
        var addresses: AddressPolicy
    }

    /// What was granted first, then what it was narrowed by. A narrowed grant is not reduced to one list of rules: as
    /// every layer is asked, nothing can be allowed that one of them does not allow.
    private(set) var layers: [Layer]
    /// Limits per dispatch: `subrequests`, `egressBytes`, `ingressBytes`, `concurrentRequests`.
    public var limits: HostLimits
    /// What requests go through; `nil` is nothing.
    public private(set) var proxy: NetworkProxy?

    /// A grant of requests by rules.
    public init(
        rules: [NetworkRule], addresses: AddressPolicy = .publicOnly, limits: HostLimits = .none,
        proxy: NetworkProxy? = nil
    ) {
        layers = [Layer(rules: rules, addresses: addresses)]
        self.limits = limits
        self.proxy = proxy
    }

    /// No request at all.
    public static let nothing = NetworkGrant(rules: [])
    /// Every request, to every address.
    public static let everything = NetworkGrant(rules: [.any], addresses: .everything)

    /// What both grant; headers and secrets too are only filled in where both have them. Nothing, where they have
    /// different proxies.
    public func narrowed(by other: NetworkGrant) -> NetworkGrant {
        var both = self
        for layer in other.layers where !both.layers.contains(layer) { both.layers.append(layer) }
        both.limits = limits.narrowed(by: other.limits)
        if let proxy = NetworkProxy.both(proxy, other.proxy) {
            both.proxy = proxy
        } else {
            both.layers.append(Layer(rules: [], addresses: .publicOnly))
        }
        return both
    }

    /// What a granted request may carry besides what its script gave it.
    public struct Permission: Sendable, Hashable {
        /// Headers to set, by name as the operator wrote it.
        public let headers: [String: HeaderTemplate]
        /// Secrets to fill in for their placeholders in headers.
        public let secrets: Set<String>
    }

    /// Checks a request, before its host is resolved.
    /// - Throws: `denied`.
    public func check(_ request: NetworkRequest) throws(HostError) -> Permission {
        var headers: [String: HeaderTemplate]?
        var secrets: Set<String>?
        for layer in layers {
            guard let rule = layer.rules.first(where: { $0.allows(request) }) else {
                throw Self.denial(of: request, layer)
            }
            headers = headers.map { $0.filter { rule.headers[$0.key] == $0.value } } ?? rule.headers
            secrets = secrets?.intersection(rule.secrets) ?? rule.secrets
        }
        if case .address(let address) = request.host { try check(address, of: request) }
        return Permission(headers: headers ?? [:], secrets: secrets ?? [])
    }

    /// Checks an address that a request's host resolved to, before it is connected to.
    /// - Throws: `denied`.
    public func check(_ address: IPAddress, of request: NetworkRequest) throws(HostError) {
        for layer in layers where !layer.allows(address, of: request) {
            let kind = AddressPolicy.kind(of: address)?.rawValue ?? "public"
            let what =
                request.host == .address(address)
                ? "a request to \(address), a \(kind) address,"
                : "a request to \(HostError.quote("\(request.host)")), which leads to the \(kind) address \(address),"
            throw .denied(what, allowedBy: "a fetch grant with the address \"\(address)\"")
        }
    }

    private static func denial(of request: NetworkRequest, _ layer: Layer) -> HostError {
        let hosts = layer.rules.filter { $0.hosts.contains { $0.matches(request.host, port: request.port) } }
        let what = "\(request.method) \(request.scheme)://\(request.host):\(request.port)"
        guard !hosts.isEmpty else {
            return .denied(what, allowedBy: "a fetch grant with the host \"\(request.host):\(request.port)\"")
        }
        let path = HostError.quote(request.path)
        return .denied(
            "\(what) with the path \(path)",
            allowedBy: "a fetch grant of that host with this scheme, method and path")
    }
}

extension NetworkGrant.Layer {
    func allows(_ address: IPAddress, of request: NetworkRequest) -> Bool {
        // An address in a rule is granted with that rule's port, scheme, method and path only.
        let isNamed = rules.contains { rule in
            rule.allows(request)
                && rule.hosts.contains {
                    $0.matches(request.host, port: request.port)
                        && $0.names(address, port: request.port, of: request.host)
                }
        }
        return isNamed || addresses.allows(address)
    }
}

extension NetworkGrant: Codable {
    private static let layerKeys = ["rules", "addresses"]

    /// Decodes an object, strictly.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(
            Self.layerKeys + ["limits", "proxy", "narrowedBy"] + NetworkRule.keys)
        var rules = try container.value("rules", [NetworkRule].self, or: [])
        if NetworkRule.keys.contains(where: { container.contains(GrantKey($0)) }) {
            rules.append(try NetworkRule(in: container))
        }
        layers = [Layer(rules: rules, addresses: try container.value("addresses", or: .publicOnly))]
        layers += try container.value("narrowedBy", or: [])
        limits = try container.value("limits", or: .none)
        proxy = try container.value("proxy", or: nil)
    }

    /// Encodes all of it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        if let first = layers.first {
            try container.encode(first.rules, forKey: GrantKey("rules"))
            try container.encode(first.addresses, forKey: GrantKey("addresses"))
        }
        if layers.count > 1 { try container.encode(Array(layers.dropFirst()), forKey: GrantKey("narrowedBy")) }
        if !limits.isEmpty { try container.encode(limits, forKey: GrantKey("limits")) }
        try container.encodeIfPresent(proxy, forKey: GrantKey("proxy"))
    }
}

extension NetworkGrant.Layer {
    init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["rules", "addresses"])
        rules = try container.value("rules", or: [])
        addresses = try container.value("addresses", or: .publicOnly)
    }
}
