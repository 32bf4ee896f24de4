// SPDX-License-Identifier: Apache-2.0

/// The head of a request, in one piece of memory: `METHOD LF SCHEME://AUTHORITY TARGET LF` and its header block.
///
/// A script's engine can take it with one copy and split it at LF.
public struct RequestHead: Sendable, Hashable {
    /// The whole head.
    public let bytes: [UInt8]
    /// Where the method is in `bytes`.
    public let methodRange: Range<Int>
    /// Where the host and port are in `bytes`; empty if a request of HTTP/1.0 named none.
    public let authorityRange: Range<Int>
    /// Where path and query are in `bytes`; they begin with `/`, or are `*`.
    public let targetRange: Range<Int>
    /// Where the header block is in `bytes`.
    public let headerRange: Range<Int>

    /// The method; an upper-case token.
    public var method: String { text(methodRange) }
    /// Host and port as they were named, without a port that is the scheme's own and in lower case.
    public var authority: String { text(authorityRange) }
    /// Path and query as they were received.
    public var target: String { text(targetRange) }
    /// Scheme, authority and target.
    public var url: String { text(methodRange.upperBound + 1..<targetRange.upperBound) }
    /// The header fields.
    public var headers: HeaderBlock { HeaderBlock(bytes: Array(bytes[headerRange])) }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The first value of a field, or `nil`. `name` is in lower case.
    public func firstHeader(_ name: String) -> String? {
        for field in HeaderFields(block: bytes, position: headerRange.lowerBound)
        where field.name.count == name.utf8.count && bytes[field.name].elementsEqual(name.utf8) {
            return text(field.value)
        }
        return nil
    }

    /// All values of a field. `name` is in lower case.
    public func headerValues(_ name: String) -> [String] {
        var values: [String] = []
        for field in HeaderFields(block: bytes, position: headerRange.lowerBound)
        where field.name.count == name.utf8.count && bytes[field.name].elementsEqual(name.utf8) {
            values.append(text(field.value))
        }
        return values
    }

    /// The head with this host, and perhaps port, in its URL.
    func naming(_ authority: [UInt8]) -> RequestHead {
        let change = authority.count - authorityRange.count
        func moved(_ range: Range<Int>) -> Range<Int> { range.lowerBound + change..<range.upperBound + change }
        return RequestHead(
            bytes: bytes[..<authorityRange.lowerBound] + authority + bytes[authorityRange.upperBound...],
            methodRange: methodRange,
            authorityRange: authorityRange.lowerBound..<authorityRange.upperBound + change,
            targetRange: moved(targetRange), headerRange: moved(headerRange))
    }

    /// The head without some bytes of its target, as after routing by path.
    public func cutting(_ cut: Range<Int>) -> RequestHead {
        let kept = Array(bytes[..<cut.lowerBound]) + bytes[cut.upperBound...]
        return RequestHead(
            bytes: kept, methodRange: methodRange, authorityRange: authorityRange,
            targetRange: targetRange.lowerBound..<targetRange.upperBound - cut.count,
            headerRange: headerRange.lowerBound - cut.count..<headerRange.upperBound - cut.count)
    }
}

/// The version of the protocol that a request came with.
public enum HTTPVersion: UInt8, Sendable {
    case http10
    case http11
    case http2
}

/// What asks for another protocol than HTTP.
public enum Upgrade: Sendable, Hashable {
    /// RFC 6455, with the subprotocols that the client offers.
    case webSocket(protocols: [String])
}

/// One request, as its handler gets it.
public struct ServerRequest: Sendable {
    /// Unique in the process.
    public let id: UInt64
    /// Method, URL and header fields.
    public let head: RequestHead
    /// The protocol's version.
    public let version: HTTPVersion
    /// The address of the client in its usual text form, after `ForwardingPolicy`; `unix` for a Unix socket.
    public let client: String
    /// The protocol that the client wants to change to.
    public let upgrade: Upgrade?
    /// What follows the head.
    public let body: RequestBody
}

/// The body of a request.
public enum RequestBody: Sendable {
    /// There is none.
    case none
    /// All of it: its length was announced and no more than `FrontLimits.collectedBody`.
    case collected([UInt8])
    /// Not here yet. `length` in bytes, if it was announced. It fails with `exhausted` past the limit, `timedOut`,
    /// `unavailable` if the client goes away, `invalidArgument` if it is malformed, and `cancelled` once the exchange
    /// is over.
    case stream(RequestBodyStream, length: Int?)
}
