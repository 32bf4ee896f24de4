// SPDX-License-Identifier: Apache-2.0

/// A message of a client's WebSocket.
public enum SocketMessage: Sendable, Hashable {
    case text(String)
    case binary([UInt8])

    /// Its bytes, a text's as UTF-8.
    public var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}

/// A client's WebSocket, whatever carries it. From any thread.
public protocol DispatchSocket: AnyObject, Sendable {
    /// Takes the next message: one call is under way at a time, and a client waits while there is none. `answer` comes
    /// once: `nil` once there are no more.
    func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void)
    /// Sends a message. One call is under way at a time: `answer` comes once another may follow; false: none may.
    func send(_ message: SocketMessage, _ answer: @escaping @Sendable (Bool) -> Void)
    /// Begins the closing handshake.
    func close(code: Int, reason: String)
}

/// The worker's side of a client's WebSocket. Whoever carries the socket says `opened` or `closed`, or one after the
/// other, each once. From any thread.
public protocol DispatchSocketHandler: AnyObject, Sendable {
    /// The handshake is done.
    func opened(_ socket: any DispatchSocket)
    /// No message goes or comes any more, also where the handshake failed.
    /// - Parameters:
    ///   - code: RFC 6455's: 1005 if the client gave none, 1006 if the connection broke.
    ///   - reason: what the client says.
    func closed(code: Int, reason: String)
}
