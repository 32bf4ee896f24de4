// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization

/// Answers of the host on their way from any thread to the isolate's.
final class HostInbox: Sendable {
    struct Answer: Sendable {
        let number: Int
        let result: Result<HostValue, HostError>
    }

    private struct State {
        var answers: [Answer] = []
        var bytes = 0
        var isClosed = false
    }

    /// What answers may hold that wait for their script, in bytes: 64 MiB. One alone may be larger.
    static let mostBytes = 64 << 20

    private let state = Mutex(State())
    private let onWake: @Sendable () -> Void

    /// - Parameter onWake: called when there is something to take where there was nothing.
    init(onWake: @escaping @Sendable () -> Void) { self.onWake = onWake }

    func post(_ answer: Answer) {
        let (isFirst, isRefused) = state.withLock { state in
            guard !state.isClosed else { return (false, true) }
            let bytes = answer.result.byteCount
            guard state.bytes == 0 || bytes <= Self.mostBytes - state.bytes else {
                let error = HostError(
                    .exhausted,
                    "answers of more than \(Self.mostBytes >> 20) MiB wait for the script: await some calls first")
                state.answers.append(Answer(number: answer.number, result: .failure(error)))
                return (state.answers.count == 1, true)
            }
            state.bytes += bytes
            state.answers.append(answer)
            return (state.answers.count == 1, false)
        }
        if isRefused { answer.result.discard() }
        if isFirst { onWake() }
    }

    func take() -> [Answer] {
        state.withLock { state in
            defer { (state.answers, state.bytes) = ([], 0) }
            return state.answers
        }
    }

    /// Nobody takes answers any more.
    func close() {
        let rest = state.withLock { state in
            state.isClosed = true
            defer { state.answers = [] }
            return state.answers
        }
        for answer in rest { answer.result.discard() }
    }
}

/// Where the answer of one call goes: back with the call while that lasts, to the inbox afterwards.
final class AnswerSlot: Sendable {
    private enum State {
        case calling
        case answered(Result<HostValue, HostError>)
        case away
    }

    private let state = Mutex(State.calling)
    private let number: Int
    private let inbox: HostInbox

    init(_ number: Int, _ inbox: HostInbox) {
        self.number = number
        self.inbox = inbox
    }

    func answer(_ result: Result<HostValue, HostError>) {
        let isAway = state.withLock { state in
            guard case .away = state else {
                state = .answered(result)
                return false
            }
            return true
        }
        if isAway { inbox.post(.init(number: number, result: result)) }
    }

    /// The call returns: its answer if it is there already.
    func leave() -> Result<HostValue, HostError>? {
        state.withLock { state in
            defer { state = .away }
            guard case .answered(let result) = state else { return nil }
            return result
        }
    }
}

extension Result where Success == HostValue, Failure == HostError {
    var byteCount: Int {
        if case .success(let value) = self { return value.byteCount }
        return 0
    }

    /// Nobody wants it.
    func discard() {
        if case .success(let value) = self { value.discard() }
    }
}
