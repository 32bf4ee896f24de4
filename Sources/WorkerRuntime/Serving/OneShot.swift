// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Something that happens once, and an action for then: at once, if it has happened before.
final class OneShot: Sendable {
    private enum State {
        case open
        case armed(@Sendable () -> Void)
        case fired
    }
    private let state = Mutex(State.open)

    func set(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if case .fired = state { return true }
            state = .armed(action)
            return false
        }
        if isLate { action() }
    }

    func fire() {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            defer { state = .fired }
            if case .armed(let action) = state { return action }
            return nil
        }
        action?()
    }
}
