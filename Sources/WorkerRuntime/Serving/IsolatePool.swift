// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization

/// What the pool's threads run: one at a time, never twice at once.
protocol PoolItem: AnyObject, Sendable {
    /// Does what is to be done. Returns whether it wants to be queued again.
    func run(on thread: Int) -> Bool
}

/// The threads that isolates run on. An isolate belongs to none of them: each takes what is ready, and what waits behind
/// one that is stuck in a long turn goes to a spare.
final class IsolatePool: Sendable {
    private struct State {
        var schedule: PoolSchedule<any PoolItem>
        var threads: [IsolateThread] = []
        var isWatched = false
        var isStopped = false
    }

    private let state: Mutex<State>
    /// Looks after stuck threads, and has the timers.
    let clock: IsolateThread
    private let watch: WakeTimer

    /// Requests come in batches: looking out for the next one for longer cost 8 % of all CPU time.
    private static let patience = Duration.microseconds(5)

    /// Turns longer than this make the thread look whether its priority was lowered, in nanoseconds.
    private static let longTurn: UInt64 = 2_000_000

    /// - Throws: `EngineError.refused`, where the system gives no thread.
    init(cores: Int, mostThreads: Int) throws(EngineError) {
        state = Mutex(State(schedule: PoolSchedule(cores: cores, most: mostThreads)))
        clock = try IsolateThread(patience: .zero)
        watch = WakeTimer(on: clock.loop)
    }

    /// Threads that have been started, and those of them that are in a long turn.
    var threads: (all: Int, stuck: Int) {
        state.withLock { ($0.schedule.threadCount, $0.schedule.stuckCount) }
    }

    /// Has a thread run the item.
    func add(_ item: any PoolItem) {
        let (step, watches) = state.withLock { state in
            let step = state.schedule.add(item, now: MonotonicClock.now)
            return (step, Self.watches(&state))
        }
        if watches { watch.start(after: .milliseconds(1)) { [self] in look() } }
        carryOut(step)
    }

    /// A thread is in a turn that never ends. Its loop goes on with another OS thread.
    func lose(_ thread: Int) { carryOut(state.withLock { $0.schedule.lose(thread, now: MonotonicClock.now) }) }

    /// Ends the threads once they have nothing to do.
    func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            return state.threads
        }
        for thread in threads { thread.stop() }
        clock.stop()
    }

    /// Whether somebody has to look whether threads are stuck.
    private static func watches(_ state: inout State) -> Bool {
        guard !state.isWatched, state.schedule.hasReady, !state.isStopped else { return false }
        state.isWatched = true
        return true
    }

    private func look() {
        let (step, watches) = state.withLock { state in
            state.isWatched = false
            let step = state.schedule.look(now: MonotonicClock.now)
            return (step, Self.watches(&state))
        }
        carryOut(step)
        if watches { watch.start(after: .milliseconds(1)) { [self] in look() } }
    }

    private func carryOut(_ step: PoolSchedule<any PoolItem>.Step) {
        switch step {
        case .nothing: break
        case .wake(let number): post(number)
        case .start(let number):
            // Without a thread the number counts as stuck, and what waits is for the others.
            guard let thread = try? IsolateThread(patience: Self.patience) else { return }
            state.withLock { state in
                // Numbers are given in order, but threads may be made out of it.
                while state.threads.count < number { state.threads.append(thread) }
                if state.threads.count == number {
                    state.threads.append(thread)
                } else {
                    state.threads[number] = thread
                }
            }
            post(number)
        }
    }

    private func post(_ number: Int) {
        let thread = state.withLock { $0.threads.indices.contains(number) ? $0.threads[number] : nil }
        thread?.loop.post { [self] in work(number) }
    }

    private func work(_ number: Int) {
        while let item = state.withLock({ $0.schedule.next(for: number, now: MonotonicClock.now) }) {
            let start = MonotonicClock.now
            if item.run(on: number) { add(item) }
            // The thread may have been given another priority: its loop looks after that between jobs.
            if MonotonicClock.now - start > Self.longTurn { return post(number) }
        }
    }
}

/// A timer of a loop that may be started from any thread.
final class WakeTimer: Sendable {
    private let holder: ThreadBound<Holder>

    private final class Holder {
        var timer: LoopTimer?
        var action: @Sendable () -> Void = {}
    }

    init(on loop: EventLoop) {
        holder = ThreadBound(Holder(), on: loop)
        holder.post { [loop] holder in
            holder.timer = loop.makeTimer { [weak holder] in holder?.action() }
        }
    }

    /// Calls the action once, after this time; an earlier start counts no more.
    func start(after duration: Duration, _ action: @escaping @Sendable () -> Void) {
        holder.post { holder in
            holder.action = action
            holder.timer?.start(after: duration)
        }
    }

    /// The action is not called.
    func stop() { holder.post { $0.timer?.stop() } }

    /// Lets go of the timer, on its thread.
    func end() {
        holder.post { holder in
            holder.timer = nil
            holder.action = {}
        }
    }

    deinit { end() }
}
