// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOPosix
internal import Registry
internal import Synchronization
public import WorkerRuntime
internal import WorkerTypes

/// A server of workers: what is deployed through its admin API answers at its front, and is there again after a restart.
public final class Executor: Sendable {
    private let options: ExecutorOptions
    private let folder: DataFolder
    private let registry: WorkerRegistry
    private let resources: HostResources
    private let host: any DeploymentHost
    private let crons: CronRunner
    private let api: AdminAPI
    /// Of connections, those to shards included: requests do not change threads on their way there.
    private let loops: MultiThreadedEventLoopGroup
    private let front: HTTPFront
    private let admin: HTTPFront
    private let log: RecordLog?

    /// Where requests to workers come in, with the ports that were free.
    public var addresses: [FrontAddress] { front.addresses }
    /// Where an administrator's come in.
    public var adminAddress: FrontAddress { admin.addresses.first ?? options.admin }

    /// Opens the folder, takes its workers into service, and listens.
    /// - Throws: `RegistryError`, `FrontError`, `RecordLogError`, `EngineError`: the operator's, with what to do.
    public static func start(_ options: ExecutorOptions, on engine: WorkerEngine) async throws -> Executor {
        try await start(options, .process(engine))
    }

    /// The same with every isolate in a child process: this one has no engine.
    /// - Parameters:
    ///   - shards: the child processes.
    ///   - store: keeps what can be made again.
    package static func start(
        _ options: ExecutorOptions, in shards: ShardedHost.Options, store: ContentStore?
    ) async throws -> Executor { try await start(options, .shards(shards, store)) }

    /// Where isolates are.
    private enum Isolation {
        case process(WorkerEngine)
        case shards(ShardedHost.Options, ContentStore?)

        var store: ContentStore? {
            switch self {
            case .process(let engine): engine.store
            case .shards(_, let store): store
            }
        }
    }

    private static func start(_ options: ExecutorOptions, _ isolation: Isolation) async throws -> Executor {
        let folder = try DataFolder(options.data)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: frontOptions(options).loops)
        do {
            return try await Executor(options, folder, isolation, loops)
        } catch {
            folder.close()
            try? await loops.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ options: ExecutorOptions, _ folder: DataFolder, _ isolation: Isolation, _ loops: MultiThreadedEventLoopGroup
    ) async throws {
        self.options = options
        self.loops = loops
        self.folder = folder
        var registryOptions = WorkerRegistry.Options()
        registryOptions.rules = options.rules
        DeploymentFactory.allow(in: &registryOptions.rules)
        registry = try WorkerRegistry(folder, options: registryOptions)
        let token = try AdminToken(environment: options.adminToken, in: folder)
        log = try options.log.map { sink throws(RecordLogError) in try RecordLog(sink, options: options.logOptions) }
        let logs = WorkerLogs()
        let metrics = RequestMetrics()
        let observer = ExecutorObserver(metrics: metrics, logs: logs, log: log)
        let host: any DeploymentHost
        let runner: any ModuleRunner
        var shardStatus: @Sendable () -> ShardsStatus? = { nil }
        switch isolation {
        case .process(let engine):
            host = try WorkerHost(engine, options: options.host, observer: observer)
            runner = RunThreads(engine.host, caches: engine.caches)
        case .shards(let shards, _):
            let sharded = ShardedHost(shards, on: loops, observer: observer)
            (host, runner) = (sharded, sharded)
            shardStatus = { [weak sharded] in sharded?.shardStatus }
        }
        self.host = host

        var granted = options.resources
        granted.keyValueFile = granted.keyValueFile ?? folder.path(of: "kv.sqlite")
        granted.services = { [weak host] request, answer in
            guard let host else {
                answer(.failure(HostError(.unavailable, "the server is about to end")))
                return {}
            }
            return host.serve(request, answer)
        }
        resources = HostResources(granted)
        let factory = DeploymentFactory(resources, compiler: TypeScriptCompiler(store: isolation.store))
        let hosted = HostedWorkers(host, factory, onFault: options.onFault)
        try await hosted.installAll(of: registry)

        let crons = CronRunner(registry, options: Self.cronOptions(options)) { [weak host] run in
            let outcome = try? await host?.runScheduled(
                run.worker.description, cron: run.cron, scheduledTime: Double(run.time))
            return outcome ?? .internalError
        }
        self.crons = crons
        do {
            front = try await HTTPFront.start(
                Self.frontOptions(options), on: loops, WorkerFront(host, domain: options.domain))
        } catch {
            await host.stop(within: .zero)
            throw error
        }
        var runOptions = options.runs
        // Grants as in manifests; the limits stay those of runs.
        let limits = runOptions.rules.manifest.most
        runOptions.rules.manifest = registryOptions.rules
        runOptions.rules.manifest.most = limits
        let runs = RunService(runner, options: runOptions, store: isolation.store, resources: resources)
        let services = AdminAPI.Services(
            registry: registry, host: hosted, token: token, logs: logs, metrics: metrics, runs: runs)
        var adminOptions = Self.adminOptions(options, front, crons)
        adminOptions.sources.shards = shardStatus
        api = AdminAPI(services, options: adminOptions)
        do {
            admin = try await HTTPFront.start(Self.adminFront(options), api)
        } catch {
            await front.drain(within: .zero)
            await host.stop(within: .zero)
            throw error
        }
        await crons.start()
        api.readiness = .ready
    }

