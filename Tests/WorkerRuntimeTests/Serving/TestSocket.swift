// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

/// A client with a WebSocket, as a front has it, without a network.
final class TestSocket: DispatchSocket, DispatchResponder {
    /// What the client sees.
    enum Seen: Sendable, Equatable {
        case opened
        case message(SocketMessage)
        case closed(Int, String)
        case answered(Int)
        case failed(DispatchFailure)
    }

    private struct State {
        var worker: (any DispatchSocketHandler)?
        var outgoing: [SocketMessage] = []
        var reader: (@Sendable (SocketMessage?) -> Void)?
        var readersAtOnce = 0
        var seen: [Seen] = []
        var headers: [UInt8] = []
        var takesNothing: Bool
        var writer: (@Sendable (Bool) -> Void)?
        var isClosed = false
        var waiters: [(count: Int, answer: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    /// - Parameter takesNothing: messages to it are never taken.
    init(takesNothing: Bool = false) { state = Mutex(State(takesNothing: takesNothing)) }

    /// Asks a worker for a WebSocket.
    static func open(
        _ name: String, of workers: TestWorkers, path: String = "/", protocols: [String]? = [],
        takesNothing: Bool = false
    ) -> TestSocket {
        let socket = TestSocket(takesNothing: takesNothing)
        let head = "GET\nhttp://\(name).test\(path)\nupgrade\nwebsocket\n"
        var request = DispatchRequest(id: 7, head: Array(head.utf8), responder: socket)
        request.webSocketProtocols = protocols
        workers.host.dispatch(request, to: name)
        return socket
    }

    /// Everything that it has seen, once it is so much.
    func seen(_ count: Int) async -> [Seen] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.seen.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { $0.seen }
    }

    /// Texts that it has got, once it has seen so much.
    func texts(_ count: Int) async -> [String] {
        await seen(count).compactMap { if case .message(.text(let text)) = $0 { text } else { nil } }
    }

    var headers: String { String(decoding: state.withLock { $0.headers }, as: UTF8.self) }
    /// How many readers waited at a time, at the most; more than one breaks the contract.
    var readersAtOnce: Int { state.withLock { $0.readersAtOnce } }

    func say(_ message: SocketMessage) {
        let reader = state.withLock { state -> (@Sendable (SocketMessage?) -> Void)? in
            guard let reader = state.reader else {
                state.outgoing.append(message)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?(message)
    }

    func say(_ text: String) { say(.text(text)) }

    /// The client closes, or vanishes.
    func leave(_ code: Int = 1006, _ reason: String = "") {
        let (worker, reader) = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return (state.worker, state.reader)
        }
        reader?(nil)
        worker?.closed(code: code, reason: reason)
    }

    private func see(_ what: Seen) {
        let ready = state.withLock { state in
            state.seen.append(what)
            let count = state.seen.count
            defer { state.waiters.removeAll { $0.count <= count } }
            return state.waiters.filter { $0.count <= count }
        }
        for waiter in ready { waiter.answer.resume() }
    }

    // MARK: As a front

    func open(_ answer: DispatchAnswer, _ socket: any DispatchSocketHandler) {
        state.withLock { state in
            state.worker = socket
            state.headers = answer.headers
        }
        see(.opened)
        socket.opened(self)
    }

    func respond(_ answer: DispatchAnswer) { see(.answered(answer.status)) }

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        see(.answered(answer.status))
        return DiscardingSink()
    }

    func fail(_ failure: DispatchFailure) { see(.failed(failure)) }

    func abort() {}

    func receive(_ answer: @escaping @Sendable (SocketMessage?) -> Void) {
        let message = state.withLock { state -> SocketMessage?? in
            if state.isClosed { return .some(nil) }
            guard state.outgoing.isEmpty else { return state.outgoing.removeFirst() }
            state.readersAtOnce = max(state.readersAtOnce, state.reader == nil ? 1 : 2)
            state.reader = answer
            return nil
        }
        if let message { answer(message) }
    }

    func send(_ message: SocketMessage, _ answer: @escaping @Sendable (Bool) -> Void) {
        let takes = state.withLock { state in
            if state.takesNothing { state.writer = answer }
            return !state.takesNothing
        }
        guard takes else { return }
        see(.message(message))
        answer(true)
    }

    func close(code: Int, reason: String) {
        see(.closed(code, reason))
        let writer = state.withLock { state in
            defer { state.writer = nil }
            return state.writer
        }
        writer?(false)
        // The client answers the handshake.
        leave(code, reason)
    }
}

private final class DiscardingSink: ByteSink {
    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        answer(.success(()))
    }
    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { answer(.success(())) }
    func cancel() {}
}
