// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB
internal import HostAPI
internal import SQLiteFiles

/// A change that waits for its transaction.
struct Write: WaitingCall {
    typealias Answer<T> = @Sendable (Result<T, HostError>) -> Void

    enum Change: Sendable {
        case set(KeyValueEntry.Value, KeyValueCondition, KeyValueQuota, Answer<Int>)
        case delete(KeyValueCondition, Answer<Bool>)
        /// Removes some of what has expired, and answers how many.
        case sweep(Answer<Int>)
    }

    let namespace: String
    let key: String
    let change: Change

    var bytes: Int {
        let size = namespace.utf8.count + key.utf8.count
        return if case .set(let value, _, _, _) = change { size + value.size } else { size }
    }

    func fail(_ error: HostError) {
        switch change {
        case .set(_, _, _, let answer), .sweep(let answer): answer(.failure(error))
        case .delete(_, let answer): answer(.failure(error))
        }
    }

    /// Makes the change in a transaction.
    /// - Returns: tells the caller, once the transaction is durable.
    func apply(to transaction: inout WriteTransaction) throws -> @Sendable () -> Void {
        switch change {
        case .set(let value, let condition, let quota, let answer):
            let result = try transaction.set(value, for: key, in: namespace, if: condition, quota: quota)
            return { answer(result) }
        case .delete(let condition, let answer):
            let result = try transaction.delete(key, in: namespace, if: condition)
            return { answer(result) }
        case .sweep(let answer):
            let count = try transaction.sweep()
            return { answer(.success(count)) }
        }
    }
}

/// One transaction for many writes. What it throws concerns the file, and ends the transaction; what a write may not
/// do is its result.
struct WriteTransaction {
    /// What is counted of a namespace, as it will be when the transaction is over.
    private struct Namespace {
        var bytes: Int
        var keys: Int
        var lastVersion: Int
        var isChanged = false

        /// Counters of a damaged file may be anything.
        mutating func count(keys: Int, bytes: Int) {
            self.keys &+= keys
            self.bytes &+= bytes
            isChanged = true
        }
    }

    private struct Entry {
        let id: Int
        let version: Int
        let isOver: Bool
        let size: Int
    }

    /// What one sweep removes at most: entries, and bytes, since SQLite reads each page that it frees.
    private static let mostSwept = (entries: 256, bytes: 32 << 20)

    private let db: Database
    private let now: Double
    private var namespaces: [Int: Namespace] = [:]
    private var ids: [Data: Int] = [:]

    init(_ db: Database, now: Double) {
        self.db = db
        self.now = now
    }

    mutating func set(
        _ value: KeyValueEntry.Value, for key: String, in name: String, if condition: KeyValueCondition,
        quota: KeyValueQuota
    ) throws -> Result<Int, HostError> {
        let id = try namespace(name, creates: true) ?? 0
        let keyBytes = Data(key.utf8)
        var old = try entry(keyBytes, in: id)
        let bytes = keyBytes.count + value.size
        func fits(_ state: Namespace) throws(HostError) {
            let live = old.flatMap { $0.isOver ? nil : $0 }
            try condition.require(live?.version, of: key)
            // An expired value of this key counts for nothing.
            let over = old.flatMap { $0.isOver ? $0 : nil }
            let held = state.bytes &- (over?.size ?? 0)
            let keys = over == nil ? state.keys : state.keys &- 1
            try quota.require(
                bytes: held &- (live?.size ?? 0) &+ bytes, insteadOf: held, keys: live == nil ? keys &+ 1 : keys,
                addsKey: live == nil)
        }
        for sweeps in 0... {
            do throws(HostError) {
                try fits(namespaces[id] ?? Self.none)
                break
            } catch {
                // Neither do expired values of other keys, as far as can be seen to in one go.
                guard error.code == .exhausted, sweeps < 4, try sweep(id) > 0 else { return .failure(error) }
                old = try entry(keyBytes, in: id)
            }
        }
        var state = namespaces[id] ?? Self.none
        state.lastVersion &+= 1
        state.count(keys: old == nil ? 1 : 0, bytes: bytes &- (old?.size ?? 0))
        let metadata = value.metadata.map { Data($0) }
        let content = Data(value.bytes)
        if let old {
            try db.change(
                "UPDATE entries SET version = ?, expiration = ?, metadata = ?, value = ? WHERE id = ?",
                [state.lastVersion, value.expiration, metadata, content, old.id])
        } else {
            try db.change(
                "INSERT INTO entries (namespace, key, version, expiration, metadata, value) VALUES (?, ?, ?, ?, ?, ?)",
                [id, keyBytes, state.lastVersion, value.expiration, metadata, content])
        }
        namespaces[id] = state
        return .success(state.lastVersion)
    }

