// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import NIOPosix
internal import Registry
internal import ShardProtocol
internal import Synchronization
package import WorkerRuntime
internal import WorkerTypes

/// Workers in supervised child processes: which serves which, and what becomes of requests whose process dies.
///
/// A shard is told of a version just before its first request for it, so one that is new serves at once, and another
/// of its group can serve for one that is away.
package final class ShardedHost: DeploymentHost {
    /// How shards are.
    package struct Options: Sendable {
        /// Processes for workers of low trust. Those of high trust have one more, once there is such a worker, and so
        /// has what is tried or run once.
        package var shards: Int
        /// The program that a shard runs, and its arguments.
        package var program: ChildProgram
        /// The same for shards of low trust, and of workers of low trust in quarantine; `nil`: as for others.
        package var lowTrustProgram: ChildProgram?
        /// Holds processes to the memory that they may have; `nil`: nothing does.
        package var memory: (any ShardMemory)?
        /// What each shard is told.
        var settings = ShardSettings()
        /// When processes are started, replaced and given up.
        var rules = ShardLife.Rules()
        /// A shard that a signal has stopped and of which nothing is heard for so long is killed, in milliseconds; one
        /// that runs, after ten times that.
        package var silenceMilliseconds: Int {
            get { Int(rules.silence / 1_000_000) }
            set {
                rules.silence = UInt64(max(1, min(newValue, 1 << 32))) * 1_000_000
                rules.longSilence = rules.silence * 10
            }
        }
        /// A shard that is older is replaced, in seconds; 0: never.
        package var mostAgeSeconds: Int {
            get { Int(rules.mostAge / 1_000_000_000) }
            set { rules.mostAge = UInt64(max(0, min(newValue, 1 << 32))) * 1_000_000_000 }
        }
        /// Requests that wait for a shard, of all workers.
        package var mostWaiting = 10_000
        /// How long they do, in nanoseconds.
        package var mostWait: UInt64 = 5_000_000_000
        /// How long a shard that is replaced has for what is under way, in nanoseconds.
        package var drainTime: UInt64 = 30_000_000_000
        /// How long it has where it is replaced because it has lost threads, in nanoseconds.
        package var harmedDrainTime: UInt64 = 5_000_000_000
        /// The shard of a worker in quarantine is replaced when it has lost so many threads.
        package var mostParkedInQuarantine = 8
        /// Hears of what happens to shards, as a sentence.
        package var onFault: @Sendable (String) -> Void = { _ in }

        /// So many shards of a program, with so many isolates and cores of them all together.
        /// - Parameter mostHeldBytes: of all isolates together.
        package init(
            shards: Int, program: ChildProgram, host: WorkerHost.Options,
            mostHeldBytes: Int = Admission.ofMachine.mostHeld
        ) {
            self.shards = max(1, shards)
            self.program = program
            settings.cores = host.cores
            settings.mostThreads = host.mostThreads
            settings.mostIsolates = max(1, host.mostIsolates / self.shards)
            settings.session.mostStarts = max(settings.session.mostStarts, settings.mostIsolates)
            settings.mostHeldBytes = mostHeldBytes / self.shards
            settings.blankIsolates = host.blankIsolates
            settings.mostQueued = host.mostQueued
        }
    }

    struct State {
        var workers: [String: ShardedWorker] = [:]
        /// Those of them whose modules others may import.
        var libraries: Set<String> = []
        var serial = 0
        var isDraining = false
        /// WebSockets that are open.
        var sockets: [ObjectIdentifier: RemoteSocket] = [:]
    }

    let observer: any WorkerObserver
    let traces = TraceSource()
    let hostObserver: (any HostObserver)?
    let options: Options
    let shards: ShardSet
    private let state = Mutex(State())

    /// Starts the shards.
    /// - Parameter loops: where their connections are; somebody else ends them, after this host. `nil`: its own.
    init(
        _ options: Options, on loops: MultiThreadedEventLoopGroup?, observer: any WorkerObserver,
        hostObserver: (any HostObserver)? = nil
    ) {
        self.options = options
        self.observer = observer
        self.hostObserver = hostObserver
        shards = ShardSet(options, on: loops, observer: observer)
        shards.begin()
    }

    /// Starts the shards, with connections on a thread of their own.
    package convenience init(_ options: Options, observer: any WorkerObserver) {
        self.init(options, on: nil, observer: observer)
    }

    // MARK: Workers

    package func install(_ deployment: WorkerDeployment) {
        state.withLock { state in
            state.serial += 1
            let worker = ShardedWorker(
                deployment, serial: state.serial, figures: state.workers[deployment.name]?.figures ?? WorkerFigures())
            state.workers[deployment.name]?.succeeded(by: worker)
            state.workers[deployment.name] = worker
            if worker.isLibrary {
                state.libraries.insert(deployment.name)
            } else {
                state.libraries.remove(deployment.name)
            }
        }
        shards.place(deployment.name, trust: deployment.isTrusted ? .high : .low)
    }

    package func remove(_ name: String) {
        state.withLock { state in
            state.workers[name] = nil
            state.libraries.remove(name)
        }
        shards.remove(name)
    }

    package func check(_ deployment: WorkerDeployment) async -> [DeploymentFault] {
        let serial = state.withLock { state in
            state.serial += 1
            return state.serial
        }
        guard let description = await WorkerDescription(deployment, serial: serial) else {
            return [DeploymentFault(.host, "the modules of the worker are not ones that can be sent to a shard")]
        }
        let libraries = await libraries()
        // What ended the process may have been something else that was tried there.
        for _ in 1...2 {
            guard let shard = await shards.trial(trust: deployment.isTrusted ? .high : .low) else {
                return [DeploymentFault(.room, "no shard can try it now; try again")]
            }
            if let faults = await shard.check(description, libraries, StartGrant(deployment)) {
                return faults.map { DeploymentFault($0) }
            }
        }
        return [DeploymentFault(.host, "the process in which it was tried has ended, twice")]
    }

    /// Modules that workers may import of others, as shards are told.
    private func libraries() async -> [Library] {
        var libraries: [Library] = []
        let workers = state.withLock { state in state.libraries.compactMap { state.workers[$0] } }
        for worker in workers {
            guard let description = await worker.description() else { continue }
            libraries.append(Library(serial: worker.serial, modules: description.modules))
        }
        return libraries
    }

    // MARK: Dispatches

    package func dispatch(_ request: DispatchRequest, to name: String) {
        let (worker, isDraining, hasLibraries) = state.withLock { state in
            (state.workers[name], state.isDraining, !state.libraries.isEmpty)
        }
        if isDraining { return request.responder.fail(.shuttingDown) }
        guard let worker else { return request.responder.fail(.unknownWorker) }
        worker.figures.begin()
        send(ShardedDispatch(request, to: worker, on: self, isSecond: false), hasLibraries: hasLibraries)
    }

    private func send(_ dispatch: ShardedDispatch, hasLibraries: Bool) {
        if let description = dispatch.worker.knownDescription, !hasLibraries {
            return shards.send(dispatch, description, [])
        }
        Task { [self] in
            guard let description = await dispatch.worker.description() else {
                return dispatch.refuse(as: .ended(.internalError))
            }
            shards.send(dispatch, description, await libraries())
        }
    }

    /// Sends a request again whose shard died; it was answered by nothing. It goes to the version that is in service now.
    func sendAgain(_ dispatch: ShardedDispatch) {
        let (worker, hasLibraries) = state.withLock { state in
            (state.workers[dispatch.worker.deployment.name] ?? dispatch.worker, !state.libraries.isEmpty)
        }
        send(ShardedDispatch(dispatch.request, to: worker, on: self, isSecond: true), hasLibraries: hasLibraries)
    }

    /// A dispatch is over.
    /// - Parameter record: `nil`: nothing of it ever ran.
    func ended(_ dispatch: ShardedDispatch, _ record: RequestRecord?) {
        dispatch.worker.figures.end(record)
        if let record { note(record) }
    }

    /// A dispatch has opened a WebSocket.
    func opened(_ dispatch: ShardedDispatch, _ socket: RemoteSocket) {
        dispatch.worker.figures.openSocket()
        state.withLock { $0.sockets[ObjectIdentifier(socket)] = socket }
    }

    /// A WebSocket of a dispatch is over.
    func ended(_ dispatch: ShardedDispatch, _ socket: RemoteSocket, _ record: RequestRecord) {
        state.withLock { $0.sockets[ObjectIdentifier(socket)] = nil }
        dispatch.worker.figures.endSocket(record)
        note(record)
    }

    private func note(_ record: RequestRecord) {
        observer.observe(record)
        if record.outcome == .exceededMemory || record.outcome == .exceededCPU {
            shards.note(.limit, of: record.worker)
        }
    }

    /// Whether requests are taken no more.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Milliseconds since 1970, so many microseconds ago.
    func wallClock(_ age: Int) -> Double { Date().timeIntervalSince1970 * 1e3 - Double(age) / 1e3 }

    // MARK: State

    package func status(of name: String) -> WorkerStatus? {
        guard let worker = state.withLock({ $0.workers[name] }) else { return nil }
        let figures = worker.figures.now
        var status = WorkerStatus(
            version: worker.deployment.version, inFlight: figures.inFlight,
            cpuMicroseconds: figures.cpuMicroseconds, requests: figures.requests, errors: figures.errors)
        status.webSockets = figures.webSockets
        status.shard = shards.place(of: name)
        return status
    }

    package func statuses(of names: [String]) async -> [WorkerStatus?] {
        var statuses = names.map { status(of: $0) }
        await withTaskGroup(of: [WorkerLoad].self) { group in
            for shard in shards.processes { group.addTask { await shard.loads(of: names) ?? [] } }
            for await loads in group {
                for (place, load) in zip(statuses.indices, loads) {
                    statuses[place]?.isolates += load.isolates
                    statuses[place]?.queued += load.queued
                    statuses[place]?.heldBytes += load.heldBytes
                }
            }
        }
        return statuses
    }

    /// How the shards are.
    package var shardStatus: ShardsStatus { shards.status }

    package var status: HostStatus {
        let workers = state.withLock { Array($0.workers.values) }
        var status = HostStatus(workers: workers.count)
        for values in workers.map(\.figures.now) {
            status.inFlight += values.inFlight
            status.webSockets += values.webSockets
        }
        for figures in shards.processes.map(\.figures) {
            status.isolates += figures.isolates
            status.blankIsolates += figures.blankIsolates
            status.queued += figures.queued
            status.heldBytes += figures.heldBytes
            status.threads += figures.threads
            status.stuckThreads += figures.stuckThreads + figures.parkedThreads
        }
        return status
    }

    package func drain(within time: Duration) async -> Bool {
        state.withLock { $0.isDraining = true }
        let clock = ContinuousClock()
        let end = clock.now + time
        while clock.now < end {
            if isIdle() { return true }
            try? await clock.sleep(for: .milliseconds(5))
        }
        return isIdle()
    }

    /// Closes WebSockets, those included that were opened meanwhile.
    private func isIdle() -> Bool {
        let sockets = state.withLock { Array($0.sockets.values) }
        for socket in sockets { socket.leave(code: 1001, reason: "going away") }
        return sockets.isEmpty && status.inFlight == 0
    }

    package func stop(within time: Duration) async {
        state.withLock { $0.isDraining = true }
        await shards.stop(within: time)
    }
}

