// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB
internal import SQLiteFiles
internal import Synchronization

/// Workers and their versions, in the SQLite database of a data folder.
///
/// What returns without an error is on the disk. Changes are made one after another, each whole or not at all; reading
/// does not wait for them. A task that is cancelled takes no change back.
public final class WorkerRegistry: Sendable {
    /// How the registry works.
    public struct Options: Sendable {
        /// What manifests may say.
        public var rules = ManifestRules()
        /// How many versions of each worker are kept, the one in service among them: 1 or more.
        public var versionsKept = 20
        /// What becomes of times at which a `scheduled` handler could not be called.
        public var missedRuns = MissedRuns.once(within: .seconds(3600))
        /// The most bytes of the database; `nil` is as much as the disk has.
        public var mostDatabaseBytes: Int?
        /// The most changes that wait at a time: 1 or more. With each waits what it is to store.
        public var mostWaitingChanges = 64
        /// The time, in milliseconds since 1970.
        public var now: @Sendable () -> Int = { Int(Date().timeIntervalSince1970 * 1000) }

        /// The standard ones.
        public init() {}
    }

    let folder: DataFolder
    let options: Options
    private let keyStore: Mutex<SecretKeys>
    private let database: DatabasePool
    private let path: String
    private let waiting = Atomic<Int>(0)
    private let isCollecting = Atomic<Bool>(false)
    /// Set before the connections end: what comes later must not use them.
    private let isClosed = Atomic<Bool>(false)

    /// Opens the registry of a folder, and makes one where there is none. Waits for the disk.
    ///
    /// Runs that were going on when the last process ended are over, with the outcome `interrupted`.
    /// - Throws: `RegistryError`: what is wrong with the files and what to do.
    public init(_ folder: DataFolder, options: Options = Options()) throws(RegistryError) {
        path = folder.path(of: RegistryDatabase.fileName)
        self.folder = folder
        self.options = options
        let stored = try folder.secretFile(SecretKeys.fileName)
        var keys = SecretKeys()
        if let stored { keys = try SecretKeys(file: stored, path: folder.path(of: SecretKeys.fileName)) }
        try folder.makeFile(RegistryDatabase.fileName)
        database = try RegistryDatabase(path: path, mostBytes: options.mostDatabaseBytes).open { db in
            // The keys are on the disk before the first secret is.
            if stored == nil { try folder.setSecretFile(SecretKeys.fileName, keys.file) }
            try Self.setKeyCheck(db, keys)
        }
        keyStore = Mutex(keys)
        do {
            try database.read { db in try Self.checkKeys(db, keys, hasFile: stored != nil) }
            let now = options.now()
            try database.write { db in try Self.endInterruptedRuns(db, now: now) }
        } catch {
            throw RegistryError(error, path: path)
        }
        collectLater()
    }

    /// Ends all connections, after changes under way. What is asked afterwards fails with `closed`. The folder stays
    /// locked until it is closed too.
    public func close() throws(RegistryError) {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        do {
            // The connection that is closed last may be one that only reads, and leaves the log behind.
            _ = try? database.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
            try database.close()
        } catch {
            throw RegistryError(error, path: path)
        }
    }

    /// What manifests may say.
    public var rules: ManifestRules { options.rules }

    /// The keys of secrets. Those that were retired from the file stay here: a reader may have begun before.
    var keys: SecretKeys {
        get { keyStore.withLock(\.self) }
        set { keyStore.withLock { $0 = newValue } }
    }

    /// Makes changes in one transaction, and returns when they are on the disk.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(RegistryError) -> T {
        let before = waiting.add(1, ordering: .relaxed).oldValue
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard before < options.mostWaitingChanges else {
            throw RegistryError(.busy, "too many changes of workers wait; try again later")
        }
        return try await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { [self] db in
                continuation.resume(returning: result { try db.transaction(body) })
            }
        }.get()
    }

    /// Reads from one state of the database.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(RegistryError) -> T {
        try await withCheckedContinuation { continuation in
            database.asyncRead { [self] db in
                continuation.resume(returning: result { try body(try db.get()) })
            }
        }.get()
    }

    private func result<T>(_ body: () throws -> T) -> Result<T, RegistryError> {
        guard !isClosed.load(ordering: .sequentiallyConsistent) else {
            return .failure(RegistryError(.closed, "\(path): the registry was closed"))
        }
        return Result(catching: body).mapError { RegistryError($0, path: path) }
    }

    /// Removes what no version has any more, in small steps, between which other changes are made.
    func collectLater() {
        guard !isCollecting.exchange(true, ordering: .relaxed) else { return }
        collectStep()
    }

    private func collectStep() {
        database.asyncWriteWithoutTransaction { [weak self] db in
            guard let self else { return }
            // A fault is met again by those who ask for something: here it only ends the collection.
            if case .success(true) = result({ try db.transaction(Self.collect) }) {
                collectStep()
            } else {
                isCollecting.store(false, ordering: .relaxed)
            }
        }
    }

    static func setKeyCheck(_ db: Database, _ keys: SecretKeys) throws {
        let sealed = try keys.seal(Array("rookery".utf8), for: .check)
        try db.change(
            "INSERT OR REPLACE INTO key_check (id, key, sealed) VALUES (1, ?, ?)", [sealed.key, Data(sealed.bytes)])
    }

    private static func checkKeys(_ db: Database, _ keys: SecretKeys, hasFile: Bool) throws {
        let check = try db.row("SELECT key, sealed FROM key_check") { row in
            SecretKeys.Sealed(key: try row.integer(0), bytes: try row.bytes(1))
        }
        guard let check else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        guard (try? keys.open(check, for: .check)) == nil else { return }
        throw RegistryError(
            .wrongKey,
            "\(SecretKeys.fileName) \(hasFile ? "has not the key of this database" : "is missing"): restore it from a "
                + "copy. Secrets cannot be read without it; to begin without them, name an empty folder")
    }
}

extension Database {
    /// Runs the body in one transaction, after one that could not be rolled back.
    func transaction<T>(_ body: (Database) throws -> T) throws -> T {
        if isInsideTransaction { try rollback() }
        var result: T?
        try inTransaction(.immediate) {
            result = try body(self)
            return .commit
        }
        guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return result
    }
}
