// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import SQLiteFiles

/// Opens the database of a data folder, and makes it what this version expects.
struct RegistryDatabase {
    static let fileName = "registry.sqlite"
    private static let pageSize = 4096

    static let schema = DatabaseSchema(application: 0x526b_5267, steps: steps)
    private static let steps = [
        """
        CREATE TABLE workers (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          -- Times are in milliseconds since 1970.
          created INTEGER NOT NULL,
          -- The number of the version in service.
          service INTEGER NOT NULL,
          -- No number is given twice.
          last_version INTEGER NOT NULL
        ) STRICT;
        -- No id is given twice, even after a worker was deleted: what is cached by it cannot be another version.
        CREATE TABLE versions (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          -- NULL once the version is to be collected.
          worker INTEGER REFERENCES workers (id),
          number INTEGER NOT NULL,
          created INTEGER NOT NULL,
          hash BLOB NOT NULL,
          -- JSON: everything but sources and the values of secrets.
          settings BLOB NOT NULL,
          source_bytes INTEGER NOT NULL,
          UNIQUE (worker, number)
        ) STRICT;
        CREATE INDEX versions_to_collect ON versions (id) WHERE worker IS NULL;
        CREATE TABLE sources (
          id INTEGER PRIMARY KEY,
          hash BLOB NOT NULL UNIQUE,
          bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE modules (
          version INTEGER NOT NULL REFERENCES versions (id),
          name TEXT NOT NULL,
          source INTEGER NOT NULL REFERENCES sources (id),
          PRIMARY KEY (version, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX modules_by_source ON modules (source);
        -- Sources that a collected version had: those that no other version has are removed.
        CREATE TABLE loose_sources (source INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE secrets (
          version INTEGER NOT NULL REFERENCES versions (id),
          name TEXT NOT NULL,
          key INTEGER NOT NULL,
          sealed BLOB NOT NULL,
          PRIMARY KEY (version, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX secrets_by_key ON secrets (key);
        -- One row for each cron expression of each version in service.
        CREATE TABLE schedule (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          worker INTEGER NOT NULL REFERENCES workers (id),
          cron TEXT NOT NULL,
          -- When it is to run next; NULL once the expression is gone, while its last run goes on.
          due INTEGER,
          -- When the run that goes on was started, and for which time.
          running INTEGER,
          running_time INTEGER,
          -- The last run: for which time, from when to when, how it ended.
          last_time INTEGER,
          last_started INTEGER,
          last_finished INTEGER,
          last_outcome TEXT,
          -- Times at which it was not run.
          missed INTEGER NOT NULL DEFAULT 0,
          UNIQUE (worker, cron)
        ) STRICT;
        CREATE INDEX schedule_by_due ON schedule (due) WHERE due IS NOT NULL;
        CREATE INDEX schedule_without_due ON schedule (id) WHERE due IS NULL;
        CREATE INDEX schedule_by_running ON schedule (running) WHERE running IS NOT NULL;
        CREATE TABLE key_check (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          key INTEGER NOT NULL,
          sealed BLOB NOT NULL
        ) STRICT;
        """
    ]

    let path: String
    /// The most bytes of the file; `nil` is no limit.
    let mostBytes: Int?

    /// Opens the file, which must be there, with a connection that writes and a few that read.
    /// - Parameter create: what to add in the transaction that makes the first tables.
    func open(create: (Database) throws -> Void) throws(RegistryError) -> DatabasePool {
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // An answer means that what was deployed is on the disk. GRDB sets NORMAL with WAL.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                if let mostBytes {
                    try db.execute(sql: "PRAGMA max_page_count = \(max(64, mostBytes / Self.pageSize))")
                }
                try Self.schema.migrate(db, create: create)
            }
            return pool
        } catch {
            throw RegistryError(error, path: path)
        }
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "registry"
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        DatabaseSchema.prepare(&configuration)
        configuration.prepareDatabase { db in
            // Before anything is changed: the file may be another program's.
            _ = try Self.schema.version(of: db)
        }
        return configuration
    }
}
