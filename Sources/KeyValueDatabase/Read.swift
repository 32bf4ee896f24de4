// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB
internal import HostAPI
internal import SQLiteFiles

/// A question that waits for a connection.
struct Read: WaitingCall {
    enum Question: Sendable {
        case get(key: String, @Sendable (Result<KeyValueEntry?, HostError>) -> Void)
        case list(Listing, @Sendable (Result<KeyValuePage, HostError>) -> Void)
    }

    let namespace: String
    let question: Question

    var bytes: Int { namespace.utf8.count }

    func fail(_ error: HostError) {
        switch question {
        case .get(_, let answer): answer(.failure(error))
        case .list(_, let answer): answer(.failure(error))
        }
    }

    /// What becomes of a question after its turn.
    enum Turn {
        /// Its answer, and how many bytes that has.
        case answered(bytes: Int, @Sendable () -> Void)
        /// It is to go on in another turn.
        case unfinished(Read)
    }

    func turn(_ db: Database, now: Double) throws -> Turn {
        switch question {
        case .get(let key, let answer):
            let entry = try Self.entry(key, in: namespace, db, now: now)
            return .answered(bytes: entry?.value.size ?? 0) { answer(.success(entry)) }
        case .list(var listing, let answer):
            guard try listing.go(on: namespace, db, now: now) else {
                return .unfinished(Read(namespace: namespace, question: .list(listing, answer)))
            }
            let page = listing.page
            return .answered(bytes: 0) { answer(.success(page)) }
        }
    }

    private static func entry(
        _ key: String, in namespace: String, _ db: Database, now: Double
    ) throws -> KeyValueEntry? {
        let found: KeyValueEntry?? = try db.row(
            """
            SELECT version, expiration, metadata, value FROM entries
            WHERE namespace = (SELECT id FROM namespaces WHERE name = ?) AND key = ?
            """, [Data(namespace.utf8), Data(key.utf8)]
        ) { row in
            let expiration = row.number(1)
            if let expiration, expiration <= now { return nil }
            let value = KeyValueEntry.Value(
                try row.bytes(3), metadata: try row.optionalBytes(2), expiration: expiration)
            return KeyValueEntry(value, version: try row.integer(0))
        }
        return found ?? nil
    }
}

/// A list that is made in turns, so that thousands of expired keys keep nobody waiting.
struct Listing: Sendable {
    private static let mostRowsInATurn = 4096

    private let prefix: [UInt8]
    private let limit: Int
    /// Where the next turn begins; after this key, or with it.
    private var start: [UInt8]
    private var includesStart: Bool
    private(set) var page = KeyValuePage(keys: [], isComplete: true)

    init(_ prefix: String, after: String?, limit: Int) {
        self.prefix = Array(prefix.utf8)
        self.limit = limit
        let after = after.map { Array($0.utf8) }
        if let after, !after.lexicographicallyPrecedes(self.prefix) {
            start = after
            includesStart = false
        } else {
            start = self.prefix
            includesStart = true
        }
    }

    /// Reads some rows; true when the page is made.
    mutating func go(on namespace: String, _ db: Database, now: Double) throws -> Bool {
        var count = 0
        var isMade = false
        try db.forEachRow(
            """
            SELECT key, expiration, version, metadata FROM entries
            WHERE namespace = (SELECT id FROM namespaces WHERE name = ?) AND key \(includesStart ? ">=" : ">") ?
            ORDER BY key LIMIT ?
            """, [Data(namespace.utf8), Data(start), Self.mostRowsInATurn]
        ) { row in
            count += 1
            isMade = try !take(row, now: now)
            return !isMade
        }
        return isMade || count < Self.mostRowsInATurn
    }

    /// - Returns: false where the page is made without this row.
    private mutating func take(_ row: Row, now: Double) throws -> Bool {
        let key = try row.bytes(0)
        guard key.starts(with: prefix) else { return false }
        start = key
        includesStart = false
        let expiration = row.number(1)
        if let expiration, expiration <= now { return true }
        guard page.keys.count < limit else {
            page.isComplete = false
            return false
        }
        page.keys.append(
            .init(
                name: String(decoding: key, as: UTF8.self), metadata: try row.optionalBytes(3), expiration: expiration,
                version: try row.integer(2)))
        return true
    }
}
