// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer

/// Where the admin API of a server is.
struct AdminAddress: Sendable, CustomStringConvertible {
    /// As it was written.
    let description: String
    let place: FrontAddress
    let isTLS: Bool
    /// The value of `Host`.
    let authority: String

    static let standard = "127.0.0.1:8788"
    static let variable = "ROOKERY_ADMIN"

    /// Whether it is on this machine.
    var isLocal: Bool {
        switch place {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || Self.isLoopback(host)
        }
    }

    /// `127.0.0.1` and the like, which no name is.
    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// What the option says, or the environment, or the standard.
    static func find(_ option: String?) throws -> AdminAddress {
        if let option { return try AdminAddress(option, from: "--admin") }
        return try AdminAddress(Environment[variable] ?? standard, from: variable)
    }

    /// Parses `http://HOST:PORT`, `https://HOST[:PORT]`, `HOST:PORT` or `unix:PATH`.
    init(_ text: String, from source: String) throws {
        var rest = text[...]
        var port = ""
        isTLS = rest.hasPrefix("https://")
        if let scheme = ["http://", "https://"].first(where: rest.hasPrefix) {
            rest = rest.dropFirst(scheme.count)
            if rest.hasSuffix("/") { rest = rest.dropLast() }
            let host = rest.hasPrefix("[") ? rest.drop { $0 != "]" } : rest
            if !host.contains(":") { port = isTLS ? ":443" : ":80" }
        }
        do throws(FrontError) {
            place = try FrontAddress(rest + port)
        } catch {
            throw CommandEnded(
                .wrongUsage,
                "\(source): \"\(text)\" is no address of an admin API: write http://HOST:PORT, HOST:PORT or unix:PATH")
        }
        if case .tcp(let host, _) = place, host.contains(where: { "/@?#".contains($0) }) {
            throw CommandEnded(.wrongUsage, "\(source): \"\(text)\": give scheme, host and port only")
        }
        description = text
        authority = if case .tcp = place { String(rest) } else { "localhost" }
    }
}
