// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import FoundationEssentials
internal import GRDB
internal import SQLiteFiles

extension WorkerRegistry {
    /// Stores a version and puts it into service, after it passed the check. On an error, the version in service stays.
    ///
    /// Of deployments at the same time, the one that is stored last is in service.
    public func deploy(
        _ manifest: WorkerManifest, as worker: WorkerName, check: DeploymentCheck
    ) async throws(DeploymentError) -> VersionSummary {
        let candidate: Candidate
        do throws(ManifestError) {
            try manifest.check(options.rules)
            candidate = try Candidate(manifest)
        } catch {
            throw .manifest(error)
        }
        let problems = await check(worker, manifest)
        guard problems.isEmpty else { throw .refused(problems) }
        let now = options.now()
        let stored: Result<VersionSummary, ManifestError>
        do throws(RegistryError) {
            stored = try await write { [self] db in try store(candidate, as: worker, now: now, db) }
        } catch {
            throw .registry(error)
        }
        do throws(ManifestError) {
            let version = try stored.get()
            collectLater()
            return version
        } catch {
            throw .manifest(error)
        }
    }

    /// Puts another version into service.
    /// - Parameter number: which one; `nil` is the one before the one in service.
    /// - Throws: `unknownWorker`, `unknownVersion`.
    public func rollback(_ worker: WorkerName, to number: Int? = nil) async throws(RegistryError) -> VersionSummary {
        let now = options.now()
        return try await write { db in
            let (id, service) = try db.worker(worker)
            let before = try db.row(
                "SELECT max(number) FROM versions WHERE worker = ? AND number < ?", [id, service]
            ) { row in try row.optionalInteger(0) }
            guard let number = number ?? before ?? nil else {
                throw RegistryError(
                    .unknownVersion, "the worker \"\(worker)\" has no version before \(service), which is in service")
            }
            let found = try db.row(
                "SELECT \(VersionSummary.columns), settings FROM versions WHERE worker = ? AND number = ?",
                [id, number]
            ) { row in
                (try VersionSummary(row, from: 0), try WorkerManifest(settings: row.bytes(5), modules: [:]))
            }
            guard let (version, manifest) = found else { throw RegistryError.unknown(number, of: worker) }
            try db.change("UPDATE workers SET service = ? WHERE id = ?", [number, id])
            try Self.setSchedule(db, manifest.crons, of: id, now: now)
            return version
        }
    }

    /// Removes a worker and all its versions.
    /// - Throws: `unknownWorker`.
    public func delete(_ worker: WorkerName) async throws(RegistryError) {
        try await write { db in
            let (id, _) = try db.worker(worker)
            try db.change("DELETE FROM secrets WHERE version IN (SELECT id FROM versions WHERE worker = ?)", [id])
            try db.change("UPDATE versions SET worker = NULL WHERE worker = ?", [id])
            try db.change("DELETE FROM schedule WHERE worker = ?", [id])
            try db.change("DELETE FROM workers WHERE id = ?", [id])
        }
        collectLater()
    }

    /// A manifest as it is stored.
    private struct Candidate: Sendable {
        struct Source: Sendable {
            let name: String
            let text: String
            let hash: Data
        }

        let bindings: [String: WorkerBinding]
        let crons: [CronExpression]
        let settings: Data
        let sources: [Source]
        let sourceBytes: Int
        let hash: Data

        init(_ manifest: WorkerManifest) throws(ManifestError) {
            bindings = manifest.bindings
            crons = manifest.crons
            settings = Data(try manifest.settings)
            sourceBytes = manifest.sourceBytes
            sources = manifest.modules.sorted { $0.key < $1.key }.map { name, text in
                Source(name: name, text: text, hash: Data(SHA256.hash(data: Data(text.utf8))))
            }
            var hash = SHA256()
            hash.update(data: Data(SHA256.hash(data: settings)))
            for source in sources { hash.update(data: source.hash + Data("\(source.name)\n".utf8)) }
            self.hash = Data(hash.finalize())
        }
    }

