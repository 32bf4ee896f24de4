// SPDX-License-Identifier: Apache-2.0

/// Where a front listens.
public enum FrontAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or address, and a port; port 0 is one that is free.
    case tcp(host: String, port: Int)
    /// A Unix socket at a path.
    case unix(path: String)

    /// Parses `HOST:PORT`, `[ADDRESS]:PORT` or `unix:PATH`.
    /// - Throws: `FrontError` for anything else.
    public init(_ text: String) throws(FrontError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // What `sockaddr_un` holds.
            guard (1...107).contains(path.utf8.count), !path.utf8.contains(0) else {
                throw FrontError("\(text) is no address: the path of a Unix socket has 1 to 107 bytes")
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            case let digits = text[text.index(after: colon)...], let port = UInt16(digits), String(port) == digits
        else { throw FrontError("\(text) is no address: write HOST:PORT, such as 127.0.0.1:8080, or unix:PATH") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw FrontError("\(text) is no address: write an IPv6 address in brackets, such as [::1]:8080")
        }
        guard !host.isEmpty else { throw FrontError("\(text) is no address: no host stands before the colon") }
        self = .tcp(host: host, port: Int(port))
    }

    /// As it is parsed.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// Why a front cannot start: the operator's fault.
public struct FrontError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    /// An error with this text.
    public init(_ description: String) { self.description = description }
}
