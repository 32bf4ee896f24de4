// SPDX-License-Identifier: Apache-2.0
package import ShardProtocol
internal import Synchronization
package import WorkerTypes

/// A client with a WebSocket, without a network.
package final class TestClient: DispatchSocket {
    private struct State {
        var handler: (any DispatchSocketHandler)?
        var outgoing: [SocketMessage] = []
        var reader: (@Sendable (SocketMessage?) -> Void)?
        var messages: [SocketMessage] = []
        var closes: [SocketEnd] = []
        var holds: Bool
        var writer: (@Sendable (Bool) -> Void)?
        var isGone = false
    }
    private let state: Mutex<State>

    /// - Parameter holds: it takes one message, and the next one only when it is released.
    package init(holds: Bool = false) { state = Mutex(State(holds: holds)) }

    /// What it has got.
    package var messages: [SocketMessage] { state.withLock { $0.messages } }
    /// How the worker's side has closed.
    package var closes: [SocketEnd] { state.withLock { $0.closes } }
    /// Messages that nobody has taken from it.
    package var unread: Int { state.withLock { $0.outgoing.count } }

    /// The handshake is done.
    package func open(_ handler: any DispatchSocketHandler) {
        state.withLock { $0.handler = handler }
        handler.opened(self)
    }

    package func say(_ message: SocketMessage) {
        let reader = state.withLock { state -> (@Sendable (SocketMessage?) -> Void)? in
            guard !state.isGone else { return nil }
            guard let reader = state.reader else {
                state.outgoing.append(message)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?(message)
    }

    /// Closes, or vanishes.
    package func leave(_ code: Int = 1006, _ reason: String = "") {
        let (handler, reader, writer) = state.withLock { state in
            state.isGone = true
            defer { (state.handler, state.reader, state.writer) = (nil, nil, nil) }
            return (state.handler, state.reader, state.writer)
        }
        writer?(false)
        reader?(nil)
        handler?.closed(code: code, reason: reason)
    }

    /// Takes what is sent from now on.
    package func release() {
        let writer = state.withLock { state in
            state.holds = false
            defer { state.writer = nil }
            return state.writer
        }
        writer?(true)
    }

    package func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void) {
        let message = state.withLock { state -> SocketMessage?? in
            guard state.outgoing.isEmpty else { return state.outgoing.removeFirst() }
            if state.isGone { return .some(nil) }
            precondition(state.reader == nil, "one call is under way at a time")
            state.reader = answer
            return nil
        }
        if let message { answer(message) }
    }

    package func send(_ message: SocketMessage, _ answer: @escaping @Sendable (Bool) -> Void) {
        let isTaken = state.withLock { state -> Bool? in
            if state.isGone { return false }
            precondition(state.writer == nil, "one call is under way at a time")
            state.messages.append(message)
            if state.holds { state.writer = answer }
            return state.holds ? nil : true
        }
        if let isTaken { answer(isTaken) }
    }

    package func close(code: Int, reason: String) {
        state.withLock { $0.closes.append(SocketEnd(code: code, reason: reason)) }
        // It answers the handshake.
        leave(code, reason)
    }
}

/// A worker's side of a WebSocket.
package final class TestSocketWorker: DispatchSocketHandler {
    private struct State {
        var socket: (any DispatchSocket)?
        var accepts: Bool
        var isAsking = false
        var messages: [SocketMessage] = []
        var ends: [SocketEnd] = []
        var queue: [SocketMessage] = []
        var isSending = false
        var refused = 0
    }
    private let state: Mutex<State>

    /// - Parameter accepts: whether it takes messages.
    package init(accepts: Bool = true) { state = Mutex(State(accepts: accepts)) }

    package var messages: [SocketMessage] { state.withLock { $0.messages } }
    package var ends: [SocketEnd] { state.withLock { $0.ends } }
    /// Messages that were not taken off its hands.
    package var unsent: Int { state.withLock { $0.queue.count + ($0.isSending ? 1 : 0) } }
    /// Messages that could not be sent.
    package var refused: Int { state.withLock { $0.refused } }

    package func opened(_ socket: any DispatchSocket) {
        state.withLock { $0.socket = socket }
        proceed()
    }

    package func closed(code: Int, reason: String) {
        state.withLock { state in
            state.ends.append(SocketEnd(code: code, reason: reason))
            state.socket = nil
        }
    }

    /// Takes messages from now on.
    package func accept() {
        state.withLock { $0.accepts = true }
        proceed()
    }

    package func send(_ message: SocketMessage) {
        state.withLock { $0.queue.append(message) }
        proceed()
    }

    package func close(_ code: Int, _ reason: String = "") {
        state.withLock { $0.socket }?.close(code: code, reason: reason)
    }

    private func proceed() {
        while let step = next() { step() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state -> (@Sendable () -> Void)? in
            guard let socket = state.socket else { return nil }
            if state.accepts, !state.isAsking {
                state.isAsking = true
                return {
                    socket.receive { [self] message in
                        guard let message else { return }
                        self.state.withLock { state in
                            state.isAsking = false
                            state.messages.append(message)
                        }
                        proceed()
                    }
                }
            }
            guard !state.isSending, !state.queue.isEmpty else { return nil }
            state.isSending = true
            let message = state.queue.removeFirst()
            return {
                socket.send(message) { [self] isOpen in
                    self.state.withLock { state in
                        state.isSending = false
                        if !isOpen { state.refused += 1 }
                    }
                    proceed()
                }
            }
        }
    }
}
