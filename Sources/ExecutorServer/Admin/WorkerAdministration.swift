// SPDX-License-Identifier: Apache-2.0
internal import Registry
internal import WorkerRuntime

/// Changes workers: first in the registry, then in service. Changes of one worker come one after another, so that what
/// serves is what the registry says.
struct WorkerAdministration: Sendable {
    let registry: WorkerRegistry
    let host: any WorkerHosting
    let options: AdminOptions
    /// Hears of workers that are no more.
    let onDelete: @Sendable (String) -> Void
    private let turns = Turns<WorkerName>(atOnce: 1, mostWaiting: 16)

    init(
        _ registry: WorkerRegistry, _ host: any WorkerHosting, _ options: AdminOptions,
        onDelete: @escaping @Sendable (String) -> Void
    ) {
        self.registry = registry
        self.host = host
        self.options = options
        self.onDelete = onDelete
    }

    // MARK: Changes

    /// Deploys the manifest in a body.
    func deploy(_ json: [UInt8], as name: WorkerName) async throws(AdminError) -> AdminAnswer {
        let manifest: WorkerManifest
        do throws(ManifestError) {
            manifest = try WorkerManifest(json: json, rules: registry.rules)
        } catch {
            throw AdminError(error)
        }
        let version = try await inTurn(name) { () async throws(AdminError) in
            let version: VersionSummary
            do throws(DeploymentError) {
                version = try await registry.deploy(manifest, as: name) { [host] name, manifest in
                    await host.check(manifest, as: name)
                }
            } catch {
                throw AdminError(error)
            }
            try await install(name)
            return version
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name.description)
            writer.member("version", version.number)
            writer.member("url", options.url(name.description))
            writer.name("sizes")
            writer.object { writer in
                writer.member("sourceBytes", version.sourceBytes)
                writer.member("modules", manifest.modules.count)
            }
        }
        // The first version of a worker is number 1, and no later one is.
        let isNew = version.number == 1
        return AdminAnswer(
            status: isNew ? 201 : 200, json: writer, headers: isNew ? [("location", "/v1/workers/\(name)")] : [])
    }

    /// Puts another version into service. A body `{"version":N}` says which; without one it is the one before.
    func rollback(_ json: [UInt8], of name: WorkerName) async throws(AdminError) -> AdminAnswer {
        let number: Int?
        do throws(ManifestError) {
            number = try RollbackManifest(json: json).version
        } catch {
            throw AdminError(error)
        }
        let version = try await inTurn(name) { () async throws(AdminError) in
            let version: VersionSummary
            do throws(RegistryError) {
                version = try await registry.rollback(name, to: number)
            } catch {
                throw AdminError(error)
            }
            try await install(name)
            return version
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name.description)
            writer.member("version", version.number)
        }
        return AdminAnswer(json: writer)
    }

    func delete(_ name: WorkerName) async throws(AdminError) -> AdminAnswer {
        try await inTurn(name) { () async throws(AdminError) in
            do throws(RegistryError) {
                try await registry.delete(name)
            } catch {
                throw AdminError(error)
            }
            await host.remove(name)
            onDelete(name.description)
            options.onChange()
        }
        return AdminAnswer(status: 204)
    }

    /// Takes what the registry says into service. Where that fails, the next change or start does it.
    private func install(_ name: WorkerName) async throws(AdminError) {
        let version: WorkerVersion
        do throws(RegistryError) {
            version = try await registry.load(name)
        } catch {
            throw AdminError(error)
        }
        await host.install(version)
        options.onChange()
    }

    private func inTurn<T: Sendable>(
        _ name: WorkerName, _ body: () async throws(AdminError) -> T
    ) async throws(AdminError) -> T {
        guard await turns.take(name) == .taken else { throw .busy("too many changes of this worker wait") }
        defer { turns.giveBack(name) }
        return try await body()
    }

    // MARK: Reading

    /// A page of workers in the order of their names.
    func list(after name: String?, limit: Int) async throws(AdminError) -> AdminAnswer {
        var after: WorkerName?
        if let name {
            do throws(ManifestError) {
                after = try WorkerName(name)
            } catch {
                throw AdminError(error)
            }
        }
        let page: WorkerPage
        do throws(RegistryError) {
            page = try await registry.list(after: after, limit: limit)
        } catch {
            throw AdminError(error)
        }
        let statuses = await host.statuses(of: page.workers.map(\.name))
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("workers")
            writer.array(Array(zip(page.workers, statuses))) { writer, entry in
                let (worker, status) = entry
                writer.object { writer in
                    writer.member("name", worker.name.description)
                    writer.member("version", worker.service.number)
                    writer.member("created", worker.created)
                    writer.member("deployed", worker.service.created)
                    status.writeMembers(to: &writer)
                    if let fault = host.fault(of: worker.name) { writer.member("fault", fault) }
                }
            }
            writer.member("next", page.isComplete ? nil : page.workers.last?.name.description)
        }
        return AdminAnswer(json: writer)
    }

    /// Everything about a worker but sources and the values of secrets.
    func details(of name: WorkerName) async throws(AdminError) -> AdminAnswer {
        do {
            let details = try await registry.details(of: name)
            let status = await host.statuses(of: [name]).first ?? nil
            var writer = JSONWriter()
            try details.write(
                to: &writer, settings: details.manifest.settings, url: options.url(name.description),
                fault: host.fault(of: name)
            ) {
                status.writeMembers(to: &$0)
            }
            return AdminAnswer(json: writer)
        } catch let error as RegistryError {
            throw AdminError(error)
        } catch {
            throw AdminError(500, "failed", "\(error)")
        }
    }

    /// Refuses a name that nothing has.
    func requireWorker(_ name: WorkerName) async throws(AdminError) {
        guard host.status(of: name) == nil else { return }
        do throws(RegistryError) {
            _ = try await registry.details(of: name)
        } catch {
            throw AdminError(error)
        }
    }
}
