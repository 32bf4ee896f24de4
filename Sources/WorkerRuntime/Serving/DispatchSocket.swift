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
