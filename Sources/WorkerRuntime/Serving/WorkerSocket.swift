// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import WorkerTypes

/// The worker's end of a client's WebSocket: one message waits here for the isolate, and what the client has not taken
/// yet for the client. From any thread.
final class WorkerSocket: DispatchSocketHandler {
    /// What may wait for one client, in bytes: 4 MiB. One that passes it is closed with 1013.
    static let mostQueuedBytes = 4 << 20
    /// What a message counts besides its bytes.
    private static let overhead = 64

    /// How it ended.
    struct End: Equatable {
        let code: Int
        let reason: String
        /// What went wrong; empty: nothing.
        var failure = ""

        var isClean: Bool { failure.isEmpty }
    }

    enum Arrival {
        case message(SocketMessage)
        case end(End)
    }

    private struct State {
        var socket: (any DispatchSocket)?
        /// The script has accepted it.
        var takesMessages = false
        var isReceiving = false
        var arrived: SocketMessage?
        var end: End?
        /// The isolate hears of nothing more.
        var isLeft = false
        var queue = FirstInFirstOut<SocketMessage>()
        var queuedBytes = 0
        var isSending = false
        /// After what is queued.
        var closing: End?
        var hasClosed = false
        var received = 0
        var sent = 0
    }

    /// What is to be done once the lock is open.
    private typealias News = [@Sendable () -> Void]

    private let state = Mutex(State())
    private let backlog: SocketBacklog
    private let onArrival: @Sendable () -> Void

    init(_ backlog: SocketBacklog, onArrival: @escaping @Sendable () -> Void) {
        self.backlog = backlog
        self.onArrival = onArrival
    }

    // MARK: From who carries it

    func opened(_ socket: any DispatchSocket) {
        change { state in
            state.socket = socket
            return proceed(&state)
        }
    }

    func closed(code: Int, reason: String) {
        change { state in
            state.socket = nil
            drop(&state)
            guard state.end == nil else { return [] }
            state.end = End(code: code, reason: reason, failure: code == 1006 ? "the connection broke" : "")
            return state.isLeft ? [] : [onArrival]
        }
    }

    // MARK: From the isolate

    /// Messages may come.
    func begin() {
        change { state in
            state.takesMessages = true
            return proceed(&state)
        }
    }

    /// What has come: the next message comes after this one was asked for.
    func take() -> Arrival? {
        var arrival: Arrival?
        change { state in
            if let message = state.arrived {
                state.arrived = nil
                arrival = .message(message)
            } else if let end = state.end {
                arrival = .end(end)
            }
            return proceed(&state)
        }
        return arrival
    }

    /// Sends a message once the client takes it. Where too much waits, the socket is closed: who sends to many clients
    /// goes on with the others.
    func send(_ message: SocketMessage) {
        change { state in
            guard state.end == nil, state.closing == nil else { return [] }
            let size = message.byteCount + Self.overhead
            guard state.queuedBytes + size <= Self.mostQueuedBytes, backlog.take(size) else {
                let reason = "too much waits to be sent"
                state.end = End(code: 1013, reason: reason, failure: "\(reason): the client takes messages too slowly")
                return closeNow(&state, code: 1013, reason) + [onArrival]
            }
            state.queue.add(message)
            state.queuedBytes += size
            return proceed(&state)
        }
    }

    /// Closes it once what was sent is out. What comes meanwhile is thrown away.
    func close(code: Int, reason: String) {
        change { state in
            if state.closing == nil { state.closing = End(code: code, reason: reason) }
            return proceed(&state)
        }
    }

    /// The isolate hears of nothing more; it is closed, unless it is being closed.
    /// - Parameter drops: what waits for the client is not sent.
    func leave(code: Int, reason: String, drops: Bool = false) {
        change { state in
            state.isLeft = true
            state.takesMessages = true
            state.arrived = nil
            if drops { return closeNow(&state, code: code, reason) }
            if state.closing == nil { state.closing = End(code: code, reason: reason) }
            return proceed(&state)
        }
    }

    /// Bytes of messages: those that the isolate had, and those that were taken off its hands.
    var bytes: (received: Int, sent: Int) { state.withLock { ($0.received, $0.sent) } }

    // MARK: Steps

    private func change(_ body: (inout State) -> News) {
        let news = state.withLock { body(&$0) }
        for tell in news { tell() }
    }

    /// Does what can be done now.
    private func proceed(_ state: inout State) -> News {
        guard let socket = state.socket else { return [] }
        var news: News = []
        if state.takesMessages, !state.isReceiving, state.arrived == nil {
            state.isReceiving = true
            news.append { [weak self] in socket.receive { [weak self] in self?.receive($0) } }
        }
        if !state.isSending, let message = state.queue.take() {
            state.isSending = true
            let size = message.byteCount
            state.sent += size
            news.append { [self] in
                socket.send(message) { [self] isOpen in hasSent(size + Self.overhead, isOpen) }
            }
        } else if !state.isSending, let closing = state.closing, !state.hasClosed {
            state.hasClosed = true
            // Who closes does not read on by itself, and would not see the client's answer.
            state.takesMessages = true
            news.append { socket.close(code: closing.code, reason: closing.reason) }
            if !state.isReceiving, state.arrived == nil { news += proceed(&state) }
        }
        return news
    }

    /// Without waiting for what is queued.
    private func closeNow(_ state: inout State, code: Int, _ reason: String) -> News {
        drop(&state)
        let isClosed = state.hasClosed
        state.closing = state.closing ?? End(code: code, reason: reason)
        state.hasClosed = true
        state.takesMessages = true
        guard let socket = state.socket, !isClosed else { return proceed(&state) }
        return [{ socket.close(code: code, reason: reason) }] + proceed(&state)
    }

    private func receive(_ message: SocketMessage?) {
        change { state in
            state.isReceiving = false
            // `closed` tells of the end.
            guard let message else {
                state.isReceiving = true
                return []
            }
            if state.isLeft || state.closing != nil || state.end != nil { return proceed(&state) }
            state.received += message.byteCount
            state.arrived = message
            return [onArrival]
        }
    }

    private func hasSent(_ size: Int, _ isOpen: Bool) {
        change { state in
            state.isSending = false
            state.queuedBytes -= size
            backlog.giveBack(size)
            if !isOpen { drop(&state) }
            return proceed(&state)
        }
    }

    /// What waits for the client is not sent.
    private func drop(_ state: inout State) {
        let size = state.queue.takeAll().reduce(0) { $0 + $1.byteCount + Self.overhead }
        state.queuedBytes -= size
        backlog.giveBack(size)
    }
}

/// What all sockets of an isolate hold for clients, in bytes.
final class SocketBacklog: Sendable {
    /// 32 MiB.
    static let most = 32 << 20
    private let count = Atomic(0)

    func take(_ size: Int) -> Bool {
        guard count.add(size, ordering: .relaxed).newValue > Self.most else { return true }
        giveBack(size)
        return false
    }

    func giveBack(_ size: Int) { count.subtract(size, ordering: .relaxed) }
}
