// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Glibc
internal import Synchronization

/// A libuv loop: jobs from any thread and timers, run by the one thread that turns it.
///
/// Where that thread is lost, another one goes on: the loop moves to a new home with its jobs and timers.
@safe public final class EventLoop: @unchecked Sendable {
    private let inbox: Inbox
    /// Who is told of a lost thread; kept for as long as one may be.
    private let watch = Watch()
    private var timers: [ObjectIdentifier: Weak] = [:]

    private struct Weak {
        weak var timer: LoopTimer?
    }

    /// The jobs posted and not yet run; apart from the loop, so that libuv's callback needs no cycle.
    @safe fileprivate final class Inbox: @unchecked Sendable {
        struct State {
            var jobs: [@Sendable () -> Void] = []
            var next = 0
            /// The libuv loop that is woken.
            var home: UInt = 0
        }
        let state = Mutex(State())
        /// Jobs wait that nobody was woken for, or the loop's thread looks at the inbox by itself.
        let isPosted = Atomic(false)
        let isLooking = Atomic(false)

        /// Runs the jobs that are there now. One by one: a job that never returns keeps none of the others.
        func drain() {
            isPosted.store(false, ordering: .sequentiallyConsistent)
            var left = state.withLock { $0.jobs.count - $0.next }
            while left > 0, let job = take() {
                left -= 1
                job()
            }
            announce()
        }

        /// Says that there are jobs, if there are, and wakes the loop unless its thread looks by itself.
        func announce() {
            let home = state.withLock { $0.next < $0.jobs.count ? $0.home : 0 }
            guard home != 0 else { return }
            isPosted.store(true, ordering: .sequentiallyConsistent)
            // A loop whose thread is lost is woken in vain; the next thread looks by itself first.
            if !isLooking.load(ordering: .sequentiallyConsistent), let raw = unsafe OpaquePointer(bitPattern: home) {
                unsafe ci_loop_wake(raw)
            }
        }

        private func take() -> (@Sendable () -> Void)? {
            state.withLock { state in
                guard state.next < state.jobs.count else { return nil }
                defer {
                    state.next += 1
                    if state.next == state.jobs.count {
                        state.jobs.removeAll(keepingCapacity: true)
                        state.next = 0
                    }
                }
                return state.jobs[state.next]
            }
        }
    }

    fileprivate final class Watch: Sendable {
        let isAbandoned = Atomic(false)
        let onLost = Mutex<(@Sendable () -> Void)?>(nil)
    }

    /// Makes a loop that nobody turns yet.
    /// - Throws: `EngineError.refused` without memory or file descriptors.
    public init() throws(EngineError) {
        inbox = Inbox()
        try settle()
    }

    /// Makes the libuv loop, and anew when its thread is lost: the old one is inside a job for ever.
    private func settle() throws(EngineError) {
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
        let home = UInt(bitPattern: made)
        inbox.state.withLock { $0.home = home }
        // Jobs that the lost thread had begun to take are announced by nobody else.
        inbox.announce()
        watch.isAbandoned.store(false, ordering: .sequentiallyConsistent)
        for entry in timers.values { unsafe entry.timer?.move(to: made) }
    }

    private var raw: OpaquePointer? { unsafe OpaquePointer(bitPattern: inbox.state.withLock { $0.home }) }

    /// Runs a job on the thread that turns the loop. From any thread.
    public func post(_ job: @escaping @Sendable () -> Void) {
        let isFirst = inbox.state.withLock { state in
            state.jobs.append(job)
            return state.jobs.count - state.next == 1
        }
        if isFirst { inbox.announce() }
    }

