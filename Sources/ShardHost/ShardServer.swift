// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI
internal import Isolates
package import ShardProtocol
internal import Synchronization
package import WorkerRuntime
package import WorkerTypes

/// A shard: isolates, and nothing else. What their scripts were granted, the supervisor does for them.
package final class ShardServer: ShardLinkHandler, WorkerObserver, RuntimeObserver, DispatchFront {
    private struct State {
        var engine: WorkerEngine?
        var link: ShardLink?
        var host: WorkerHost?
        var runs: ShardRuns?
        var dispatches: [UInt64: ShardResponder] = [:]
        var sockets: [UInt64: ShardSocket] = [:]
        var libraries: [String: WorkerModules] = [:]
        var parkedThreads = 0
        var isReady = false
    }

    private let seal: @Sendable () throws -> Void
    private let onEnd: @Sendable (String?) -> Void
    private let state = Mutex(State())
    private let trim = MemoryTrim()

    /// - Parameters:
    ///   - seal: takes from the process what it does not need any more, once it has its threads.
    ///   - onEnd: hears why the process is to end; `nil`: nobody needs it any more.
    package init(seal: @escaping @Sendable () throws -> Void, onEnd: @escaping @Sendable (String?) -> Void) {
        self.seal = seal
        self.onEnd = onEnd
    }

    /// What it makes isolates with, and the connection on which it is told what to do.
    package func attach(_ engine: WorkerEngine, _ link: ShardLink) {
        state.withLock { state in
            state.engine = engine
            state.link = link
        }
    }

    /// Says how it is, once it takes dispatches.
    package func beat() {
        let (link, host) = state.withLock { ($0.isReady ? $0.link : nil, $0.host) }
        link?.beat()
        if let host { trim.look(isolates: host.status.isolates) }
    }

    // MARK: What the supervisor says

    package func begin(_ settings: ShardSettings) {
        var options = WorkerHost.Options(cores: settings.cores)
        options.mostThreads = settings.mostThreads
        options.mostIsolates = settings.mostIsolates
        options.blankIsolates = settings.blankIsolates
        options.mostQueued = settings.mostQueued
        guard let engine = state.withLock({ $0.engine }) else { return }
        engine.host.hold(atMost: settings.mostHeldBytes)
        do {
            let host = try WorkerHost(engine, options: options, observer: self)
            state.withLock { state in
                state.host = host
                state.runs = ShardRuns(engine)
            }
            try seal()
        } catch {
            return onEnd("\(error)")
        }
        let link = state.withLock { $0.link }
        link?.ready()
        state.withLock { $0.isReady = true }
    }

    package func install(_ worker: WorkerDescription) {
        guard let host = state.withLock({ $0.host }) else { return }
        do throws(GrantError) {
            host.install(try deployment(worker))
        } catch {
            // Not in practice: the supervisor grants locally only what every shard has.
            onEnd("the worker \(worker.modules.worker) cannot be served: \(error)")
        }
    }

    package func share(_ modules: ModulesDescription) {
        state.withLock { $0.libraries[modules.worker] = WorkerModules(modules) }
    }

    package func remove(_ name: String) { state.withLock { $0.host }?.remove(name) }

    package func check(_ worker: WorkerDescription, _ answer: @escaping @Sendable ([FaultDescription]) -> Void) {
        guard let host = state.withLock({ $0.host }) else {
            return answer([
                FaultDescription(kind: DeploymentFault.Kind.host.rawValue, message: "the shard is not ready")
            ])
        }
        do throws(GrantError) {
            let deployment = try deployment(worker)
            Task { answer(await host.check(deployment).map { FaultDescription($0) }) }
        } catch {
            answer([FaultDescription(kind: DeploymentFault.Kind.host.rawValue, message: error.description)])
        }
    }

    package func dispatch(_ dispatch: ShardDispatch) {
        guard let host = state.withLock({ $0.host }) else { return dispatch.refuse(.shuttingDown) }
        let description = dispatch.description
        let body: DispatchRequest.Body
        switch description.body {
        case .none: body = .none
        case .whole(let bytes): body = .bytes(bytes)
        case .follows: body = dispatch.body.map { .stream($0) } ?? .none
        }
        let number = UInt64(dispatch.id)
        // Of what was never begun there is no record.
        let responder = ShardResponder(dispatch) { [weak self] in
            self?.state.withLock { _ = $0.dispatches.removeValue(forKey: number) }
        } onOpened: { [weak self] socket in
            self?.state.withLock { $0.sockets[number] = socket }
        }
        // The number by which its calls to the host are known.
        var request = DispatchRequest(
            id: number, head: description.head, body: body, responder: responder, front: self)
        request.setAge(description.age)
        request.kind = description.kind
        request.scheduledTime = description.scheduledTime
        request.webSocketProtocols = description.webSocketProtocols
        let cancellation = DispatchCancellation()
        request.cancellation = cancellation
        state.withLock { $0.dispatches[number] = responder }
        dispatch.onCancel { cancellation.cancel() }
        host.dispatch(request, to: description.worker)
    }

    package func run(
        _ run: RunDescription, _ number: UInt64, _ answer: @escaping @Sendable (RunAnswer) -> Void
    ) -> @Sendable () -> Void {
        let (runs, link) = state.withLock { ($0.runs, $0.link) }
        guard let runs, let link else {
            answer(.refused(.busy, "the server is about to end"))
            return {}
        }
        do throws(GrantError) {
            return runs.run(
                run, try Self.host(link).bindings(run.program.bindings), number, answer)
        } catch {
            answer(.refused(.host, error.description))
            return {}
        }
    }

    package func drain() {
        guard let host = state.withLock({ $0.host }) else { return onEnd(nil) }
        // The supervisor knows when nothing is under way any more, and ends it then.
        Task { _ = await host.drain(within: .seconds(3600)) }
    }

    package var figures: ShardFigures {
        let (host, parked) = state.withLock { ($0.host, $0.parkedThreads) }
        var figures = ShardFigures()
        guard let status = host?.status else { return figures }
        figures.workers = status.workers
        figures.isolates = status.isolates
        figures.blankIsolates = status.blankIsolates
        figures.inFlight = status.inFlight
        figures.queued = status.queued
        figures.heldBytes = status.heldBytes
        figures.threads = status.threads
        figures.stuckThreads = status.stuckThreads
        figures.parkedThreads = parked
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            figures.cpuMicroseconds =
                (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
                + usage.ru_stime.tv_usec
        }
        return figures
    }

    package func figures(of workers: [String]) -> [WorkerLoad] {
        let host = state.withLock { $0.host }
        return workers.map { name in
            var load = WorkerLoad()
            guard let status = host?.status(of: name) else { return load }
            load.isolates = status.isolates
            load.queued = status.queued
            load.heldBytes = status.heldBytes
            return load
        }
    }

    package func linkEnded(_ error: ProtocolError?) { onEnd(error.map { "\($0)" }) }

    // MARK: What workers do

    /// The answers of one turn of an isolate, with one system call.
    package func respond(_ answers: [DispatchAnswer]) {
        guard let link = state.withLock({ $0.link }) else { return }
        link.gather { for answer in answers { answer.responder.respond(answer) } }
    }

    package func observe(_ line: WorkerLogLine) {
        var description = LineDescription(
            dispatch: UInt32(truncatingIfNeeded: line.id), level: line.level, message: line.message, time: line.time)
        description.worker = line.worker
        description.version = line.version
        state.withLock { $0.link }?.log(description)
    }

    package func observe(_ record: RequestRecord) {
        guard record.kind != .socket else {
            state.withLock { $0.sockets.removeValue(forKey: record.id) }?.end(DispatchReport(record))
            return
        }
        state.withLock { $0.dispatches.removeValue(forKey: record.id) }?.end(record)
    }

    /// What becomes of isolates: one that is condemned takes its thread with it.
    package func observe(_ event: RuntimeEvent) {
        guard case .escalated(let isolate, let escalation) = event, escalation.stage == .condemned else { return }
        let (link, parked) = state.withLock { state in
            state.parkedThreads += 1
            return (state.link, state.parkedThreads)
        }
        link?.loseThread(LostThreadNotice(worker: isolate, parkedThreads: parked))
    }

    // MARK: Deployments

    private func deployment(_ worker: WorkerDescription) throws(GrantError) -> WorkerDeployment {
        let link = state.withLock { $0.link }
        guard let link else { throw GrantError("the server is about to end") }
        var deployment = WorkerDeployment(
            name: worker.modules.worker, version: worker.version, identity: worker.identity,
            modules: WorkerModules(worker.modules), workers: { [weak self] in self?.library($0) })
        deployment.variables = worker.variables.map { ($0.name, $0.value) }
        deployment.bindings = try Self.host(link).bindings(worker.bindings, version: worker.version)
        deployment.starts = ShardStarts(link: link, serial: worker.serial)
        deployment.limits = worker.limits
        deployment.hostLimits = worker.hostLimits
        deployment.startup = worker.startup
        deployment.logBytes = worker.logBytes
        deployment.concurrency = worker.concurrency
        deployment.webSockets = worker.webSockets
        deployment.mode = worker.isFresh ? .fresh : .persistent
        return deployment
    }

    /// Bindings of a worker: some things a shard does itself.
    private static func host(_ link: ShardLink) throws(GrantError) -> RemoteHost {
        RemoteHost(link, local: try HostTable([Random(), WallClock()]))
    }

    private func library(_ name: String) -> WorkerModules? { state.withLock { $0.libraries[name] } }
}

