// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import WorkerRuntime
public import WorkerTypes

/// Counts what workers do, for Prometheus.
///
/// The busiest workers have series of their own; the rest share one under the name `_other`. A worker's counters never
/// go back: one that gets series of its own begins at zero there, and what it did before stays in `_other`.
public final class RequestMetrics: WorkerObserver {
    /// Workers with series of their own.
    public static let standardWorkers = 100

    struct WorkerCounts: Sendable {
        /// By the index of the outcome.
        var outcomes = InlineArray<6, Int>(repeating: 0)
        var cpuMicroseconds = 0

        mutating func add(_ record: RequestRecord) {
            // One that ends well is no request more.
            if record.kind != .socket || record.outcome != .ok { outcomes[record.outcome.index] += 1 }
            cpuMicroseconds += record.usage.cpuMicroseconds
        }

        mutating func add(_ other: WorkerCounts) {
            for index in outcomes.indices { outcomes[index] += other.outcomes[index] }
            cpuMicroseconds += other.cpuMicroseconds
        }
    }

    struct Totals: Sendable {
        var other = WorkerCounts()
        /// By whether their isolate was there.
        var cold = Histogram()
        var warm = Histogram()
        var wait = Histogram()
        var scheduled = 0
        var sockets = 0
        var hostCalls = 0
        var subrequests = 0
        var egressBytes = 0
        var requestBytes = 0
        var responseBytes = 0
        var logLines = 0

        mutating func add(_ record: RequestRecord) {
            switch (record.kind, record.start) {
            // How long one was open is no latency.
            case (.socket, _): sockets += 1
            case (_, .cold): cold.add(record.usage.wallMicroseconds)
            case (_, .warm): warm.add(record.usage.wallMicroseconds)
            }
            if record.kind != .socket { wait.add(record.waitMicroseconds) }
            if record.kind == .scheduled { scheduled += 1 }
            hostCalls += record.usage.hostCalls
            subrequests += record.usage.subrequests
            egressBytes += record.usage.egressBytes
            requestBytes += record.requestBytes
            responseBytes += record.responseBytes
        }

        mutating func add(_ totals: Totals) {
            other.add(totals.other)
            cold.add(totals.cold)
            warm.add(totals.warm)
            wait.add(totals.wait)
            scheduled += totals.scheduled
            sockets += totals.sockets
            hostCalls += totals.hostCalls
            subrequests += totals.subrequests
            egressBytes += totals.egressBytes
            requestBytes += totals.requestBytes
            responseBytes += totals.responseBytes
            logLines += totals.logLines
        }
    }

    private struct Worker {
        /// Where it has series of its own.
        var counts: WorkerCounts?
        /// Dispatches, halved each time that somebody asks.
        var recent = 0
    }

    private struct Shard {
        var workers: [String: Worker] = [:]
        var totals = Totals()
    }

    /// A mutex can be no element.
    private final class ShardCell: Sendable {
        let shard = Mutex(Shard())
    }

    private static let shardCount = 16

    private let shards: [ShardCell]
    private let mostWorkers: Int
    private let labelled = Atomic<Int>(0)

    /// - Parameter mostWorkers: how many have series of their own.
    public init(mostWorkers: Int = standardWorkers) {
        self.mostWorkers = max(0, mostWorkers)
        shards = (0..<Self.shardCount).map { _ in ShardCell() }
    }

    private func shard(of worker: String) -> ShardCell {
        shards[Int(UInt(bitPattern: worker.hashValue) % UInt(Self.shardCount))]
    }

    /// A line for console.
    public func observe(_ line: WorkerLogLine) {
        shard(of: line.worker).shard.withLock { $0.totals.logLines += 1 }
    }

    /// A dispatch is over.
    public func observe(_ record: RequestRecord) {
        shard(of: record.worker).shard.withLock { shard in
            shard.totals.add(record)
            let hasSeries = add(record, to: &shard.workers[record.worker, default: Worker()])
            if !hasSeries { shard.totals.other.add(record) }
        }
    }

    /// Returns whether the worker has series of its own; while there are few it gets them at once.
    private func add(_ record: RequestRecord, to worker: inout Worker) -> Bool {
        worker.recent += 1
        if worker.counts == nil, labelled.load(ordering: .relaxed) < mostWorkers { enter(&worker) }
        worker.counts?.add(record)
        return worker.counts != nil
    }

    private func enter(_ worker: inout Worker) {
        guard labelled.add(1, ordering: .relaxed).newValue <= mostWorkers else {
            labelled.subtract(1, ordering: .relaxed)
            return
        }
        worker.counts = WorkerCounts()
    }

    /// Forgets a worker that is no more.
    public func forget(_ worker: String) {
        shard(of: worker).shard.withLock { shard in
            guard shard.workers.removeValue(forKey: worker)?.counts != nil else { return }
            labelled.subtract(1, ordering: .relaxed)
        }
    }

    // MARK: Reading

    /// Everything as it is now, workers by name. Workers that are no more are forgotten, and busier ones take the places
    /// of those that became quiet.
    func read(isPresent: (String) -> Bool) -> (totals: Totals, workers: [(name: String, counts: WorkerCounts)]) {
        for name in names() where !isPresent(name) { forget(name) }
        chooseBusiest()
        var totals = Totals()
        var workers: [(name: String, counts: WorkerCounts)] = []
        for cell in shards {
            cell.shard.withLock { shard in
                totals.add(shard.totals)
                for (name, worker) in shard.workers {
                    if let counts = worker.counts { workers.append((name, counts)) }
                }
                // What did nothing for long needs no memory.
                shard.workers = shard.workers.filter { $0.value.counts != nil || $0.value.recent > 0 }
                for name in shard.workers.keys { shard.workers[name]?.recent /= 2 }
            }
        }
        return (totals, workers.sorted { $0.name < $1.name })
    }

    private func names() -> [String] {
        shards.flatMap { cell in cell.shard.withLock { Array($0.workers.keys) } }
    }

    /// Who has no series and did more than twice as much lately as one who has takes its place.
    private func chooseBusiest() {
        let all = shards.flatMap { cell in
            cell.shard.withLock { shard in
                shard.workers.map { (name: $0.key, recent: $0.value.recent, hasSeries: $0.value.counts != nil) }
            }
        }
        let wanting = all.filter { !$0.hasSeries && $0.recent > 0 }.sorted { $0.recent > $1.recent }
        var quiet = all.filter(\.hasSeries).sorted { $0.recent > $1.recent }
        for candidate in wanting {
            if labelled.load(ordering: .relaxed) >= mostWorkers {
                guard let last = quiet.popLast(), last.recent * 2 < candidate.recent else { return }
                loseSeries(last.name)
            }
            shard(of: candidate.name).shard.withLock { shard in
                guard var worker = shard.workers[candidate.name], worker.counts == nil else { return }
                enter(&worker)
                shard.workers[candidate.name] = worker
            }
        }
    }

    private func loseSeries(_ name: String) {
        shard(of: name).shard.withLock { shard in
            guard shard.workers[name]?.counts != nil else { return }
            shard.workers[name]?.counts = nil
            labelled.subtract(1, ordering: .relaxed)
        }
    }
}

extension Outcome {
    /// Its position among all.
    var index: Int {
        switch self {
        case .ok: 0
        case .exception: 1
        case .exceededCPU: 2
        case .exceededWallTime: 3
        case .exceededMemory: 4
        case .internalError: 5
        }
    }
}
