// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import SQLiteFiles

extension WorkerRegistry {
    /// A version with all it needs to run.
    /// - Parameter number: which one; `nil` is the one in service.
    /// - Throws: `unknownWorker`, `unknownVersion`, or what is wrong with the database.
    public func load(_ worker: WorkerName, version number: Int? = nil) async throws(RegistryError) -> WorkerVersion {
        let (summary, stored, sealed) = try await read { db in
            let (id, service) = try db.worker(worker)
            let found = try db.row(
                "SELECT \(VersionSummary.columns), settings FROM versions WHERE worker = ? AND number = ?",
                [id, number ?? service]
            ) { row in (try VersionSummary(row, from: 0), try row.bytes(5)) }
            guard let (summary, settings) = found else { throw RegistryError.unknown(number ?? service, of: worker) }
            let sources = try db.rows(
                "SELECT name, bytes FROM modules JOIN sources ON id = source WHERE version = ?", [summary.id]
            ) { row in (try row.text(0), String(decoding: try row.bytes(1), as: UTF8.self)) }
            let modules = Dictionary(sources) { first, _ in first }
            return (
                summary, try WorkerManifest(settings: settings, modules: modules),
                try Self.secrets(db, of: id, number: summary.number)
            )
        }
        var manifest = stored
        // Taken after the rows: a key that they name cannot be newer than these.
        let keys = self.keys
        for (name, value) in sealed {
            let value = try keys.open(value, for: .secret(name, of: worker))
            manifest.bindings[name] = .secret(SecretValue(String(decoding: value, as: UTF8.self)))
        }
        return WorkerVersion(worker: worker, summary: summary, manifest: manifest)
    }

    /// Up to `limit` workers whose names come after one; from 1 to 1000 of them.
    public func list(after name: WorkerName? = nil, limit: Int = 100) async throws(RegistryError) -> WorkerPage {
        let limit = min(max(1, limit), 1000)
        return try await read { db in
            let found = try db.rows(
                """
                SELECT \(VersionSummary.columns), workers.name, workers.created FROM workers
                JOIN versions ON versions.worker = workers.id AND number = service
                WHERE workers.name > ? ORDER BY workers.name LIMIT ?
                """, [name?.description ?? "", limit + 1]
            ) { row in
                WorkerSummary(
                    name: try row.workerName(5), created: try row.integer(6), service: try VersionSummary(row, from: 0))
            }
            return WorkerPage(workers: Array(found.prefix(limit)), isComplete: found.count <= limit)
        }
    }

    /// Everything about a worker but sources and the values of secrets.
    /// - Throws: `unknownWorker`, or what is wrong with the database.
    public func details(of worker: WorkerName) async throws(RegistryError) -> WorkerDetails {
        try await read { db in
            let (id, service) = try db.worker(worker)
            let versions = try db.rows(
                "SELECT \(VersionSummary.columns) FROM versions WHERE worker = ? ORDER BY number DESC LIMIT 10000", [id]
            ) { row in try VersionSummary(row, from: 0) }
            guard let summary = versions.first(where: { $0.number == service }),
                let (created, settings) = try db.row(
                    """
                    SELECT workers.created, settings FROM workers, versions
                    WHERE workers.id = ? AND versions.id = ?
                    """, [id, summary.id], { row in (try row.integer(0), try row.bytes(1)) })
            else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
            return WorkerDetails(
                summary: WorkerSummary(name: worker, created: created, service: summary),
                manifest: try WorkerManifest(settings: settings, modules: [:]),
                modules: try db.rows("SELECT name FROM modules WHERE version = ? ORDER BY name", [summary.id]) { row in
                    try row.text(0)
                },
                versions: versions, schedule: try Self.schedule(db, of: id))
        }
    }

    /// The sealed secrets of a version by name.
    static func secrets(_ db: Database, of worker: Int, number: Int) throws -> [String: SecretKeys.Sealed] {
        let secrets = try db.rows(
            """
            SELECT name, key, sealed FROM secrets JOIN versions ON versions.id = version
            WHERE worker = ? AND number = ?
            """, [worker, number]
        ) { row in (try row.text(0), SecretKeys.Sealed(key: try row.integer(1), bytes: try row.bytes(2))) }
        return Dictionary(secrets) { first, _ in first }
    }
}

extension VersionSummary {
    /// What `init(_:from:)` reads.
    static let columns = "versions.id, number, versions.created, hash, source_bytes"

    init(_ row: Row, from first: Int) throws {
        self.init(
            id: try row.integer(first), number: try row.integer(first + 1), created: try row.integer(first + 2),
            hash: hexadecimal(try row.bytes(first + 3)), sourceBytes: try row.integer(first + 4))
    }
}
