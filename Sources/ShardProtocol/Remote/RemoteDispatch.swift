// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
internal import WorkerTypes

/// One dispatch or run in a shard, as its supervisor keeps it.
final class RemoteDispatch: Sendable {
    private struct State {
        var scope: CallScope?
        var isAnswered: Bool
        var hasEnded = false
        /// The WebSocket that it has opened, until that is over.
        var socket: RemoteSocket?
        /// The dispatch is over, and its scope is the socket's.
        var isHandedOver = false
    }

    /// `nil`: a run.
    private let observer: (any RemoteDispatchObserver)?
    private let state: Mutex<State>

    init(_ observer: any RemoteDispatchObserver, isFetch: Bool) {
        self.observer = observer
        state = Mutex(State(scope: nil, isAnswered: !isFetch))
    }

    init(_ scope: CallScope) {
        observer = nil
        state = Mutex(State(scope: scope, isAnswered: true))
    }

    /// Whose its calls are.
    /// - Parameter version: the worker's that calls.
    func scope(version: Int) -> CallScope? {
        let (scope, isSockets) = state.withLock { state -> (CallScope?, Bool) in
            if state.hasEnded { return (nil, false) }
            if state.scope == nil { state.scope = observer?.makeScope(version: version) }
            return (state.scope, state.isHandedOver)
        }
        if isSockets, let scope { observer?.useSocket(scope) }
        return scope
    }

    func respond(_ answer: AnswerDescription) {
        state.withLock { $0.isAnswered = true }
        observer?.respond(answer)
    }

    func start(_ answer: AnswerDescription, _ body: any ByteStream) {
        state.withLock { $0.isAnswered = true }
        observer?.start(answer, body: body)
    }

    func open(_ answer: SocketAnswer, _ socket: RemoteSocket) {
        state.withLock { state in
            state.isAnswered = true
            state.socket = socket
        }
        observer?.open(answer, socket)
    }

    func refuse(_ refusal: DispatchRefusal) {
        state.withLock { $0.isAnswered = true }
        observer?.refuse(refusal)
    }

    func approach(_ limit: ApproachedLimit) { observer?.approach(limit) }
    func log(_ line: LineDescription) { observer?.log(line) }

    // MARK: With a socket

    /// It is over, but for its socket, which goes on with what it has of the host.
    func handOver(_ report: DispatchReport) {
        let scope = state.withLock { state in
            state.isHandedOver = true
            return state.scope
        }
        observer?.handOver(report, scope)
    }

    /// The worker has the next message.
    func takeMessage() {
        let scope = state.withLock { $0.isHandedOver ? $0.scope : nil }
        if let scope { observer?.renewSocket(scope) }
    }

    func closeSocket(_ end: SocketEnd) { state.withLock { $0.socket }?.close(end) }

    /// The socket is over, and the dispatch with it if that was before.
    func endSocket(_ report: DispatchReport) {
        let scope = state.withLock { state -> CallScope? in
            state.socket = nil
            guard state.isHandedOver else { return nil }
            state.hasEnded = true
            return state.scope
        }
        scope?.end()
        observer?.endSocket(report, scope)
    }

    /// The connection has ended.
    func lose() {
        let now = state.withLock { state in
            defer { state.socket = nil }
            return state
        }
        if !now.isHandedOver { end(nil) }
        guard let socket = now.socket else { return }
        state.withLock { $0.hasEnded = true }
        if now.isHandedOver { now.scope?.end() }
        socket.lose()
        observer?.endSocket(nil, now.isHandedOver ? now.scope : nil)
    }

    /// It is over: calls that are not answered are cancelled.
    /// - Parameter report: `nil`, where the shard gave none.
    func end(_ report: DispatchReport?) {
        let (scope, isAnswered) = state.withLock { state in
            state.hasEnded = true
            return (state.scope, state.isAnswered)
        }
        scope?.end()
        if !isAnswered {
            if let outcome = report?.outcome {
                // Nothing that says "ok" has no answer.
                observer?.refuse(.failed(outcome == .ok ? .internalError : outcome))
            } else {
                observer?.lose()
            }
        }
        observer?.end(report, scope)
    }
}
