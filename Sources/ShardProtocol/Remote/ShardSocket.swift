// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
public import WorkerTypes

/// A client's WebSocket in a shard. Its worker's record of it says that it is over.
public final class ShardSocket: DispatchSocket {
    /// What the supervisor is told.
    enum Word: Sendable {
        case taken
        case close(SocketEnd)
        case end(DispatchReport)
    }

    private struct State {
        /// The worker's side, until it knows of the end.
        var handler: (any DispatchSocketHandler)?
        /// The worker takes messages.
        var hasAccepted = false
        /// It has one that it was not asked about.
        var hasMessage = false
        var isSending = false
        /// How the client has closed.
        var end: SocketEnd?
        /// No message comes any more.
        var isReadOut = false
        /// The worker has closed.
        var hasClosed = false
        var report: DispatchReport?
        var isOver = false
    }

    private let reader: SocketReader
    private let sink: OutboundSink
    private let say: @Sendable (Word) -> Void
    private let state: Mutex<State>

    init(
        _ handler: any DispatchSocketHandler, _ reader: SocketReader, _ sink: OutboundSink,
        _ say: @escaping @Sendable (Word) -> Void
    ) {
        self.reader = reader
        self.sink = sink
        self.say = say
        state = Mutex(State(handler: handler))
    }

    // MARK: From the worker

    /// Takes the next message; the one before was taken.
    public func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void) {
        let hasTaken = state.withLock { state in
            state.hasAccepted = true
            defer { state.hasMessage = false }
            return state.hasMessage
        }
        if hasTaken { say(.taken) }
        reader.next { [self] result in
            if case .success(let message?) = result {
                state.withLock { $0.hasMessage = true }
                return answer(message)
            }
            state.withLock { $0.isReadOut = true }
            answer(nil)
            proceed()
        }
    }

    /// Sends a message, as the client takes those before.
    public func send(_ message: SocketMessage, _ answer: @escaping @Sendable (Bool) -> Void) {
        let isOpen = state.withLock { state in
            state.isSending = !state.hasClosed && !state.isOver
            return state.isSending
        }
        guard isOpen else { return answer(false) }
        sink.write(SocketCoding.encode(message)) { [self] result in
            state.withLock { $0.isSending = false }
            if case .success = result { answer(true) } else { answer(false) }
        }
    }

    /// Closes it, after what was sent; what is being sent does not count.
    public func close(code: Int, reason: String) {
        let news = state.withLock { state -> (isFirst: Bool, isSending: Bool) in
            defer { state.hasClosed = true }
            return (!state.hasClosed && !state.isOver, state.isSending)
        }
        guard news.isFirst else { return }
        if news.isSending { sink.cancel() } else { sink.finish { _ in } }
        say(.close(SocketEnd(code: code, reason: reason)))
        proceed()
    }

    /// The worker has its record: it is over once it is closed.
    public func end(_ report: DispatchReport) {
        state.withLock { $0.report = report }
        proceed()
    }

    // MARK: From the supervisor

    /// The client has closed, or is gone.
    func closed(_ end: SocketEnd) {
        state.withLock { $0.end = end }
        proceed()
    }

    /// The connection to the supervisor is at its end.
    func lose() {
        state.withLock { $0.isReadOut = true }
        closed(SocketEnd(code: 1006, reason: ""))
    }

    private enum News {
        case hears(any DispatchSocketHandler, SocketEnd)
        case isOver(DispatchReport, (any DispatchSocketHandler)?)
    }

    private func proceed() {
        let news = state.withLock { state -> News? in
            // A worker that takes messages has all that came before.
            if let end = state.end, state.isReadOut || !state.hasAccepted, let handler = state.handler {
                state.handler = nil
                return .hears(handler, end)
            }
            guard let report = state.report, !state.isOver, state.end != nil || state.hasClosed else { return nil }
            state.isOver = true
            defer { state.handler = nil }
            return .isOver(report, state.handler)
        }
        switch news {
        case .hears(let handler, let end):
            say(.taken)
            handler.closed(code: end.code, reason: end.reason)
            proceed()
        case .isOver(let report, let handler):
            say(.end(report))
            // It lets go of this.
            handler?.closed(code: 1005, reason: "")
        case nil: break
        }
    }
}
