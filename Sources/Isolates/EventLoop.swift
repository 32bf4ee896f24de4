// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Glibc
internal import Synchronization

/// A libuv loop: jobs from any thread and timers, run by the one thread that turns it.
@safe public final class EventLoop: @unchecked Sendable {
    private let raw: OpaquePointer
    private let inbox: Inbox

    /// The jobs posted and not yet run; apart from the loop, so that libuv's callback needs no cycle.
    private final class Inbox: Sendable {
        let jobs = Mutex<[@Sendable () -> Void]>([])
        /// Jobs wait that nobody was woken for, or the loop's thread looks at the inbox by itself.
        let isPosted = Atomic(false)
        let isLooking = Atomic(false)

        func drain() {
            isPosted.store(false, ordering: .sequentiallyConsistent)
            let batch = jobs.withLock { jobs in
                defer { jobs.removeAll(keepingCapacity: true) }
                return jobs
            }
            for job in batch { job() }
        }
    }

    /// Makes a loop that nobody turns yet.
    /// - Throws: `EngineError.refused` without memory or file descriptors.
    public init() throws(EngineError) {
        inbox = Inbox()
        var made: OpaquePointer?
        let status = unsafe ci_loop_new(
            Unmanaged.passUnretained(inbox).toOpaque(),
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<Inbox>.fromOpaque(context).takeUnretainedValue().drain()
            }, &made)
        guard status == .ok, let made = unsafe made else {
            throw .refused("no event loop: out of memory or file descriptors")
        }
        unsafe raw = made
    }

    /// Runs a job on the thread that turns the loop. From any thread.
    public func post(_ job: @escaping @Sendable () -> Void) {
        let isFirst = inbox.jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        guard isFirst else { return }
        inbox.isPosted.store(true, ordering: .sequentiallyConsistent)
        if !inbox.isLooking.load(ordering: .sequentiallyConsistent) { unsafe ci_loop_wake(raw) }
    }

    /// Turns until `isOver`; looks for new jobs for `patience` before it sleeps, which saves the poster a
    /// system call and the job two context switches.
    public func run(patience: Duration = .microseconds(50), until isOver: () -> Bool) {
        let clock = ContinuousClock()
        while !isOver() {
            inbox.isLooking.store(true, ordering: .sequentiallyConsistent)
            var end = clock.now + patience
            while clock.now < end {
                guard inbox.isPosted.load(ordering: .sequentiallyConsistent) else {
                    // The poster may be waiting for this core.
                    sched_yield()
                    continue
                }
                inbox.drain()
                if isOver() { return }
                end = clock.now + patience
                turn(waits: false)
            }
            inbox.isLooking.store(false, ordering: .sequentiallyConsistent)
            // A job that came in between was posted without a wake-up.
            if inbox.isPosted.load(ordering: .sequentiallyConsistent) { inbox.drain() } else { turn() }
        }
    }

    /// Waits for a job or a timer and runs what is due; without `waits`, only looks. One thread at a time.
    public func turn(waits: Bool = true) { unsafe ci_loop_turn(raw, waits) }

    /// A timer of this loop, to be used on its thread and dropped before the loop is.
    public func makeTimer(_ action: @escaping () -> Void) -> LoopTimer { unsafe LoopTimer(loop: raw, action) }

    deinit { unsafe ci_loop_dispose(raw) }
}

/// Calls its action once, some time after it was started. Used on its loop's thread only.
@safe public final class LoopTimer {
    private let action: () -> Void
    private var raw: OpaquePointer?

    init(loop: OpaquePointer, _ action: @escaping () -> Void) {
        self.action = action
        unsafe raw = nil
        unsafe raw = ci_timer_new(loop, Unmanaged.passUnretained(self).toOpaque()) { context in
            guard let context = unsafe context else { return }
            unsafe Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue().action()
        }
    }

    /// Starts or restarts; fractions of a millisecond are rounded up.
    public func start(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Double(seconds) * 1e3 + Double(attoseconds) / 1e15
        if let raw = unsafe raw { unsafe ci_timer_start(raw, UInt64(min(max(milliseconds.rounded(.up), 0), 1e15))) }
    }

    /// Stops; the action is not called.
    public func stop() {
        if let raw = unsafe raw { unsafe ci_timer_stop(raw) }
    }

    deinit {
        if let raw = unsafe raw { unsafe ci_timer_dispose(raw) }
    }
}
