// SPDX-License-Identifier: Apache-2.0

/// A message of a WebSocket.
public enum WebSocketMessage: Sendable, Hashable {
    case text(String)
    case binary([UInt8])
}

/// How a WebSocket ended.
public struct WebSocketClosure: Sendable, Hashable {
    /// RFC 6455's code: 1005 if the other side gave none, 1006 if the connection broke.
    public let code: Int
    /// What the other side says, at most 123 bytes of UTF-8.
    public let reason: String

    /// An end.
    public init(code: Int, reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The connection broke.
    public static let abnormal = WebSocketClosure(code: 1006, reason: "")
}

/// The worker's side of a WebSocket. Calls come on an event loop.
public protocol WebSocketHandler: AnyObject, Sendable {
    /// The handshake is done.
    func opened(_ socket: WebSocket)
    /// No message goes or comes any more. Comes once, also if the handshake fails.
    /// - Parameter unread: what had come before, and was not received.
    func closed(_ closure: WebSocketClosure, unread: [WebSocketMessage])
}

/// A WebSocket, for any thread. It lives as long as its connection.
///
/// Pings are answered, and sent to clients that say nothing for `FrontLimits.idleTime`.
public final class WebSocket: Sendable {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    /// Takes the next message: one call is under way at a time, and a client waits while there is none. `answer` comes
    /// once, on an event loop: `nil` once there are no more.
    public func receive(_ answer: @escaping @Sendable (WebSocketMessage?) -> Void) {
        exchange.post(.socket(.receive(answer)))
    }

    /// Sends a message. One call is under way at a time: `answer` comes once another may follow.
    public func send(_ message: WebSocketMessage, _ answer: @escaping @Sendable (WriteResult) -> Void) {
        exchange.post(.socket(.send(message, answer)))
    }

    /// Begins the closing handshake. A code that may not be sent becomes 1011; a reason is cut to 123 bytes.
    public func close(code: Int, reason: String = "") { exchange.post(.socket(.close(code, reason))) }
}

enum WebSocketCommand: Sendable {
    case receive(@Sendable (WebSocketMessage?) -> Void)
    case send(WebSocketMessage, @Sendable (WriteResult) -> Void)
    case close(Int, String)

    /// The socket is closed.
    func refuse() {
        switch self {
        case .receive(let answer): answer(nil)
        case .send(_, let answer): answer(.closed)
        case .close: break
        }
    }
}
