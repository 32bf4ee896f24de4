// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import GRDB
public import HostAPI
internal import SQLiteFiles
internal import Synchronization

/// Values in a file of SQLite. A change that was answered is on the disk.
///
/// Changes that wait share a transaction, so that one wait for the disk serves them all; each still succeeds or fails
/// by itself. Reads see every change that was answered before they were asked. Answers come on threads of the store:
/// return soon from them. Several processes may open one file.
///
/// A change that failed with `unavailable` or `failed` was not made, unless the system loses power before the disk
/// works again: then it may have been.
public final class DatabaseKeyValueStore: KeyValueStore {
    /// How much the store may take.
    public struct Options: Sendable, Hashable {
        /// Connections that read, and the threads that they use at a time: 1 to 64.
        public var readers = 2
        /// Changes that are not answered yet, and as many reads; more fail with `unavailable`, as do those of one
        /// namespace past a quarter of that.
        public var mostCalls = 8192
        /// What changes that are not answered yet may hold, in bytes.
        public var mostCallBytes = 256 << 20
        /// Changes that share a transaction.
        public var mostGrouped = 512
        /// The largest size of the file, in bytes, beside its log; `nil` is no limit.
        public var mostFileBytes: Int?
        /// The size of the log, in bytes, past which it is carried over into the file.
        public var checkpointBytes = 16 << 20
        /// How long to wait for another process.
        public var lockTimeout = Duration.seconds(5)
        /// How often to look for expired values, to remove them; `nil` is never.
        public var sweepInterval: Duration? = .seconds(10)

        /// The standard.
        public init() {}

        var lockMilliseconds: Int { Int(max(0, min(lockTimeout / .milliseconds(1), 3_600_000))) }
    }

    private enum Life {
        case open
        case closing([@Sendable () -> Void])
        case closed
    }

    /// A key, a value and its metadata have together at most so many bytes: 128 MiB.
    public static let mostEntryBytes = 128 << 20

    let path: String
    private let options: Options
    private let now: @Sendable () -> Double
    private let onFault: @Sendable (DatabaseStoreError) -> Void
    // The writer goes last: the last connection that closes carries the log over, which those that read cannot.
    private let readers: [DatabaseQueue]
    let writer: DatabaseQueue
    private let reads: CallLine<Read>
    private let writes: CallLine<Write>
    private let logBytes = Atomic(0)
    private let life = Mutex(Life.open)

    /// Opens the file, or makes it, with mode 0600, in a folder that is there.
    /// - Parameters:
    ///   - path: the file; SQLite keeps two others beside it, with `-wal` and `-shm` behind the name.
    ///   - options: how much it may take.
    ///   - now: a clock that tells milliseconds since 1970.
    ///   - onFault: hears of each fault of the file, from any thread, for the operator's log.
    /// - Throws: `DatabaseStoreError`.
    public init(
        path: String, options: Options = Options(), now: @escaping @Sendable () -> Double = WallClock.systemTime,
        onFault: @escaping @Sendable (DatabaseStoreError) -> Void = { _ in }
    ) throws(DatabaseStoreError) {
        self.path = path
        self.options = options
        self.now = now
        self.onFault = onFault
        let file = DatabaseFile(path: path, options: options)
        writer = try file.openWriter()
        var readers: [DatabaseQueue] = []
        for number in 0..<min(64, max(1, options.readers)) { readers.append(try file.openReader(number)) }
        self.readers = readers
        writes = CallLine(mostCalls: options.mostCalls, mostBytes: options.mostCallBytes, workers: 1)
        reads = CallLine(mostCalls: options.mostCalls, mostBytes: .max, workers: readers.count)
        sweepLater()
    }

    // MARK: Calls

    /// See `KeyValueStore`.
    public func get(
        _ key: String, in namespace: String, _ answer: @escaping @Sendable (Result<KeyValueEntry?, HostError>) -> Void
    ) { add(Read(namespace: namespace, question: .get(key: key, answer))) }

    /// See `KeyValueStore`.
    public func set(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String, if condition: KeyValueCondition,
        quota: KeyValueQuota, _ answer: @escaping @Sendable (Result<Int, HostError>) -> Void
    ) {
        let write = Write(namespace: namespace, key: key, change: .set(value, condition, quota, answer))
        guard write.bytes <= Self.mostEntryBytes else {
            return answer(
                .failure(
                    HostError(
                        .invalidArgument,
                        "the value has \(write.bytes) bytes with its key; at most \(Self.mostEntryBytes) are taken")))
        }
        add(write)
    }

    /// See `KeyValueStore`.
    public func delete(
        _ key: String, in namespace: String, if condition: KeyValueCondition,
        _ answer: @escaping @Sendable (Result<Bool, HostError>) -> Void
    ) { add(Write(namespace: namespace, key: key, change: .delete(condition, answer))) }

    /// See `KeyValueStore`.
    public func list(
        _ prefix: String, after key: String?, limit: Int, in namespace: String,
        _ answer: @escaping @Sendable (Result<KeyValuePage, HostError>) -> Void
    ) {
        let listing = Listing(prefix, after: key, limit: limit)
        add(Read(namespace: namespace, question: .list(listing, answer)))
    }

