// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Answers one call, from any thread. Only the first answer counts; a call whose answer is let go of without one
/// fails.
public final class HostAnswer: Sendable {
    private let call: PendingCall

    init(_ call: PendingCall) { self.call = call }

    deinit {
        call.settle(.failure(HostError(.failed, "the host let go of a call of \(call.operation) without an answer")))
    }

    /// Answers.
    public func callAsFunction(_ result: Result<HostValue, HostError>) { call.settle(result) }

    /// Answers with what the body returns or throws.
    public func callAsFunction(_ body: () throws(HostError) -> HostValue) {
        do throws(HostError) {
            call.settle(.success(try body()))
        } catch {
            call.settle(.failure(error))
        }
    }
}

/// A call that is not answered yet. Its script gets one answer: the operation's, or that it was cancelled.
public final class PendingCall: Sendable {
    typealias Answer = @Sendable (Result<HostValue, HostError>) -> Void

    private struct State {
        var answer: Answer?
        var isWorking = true
        var isCancelled = false
        var handlers: [@Sendable () -> Void] = []
    }

    let operation: String
    /// What the scope lent for the call goes back when the operation is done, not when its script stops waiting.
    private let onSettled: @Sendable () -> Void
    private let state: Mutex<State>

    init(_ operation: String, onSettled: @escaping @Sendable () -> Void, _ answer: @escaping Answer) {
        self.operation = operation
        self.onSettled = onSettled
        state = Mutex(State(answer: answer))
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Stops waiting: the script gets `cancelled` now, and the operation is told.
    public func cancel() {
        let (answer, handlers) = state.withLock { state -> (Answer?, [@Sendable () -> Void]) in
            guard state.isWorking, !state.isCancelled else { return (nil, []) }
            state.isCancelled = true
            defer {
                state.answer = nil
                state.handlers = []
            }
            return (state.answer, state.handlers)
        }
        answer?(.failure(HostError(.cancelled, "the call of \(operation) was cancelled")))
        for handler in handlers { handler() }
    }

    func onCancel(_ handler: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if state.isWorking, !state.isCancelled { state.handlers.append(handler) }
            return state.isCancelled
        }
        if isLate { handler() }
    }

    func settle(_ result: Result<HostValue, HostError>) {
        let (isFirst, answer) = state.withLock { state -> (Bool, Answer?) in
            guard state.isWorking else { return (false, nil) }
            state.isWorking = false
            defer {
                state.answer = nil
                state.handlers = []
            }
            return (true, state.answer)
        }
        guard isFirst else { return }
        // Before the answer: a script that waits for one call before it makes the next needs one place only.
        onSettled()
        if let answer {
            answer(result)
        } else if case .success(let value) = result {
            value.discard()
        }
    }
}
