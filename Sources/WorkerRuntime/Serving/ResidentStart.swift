// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

/// Functions of the prelude that a resident calls.
struct ResidentFunctions {
    let runTimers: Function
    let dispatchFetch: Function
    let dispatchScheduled: Function
    let abortDispatch: Function
    let awaitsAbort: Function
    let takeFailure: Function
    let setWorker: Function

    init(_ context: Context) throws(ScriptError) {
        runTimers = try context.preludeFunction(Prelude.Export.runTimers.rawValue)
        dispatchFetch = try context.preludeFunction(Prelude.Export.dispatchFetch.rawValue)
        dispatchScheduled = try context.preludeFunction(Prelude.Export.dispatchScheduled.rawValue)
        abortDispatch = try context.preludeFunction(Prelude.Export.abortDispatch.rawValue)
        awaitsAbort = try context.preludeFunction(Prelude.Export.awaitsAbort.rawValue)
        takeFailure = try context.preludeFunction(Prelude.Export.takeFailure.rawValue)
        setWorker = try context.preludeFunction(Prelude.Export.setWorker.rawValue)
    }
}

/// How far the modules have come.
enum StartStage {
    case loading
    case evaluating
    /// Looking for the handlers.
    case finding

    func kind(of exception: ScriptException) -> DeploymentFault.Kind {
        switch self {
        case .loading: exception.name == "SyntaxError" ? .syntax : .resolution
        case .evaluating: .evaluation
        case .finding: .exports
        }
    }
}

extension Resident {
    /// Elapsed time in which modules must be taken up, however little they compute.
    private static let startWall = Duration.seconds(30)

    /// Makes the isolate and has the modules read.
    func start() {
        guard !isRetiring, core.admit(self) else { return }
        phase = .starting
        started = MonotonicClock.now
        do {
            try makeIsolate()
        } catch is AdmissionError {
            phase = .new
            return core.wantRoom(self)
        } catch {
            return failStart([DeploymentFault(.host, "\(error)")], .internalError)
        }
        timers.deadline.start(after: Self.startWall) { [weak self] in self?.signal(.deadline) }
        step { () throws(ScriptError) in
            if self.context == nil, let context = try isolate?.makeContext(deployment.limits) {
                self.context = context
                functions = try ResidentFunctions(context)
            }
            guard let context = self.context else { return }
            let graph = ModuleGraph(context, loader: deployment.loader, caches: core.caches)
            let modules = ContextModules(graph, main: deployment.main.url.text)
            self.modules = modules
            isolate?.setModuleHost(modules)
            try bridge?.attach(context)
            try graph.load(deployment.main) { [unowned self] result throws(ScriptError) in
                switch result {
                case .failure(let failure): throw .exception(failure.exception)
                case .success(let module):
                    stage = .evaluating
                    entry = module
                    evaluation = try module.evaluate()
                    isEvaluated = evaluation == nil
                }
            }
        }
    }

    private func makeIsolate() throws {
        let bridge = HostBridge(
            base, scopeOf: { [unowned self] number in scope(of: number) },
            onWake: { [weak self] in self?.signal(.wake) })
        self.bridge = bridge
        if let blank = core.blanks.take(deployment.limits) {
            (context, functions) = (blank.context, blank.functions)
            isolate = blank.isolate.take()
            isolate?.rename(deployment.name)
            blank.owner.set(self, endBridge: bridge.ender)
        } else {
            let owner = IsolateOwner {}
            owner.set(self, endBridge: bridge.ender)
            isolate = try core.host.makeIsolate(
                deployment.name, limits: deployment.limits, rewritesStacks: true, onLost: { owner.lose($0) },
                onWake: { owner.wake() })
        }
        isolate?.setOperations(operations)
        guard let terminator = try? isolate?.makeTerminator() else {
            throw EngineError.refused("the isolate has no terminator")
        }
        jobs = core.host.jobs.makeClient { [jobBill, most = deployment.limits.cpu] cpu in
            guard !jobBill.charge(cpu, most: most) else { return true }
            terminator.terminate()
            return false
        }
    }

    /// Something came for modules that are being taken up.
    func proceed(_ signals: Mailbox<DispatchRequest>.Signals) {
        if signals.contains(.deadline), MonotonicClock.now - started > Self.startWall.wholeNanoseconds {
            return failStart(
                [DeploymentFault(.limit, "the modules wait for something that does not come")], .exceededWallTime)
        }
        let arrived = parcels.withLock { parcels in
            defer { parcels.modules = [] }
            return parcels.modules
        }
        step { () throws(ScriptError) in
            for (keys, answers) in arrived {
                try modules?.graph.deliver(keys, answers)
                try isolate?.runMicrotasks()
            }
            if signals.contains(.wake) {
                try bridge?.deliver()
                try isolate?.deliver()
            }
            if signals.contains(.timer) { _ = try functions?.runTimers.call(form: .nothing) }
        }
    }

