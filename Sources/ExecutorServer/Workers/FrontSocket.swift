// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import WorkerTypes

/// Joins a client's WebSocket to the worker that has taken it up.
final class FrontSocket: WebSocketHandler {
    private let socket: any DispatchSocketHandler
    private let client = Mutex<ClientSocket?>(nil)

    init(_ socket: any DispatchSocketHandler) { self.socket = socket }

    func opened(_ socket: WebSocket) {
        let client = ClientSocket(socket)
        self.client.withLock { $0 = client }
        self.socket.opened(client)
    }

    /// The worker hears of it once it has what came before.
    func closed(_ closure: WebSocketClosure, unread: [WebSocketMessage]) {
        let tell = { @Sendable [socket] in socket.closed(code: closure.code, reason: closure.reason) }
        let client = client.withLock { $0.take() }
        if let client, !unread.isEmpty { client.keep(unread, tell) } else { tell() }
    }

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
    /// What a client that has closed had sent before.
    private struct Rest {
        var messages: ArraySlice<WebSocketMessage>
        /// Tells of the end.
        let tell: @Sendable () -> Void
    }

    private let socket: WebSocket
    private let rest = Mutex<Rest?>(nil)

    init(_ socket: WebSocket) { self.socket = socket }

    func keep(_ messages: [WebSocketMessage], _ tell: @escaping @Sendable () -> Void) {
        rest.withLock { $0 = Rest(messages: messages[...], tell: tell) }
    }

    func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void) {
        guard rest.withLock({ $0 == nil }) else { return receiveRest(answer) }
        socket.receive { [self] message in
            // It may have been closed since it was asked.
            if let message { answer(SocketMessage(message)) } else { receiveRest(answer) }
        }
    }

    private func receiveRest(_ answer: @Sendable (SocketMessage?) -> Void) {
        let (message, tell) = rest.withLock { rest -> (WebSocketMessage?, (@Sendable () -> Void)?) in
            if let message = rest?.messages.popFirst() { return (message, nil) }
            return (nil, rest.take()?.tell)
        }
        answer(message.map { SocketMessage($0) })
        tell?()
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

extension SocketMessage {
    fileprivate init(_ message: WebSocketMessage) {
        self =
            switch message {
            case .text(let text): .text(text)
            case .binary(let bytes): .binary(bytes)
            }
    }
}