    /// Turns until `isOver`; looks for new jobs for `patience` before it sleeps, which saves the poster a
    /// system call and the job two context switches.
    /// - Parameter onLost: the thread may be lost (see `Engine.Options.parksThreads`), and this is called then, on
    ///   the watchdog's thread: have another thread call `run`, which goes on with the jobs and timers that are
    ///   left. Without it the thread is never parked.
    ///   It is also called when the thread cannot have its priority back after a long turn, and ends.
    /// - Throws: `EngineError.refused` where the loop of a lost thread cannot be made anew.
    public func run(
        patience: Duration = .microseconds(50), onLost: (@Sendable () -> Void)? = nil, until isOver: () -> Bool
    ) throws(EngineError) {
        if watch.isAbandoned.load(ordering: .sequentiallyConsistent) { try settle() }
        if let onLost { declareExpendable(onLost) }
        defer { if onLost != nil { ci_thread_set_indispensable() } }
        let clock = ContinuousClock()
        while !isOver() {
            if let onLost, ci_thread_is_lowered() { return retire(onLost) }
            inbox.isLooking.store(true, ordering: .sequentiallyConsistent)
            var end = clock.now + patience
            while clock.now < end {
                guard inbox.isPosted.load(ordering: .sequentiallyConsistent) else {
                    // The poster may be waiting for this core.
                    sched_yield()
                    continue
                }
                inbox.drain()
                if isOver() || ci_thread_is_lowered() { break }
                end = clock.now + patience
                turn(waits: false)
            }
            inbox.isLooking.store(false, ordering: .sequentiallyConsistent)
            if ci_thread_is_lowered() || isOver() { continue }
            // A job that came in between was posted without a wake-up.
            if inbox.isPosted.load(ordering: .sequentiallyConsistent) { inbox.drain() } else { turn() }
        }
    }

    /// Another thread goes on, made by the watchdog's: it would inherit this one's priority.
    private func retire(_ onLost: @escaping @Sendable () -> Void) {
        WatchdogNews.add(onLost)
        ci_watchdog_ask()
    }

    private func declareExpendable(_ onLost: @escaping @Sendable () -> Void) {
        watch.onLost.withLock { $0 = onLost }
        unsafe ci_thread_set_expendable(Unmanaged.passUnretained(watch).toOpaque()) { context in
            guard let context = unsafe context else { return }
            let watch = unsafe Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue()
            WatchdogNews.add {
                watch.isAbandoned.store(true, ordering: .sequentiallyConsistent)
                watch.onLost.withLock { $0 }?()
            }
        }
    }

    /// Waits for a job or a timer and runs what is due; without `waits`, only looks. One thread at a time.
    public func turn(waits: Bool = true) {
        if let raw = unsafe raw { unsafe ci_loop_turn(raw, waits) }
    }

    /// A timer of this loop, to be used on its thread and dropped before the loop is.
    public func makeTimer(_ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(loop: self, action)
        timers[ObjectIdentifier(timer)] = Weak(timer: timer)
        if let raw = unsafe raw { unsafe timer.move(to: raw) }
        return timer
    }

    fileprivate func forget(_ timer: ObjectIdentifier) { timers[timer] = nil }

    deinit {
        if let raw = unsafe raw { unsafe ci_loop_dispose(raw) }
    }
}

/// Calls its action once, some time after it was started. Used on its loop's thread only.
@safe public final class LoopTimer {
    private let action: () -> Void
    private unowned let loop: EventLoop
    private var raw: OpaquePointer?
    private var due: ContinuousClock.Instant?

    init(loop: EventLoop, _ action: @escaping () -> Void) {
        self.action = action
        self.loop = loop
        unsafe raw = nil
    }

    /// Lives on in another libuv loop; the one before is lost with its thread.
    func move(to home: OpaquePointer) {
        unsafe raw = ci_timer_new(home, Unmanaged.passUnretained(self).toOpaque()) { context in
            guard let context = unsafe context else { return }
            let timer = unsafe Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue()
            timer.due = nil
            timer.action()
        }
        if let due { start(after: max(due - ContinuousClock.now, .zero)) }
    }

    /// Starts or restarts; fractions of a millisecond are rounded up.
    public func start(after duration: Duration) {
        due = ContinuousClock.now + min(duration, .seconds(1 << 40))
        let (seconds, attoseconds) = duration.components
        let milliseconds = Double(seconds) * 1e3 + Double(attoseconds) / 1e15
        if let raw = unsafe raw { unsafe ci_timer_start(raw, UInt64(min(max(milliseconds.rounded(.up), 0), 1e15))) }
    }

    /// Stops; the action is not called.
    public func stop() {
        due = nil
        if let raw = unsafe raw { unsafe ci_timer_stop(raw) }
    }

    deinit {
        loop.forget(ObjectIdentifier(self))
        if let raw = unsafe raw { unsafe ci_timer_dispose(raw) }
    }
}
