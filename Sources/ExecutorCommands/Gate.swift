// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Hands values from one thread to another that waits.
final class Gate<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let isOpen = Atomic(false)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Gives a value to one `wait`.
    func open(_ value: Value) {
        self.value.withLock { $0 = value }
        isOpen.store(true, ordering: .releasing)
        semaphore.signal()
    }

    /// Waits for the next value: looks for it for a moment, then sleeps.
    func wait() -> Value {
        while true {
            if let value = wait(atMost: .seconds(3600)) { return value }
        }
    }

    /// As `wait`, for so long at the most; `nil` when the time is over.
    func wait(atMost limit: Duration, patience: Duration = .microseconds(50)) -> Value? {
        let clock = ContinuousClock()
        let end = clock.now + patience
        while !isOpen.load(ordering: .acquiring), clock.now < end { sched_yield() }
        let deadline = DispatchTime.now() + .seconds(Int(limit.components.seconds))
        while true {
            guard semaphore.wait(timeout: deadline) == .success else { return nil }
            isOpen.store(false, ordering: .relaxed)
            let taken = value.withLock { value in
                defer { value = nil }
                return value
            }
            if let taken { return taken }
        }
    }
}
