// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc
internal import HostAPI
internal import SQLiteFiles

/// Opens the file, and makes it what this version expects.
struct DatabaseFile {
    /// The pages of a file, in bytes.
    static let pageSize = 4096

    static let schema = DatabaseSchema(application: 0x526b_4b56, steps: steps)
    private static let steps = [
        """
        CREATE TABLE namespaces (
          id INTEGER PRIMARY KEY,
          name BLOB NOT NULL UNIQUE,
          -- What the entries hold, expired ones too until they are removed.
          bytes INTEGER NOT NULL,
          keys INTEGER NOT NULL,
          -- No version is given twice, even to a key that was removed and set again.
          last_version INTEGER NOT NULL
        ) STRICT;
        -- With a rowid: large values would spread the keys, and an update leaves the index as it is.
        CREATE TABLE entries (
          id INTEGER PRIMARY KEY,
          namespace INTEGER NOT NULL,
          key BLOB NOT NULL,
          version INTEGER NOT NULL,
          expiration REAL,
          metadata BLOB,
          value BLOB NOT NULL,
          UNIQUE (namespace, key)
        ) STRICT;
        CREATE INDEX entries_by_expiration ON entries (expiration) WHERE expiration IS NOT NULL;
        CREATE INDEX entries_by_namespace_and_expiration ON entries (namespace, expiration)
          WHERE expiration IS NOT NULL;
        """
    ]

    let path: String
    let options: DatabaseKeyValueStore.Options

    /// The connection that writes. Makes the file where there is none.
    func openWriter() throws(DatabaseStoreError) -> DatabaseQueue {
        do throws(SystemError) {
            // Only its owner may read it; what SQLite puts beside it has the same permissions.
            _ = try OpenFile(path, O_CREAT | O_EXCL | O_RDWR, mode: 0o600)
        } catch {
            guard error.number == EEXIST else { throw DatabaseStoreError(error, path: path) }
        }
        return try reporting {
            var configuration = configuration(purpose: "writer", cache: 16 << 20)
            configuration.journalMode = .wal
            configuration.prepareDatabase { db in
                // Before anything is changed: the file may be another program's.
                _ = try Self.schema.version(of: db)
            }
            let writer = try DatabaseQueue(path: path, configuration: configuration)
            try writer.inDatabase { db in
                // An answer means that the values are on the disk. GRDB sets NORMAL with WAL.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(options.checkpointBytes / Self.pageSize)")
                try db.execute(sql: "PRAGMA journal_size_limit = \(options.checkpointBytes)")
                if let most = options.mostFileBytes {
                    try db.execute(sql: "PRAGMA max_page_count = \(max(16, most / Self.pageSize))")
                }
                try Self.schema.migrate(db)
            }
            return writer
        }
    }

    /// A connection that reads.
    func openReader(_ number: Int) throws(DatabaseStoreError) -> DatabaseQueue {
        try reporting {
            var configuration = configuration(purpose: "reader \(number)", cache: 8 << 20)
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    private func configuration(purpose: String, cache: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "keys and values, \(purpose)"
        configuration.busyMode = .timeout(Double(options.lockMilliseconds) / 1000)
        configuration.foreignKeysEnabled = false
        DatabaseSchema.prepare(&configuration)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = \(-cache / 1024)") }
        return configuration
    }

    private func reporting<T>(_ body: () throws -> T) throws(DatabaseStoreError) -> T {
        do { return try body() } catch { throw DatabaseStoreError(error, path: path) }
    }
}
