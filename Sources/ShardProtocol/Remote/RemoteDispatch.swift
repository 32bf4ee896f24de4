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
        state.withLock { state in
            if state.hasEnded { return nil }
            if state.scope == nil { state.scope = observer?.makeScope(version: version) }
            return state.scope
        }
    }

    func respond(_ answer: AnswerDescription) {
        state.withLock { $0.isAnswered = true }
        observer?.respond(answer)
    }

    func start(_ answer: AnswerDescription, _ body: any ByteStream) {
        state.withLock { $0.isAnswered = true }
        observer?.start(answer, body: body)
    }

    func refuse(_ refusal: DispatchRefusal) {
        state.withLock { $0.isAnswered = true }
        observer?.refuse(refusal)
    }

    func approach(_ limit: ApproachedLimit) { observer?.approach(limit) }
    func log(_ line: LineDescription) { observer?.log(line) }

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
