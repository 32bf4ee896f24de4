// SPDX-License-Identifier: Apache-2.0

internal import WorkerTypes

/// Joins a client's WebSocket to the worker that has taken it up.
final class FrontSocket: WebSocketHandler {
    private let socket: any DispatchSocketHandler

    init(_ socket: any DispatchSocketHandler) { self.socket = socket }

    func opened(_ socket: WebSocket) { self.socket.opened(ClientSocket(socket)) }

    func closed(_ closure: WebSocketClosure) { socket.closed(code: closure.code, reason: closure.reason) }

    /// The subprotocol that a worker's answer names, and its fields without those of the handshake, which are the front's.
    static func handshake(_ headers: HeaderBlock) -> (subprotocol: String?, headers: HeaderBlock) {
        var subprotocol: String?
        var others: [UInt8] = []
        for field in headers.fields {
            let name = headers.bytes[field.name]
            if name.elementsEqual("sec-websocket-protocol".utf8) {
                subprotocol = String(decoding: headers.bytes[field.value], as: UTF8.self)
            }
            // With the end of its line.
            if !name.starts(with: "sec-websocket-".utf8) {
                others += headers.bytes[field.name.lowerBound...field.value.upperBound]
            }
        }
        return (subprotocol, HeaderBlock(bytes: others))
    }
}

/// The front's side as a worker's host knows it.
private final class ClientSocket: DispatchSocket {
    private let socket: WebSocket

    init(_ socket: WebSocket) { self.socket = socket }

    func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void) {
        socket.receive { message in
            switch message {
            case .text(let text)?: answer(.text(text))
            case .binary(let bytes)?: answer(.binary(bytes))
            case nil: answer(nil)
            }
        }
    }

    func send(_ message: SocketMessage, _ answer: @escaping @Sendable (Bool) -> Void) {
        let message: WebSocketMessage =
            switch message {
            case .text(let text): .text(text)
            case .binary(let bytes): .binary(bytes)
            }
        socket.send(message) { answer($0 == .ready) }
    }

    func close(code: Int, reason: String) { socket.close(code: code, reason: reason) }
}