    private func store(
        _ candidate: Candidate, as worker: WorkerName, now: Int, _ db: Database
    ) throws -> Result<VersionSummary, ManifestError> {
        let known = try db.row("SELECT id, service, last_version FROM workers WHERE name = ?", [worker.description]) {
            row in (id: try row.integer(0), service: try row.integer(1), last: try row.integer(2))
        }
        let kept = try known.map { known in try Self.secrets(db, of: known.id, number: known.service) } ?? [:]
        if let error = try Self.fault(of: candidate, worker, kept, db) { return .failure(error) }

        let number = (known?.last ?? 0) + 1
        let id: Int
        if let known {
            id = known.id
            try db.change("UPDATE workers SET service = ?, last_version = ? WHERE id = ?", [number, number, id])
        } else {
            try db.change(
                "INSERT INTO workers (name, created, service, last_version) VALUES (?, ?, ?, ?)",
                [worker.description, now, number, number])
            id = Int(db.lastInsertedRowID)
        }
        try db.change(
            "INSERT INTO versions (worker, number, created, hash, settings, source_bytes) VALUES (?, ?, ?, ?, ?, ?)",
            [id, number, now, candidate.hash, candidate.settings, candidate.sourceBytes])
        let version = Int(db.lastInsertedRowID)
        for source in candidate.sources { try Self.store(source, of: version, db) }
        // Sealed here, so that no key is retired meanwhile.
        let keys = self.keys
        for (name, binding) in candidate.bindings {
            guard case .secret(let secret) = binding else { continue }
            let sealed = try secret.map { try keys.seal(Array($0.value.utf8), for: .secret(name, of: worker)) }
            guard let sealed = sealed ?? kept[name] else { continue }
            try db.change(
                "INSERT INTO secrets (version, name, key, sealed) VALUES (?, ?, ?, ?)",
                [version, name, sealed.key, Data(sealed.bytes)])
        }
        try Self.setSchedule(db, candidate.crons, of: id, now: now)
        try prune(db, id, service: number)
        return .success(
            VersionSummary(
                id: version, number: number, created: now, hash: hexadecimal(candidate.hash),
                sourceBytes: candidate.sourceBytes))
    }

    /// What only the registry knows to be wrong with a version.
    private static func fault(
        of candidate: Candidate, _ worker: WorkerName, _ kept: [String: SecretKeys.Sealed], _ db: Database
    ) throws -> ManifestError? {
        for (name, binding) in candidate.bindings.sorted(by: { $0.key < $1.key }) {
            switch binding {
            case .secret(nil) where kept[name] == nil:
                return ManifestError(
                    "bindings.\(name).value", "a value is needed: the version in service has no such secret to keep")
            case .worker(let other) where other != worker:
                let found = try db.row("SELECT 1 FROM workers WHERE name = ?", [other.description]) { _ in true }
                guard found == nil else { continue }
                return ManifestError("bindings.\(name).name", "there is no worker \"\(other)\"; deploy it first")
            case .text, .secret, .worker, .capability: continue
            }
        }
        return nil
    }

    private static func store(_ source: Candidate.Source, of version: Int, _ db: Database) throws {
        let find = "SELECT id FROM sources WHERE hash = ?"
        var id = try db.row(find, [source.hash]) { row in try row.integer(0) }
        if id == nil {
            try db.change("INSERT INTO sources (hash, bytes) VALUES (?, ?)", [source.hash, Data(source.text.utf8)])
            id = Int(db.lastInsertedRowID)
        }
        try db.change("INSERT INTO modules (version, name, source) VALUES (?, ?, ?)", [version, source.name, id])
    }

    /// Gives up the oldest versions, a few at a time where fewer are kept than before.
    private func prune(_ db: Database, _ worker: Int, service: Int) throws {
        let old = try db.rows(
            "SELECT id FROM versions WHERE worker = ? AND number <> ? ORDER BY number DESC LIMIT 10 OFFSET ?",
            [worker, service, max(1, options.versionsKept) - 1]
        ) { row in try row.integer(0) }
        for version in old {
            try db.change("DELETE FROM secrets WHERE version = ?", [version])
            try db.change("UPDATE versions SET worker = NULL WHERE id = ?", [version])
        }
    }
}

extension Database {
    /// The id of a worker, and the number of its version in service.
    func worker(_ name: WorkerName) throws -> (id: Int, service: Int) {
        let found = try row("SELECT id, service FROM workers WHERE name = ?", [name.description]) { row in
            (id: try row.integer(0), service: try row.integer(1))
        }
        guard let found else { throw RegistryError.unknown(name) }
        return found
    }
}