    /// Reads certificates again, and opens the log anew, as after its file was moved away.
    /// - Throws: `FrontError`, `RecordLogError`; what there was stays.
    public func reload() throws {
        try front.reloadCertificates()
        try log?.reopen()
    }

    /// Takes no further requests, lets those under way come to their end, and closes everything.
    /// - Returns: whether all came to their end.
    @discardableResult
    public func stop() async -> Bool {
        api.readiness = .draining
        async let areCronsDone = crons.stop(within: options.drainTime)
        let isFrontDone = await front.drain(within: options.drainTime)
        let isDone = await areCronsDone && isFrontDone
        // What `waitUntil` was given.
        let isDrained = await host.drain(within: isDone ? options.drainTime : .zero)
        await admin.drain(within: .seconds(1))
        await host.stop(within: .seconds(2))
        try? await loops.shutdownGracefully()
        await resources.close()
        do throws(RegistryError) {
            try registry.close()
        } catch {
            options.onFault("\(error)")
        }
        log?.close()
        folder.close()
        return isDone && isDrained
    }

    private static func frontOptions(_ options: ExecutorOptions) -> FrontOptions {
        var front = FrontOptions(listeners: options.listeners)
        front.limits = options.limits
        front.forwarding = options.forwarding
        return front
    }

    private static func adminFront(_ options: ExecutorOptions) -> FrontOptions {
        var front = FrontOptions(listeners: [.init(options.admin)], loops: 1)
        // Logs are watched for as long as somebody likes.
        front.limits.totalTime = nil
        return front
    }

    private static func adminOptions(
        _ options: ExecutorOptions, _ front: HTTPFront, _ crons: CronRunner
    ) -> AdminOptions {
        var admin = AdminOptions()
        let domain = options.domain
        let place = options.listeners.first.map { $0.tls == nil ? "http" : "https" } ?? "http"
        let number = if case .tcp(_, let number)? = front.addresses.first { number } else { 80 }
        let port = number == (place == "http" ? 80 : 443) ? "" : ":\(number)"
        admin.url = { "\(place)://\($0).\(domain)\(port)/" }
        admin.onChange = { crons.schedulesChanged() }
        admin.sources = MetricsSources(
            version: options.version, engine: WorkerEngine.version, connections: { front.connections })
        return admin
    }

    private static func cronOptions(_ options: ExecutorOptions) -> CronRunner.Options {
        var crons = CronRunner.Options()
        crons.onFault = { [onFault = options.onFault] in onFault("\($0)") }
        return crons
    }
}
