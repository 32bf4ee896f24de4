// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// By which a client says that it does not wait any more.
public final class DispatchCancellation: Sendable {
    private enum State {
        case waiting
        case begun(Resident, UInt32)
        case cancelled
    }
    private let state = Mutex(State.waiting)

    /// Nobody has left yet.
    public init() {}

    /// Nobody waits any more: the worker's `request.signal` is aborted.
    public func cancel() {
        let begun = state.withLock { state -> (Resident, UInt32)? in
            defer { state = .cancelled }
            if case .begun(let resident, let number) = state { return (resident, number) }
            return nil
        }
        if let (resident, number) = begun { resident.cancel(number) }
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