    /// One step of taking up the modules.
    private func step(_ body: () throws(ScriptError) -> Void) {
        let left = max(deployment.startup - startCPU, .nanoseconds(1))
        let budget = Isolate.Budget(cpu: left, wall: Self.startWall, cpuBefore: startCPU)
        guard
            let (result, turn) = isolate?.turn(
                budget,
                { () throws(ScriptError) in
                    try body()
                    try modules?.serveImports { () throws(ScriptError) in try isolate?.runMicrotasks() }
                    if let evaluation, try evaluation.take(form: .nothing) != nil {
                        self.evaluation = nil
                        isEvaluated = true
                    }
                    if let exception = try context?.takeUncaught() { throw .exception(exception) }
                    guard isEvaluated, let entry, let context = self.context else { return }
                    try setWorker(entry, context)
                })
        else { return }
        startCPU += turn.cpu
        switch result {
        case .failure(.terminated(let termination)):
            let what = termination == .heap ? "memory" : termination == .cpu ? "CPU time to start" : "time to start"
            failStart([DeploymentFault(.limit, "the modules took more \(what) than their limit")], termination.outcome)
        case .failure(.exception(var exception)):
            modules?.graph.sourceMaps.locate(&exception)
            failStart([DeploymentFault(stage.kind(of: exception), exception)], .exception)
        case .failure(let error): failStart([DeploymentFault(.host, "\(error)")], .internalError)
        case .success: isEvaluated ? becomeReady() : readModules()
        }
    }

    private func setWorker(_ entry: Module, _ context: Context) throws(ScriptError) {
        stage = .finding
        let variables = deployment.variables.flatMap { [$0.name, $0.value] }.map { ScriptValue.string($0) }
        _ = try functions?.setWorker.call(arguments: [entry.namespace, .list(variables)])
    }

    private func readModules() {
        guard let keys = modules?.graph.takeWanted(), !keys.isEmpty else {
            let waits =
                timers.isArmed || (isolate?.pendingHostCalls ?? 0) > 0 || (bridge?.pendingCount ?? 0) > 0
                || modules?.graph.isLoading == true
            if !waits {
                failStart(
                    [
                        DeploymentFault(
                            .evaluation, "top-level await waits for a promise that nothing is left to resolve")
                    ], .exception
                )
            }
            return
        }
        let loader = deployment.loader
        Task { [weak self] in
            let answers = await loader.load(keys)
            guard let self else { return }
            parcels.withLock { $0.modules.append((keys, answers)) }
            signal(.modules)
        }
    }

    private func becomeReady() {
        timers.deadline.stop()
        modules?.graph.storeCodeCaches()
        phase = .ready
        if case .check(let answer) = purpose {
            answer([])
            end()
        }
    }

    /// There was no room for it in time.
    func giveUp() {
        for request in mailbox.withLock({ $0.close() }) { request.responder.fail(.overloaded) }
        if case .check(let answer) = purpose {
            answer([DeploymentFault(.room, "there is no room for another isolate now: try again later")])
        }
        retire()
        end()
    }

    /// The modules cannot be taken up: who waits for them is told.
    func failStart(_ faults: [DeploymentFault], _ outcome: Outcome) {
        switch purpose {
        case .check(let answer): answer(faults)
        case .service(let service):
            retire()
            for fault in faults { log("error", fault.stack.isEmpty ? fault.message : fault.stack, of: 0) }
            for request in mailbox.withLock({ $0.close() }) {
                let now = MonotonicClock.now
                let dispatch = ActiveDispatch(0, request, deployment, isCold: true, now: now)
                dispatch.record.error = faults.first?.message
                dispatch.record.stack = faults.first?.stack
                dispatch.cpu = startCPU.wholeNanoseconds
                dispatch.outcome = outcome
                settle(dispatch, outcome)
                service.finished(dispatch, self)
            }
        }
        end()
    }
}

/// CPU time that jobs beside the isolate's thread took since it was last read.
final class JobBill: Sendable {
    private let spent = SharedCount()

    /// Adds. Returns whether the sum is below `most`.
    func charge(_ cpu: Duration, most: Duration?) -> Bool {
        let sum = spent.add(cpu.wholeNanoseconds)
        return most.map { sum < $0.wholeNanoseconds } ?? true
    }

    /// What has come together; nothing then.
    func take() -> UInt64 { spent.take() }
}
