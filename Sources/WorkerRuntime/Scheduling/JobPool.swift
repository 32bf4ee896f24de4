// SPDX-License-Identifier: Apache-2.0
package import Isolates
internal import Synchronization

/// The threads that do the long computations of scripts, beside the threads of their isolates.
///
/// A thread is started when a job waits, and ends when none does. A job runs to its end, so that several threads
/// are what keeps one script from making all others wait; the system shares the cores among them.
package final class JobPool: Sendable {
    private struct State {
        var schedule: JobSchedule<JobClient.Work>
        var threads = 0
    }
    private let state: Mutex<State>
    private let mostThreads: Int

    /// OpenSSL's needs, and more.
    private static let stackSize = 1 << 20

    /// - Parameters:
    ///   - mostThreads: at once; one at least.
    ///   - mostWaiting: jobs of one client, besides the one under way.
    package init(mostThreads: Int = 4, mostWaiting: Int = 256) {
        self.mostThreads = max(1, mostThreads)
        state = Mutex(State(schedule: JobSchedule(mostWaiting: mostWaiting)))
    }

    /// Somebody whose jobs are done one after the other.
    /// - Parameter charge: is told of the CPU time that its jobs take, every millisecond or so, on their threads, and
    ///   says whether there is some left.
    package func makeClient(charge: @escaping @Sendable (Duration) -> Bool) -> JobClient {
        JobClient(self, state.withLock { $0.schedule.makeClient() }, charge: charge)
    }

    /// Threads that compute now.
    package var threads: Int { state.withLock { $0.threads } }

    fileprivate func hasRoom(for client: Int) -> Bool { state.withLock { $0.schedule.hasRoom(for: client) } }

    fileprivate func add(_ work: JobClient.Work, of client: Int) {
        let startsThread = state.withLock { state in
            state.schedule.add(work, of: client)
            guard state.threads < mostThreads else { return false }
            state.threads += 1
            return true
        }
        guard startsThread, !startDetachedThread(stackSize: Self.stackSize, { [self] in run() }) else { return }
        // No thread: another one does it, or the next job's, or the client's own limits end the wait.
        state.withLock { $0.threads -= 1 }
    }

    fileprivate func drop(_ client: Int) { _ = state.withLock { $0.schedule.drop(client) } }

    private func run() {
        while let (client, work) = next() {
            work.run()
            state.withLock { $0.schedule.finish(client) }
        }
    }

    private func next() -> (client: Int, work: JobClient.Work)? {
        state.withLock { state in
            if let next = state.schedule.next() { return next }
            state.threads -= 1
            return nil
        }
    }
}

/// One isolate's part of a pool.
package final class JobClient: Sendable {
    struct Work: Sendable {
        let job: Job
        let client: JobClient
        let onDone: @Sendable () -> Void

        func run() {
            client.run(job)
            onDone()
        }
    }

    private let pool: JobPool
    private let number: Int
    private let charge: @Sendable (Duration) -> Bool
    private let isCancelled = Atomic(false)

    fileprivate init(_ pool: JobPool, _ number: Int, charge: @escaping @Sendable (Duration) -> Bool) {
        self.pool = pool
        self.number = number
        self.charge = charge
    }

    /// Whether one more job may wait.
    package var hasRoom: Bool { pool.hasRoom(for: number) }

    /// Has a job done.
    /// - Parameter onDone: called on the job's thread once it has run.
    package func start(_ job: Job, onDone: @escaping @Sendable () -> Void) {
        pool.add(Work(job: job, client: self, onDone: onDone), of: number)
    }

    /// Nobody wants the results any more: what waits is dropped, what is under way ends soon.
    package func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        pool.drop(number)
    }

    private func run(_ job: Job) {
        var charged = Duration.zero
        let pay = { (spent: Duration) in
            defer { charged = spent }
            return self.charge(spent - charged)
        }
        let spent = job.run { spent in pay(spent) && !self.isCancelled.load(ordering: .relaxed) }
        _ = pay(spent)
    }
}
