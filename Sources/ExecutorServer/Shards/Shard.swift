// SPDX-License-Identifier: Apache-2.0
internal import Glibc
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
        /// It has written a line.
        func shardSays(_ shard: Shard, _ line: String)
        /// Its process has no control group of its own.
        func shardIsUnbounded(_ shard: Shard, _ error: any Error)
        /// Its process is gone as well.
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
        /// Workers whose dispatches were under way when it ended, and how many of each had ended well before.
        var lost: [String: Int] = [:]
        var figures = ShardFigures()
        var requests = 0
        /// Dispatches on their way to the connection, and versions that are being tried.
        var entering = 0
        var isReady = false
        /// It is to take nothing more.
        var isLeaving = false
        /// We have ended its process.
        var isKilled = false
        /// It did nothing because a signal had stopped it.
        var wasHalted = false
        var isEnded = false
        var end: ChildProcess.End?
        /// Its connection is at its end, and the owner was told.
        var isClosed = false
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
    func start(_ start: ShardStart, on group: any EventLoopGroup) throws {
        let (process, socket) = try ChildProcess.start(start.program) { [weak self] line in
            guard let self else { return }
            owner.shardSays(self, line)
        } onEnd: { [self, name] end in
            let hasOutgrown = start.memory?.release(name) == true && end == .signaled(SIGKILL)
            close()
            let end = hasOutgrown ? .outgrown(start.mostBytes) : end
            let isClosed = state.withLock { state in
                state.end = end
                return state.isClosed
            }
            if isClosed { owner.shardExited(self, end) }
        }
        let isKilled = state.withLock { state in
            state.process = process
            return state.isKilled
        }
        // It was not wanted any more before there was a process.
        if isKilled { process.signal(SIGKILL) }
        do {
            // The process does nothing before it is greeted.
            try process.whileThere { id in try start.memory?.hold(id, as: name, most: start.mostBytes) }
        } catch {
            owner.shardIsUnbounded(self, error)
        }
        ClientBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(socket)
            .flatMap { [self] channel in
                let transport = LinkChannel(channel, socket: socket)
                return transport.attach(connect(transport, start.settings))
            }
            .whenFailure { [self] _ in
                linkEnded(nil)
            }
    }

    /// Whether its process was stopped from outside, by a signal or a debugger.
    var isHalted: Bool { process?.isHalted ?? false }

    /// Begins the connection.
    func connect(_ transport: any LinkTransport, _ settings: ShardSettings) -> SupervisorLink {
        let link = SupervisorLink(transport, settings, self)
        state.withLock { $0.link = link }
        return link
    }

    /// Whether its end was the doing of somebody outside: one who may send it signals has killed or stopped it.
    func isOthersDoing(_ end: ChildProcess.End) -> Bool {
        state.withLock { $0.wasHalted || (!$0.isKilled && end == .signaled(SIGKILL)) }
    }
    /// Of its control group: unique among the processes of all supervisors that share a group.
    private var name: String { "shard-\(getpid())-\(number)" }

    /// How it was when it was heard last.
    var figures: ShardFigures { state.withLock { $0.figures } }
    /// Its process, once there is one.
    var process: ChildProcess? { state.withLock { $0.process } }
    /// Whether it takes requests.
    var isServing: Bool { state.withLock { $0.isReady && !$0.isEnded && !$0.isLeaving } }
    /// Whether it was told to end, or we have ended it.
    var isToEnd: Bool { state.withLock { $0.isLeaving || $0.isKilled } }
    /// Dispatches and runs under way, and versions that are being tried.
    var load: Int {
        let (link, entering) = state.withLock { ($0.link, $0.entering) }
        return entering + (link.map { $0.dispatchCount + $0.checkCount } ?? 0)
    }
    /// How many more things can be said on its connection.
    var idsLeft: Int { state.withLock { $0.link }?.idsLeft ?? .max }
    /// Dispatches that it was sent.
    var requests: Int { state.withLock { $0.requests } }
    /// Workers whose dispatches were under way when it ended, and how many of each had ended well before.
    var lostWorkers: [String: Int] { state.withLock { $0.lost } }

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
        let link = enter { link, state in
            state.requests += 1
            Self.share(libraries, link, &state)
            let before = state.installed[name]
            if before?.serial ?? 0 < serial, link.install(description) {
                before?.before.map { state.grants[$0] = nil }
                state.installed[name] = (serial, before?.serial)
                state.grants[serial] = StartGrant(dispatch.worker.deployment)
            }
        }
        guard let link else { return .gone }
        defer { leave() }
        let (request, body) = dispatch.description()
        guard let id = link.dispatch(request, body: body, dispatch) else { return .refused }
        return .sent { [weak link] in link?.cancel(id) }
    }

    /// Makes it ready for something that is to be sent; `nil`: it takes nothing. `leave` follows.
    private func enter(_ prepare: (SupervisorLink, inout State) -> Void) -> SupervisorLink? {
        state.withLock { state in
            guard let link = state.link, state.isReady, !state.isEnded, !state.isLeaving else { return nil }
            state.entering += 1
            prepare(link, &state)
            return link
        }
    }

    /// What was to be sent is under way.
    private func leave() {
        let link = state.withLock { state in
            state.entering -= 1
            return state.isLeaving && state.entering == 0 ? state.link : nil
        }
        link?.drain()
    }

    private static func share(_ libraries: [Library], _ link: SupervisorLink, _ state: inout State) {
        for library in libraries where state.libraries[library.modules.worker] != library.serial {
            if link.share(library.modules) { state.libraries[library.modules.worker] = library.serial }
        }
    }

    /// A dispatch of the worker was under way when it ended, of which this is the first that is heard.
    /// - Parameter completed: how many of it had ended well, on any shard.
    func lose(_ name: String, completed: Int) {
        state.withLock { state in
            state.isEnded = true
            state.lost[name] = completed
        }
    }

    /// The worker is no more.
    func remove(_ name: String) {
        // In one step, so that a version that comes now is not what is removed.
        state.withLock { state in
            guard let (serial, before) = state.installed.removeValue(forKey: name) else { return }
            for serial in [serial, before ?? serial] { state.grants[serial] = nil }
            state.link?.remove(name)
        }
    }

    /// It says that it does not know the worker: it is told of it again with the next request.
    func forget(_ name: String) { state.withLock { _ = $0.installed.removeValue(forKey: name) } }

    /// Tries a version; `nil`: it ended before.
    func check(
        _ description: WorkerDescription, _ libraries: [Library], _ grant: StartGrant
    ) async -> [FaultDescription]? {
        let link = enter { link, state in
            Self.share(libraries, link, &state)
            state.grants[description.serial] = grant
        }
        guard let link else { return nil }
        defer {
            state.withLock { $0.grants[description.serial] = nil }
            leave()
        }
        return await withCheckedContinuation { continuation in
            link.check(description) { continuation.resume(returning: $0) }
        }
    }

    /// Runs modules once; `nil`: it ended before.
    func run(
        _ run: RunDescription, _ scope: CallScope,
        onStart: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) async -> RunAnswer? {
        guard let link = enter({ _, _ in }) else { return nil }
        defer { leave() }
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

    /// It takes nothing more from now on. What is on its way to it still gets there, and only then it hears of this.
    func drain() {
        let link = state.withLock { state in
            let isFirst = !state.isLeaving
            state.isLeaving = true
            return isFirst && state.entering == 0 ? state.link : nil
        }
        link?.drain()
    }

    /// Ends the connection; a process that was not gone goes then.
    func close() { state.withLock { $0.link }?.close() }

    /// Ends it at once.
    /// - Parameter isHalted: it hangs, because a signal has stopped it.
    func kill(isHalted: Bool = false) {
        let process = state.withLock { state in
            state.isKilled = true
            state.wasHalted = isHalted
            return state.process
        }
        process?.signal(SIGKILL)
    }

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
        if error != nil { kill() }
        owner.shardEnded(self, error)
        let end = state.withLock { state in
            state.isClosed = true
            return state.end
        }
        guard let end else { return killLater() }
        owner.shardExited(self, end)
    }

    /// A process that has closed its connection is at its end; one that is not, is ended. How it ended by itself says
    /// whose doing it was.
    private func killLater() {
        Task { [weak self] in
            try? await ContinuousClock().sleep(for: .milliseconds(100))
            guard let self, state.withLock({ $0.end == nil }) else { return }
            kill()
        }
    }
}
