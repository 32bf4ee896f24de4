// SPDX-License-Identifier: Apache-2.0
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// A version of a worker in service on shards: what shards are told of it, once somebody asks.
final class ShardedWorker: Sendable {
    let deployment: WorkerDeployment
    /// Unique among installations: by it a shard's version is known to be this one.
    let serial: Int
    /// The worker's, over all its versions.
    let figures: WorkerFigures

    /// The version that came after it.
    private let next = Mutex<ShardedWorker?>(nil)

    private enum State {
        case unknown
        case making(Task<WorkerDescription?, Never>)
        case made(WorkerDescription)
    }
    private let state = Mutex(State.unknown)

    init(_ deployment: WorkerDeployment, serial: Int, figures: WorkerFigures) {
        self.deployment = deployment
        self.serial = serial
        self.figures = figures
    }

    deinit {
        // One by one: each would end the next, deeper and deeper.
        var rest = next.withLock { $0.take() }
        while isKnownUniquelyReferenced(&rest) { rest = rest?.next.withLock { $0.take() } }
    }

    /// Another version is in service from now on.
    func succeeded(by worker: ShardedWorker) { next.withLock { $0 = worker } }

    /// Itself or the version after it that has this number; `nil`: there is none.
    ///
    /// A request may wait in a shard until a later version is there, and is answered by that: with what that was granted.
    func version(_ number: Int) -> ShardedWorker? {
        var worker: ShardedWorker? = self
        while let this = worker, this.deployment.version != number { worker = this.next.withLock { $0 } }
        return worker
    }

    /// Whether other workers may import its modules.
    var isLibrary: Bool { deployment.modules?.isPublic == true }

    /// What shards are told, where it was made before.
    var knownDescription: WorkerDescription? {
        state.withLock { if case .made(let description) = $0 { description } else { nil } }
    }

    /// What shards are told; `nil`: its modules cannot be compiled now.
    func description() async -> WorkerDescription? {
        let task = state.withLock { state -> Task<WorkerDescription?, Never> in
            switch state {
            case .made(let description): return Task { description }
            case .making(let task): return task
            case .unknown:
                let task = Task { [deployment, serial] in
                    let description = await WorkerDescription(deployment, serial: serial)
                    return description?.isPassing == true ? nil : description
                }
                state = .making(task)
                return task
            }
        }
        let description = await task.value
        // What failed is tried again by whoever asks next.
        state.withLock { $0 = description.map { .made($0) } ?? .unknown }
        return description
    }
}

/// Modules that other workers may import, of one version.
struct Library: Sendable {
    let serial: Int
    let modules: ModulesDescription
}

/// What a worker's dispatches were, over all its versions and shards.
final class WorkerFigures: Sendable {
    struct Values: Sendable {
        var inFlight = 0
        var webSockets = 0
        var requests = 0
        var errors = 0
        var cpuMicroseconds = 0
    }
    private let values = Mutex(Values())

    var now: Values { values.withLock { $0 } }

    func begin() { values.withLock { $0.inFlight += 1 } }

    func openSocket() { values.withLock { $0.webSockets += 1 } }

    func endSocket(_ record: RequestRecord) {
        values.withLock { values in
            values.webSockets -= 1
            if record.outcome != .ok { values.errors += 1 }
            values.cpuMicroseconds += record.usage.cpuMicroseconds
        }
    }

    /// - Parameter record: `nil`: nothing of it ever ran.
    func end(_ record: RequestRecord?) {
        values.withLock { values in
            values.inFlight -= 1
            guard let record else { return }
            values.requests += 1
            if record.outcome != .ok { values.errors += 1 }
            values.cpuMicroseconds += record.usage.cpuMicroseconds
        }
    }
}

extension WorkerDescription {
    /// What a shard may know of a version: no secret, and no grant of what the supervisor keeps.
    /// - Returns: `nil` where its modules are not ones that can be sent.
    init?(_ deployment: WorkerDeployment, serial: Int) async {
        guard let modules = deployment.modules else { return nil }
        self.init(await ModulesDescription(deployment.name, modules))
        version = deployment.version
        self.serial = serial
        identity = deployment.identity
        variables = deployment.variables.map { VariableDescription(name: $0.name, value: $0.value) }
        bindings = deployment.bindings.map { BindingDescription($0) }
        limits = deployment.limits
        hostLimits = deployment.hostLimits
        startup = deployment.startup
        logBytes = deployment.logBytes
        concurrency = deployment.concurrency
        webSockets = deployment.webSockets
        isFresh = deployment.mode == .fresh
    }

    /// Whether a module could not be compiled, which may go well the next time.
    fileprivate var isPassing: Bool {
        modules.modules.contains { module in
            module.failure.flatMap { ModuleError.Kind(rawValue: $0.code) }.map { ModuleError($0, "").isPassing }
                ?? false
        }
    }

    /// What a shard may know of a run.
    init(_ run: ModuleRun) async {
        self.init(await ModulesDescription("run", run.modules))
        variables = run.program.environment.map { VariableDescription(name: $0.name, value: $0.value) }
        bindings = run.program.bindings.map { BindingDescription($0) }
        limits = run.program.limits
        hostLimits = run.program.hostLimits
        logBytes = run.logBytes
    }
}

extension ModulesDescription {
    fileprivate init(_ worker: String, _ modules: WorkerModules) async {
        self.init(
            worker: worker, main: modules.main, isPublic: modules.isPublic,
            modules: await modules.compiledModules().map { module in
                var description = ModuleDescription(
                    name: module.name, source: module.source, compiled: module.code, map: module.map)
                description.failure = module.failure.map { CompileFailure($0) }
                return description
            })
    }
}

extension CompileFailure {
    fileprivate init(_ error: ModuleError) {
        self.init(code: error.code, message: error.message)
        guard let place = error.position else { return }
        (line, column, sourceLine) = (place.line, place.column, place.sourceLine)
    }
}
