// SPDX-License-Identifier: Apache-2.0

/// Which worker a request is for: by path (`/@NAME/rest`), or by host (`NAME.DOMAIN`).
public struct WorkerRoute: Sendable, Hashable {
    /// The worker's name; `isName` holds.
    public let name: String
    /// What its host calls the worker's own: the bytes of the target before these are cut off. Empty by host.
    public let cut: Range<Int>

    /// The longest name, in bytes: a label of DNS.
    public static let longestName = 63

    /// Whether a text may name a worker: a label of DNS in lower case: letters, digits and inner hyphens. Such a name
    /// is the same in a host, in a path and in a file's name. Names outside ASCII are written as IDNA's `xn--` labels.
    public static func isName(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        let hyphen = UInt8(ascii: "-")
        guard (1...longestName).contains(bytes.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        return bytes.allSatisfy { $0 == hyphen || Octet.isDigit($0) || $0 &- UInt8(ascii: "a") < 26 }
    }

    /// The route of a request, or `nil` if it names no worker.
    ///
    /// A target that begins with `/@` is a path's route and no other: what follows up to the next `/`, `?` or the end
    /// is the name, as it stands, without escapes. Otherwise the host is `NAME.DOMAIN`, in any case, with any port and
    /// perhaps a dot at its end; deeper names (`a.b.DOMAIN`) and the domain itself name no worker.
    /// - Parameters:
    ///   - authority: host and port, in lower case.
    ///   - target: path and query as they were received.
    ///   - domain: in lower case, without dots at its ends.
    public static func find(authority: String, target: String, domain: String) -> WorkerRoute? {
        target.hasPrefix("/@") ? byPath(target) : byHost(authority, domain)
    }

    private static func byPath(_ target: String) -> WorkerRoute? {
        let rest = target.dropFirst(2)
        let name = rest.prefix { $0 != "/" && $0 != "?" }
        guard isName(name) else { return nil }
        return WorkerRoute(name: String(name), cut: 0..<2 + name.utf8.count)
    }

    private static func byHost(_ authority: String, _ domain: String) -> WorkerRoute? {
        guard !domain.isEmpty, !authority.hasPrefix("[") else { return nil }
        var host = authority.prefix { $0 != ":" }
        if host.hasSuffix(".") { host = host.dropLast() }
        guard host.hasSuffix(domain) else { return nil }
        let label = host.dropLast(domain.count)
        guard label.hasSuffix("."), case let name = label.dropLast(), isName(name) else { return nil }
        return WorkerRoute(name: String(name), cut: 0..<0)
    }
}

extension RequestHead {
    /// The head as the routed worker sees it: `/@NAME/rest?query` as `/rest?query`, and `/@NAME` as `/`.
    public func routed(_ route: WorkerRoute) -> RequestHead {
        guard !route.cut.isEmpty, route.cut.upperBound <= targetRange.count else { return self }
        let end = targetRange.lowerBound + route.cut.upperBound
        // A name that ends the path leaves its slash as the path.
        let isWhole = end == targetRange.upperBound || bytes[end] != Octet.slash
        return cutting(targetRange.lowerBound + (isWhole ? 1 : 0)..<end)
    }
}