    private func sweepLater() {
        guard let interval = options.sweepInterval else { return }
        let milliseconds = Int(max(1, min(interval / .milliseconds(1), 86_400_000)))
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            guard let self, life.withLock({ if case .open = $0 { true } else { false } }) else { return }
            sweep { _ in }
            sweepLater()
        }
    }

    /// Removes some of what has expired, and answers how many entries; the rest in transactions that follow.
    func sweep(_ answer: @escaping @Sendable (Result<Int, HostError>) -> Void) {
        add(
            Write(
                namespace: "", key: "",
                change: .sweep { [weak self] result in
                    // Others come between.
                    if case .success(let count) = result, count > 0 { self?.sweep { _ in } }
                    answer(result)
                }))
    }

    // MARK: End

    /// Refuses further calls with `unavailable`, does those that wait, closes the file, and tells.
    public func close(_ closed: @escaping @Sendable () -> Void) {
        let (isFirst, isLast) = life.withLock { life in
            switch life {
            case .open:
                life = .closing([closed])
                return (true, false)
            case .closing(let others):
                life = .closing(others + [closed])
                return (false, false)
            case .closed: return (false, true)
            }
        }
        if isLast { closed() }
        guard isFirst else { return }
        writes.close { [self] in
            reads.close { [self] in
                // A connection is not closed on its own queue.
                DispatchQueue.global().async { [self] in closeConnections() }
            }
        }
    }

    /// Refuses further calls with `unavailable`, does those that wait, and closes the file.
    public func close() async {
        await withCheckedContinuation { continuation in close { continuation.resume() } }
    }

    private func closeConnections() {
        do {
            for reader in readers { try reader.close() }
            try writer.close()
        } catch {
            report(error)
        }
        let waiting = life.withLock { life -> [@Sendable () -> Void] in
            defer { life = .closed }
            return if case .closing(let waiting) = life { waiting } else { [] }
        }
        for closed in waiting { closed() }
    }

    @discardableResult private func report(_ error: any Error) -> DatabaseStoreError {
        let fault = DatabaseStoreError(error, path: path)
        onFault(fault)
        return fault
    }

    // MARK: Reads

    private func add(_ read: Read) {
        guard let worker = reads.add(read) else { return }
        readers[worker].asyncUnsafeRead { [self] result in
            // No connection is closed while a worker is busy, so that there is always one.
            guard case .success(let db) = result else { return }
            while true {
                let batch = reads.take(worker, most: 64)
                if batch.isEmpty { return }
                answer(batch[...], db)
            }
        }
    }

    /// One transaction for several reads saves each the locks of its own; answers of many bytes do not gather in it.
    private func answer(_ batch: ArraySlice<Read>, _ db: Database) {
        var rest = batch
        while !rest.isEmpty {
            var done: [(read: Read, tell: @Sendable () -> Void)] = []
            var bytes = 0
            do {
                let time = now()
                try db.transaction(.deferred) {
                    while bytes < 8 << 20, let read = rest.popFirst() {
                        do {
                            switch try read.turn(db, now: time) {
                            case .answered(let size, let tell):
                                bytes += size
                                done.append((read, tell))
                            case .unfinished(let later): reads.putBack(later)
                            }
                        } catch {
                            let fault = report(error)
                            done.append((read, { read.fail(fault.hostError) }))
                        }
                    }
                }
            } catch {
                // It did not begin, or did not end, which makes no answer wrong.
                let fault = report(error)
                if done.isEmpty, let read = rest.popFirst() { done.append((read, { read.fail(fault.hostError) })) }
            }
            reads.finish(done.map(\.read))
            for (_, tell) in done { tell() }
        }
    }

    // MARK: Writes

    private func add(_ write: Write) {
        guard let worker = writes.add(write) else { return }
        writer.asyncWriteWithoutTransaction { [self] db in
            while true {
                let group = writes.take(worker, most: max(1, options.mostGrouped), bytes: 32 << 20)
                if group.isEmpty { return }
                let answers = commit(group, db)
                writes.finish(group)
                for answer in answers { answer() }
                boundLog(db, group)
            }
        }
    }

    /// Makes the changes of a group durable, and returns what tells their callers.
    private func commit(_ group: [Write], _ db: Database) -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        do {
            try db.transaction(.immediate) {
                var transaction = WriteTransaction(db, now: now())
                for write in group { answers.append(try write.apply(to: &transaction)) }
                try transaction.finish()
            }
            return answers
        } catch {
            let fault = report(error)
            // One that the disk has no room for, or in a damaged place, does not fail the others.
            if group.count > 1, fault.mayConcernOneWrite { return group.flatMap { commit([$0], db) } }
            return group.map { write in { write.fail(fault.hostError) } }
        }
    }

    /// SQLite begins its log anew only when nobody reads it: under reads without a pause it would grow for ever.
    private func boundLog(_ db: Database, _ group: [Write]) {
        let written = group.reduce(logBytes.load(ordering: .relaxed)) { $0 + DatabaseFile.pageSize + $1.bytes }
        logBytes.store(written, ordering: .relaxed)
        guard written > options.checkpointBytes else { return }
        logBytes.store(0, ordering: .relaxed)
        guard let log = try? OpenFile(path + "-wal", openForNaming), let size = try? log.status().size,
            size > options.checkpointBytes * 2
        else { return }
        // Waits for the reads under way; others go on without the log. Where another process reads for longer, writes
        // do not wait for it: it is tried again.
        do {
            try db.execute(sql: "PRAGMA busy_timeout = 200")
            _ = try? db.checkpoint(.truncate)
            try db.execute(sql: "PRAGMA busy_timeout = \(options.lockMilliseconds)")
        } catch {
            report(error)
        }
    }
}