    mutating func delete(
        _ key: String, in name: String, if condition: KeyValueCondition
    ) throws -> Result<Bool, HostError> {
        let id = try namespace(name, creates: false)
        let old = try id.flatMap { try entry(Data(key.utf8), in: $0) }
        let live = old.flatMap { $0.isOver ? nil : $0 }
        do throws(HostError) {
            try condition.require(live?.version, of: key)
        } catch {
            return .failure(error)
        }
        if let id, let old { try remove(old.id, size: old.size, from: id) }
        return .success(live != nil)
    }

    /// Removes some of what has expired, of all namespaces, and returns how many.
    mutating func sweep() throws -> Int {
        try sweep(
            "SELECT id, namespace, \(Self.size) FROM entries WHERE expiration <= ? ORDER BY expiration LIMIT ?",
            [now, Self.mostSwept.entries])
    }

    private mutating func sweep(_ id: Int) throws -> Int {
        try sweep(
            """
            SELECT id, namespace, \(Self.size) FROM entries WHERE namespace = ? AND expiration <= ?
            ORDER BY expiration LIMIT ?
            """, [id, now, Self.mostSwept.entries])
    }

    private mutating func sweep(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        var found: [(id: Int, namespace: Int, size: Int)] = []
        var bytes = 0
        try db.forEachRow(sql, arguments) { row in
            found.append((try row.integer(0), try row.integer(1), try row.integer(2)))
            bytes &+= found.last?.size ?? 0
            return bytes < Self.mostSwept.bytes
        }
        for entry in found {
            try load(entry.namespace)
            try remove(entry.id, size: entry.size, from: entry.namespace)
        }
        return found.count
    }

    /// Writes the counters. The last thing before the transaction is committed.
    func finish() throws {
        for (id, state) in namespaces where state.isChanged {
            try db.change(
                "UPDATE namespaces SET bytes = ?, keys = ?, last_version = ? WHERE id = ?",
                [state.bytes, state.keys, state.lastVersion, id])
        }
    }

    // MARK: Steps

    private static let none = Namespace(bytes: 0, keys: 0, lastVersion: 0)
    /// SQLite knows the length of a value without reading it.
    private static let size = "length(key) + length(value) + ifnull(length(metadata), 0)"

    private mutating func namespace(_ name: String, creates: Bool) throws -> Int? {
        let name = Data(name.utf8)
        if let id = ids[name] { return id }
        var id = try db.row("SELECT id FROM namespaces WHERE name = ?", [name]) { try $0.integer(0) }
        if id == nil, creates {
            try db.change("INSERT INTO namespaces (name, bytes, keys, last_version) VALUES (?, 0, 0, 0)", [name])
            id = Int(db.lastInsertedRowID)
        }
        guard let id else { return nil }
        ids[name] = id
        try load(id)
        return id
    }

    private mutating func load(_ id: Int) throws {
        guard namespaces[id] == nil else { return }
        namespaces[id] = try db.row("SELECT bytes, keys, last_version FROM namespaces WHERE id = ?", [id]) { row in
            Namespace(bytes: try row.integer(0), keys: try row.integer(1), lastVersion: try row.integer(2))
        }
    }

    private func entry(_ key: Data, in namespace: Int) throws -> Entry? {
        try db.row(
            "SELECT id, version, expiration, \(Self.size) FROM entries WHERE namespace = ? AND key = ?",
            [namespace, key]
        ) { row in
            Entry(
                id: try row.integer(0), version: try row.integer(1), isOver: row.number(2).map { $0 <= now } ?? false,
                size: try row.integer(3))
        }
    }

    private mutating func remove(_ id: Int, size: Int, from namespace: Int) throws {
        try db.change("DELETE FROM entries WHERE id = ?", [id])
        namespaces[namespace]?.count(keys: -1, bytes: 0 &- size)
    }
}
