// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import WorkerRuntime
public import WorkerTypes

/// What workers did lately, and those who watch it: console lines, and one record for each dispatch.
///
/// Keeps the last events of each worker, within bounds. Who watches and does not keep up loses events, and is told how
/// many.
public final class WorkerLogs: WorkerObserver {
    /// How much is kept.
    public struct Options: Sendable {
        /// Events of a worker that are kept for those who begin to watch.
        public var recentEvents = 200
        /// Bytes of a worker's events that are kept, about.
        public var recentBytes = 256 << 10
        /// Bytes of all workers' events together, about. Those of workers that were quiet for longest go first.
        public var mostBytes = 64 << 20
        /// Who may watch at a time.
        public var mostSubscribers = 64
        /// Events that wait for one who watches.
        public var waitingEvents = 1000
        /// Bytes of events that wait for one who watches, about.
        public var waitingBytes = 1 << 20

        /// The standard ones.
        public init() {}
    }

    private struct Entry {
        var recent = RecentEvents()
        var subscribers: [LogSubscriber] = []
    }

    private struct Shard {
        var entries: [String: Entry] = [:]
        var bytes = 0
        /// Counts events, for what is old.
        var clock = 0
    }

    let options: Options
    private let shards: [ShardCell]
    private let subscribers = Atomic<Int>(0)
    private let hasEnded = Atomic<Bool>(false)

    /// A mutex can be no element.
    private final class ShardCell: Sendable {
        let shard = Mutex(Shard())
    }

    private static let shardCount = 16

    /// Nothing is kept yet.
    public init(options: Options = Options()) {
        self.options = options
        shards = (0..<Self.shardCount).map { _ in ShardCell() }
    }

    private func shard(of worker: String) -> ShardCell {
        shards[Int(UInt(bitPattern: worker.hashValue) % UInt(Self.shardCount))]
    }

    /// A line for console.
    public func observe(_ line: WorkerLogLine) { add(.line(line)) }

    /// A dispatch is over.
    public func observe(_ record: RequestRecord) { add(.record(record)) }

    private func add(_ event: WorkerEvent) {
        let size = event.size
        shard(of: event.worker).shard.withLock { shard in
            shard.clock &+= 1
            let now = shard.clock
            let change = Self.add(event, size, to: &shard.entries[event.worker, default: Entry()], now, options)
            shard.bytes += change
            if shard.bytes > options.mostBytes / Self.shardCount { Self.makeRoom(&shard, options) }
        }
    }

    /// Returns by how many bytes more is kept.
    private static func add(
        _ event: WorkerEvent, _ size: Int, to entry: inout Entry, _ now: Int, _ options: Options
    ) -> Int {
        for subscriber in entry.subscribers { subscriber.take(event, size) }
        return entry.recent.add(event, size, now, options)
    }

    /// Forgets the events of those that were quiet for longest, until a quarter of the room is free.
    private static func makeRoom(_ shard: inout Shard, _ options: Options) {
        let quiet = shard.entries.map { (name: $0.key, last: $0.value.recent.last) }.sorted { $0.last < $1.last }
        for (name, _) in quiet {
            guard shard.bytes > options.mostBytes / shardCount / 4 * 3, var entry = shard.entries[name] else { break }
            shard.bytes -= entry.recent.bytes
            entry.recent = RecentEvents()
            shard.entries[name] = entry.subscribers.isEmpty ? nil : entry
        }
    }

    /// Forgets a worker that is no more, and ends what watches it.
    public func forget(_ worker: String) {
        let subscribers = shard(of: worker).shard.withLock { shard in
            let entry = shard.entries.removeValue(forKey: worker)
            shard.bytes -= entry?.recent.bytes ?? 0
            return entry?.subscribers ?? []
        }
        for subscriber in subscribers { subscriber.end() }
    }

    /// Ends everybody who watches, now and later: the process ends.
    public func end() {
        hasEnded.store(true, ordering: .sequentiallyConsistent)
        for cell in shards {
            let subscribers = cell.shard.withLock { shard in shard.entries.values.flatMap(\.subscribers) }
            for subscriber in subscribers { subscriber.end() }
        }
    }

    /// Watches a worker: first up to `tail` of its last events, then what comes. `nil` where too many watch already,
    /// or all was ended.
    func subscribe(to worker: String, tail: Int) -> LogSubscriber? {
        guard subscribers.add(1, ordering: .relaxed).newValue <= options.mostSubscribers else {
            subscribers.subtract(1, ordering: .relaxed)
            return nil
        }
        let subscriber = LogSubscriber(options)
        shard(of: worker).shard.withLock { shard in
            for event in shard.entries[worker]?.recent.tail(tail) ?? [] { subscriber.take(event, event.size) }
            shard.entries[worker, default: Entry()].subscribers.append(subscriber)
        }
        guard !hasEnded.load(ordering: .sequentiallyConsistent) else {
            unsubscribe(subscriber, from: worker)
            return nil
        }
        return subscriber
    }

    func unsubscribe(_ subscriber: LogSubscriber, from worker: String) {
        subscriber.end()
        subscribers.subtract(1, ordering: .relaxed)
        shard(of: worker).shard.withLock { shard in
            guard let entry = shard.entries[worker] else { return }
            shard.entries[worker]?.subscribers.removeAll { $0 === subscriber }
            if entry.recent.isEmpty, entry.subscribers.count <= 1 { shard.entries[worker] = nil }
        }
    }
}

/// The last events of one worker, in a ring that is filled once and then written over.
struct RecentEvents {
    private var events: [WorkerEvent?] = []
    /// Where the oldest is.
    private var first = 0
    private var count = 0
    private(set) var bytes = 0
    /// When the last one came.
    private(set) var last = 0

    var isEmpty: Bool { count == 0 }

    /// Returns by how many bytes more is kept. An event that is larger than everything that may be kept is not.
    mutating func add(_ event: WorkerEvent, _ size: Int, _ now: Int, _ options: WorkerLogs.Options) -> Int {
        last = now
        guard size <= options.recentBytes, options.recentEvents > 0 else { return 0 }
        let before = bytes
        while count > 0, count >= options.recentEvents || bytes + size > options.recentBytes { dropFirst() }
        let place = (first + count) % options.recentEvents
        if place < events.count {
            events[place] = event
        } else {
            events.append(event)
        }
        count += 1
        bytes += size
        return bytes - before
    }

    private mutating func dropFirst() {
        bytes -= events[first]?.size ?? 0
        events[first] = nil
        first = (first + 1) % max(events.count, 1)
        count -= 1
    }

    func tail(_ wanted: Int) -> [WorkerEvent] {
        (max(0, count - max(0, wanted))..<count).compactMap { events[(first + $0) % events.count] }
    }
}