extension ShardedHost: ModuleRunner {
    package func report(
        of run: ModuleRun, onStart: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) async throws(ModuleRunFailure) -> RunParts {
        let program = await WorkerDescription(run)
        guard let shard = await shards.trial(trust: .low) else {
            throw .busy("no shard can run it now; try again later")
        }
        var description = RunDescription(program)
        description.arguments = run.program.arguments
        let scope = CallScope(
            caller: "run", bindings: run.program.bindings, limits: run.program.hostLimits, observer: hostObserver)
        switch await shard.run(description, scope, onStart: onStart) {
        case .report(let members, var usage)?:
            usage.subrequests = scope.meter.used(.subrequests)
            usage.egressBytes = scope.meter.used(.egressBytes)
            return RunParts(members: members, usage: usage)
        case .refused(.limits, let why)?: throw .limits(why)
        case .refused(.busy, let why)?: throw .busy(why)
        case .refused(.host, let why)?: throw .host(why)
        case nil: throw .host("the process that ran it has ended")
        }
    }
}

extension DeploymentFault {
    fileprivate init(_ fault: FaultDescription) {
        self.init(Kind(rawValue: fault.kind) ?? .host, fault.message)
        (file, line, column, sourceLine) = (fault.file, fault.line, fault.column, fault.sourceLine)
        (stack, code) = (fault.stack, fault.code)
    }
}
