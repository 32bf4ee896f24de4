// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization
internal import WorkerRuntime

/// Gives memory back to the system that ended isolates have left to the allocator, now and then.
final class MemoryTrim: Sendable {
    /// How often at most, in nanoseconds.
    private static let pause: UInt64 = 5_000_000_000

    private struct State {
        /// The most isolates since it looked last.
        var most = 0
        var next: UInt64 = 0
        var isUnderWay = false
    }
    private let state = Mutex(State())

    /// glibc's `malloc_trim`, which no module of Swift's has; where there is none, nothing is given back.
    private static func trim() {
        guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return }
        _ = unsafe unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
    }

    /// Looks whether there are fewer isolates than there were; if so, gives back on another thread.
    func look(isolates: Int, at now: UInt64 = MonotonicClock.now) {
        let isWanted = state.withLock { state in
            state.most = max(state.most, isolates)
            guard now >= state.next, !state.isUnderWay else { return false }
            state.next = now + Self.pause
            defer { state.most = isolates }
            state.isUnderWay = isolates < state.most
            return state.isUnderWay
        }
        guard isWanted else { return }
        Task { [self] in
            Self.trim()
            state.withLock { $0.isUnderWay = false }
        }
    }
}
