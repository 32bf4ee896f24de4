// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOPosix
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime

/// One process of a shard, from its start to its end.
final class Shard: SupervisorLinkHandler {
    /// Hears of it. From any thread.
    protocol Owner: AnyObject, Sendable {
        func shardIsReady(_ shard: Shard)
        func shardIsHeard(_ shard: Shard, _ figures: ShardFigures)
        func shardLostThread(_ shard: Shard, of worker: String)
        /// Its connection is at its end, and all that was under way has been told.
        func shardEnded(_ shard: Shard, _ error: ProtocolError?)
        /// Its process is gone.
        func shardExited(_ shard: Shard, _ end: ChildProcess.End)
        func log(_ line: LineDescription)
    }

    private struct State {
        var link: SupervisorLink?
        var process: ChildProcess?
        /// Versions that it was told of, by the worker's name; of which isolates are left, perhaps, the one before.
        var installed: [String: (serial: Int, before: Int?)] = [:]
        /// What these were granted, and those that are tried, by their serial numbers.
        var grants: [Int: StartGrant] = [:]
        /// Modules for others that it was told of, by the worker's name.
        var libraries: [String: Int] = [:]
        /// Workers whose dispatches were under way when it ended.
        var lost: Set<String> = []
        var figures = ShardFigures()
        var requests = 0
        var isReady = false
        var isEnded = false
    }

    let place: Placement.Place
    /// Unique among the processes of all shards.
    let number: Int
    private let owner: any Owner
    private let state = Mutex(State())

    init(_ place: Placement.Place, number: Int, owner: any Owner) {
        self.place = place
        self.number = number
        self.owner = owner
    }

    /// Starts the process. What becomes of it, the owner hears.
    func start(_ program: ChildProgram, _ settings: ShardSettings, on group: any EventLoopGroup) throws {
        let (process, socket) = try ChildProcess.start(program) { [weak self] end in
            guard let self else { return }
            close()
            owner.shardExited(self, end)
        }
        state.withLock { $0.process = process }
        ClientBootstrap(group: group)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(socket)
            .flatMap { [self] channel in
                let transport = LinkChannel(channel)
                let link = SupervisorLink(transport, settings, self)
                state.withLock { $0.link = link }
                return transport.attach(link)
            }
            .whenFailure { [self] _ in
                process.signal(SIGKILL)
                owner.shardEnded(self, nil)
            }
    }

    /// How it was when it was heard last.
    var figures: ShardFigures { state.withLock { $0.figures } }
    /// Its process, once there is one.
    var process: ChildProcess? { state.withLock { $0.process } }
    /// Whether it takes requests.
    var isServing: Bool { state.withLock { $0.isReady && !$0.isEnded } }
    /// How many more things can be said on its connection.
    var idsLeft: Int { state.withLock { $0.link }?.idsLeft ?? .max }
    /// Dispatches that it was sent.
    var requests: Int { state.withLock { $0.requests } }
    /// Dispatches and runs under way.
    var load: Int { state.withLock { $0.link }?.dispatchCount ?? 0 }
    /// Workers whose dispatches were under way when it ended.
    var lostWorkers: Set<String> { state.withLock { $0.lost } }

    /// What became of a dispatch that was to be sent.
    enum Sending {
        /// It is under way; this ends it when nobody waits any more.
        case sent(@Sendable () -> Void)
        /// The shard takes none: another one may.
        case gone
        /// Its observer has been told why not.
        case refused
    }

    /// Sends a dispatch, and before it the version that it is for, where the shard does not have that.
    func send(
        _ dispatch: ShardedDispatch, _ description: WorkerDescription, _ libraries: [Library]
    ) -> Sending {
        let name = dispatch.worker.deployment.name
        let serial = dispatch.worker.serial
        // In one step, so that no other version comes between.
        let link = state.withLock { state -> SupervisorLink? in
            guard let link = state.link, state.isReady, !state.isEnded else { return nil }
            state.requests += 1
            Self.share(libraries, link, &state)
            let before = state.installed[name]
            if before?.serial ?? 0 < serial, link.install(description) {
                before?.before.map { state.grants[$0] = nil }
                state.installed[name] = (serial, before?.serial)
                state.grants[serial] = StartGrant(dispatch.worker.deployment)
            }
            return link
        }
        guard let link else { return .gone }
        let (request, body) = dispatch.description()
        guard let id = link.dispatch(request, body: body, dispatch) else { return .refused }
        return .sent { [weak link] in link?.cancel(id) }
    }