/// Isolates of one installation, as the supervisor hears of them.
private struct ShardStarts: IsolateStarts {
    let link: ShardLink
    let serial: Int

    func begin() -> UInt64 { link.beginStart(of: serial) }
    func end(_ number: UInt64) { link.endStart(number) }
}

/// The way back to the supervisor.
private final class ShardResponder: DispatchResponder {
    private let dispatch: ShardDispatch
    private let onRefused: @Sendable () -> Void
    private let onOpened: @Sendable (ShardSocket) -> Void
    private let state = Mutex(State())

    private struct State {
        var sink: (any ByteSink)?
        var isAnswered = false
        /// Of a dispatch that is over, and whose answer is still to be sent with others of its turn.
        var report: DispatchReport?
    }

    /// - Parameters:
    ///   - onRefused: nothing of it was begun.
    ///   - onOpened: hears of the WebSocket that it has opened, before that is open.
    init(
        _ dispatch: ShardDispatch, onRefused: @escaping @Sendable () -> Void,
        onOpened: @escaping @Sendable (ShardSocket) -> Void
    ) {
        self.dispatch = dispatch
        self.onRefused = onRefused
        self.onOpened = onOpened
    }

    func respond(_ answer: DispatchAnswer) {
        var description = AnswerDescription(answer)
        let body = answer.body
        if !body.isEmpty { description.body = .whole(body) }
        dispatch.respond(description)
        answered()
    }

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        let sink = dispatch.start(AnswerDescription(answer))
        state.withLock { $0.sink = sink }
        answered()
        return sink
    }

    func open(_ answer: DispatchAnswer, _ handler: any DispatchSocketHandler) {
        if let socket = dispatch.open(SocketAnswer(headers: answer.headers), handler) {
            onOpened(socket)
            handler.opened(socket)
        } else {
            handler.closed(code: 1006, reason: "")
        }
        answered()
    }

    func fail(_ failure: DispatchFailure) {
        let refusal: DispatchRefusal =
            switch failure {
            case .unknownWorker: .unknownWorker
            case .overloaded: .overloaded
            case .shuttingDown, .lost: .shuttingDown
            case .ended(let outcome): .failed(outcome)
            }
        dispatch.refuse(refusal)
        if case .ended = failure { answered() } else { onRefused() }
    }

    /// The dispatch is over; its answer may be still to come.
    func end(_ record: RequestRecord) {
        let report = DispatchReport(record)
        let isAnswered = state.withLock { state in
            if !state.isAnswered { state.report = report }
            return state.isAnswered
        }
        if isAnswered || record.kind != .fetch { dispatch.end(report) }
    }

    private func answered() {
        let report = state.withLock { state in
            state.isAnswered = true
            defer { state.report = nil }
            return state.report
        }
        if let report { dispatch.end(report) }
    }

    func abort() { state.withLock { $0.sink }?.cancel() }
}

extension AnswerDescription {
    fileprivate init(_ answer: DispatchAnswer) {
        self.init(status: answer.status, headers: answer.headers)
        statusText = answer.statusText
    }
}

extension FaultDescription {
    init(_ fault: DeploymentFault) {
        self.init(kind: fault.kind.rawValue, message: fault.message)
        (file, line, column, sourceLine) = (fault.file, fault.line, fault.column, fault.sourceLine)
        (stack, code) = (fault.stack, fault.code)
    }
}

extension WorkerModules {
    convenience init(_ description: ModulesDescription) {
        self.init(
            main: description.main,
            compiled: description.modules.map {
                var module = CompiledModule(name: $0.name, source: $0.source, code: $0.compiled, map: $0.map)
                module.failure = $0.failure.map { ModuleError($0) }
                return module
            }, isPublic: description.isPublic)
    }
}

extension ModuleError {
    fileprivate init(_ failure: CompileFailure) {
        // Whoever loads it says by which URL it is known.
        let place = Position(
            url: "", line: failure.line, column: failure.column, sourceLine: failure.sourceLine)
        self.init(
            Kind(rawValue: failure.code) ?? .transpileFailed, failure.message, at: failure.line > 0 ? place : nil)
    }
}
