// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
public import Registry
public import WorkerTypes

/// Runs `scheduled` handlers when they are due: each run once, those of one expression of a worker one after another,
/// and only so many at a time.
public actor CronRunner {
    /// How runs are made.
    public struct Options: Sendable {
        /// Runs at a time: 1 or more.
        public var mostRuns = 64
        /// How long to wait after a fault of the registry.
        public var retryDelay = Duration.seconds(1)
        /// The time, in milliseconds since 1970: the registry's.
        public var now: @Sendable () -> Int = { Int(Date().timeIntervalSince1970 * 1000) }
        /// Waits, or ends when its task is cancelled.
        public var sleep: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        /// Hears of faults of the registry, for the operator's log.
        public var onFault: @Sendable (RegistryError) -> Void = { _ in }

        /// The usual ones.
        public init() {}
    }

    /// Calls a handler, and says how that ended when all is over that it began.
    public typealias Handler = @Sendable (ScheduledRun) async -> Outcome

    /// Never longer, so that a change of the system's clock is noticed.
    private static let longestSleep = 60_000
    /// How often an end is told to a registry that does not take it, once the runner stops.
    private static let mostLastTries = 3

    private let registry: WorkerRegistry
    private var options: Options
    private let handler: Handler
    private var running = 0
    private var ended: [(run: ScheduledRun, outcome: Outcome)] = []
    private var isStopping = false
    private var hasWaitedEnough = false
    private var loop: Task<Void, Never>?
    private let (wakes, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// A runner that does not run yet.
    public init(_ registry: WorkerRegistry, options: Options = Options(), handler: @escaping Handler) {
        self.registry = registry
        self.options = options
        self.options.mostRuns = max(1, options.mostRuns)
        self.handler = handler
    }

    /// Begins to run what is due. Only the first call does something.
    public func start() {
        guard loop == nil, !isStopping else { return }
        loop = Task { await run() }
    }

    /// A worker was deployed, rolled back or removed: something may be due earlier.
    public nonisolated func schedulesChanged() { wakeUp.yield() }

    /// Begins no more runs, waits for those under way, and returns when their ends are recorded.
    /// - Parameter time: no longer than this. The registry takes runs whose ends are not recorded for interrupted.
    /// - Returns: whether all came to their end.
    @discardableResult
    public func stop(within time: Duration = .seconds(30)) async -> Bool {
        isStopping = true
        wakeUp.yield()
        let timer = Task {
            try? await Task.sleep(for: time)
            if !Task.isCancelled { waitNoLonger() }
        }
        await loop?.value
        timer.cancel()
        return running == 0
    }

    private func waitNoLonger() {
        hasWaitedEnough = true
        wakeUp.yield()
    }

    // MARK: The loop

    private func run() async {
        var wakes = self.wakes.makeAsyncIterator()
        var lastTries = 0
        while true {
            var delay = await step()
            if hasWaitedEnough { return }
            if isStopping, running == 0 {
                guard !ended.isEmpty, lastTries < Self.mostLastTries else { return }
                lastTries += 1
                delay = options.retryDelay
            }
            let timer = delay.map { delay in
                Task { [options, wakeUp] in
                    await options.sleep(delay)
                    if !Task.isCancelled { wakeUp.yield() }
                }
            }
            _ = await wakes.next(isolation: self)
            timer?.cancel()
        }
    }

    /// Records what has ended, and begins what is due.
    /// - Returns: after which time there may be more to do; `nil`: not before something happens.
    private func step() async -> Duration? {
        do throws(RegistryError) {
            if !ended.isEmpty {
                let some = ended
                try await registry.finish(some)
                ended.removeFirst(some.count)
            }
            guard !isStopping, running < options.mostRuns else { return nil }
            let due = try await registry.takeDueRuns(limit: options.mostRuns - running)
            for run in due.runs { begin(run) }
            guard running < options.mostRuns, let next = due.next else { return nil }
            return .milliseconds(min(max(0, next - options.now()), Self.longestSleep))
        } catch {
            options.onFault(error)
            return options.retryDelay
        }
    }

    /// It counts as begun in the registry: it is made even if the runner is to stop meanwhile.
    private func begin(_ run: ScheduledRun) {
        running += 1
        Task {
            let outcome = await handler(run)
            running -= 1
            ended.append((run, outcome))
            wakeUp.yield()
        }
    }
}
