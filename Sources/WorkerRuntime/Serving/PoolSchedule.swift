// SPDX-License-Identifier: Apache-2.0

/// Which thread takes what: a value that is told what happens and says what is to be done, without lock, clock or thread.
///
/// As many threads work as there are cores. One that stays in a turn for longer than `patience` is stuck: it counts no
/// more, and a spare takes over what waits.
struct PoolSchedule<Item> {
    /// What is to be done.
    enum Step: Equatable {
        case nothing
        /// Have this thread call `next`.
        case wake(Int)
        /// Start a thread with this number, and have it call `next`.
        case start(Int)
    }

    private enum Thread {
        case idle
        /// Since when it has had what it works on.
        case working(since: UInt64)
        case stuck
    }

    let cores: Int
    let most: Int
    /// In nanoseconds.
    let patience: UInt64

    private var ready = FirstInFirstOut<Item>()
    private var threads: [Thread] = []
    private var idle: [Int] = []
    private var working = 0

    /// - Parameters:
    ///   - cores: threads that work at a time, one at least.
    ///   - most: threads in all, with those that are stuck.
    init(cores: Int, most: Int, patience: UInt64 = 2_000_000) {
        self.cores = max(1, cores)
        self.most = max(most, self.cores)
        self.patience = patience
    }

    /// Whether something waits.
    var hasReady: Bool { !ready.isEmpty }
    /// Threads that were started.
    var threadCount: Int { threads.count }
    /// Threads that have stayed in a turn.
    var stuckCount: Int { threads.count - idle.count - working }

    /// Something is ready.
    mutating func add(_ item: Item, now: UInt64) -> Step {
        ready.add(item)
        return help(now)
    }

    /// A thread is free, or was woken: what it is to work on; `nil`: it has nothing to do until it is woken.
    mutating func next(for thread: Int, now: UInt64) -> Item? {
        // It was counted when it was woken or started.
        if case .working = threads[thread] { working -= 1 }
        guard working < cores, let item = ready.take() else {
            threads[thread] = .idle
            if !idle.contains(thread) { idle.append(thread) }
            return nil
        }
        threads[thread] = .working(since: now)
        working += 1
        return item
    }

    /// A thread's turn never ends: another thread has its place.
    mutating func lose(_ thread: Int, now: UInt64) -> Step {
        if case .working = threads[thread] { working -= 1 }
        threads[thread] = .idle
        if !idle.contains(thread) { idle.append(thread) }
        return help(now)
    }

    /// Time has passed: finds threads that are stuck.
    mutating func look(now: UInt64) -> Step {
        for (index, thread) in threads.enumerated() {
            guard case .working(let since) = thread, now > since, now - since > patience else { continue }
            threads[index] = .stuck
            working -= 1
        }
        return help(now)
    }

    private mutating func help(_ now: UInt64) -> Step {
        guard working < cores, !ready.isEmpty else { return .nothing }
        let thread: Int
        var isNew = false
        if let spare = idle.popLast() {
            thread = spare
            threads[thread] = .working(since: now)
        } else {
            guard threads.count < most else { return .nothing }
            thread = threads.count
            threads.append(.working(since: now))
            isNew = true
        }
        working += 1
        return isNew ? .start(thread) : .wake(thread)
    }
}
