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
    public static func isName(_ text: some StringProtocol) -> Bool { isName(Array(text.utf8)[...]) }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...longestName).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else { return false }
        for byte in bytes {
            guard byte == hyphen || Octet.isDigit(byte) || byte &- UInt8(ascii: "a") < 26 else { return false }
        }
        return true
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
        find(
            authority: Array(authority.utf8)[...], target: Array(target.utf8)[...], domain: Array(domain.utf8))
    }

    static func find(authority: ArraySlice<UInt8>, target: ArraySlice<UInt8>, domain: [UInt8]) -> WorkerRoute? {
        target.starts(with: pathPrefix) ? byPath(target) : byHost(authority, domain)
    }

    private static let pathPrefix = Array("/@".utf8)

    private static func byPath(_ target: ArraySlice<UInt8>) -> WorkerRoute? {
        let name = target.dropFirst(2).prefix { $0 != Octet.slash && $0 != UInt8(ascii: "?") }
        guard isName(name) else { return nil }
        return WorkerRoute(name: String(decoding: name, as: UTF8.self), cut: 0..<2 + name.count)
    }

    private static func byHost(_ authority: ArraySlice<UInt8>, _ domain: [UInt8]) -> WorkerRoute? {
        let dot = UInt8(ascii: ".")
        guard !domain.isEmpty, authority.first != UInt8(ascii: "[") else { return nil }
        var host = authority.prefix { $0 != Octet.colon }
        if host.last == dot { host = host.dropLast() }
        guard host.count > domain.count, host.suffix(domain.count).elementsEqual(domain) else { return nil }
        let label = host.dropLast(domain.count)
        guard label.last == dot, case let name = label.dropLast(), isName(name) else { return nil }
        return WorkerRoute(name: String(decoding: name, as: UTF8.self), cut: 0..<0)
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
