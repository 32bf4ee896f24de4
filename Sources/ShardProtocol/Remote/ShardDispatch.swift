// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import Synchronization
public import WorkerTypes

/// A request or a scheduled run in a shard, and the way back.
public final class ShardDispatch: Sendable {
    private struct State {
        var isCancelled = false
        var onCancel: (@Sendable () -> Void)?
        /// Whether a whole body still goes out in pieces.
        var isSending = false
        /// What is to be said when it has.
        var report: DispatchReport?
        var socket: ShardSocket?
    }

    /// The number of its calls to the host.
    public let id: UInt32
    /// What it is. A body that follows is in `body`.
    public let description: DispatchDescription
    /// The body where it follows.
    public let body: (any ByteStream)?
    // The link forgets its dispatches when it ends.
    private let link: ShardLink
    private let state = Mutex(State())

    init(_ id: UInt32, _ description: DispatchDescription, _ body: (any ByteStream)?, _ link: ShardLink) {
        self.id = id
        self.description = description
        self.body = body
        self.link = link
    }

    /// Runs when nobody waits any more; at once, if that is so already.
    public func onCancel(_ handler: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isCancelled { state.onCancel = handler }
            return state.isCancelled
        }
        if isLate { handler() }
    }

    func cancel() {
        let handler = state.withLock { state in
            state.isCancelled = true
            defer { state.onCancel = nil }
            return state.onCancel
        }
        handler?()
    }

    /// The whole answer. A body that is too large for one frame goes out in pieces, which the end waits for.
    public func respond(_ answer: AnswerDescription) {
        guard case .whole(let bytes) = answer.body, bytes.count > DispatchDescription.mostWholeBody else {
            if !link.respond(id, answer).isSaid { link.refuse(id, .failed(.internalError)) }
            return
        }
        var head = answer
        head.body = .follows
        state.withLock { $0.isSending = true }
        guard let sink = link.respond(id, head).sink else {
            state.withLock { $0.isSending = false }
            return link.refuse(id, .failed(.internalError))
        }
        sink.finish(bytes) { [weak self] _ in self?.hasSent() }
    }

    private func hasSent() {
        let report = state.withLock { state in
            state.isSending = false
            defer { state.report = nil }
            return state.report
        }
        if let report { link.end(id, report) }
    }

    /// The answer's head; its body is written to the sink, whose cancelling tells that it has no end.
    public func start(_ answer: AnswerDescription) -> any ByteSink {
        var answer = answer
        answer.body = .follows
        if let sink = link.respond(id, answer).sink { return sink }
        link.refuse(id, .failed(.internalError))
        return ClosedSink()
    }

    /// Takes up the client's WebSocket, where `webSocketProtocols` offers one. Its record ends it.
    /// - Parameter handler: hears of its end.
    /// - Returns: the socket, which is open; `nil` where there is no room: then the dispatch has failed.
    public func open(_ answer: SocketAnswer, _ handler: any DispatchSocketHandler) -> ShardSocket? {
        // Before the supervisor can know of it.
        let socket = link.open(id, answer, handler) { socket in state.withLock { $0.socket = socket } }
        if socket == nil { link.refuse(id, .failed(.internalError)) }
        return socket
    }

    func socketClosed(_ end: SocketEnd) { state.withLock { $0.socket }?.closed(end) }

    func lose() {
        cancel()
        state.withLock { $0.socket }?.lose()
    }

    /// There is no answer. Of `failed` the end is still to be said.
    public func refuse(_ refusal: DispatchRefusal) { link.refuse(id, refusal) }

    /// It is over.
    public func end(_ report: DispatchReport) {
        let waits = state.withLock { state in
            state.onCancel = nil
            if state.isSending { state.report = report }
            return state.isSending
        }
        if !waits { link.end(id, report) }
    }
}

/// Takes nothing.
private final class ClosedSink: ByteSink {
    private static let error = HostError(.unavailable, "nobody reads")

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        answer(.failure(Self.error))
    }
    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { answer(.failure(Self.error)) }
    func cancel() {}
}