    private static func share(_ libraries: [Library], _ link: SupervisorLink, _ state: inout State) {
        for library in libraries where state.libraries[library.modules.worker] != library.serial {
            if link.share(library.modules) { state.libraries[library.modules.worker] = library.serial }
        }
    }

    /// A dispatch of the worker was under way when it ended, of which this is the first that is heard.
    func lose(_ name: String) {
        state.withLock { state in
            state.isEnded = true
            state.lost.insert(name)
        }
    }

    /// The worker is no more.
    func remove(_ name: String) {
        let link = state.withLock { state -> SupervisorLink? in
            guard let (serial, before) = state.installed.removeValue(forKey: name) else { return nil }
            for serial in [serial, before ?? serial] { state.grants[serial] = nil }
            return state.link
        }
        link?.remove(name)
    }

    /// Tries a version; `nil`: it ended before.
    func check(
        _ description: WorkerDescription, _ libraries: [Library], _ grant: StartGrant
    ) async -> [FaultDescription]? {
        let link = state.withLock { state -> SupervisorLink? in
            guard let link = state.link, state.isReady, !state.isEnded else { return nil }
            Self.share(libraries, link, &state)
            state.grants[description.serial] = grant
            return link
        }
        guard let link else { return nil }
        defer { state.withLock { $0.grants[description.serial] = nil } }
        return await withCheckedContinuation { continuation in
            link.check(description) { continuation.resume(returning: $0) }
        }
    }

    /// Runs modules once; `nil`: it ended before.
    func run(
        _ run: RunDescription, _ scope: CallScope,
        onStart: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) async -> RunAnswer? {
        guard let link = state.withLock({ $0.isReady && !$0.isEnded ? $0.link : nil }) else { return nil }
        return await withCheckedContinuation { continuation in
            let id = link.run(run, scope) { continuation.resume(returning: $0) }
            guard let id else { return }
            onStart { [weak link] in link?.cancel(id) }
        }
    }

    /// How workers are in it; `nil`: it did not say.
    func loads(of workers: [String]) async -> [WorkerLoad]? {
        guard let link = state.withLock({ $0.isReady && !$0.isEnded ? $0.link : nil }) else { return nil }
        return await withCheckedContinuation { continuation in
            link.askFigures(of: workers) { continuation.resume(returning: $0) }
        }
    }

    /// It takes nothing more, and ends once nothing is under way.
    func drain() { state.withLock { $0.link }?.drain() }

    /// Ends the connection; a process that was not gone goes then.
    func close() { state.withLock { $0.link }?.close() }

    /// Ends it at once.
    func kill() { process?.signal(SIGKILL) }

    // MARK: What it says

    func shardIsReady(_ greeting: ShardGreeting) {
        state.withLock { $0.isReady = true }
        owner.shardIsReady(self)
    }

    /// A line of no dispatch counts only if the shard was told of its worker: it may lie.
    func log(_ line: LineDescription) {
        if state.withLock({ $0.installed[line.worker] != nil }) { owner.log(line) }
    }

    func heartbeat(_ figures: ShardFigures) {
        state.withLock { $0.figures = figures }
        owner.shardIsHeard(self, figures)
    }

    func lostThread(_ notice: LostThreadNotice) { owner.shardLostThread(self, of: notice.worker) }

    func makeScope(of serial: Int) -> CallScope? { state.withLock { $0.grants[serial] }?.makeScope() }

    func linkEnded(_ error: ProtocolError?) {
        state.withLock { $0.isEnded = true }
        kill()
        owner.shardEnded(self, error)
    }
}
