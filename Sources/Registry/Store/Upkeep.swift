// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB
internal import SQLiteFiles

extension WorkerRegistry {
    /// Does a little of removing what no version has any more: modules of versions that were given up, then sources.
    /// - Returns: whether there may be more to do.
    static func collect(_ db: Database) throws -> Bool {
        let version = try db.row("SELECT id FROM versions WHERE worker IS NULL LIMIT 1") { row in try row.integer(0) }
        guard let version else { return try collectSources(db) }
        let modules = try db.rows("SELECT name, source FROM modules WHERE version = ? LIMIT 200", [version]) { row in
            (name: try row.text(0), source: try row.integer(1))
        }
        for module in modules {
            try db.change("INSERT OR IGNORE INTO loose_sources (source) VALUES (?)", [module.source])
            try db.change("DELETE FROM modules WHERE version = ? AND name = ?", [version, module.name])
        }
        if modules.count < 200 { try db.change("DELETE FROM versions WHERE id = ?", [version]) }
        return true
    }

    private static func collectSources(_ db: Database) throws -> Bool {
        let loose = try db.rows(
            "SELECT source, length(bytes) FROM loose_sources LEFT JOIN sources ON id = source LIMIT 50"
        ) { row in (id: try row.integer(0), bytes: try row.optionalInteger(1) ?? 0) }
        var bytes = 0
        for source in loose where bytes < 16 << 20 {
            try db.change(
                "DELETE FROM sources WHERE id = ? AND NOT EXISTS (SELECT 1 FROM modules WHERE source = sources.id)",
                [source.id])
            try db.change("DELETE FROM loose_sources WHERE source = ?", [source.id])
            bytes += source.bytes
        }
        return !loose.isEmpty
    }

    /// Makes a new key, seals all secrets with it, a few at a time, and removes the keys before it from their file.
    ///
    /// Where it fails or the process ends, every secret can still be read; the next rotation completes it.
    public func rotateKeys() async throws(RegistryError) {
        try await write { [self] db in
            let rotated = keys.rotated()
            // On the disk before anything is sealed with it.
            try folder.setSecretFile(SecretKeys.fileName, rotated.file)
            keys = rotated
            try Self.setKeyCheck(db, rotated)
        }
        while try await write({ [self] db in try sealAgain(db) }) {}
    }

    /// - Returns: whether there is more to do.
    private func sealAgain(_ db: Database) throws -> Bool {
        let keys = self.keys
        let old = try db.rows(
            """
            SELECT version, secrets.name, key, sealed, workers.name FROM secrets
            JOIN versions ON versions.id = version JOIN workers ON workers.id = worker
            WHERE key < ? LIMIT 200
            """, [keys.newest]
        ) { row in
            (
                version: try row.integer(0), name: try row.text(1),
                sealed: SecretKeys.Sealed(key: try row.integer(2), bytes: try row.bytes(3)),
                worker: try row.workerName(4)
            )
        }
        for secret in old {
            let place = SecretKeys.Place.secret(secret.name, of: secret.worker)
            let sealed = try keys.seal(try keys.open(secret.sealed, for: place), for: place)
            try db.change(
                "UPDATE secrets SET key = ?, sealed = ? WHERE version = ? AND name = ?",
                [sealed.key, Data(sealed.bytes), secret.version, secret.name])
        }
        guard old.isEmpty else { return true }
        try folder.setSecretFile(SecretKeys.fileName, keys.retired().file)
        return false
    }
}
