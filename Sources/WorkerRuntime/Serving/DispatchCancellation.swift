// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// By which a client says that it does not wait any more.
public final class DispatchCancellation: Sendable {
    private enum State {
        case waiting
        case begun(Resident, UInt32)
        /// Elsewhere: what tells them.
        case sent(@Sendable () -> Void)
        case cancelled
    }
    private let state = Mutex(State.waiting)

    /// Nobody has left yet.
    public init() {}

    /// Nobody waits any more: the worker's `request.signal` is aborted.
    public func cancel() {
        let before = state.withLock { state in
            defer { state = .cancelled }
            return state
        }
        switch before {
        case .begun(let resident, let number): resident.cancel(number)
        case .sent(let tell): tell()
        case .waiting, .cancelled: break
        }
    }

    /// The dispatch is begun elsewhere; this tells them that nobody waits, once; at once if that is so already.
    package func onCancel(_ tell: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if case .cancelled = state { return true }
            state = .sent(tell)
            return false
        }
        if isLate { tell() }
    }

    /// The dispatch has this number in this isolate.
    func begin(_ resident: Resident, _ number: UInt32) {
        let isLate = state.withLock { state in
            if case .cancelled = state { return true }
            state = .begun(resident, number)
            return false
        }
        if isLate { resident.cancel(number) }
    }

    /// The dispatch is over.
    func end() { state.withLock { $0 = .cancelled } }
}
