// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Does one thing after the other: what is answered at once adds nothing to the stack.
final class Steps: Sendable {
    typealias Step = @Sendable () -> Void

    private let state = Mutex<(isRunning: Bool, next: [Step])>((false, []))

    /// Does this, once what is being done is done.
    func go(_ step: @escaping Step) {
        let isFirst = state.withLock { state in
            guard state.isRunning else {
                state.isRunning = true
                return true
            }
            state.next.append(step)
            return false
        }
        guard isFirst else { return }
        step()
        while let next = next() { next() }
    }

    private func next() -> Step? {
        state.withLock { state in
            if state.next.isEmpty {
                state.isRunning = false
                return nil
            }
            return state.next.removeFirst()
        }
    }
}
