// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

/// Runs one program to its end in a fresh isolate: top-level await, timers and host calls included.
///
/// Lives on an isolate's thread and never blocks it: every step is a turn of the isolate under what is
/// left of the limits.
package final class ScriptRun {
    private let program: Program
    private let thread: IsolateThread
    private let loader: any ModuleLoader
    private let caches: CodeCaches?
    private let onLine: (ConsoleLine) -> Void
    private let completion: @Sendable (RunRecord) -> Void

    private var isolate: Isolate?
    private var context: Context?
    private var modules: ContextModules?
    private var graph: ModuleGraph? { modules?.graph }
    private var runTimers: Function?
    private var entry: Module?
    private var evaluation: Promise?
    private var isEvaluated = false
    private let dispatch: WorkerDispatch?
    private var isDispatched = false

    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let progress = RunProgress()
    private var scriptTimer: LoopTimer?
    private var wallTimer: LoopTimer?
    private var hasScriptTimer = false
    private var jobs: JobClient?
    private let scope: CallScope
    private var bridge: HostBridge?
    private var isFinished = false
    private let endWanted = EndWanted()

    /// Prepares a run; `start()` starts it. All callbacks come on the thread, except that the completion comes from
    /// elsewhere when the thread is lost.
    package init(
        _ program: Program, on thread: IsolateThread, loader: any ModuleLoader, caches: CodeCaches?,
        onLine: @escaping (ConsoleLine) -> Void, onResponse: WorkerDispatch.Receiver? = nil,
        completion: @escaping @Sendable (RunRecord) -> Void
    ) {
        self.program = program
        self.thread = thread
        self.loader = loader
        self.caches = caches
        self.onLine = onLine
        self.completion = completion
        dispatch = program.request.flatMap { request in onResponse.map { WorkerDispatch(request, $0) } }
        start = clock.now
        scope = CallScope(
            caller: program.name, bindings: program.bindings, limits: program.hostLimits,
            observer: program.hostObserver,
            dispatch: program.dispatch)
    }

    /// Makes the isolate; the program's first step is the thread's next job.
    /// - Returns: what ends the run from any thread.
    /// - Throws: `LimitsError`, `AdmissionError`, `EngineError`.
    package func start(_ host: IsolateHost) throws -> Ender {
        let bound = ThreadBound(self, on: thread.loop)
        let bridge = HostBridge(scope) { bound.post { $0.proceed() } }
        self.bridge = bridge
        isolate = try host.makeIsolate(
            program.name, limits: program.limits, freezesClock: program.freezesClock, seed: program.seed,
            rewritesStacks: true,
            onLost: { [progress, completion, start, endBridge = bridge.ender] turn in
                endBridge()
                completion(progress.lose(turn, after: ContinuousClock.now - start))
            }, onWake: { bound.post { $0.proceed() } })
        scriptTimer = thread.loop.makeTimer { bound.post { $0.timersAreDue() } }
        wallTimer = thread.loop.makeTimer { bound.post { $0.wallIsOver() } }
        if let wall = program.limits.wall { wallTimer?.start(after: wall / 5 * 4) }
        guard let terminator = try? isolate?.makeTerminator() else {
            throw EngineError.refused("the isolate has no terminator")
        }
        jobs = host.jobs.makeClient { [progress, most = program.limits.cpu] cpu in
            guard !progress.isLost else { return false }
            guard !progress.charge(cpu, most: most) else { return true }
            // First the job, as in `Ender.end()`.
            bound.post { $0.finish(.failure(.terminated(.cpu))) }
            terminator.terminate()
            return false
        }
        isolate?.setOperations(operations)
        bound.post { run in run.turn { () throws(ScriptError) in try run.begin() } }
        return Ender(terminator: terminator, run: bound, wanted: endWanted)
    }

    /// Ends a run from any thread, whether it computes or waits.
    package struct Ender: Sendable {
        fileprivate let terminator: Terminator
        fileprivate let run: ThreadBound<ScriptRun>
        fileprivate let wanted: EndWanted

        /// The run's record will say `wasInterrupted`, unless it is over already.
        package func end() {
            // First the flag, then the termination: a turn looks at the flag once it can be terminated.
            wanted.flag.store(true, ordering: .sequentiallyConsistent)
            run.post { $0.finish(.failure(.terminated(.requested))) }
            terminator.terminate()
        }
    }

    /// Whether somebody asked for the end.
    fileprivate final class EndWanted: Sendable {
        let flag = Atomic(false)
    }

    // MARK: Steps

    private func begin() throws(ScriptError) {
        guard let context = try isolate?.makeContext(program.limits) else { return }
        self.context = context
        let graph = ModuleGraph(context, loader: loader, caches: caches)
        let modules = ContextModules(graph, main: program.entry.url.text)
        self.modules = modules
        isolate?.setModuleHost(modules)
        runTimers = try context.preludeFunction(Prelude.Export.runTimers.rawValue)
        try setProcess(context)
        try bridge?.attach(context)
        for preload in program.preloads { try context.evaluate(preload.source, url: preload.url.text) }
        try graph.load(program.entry) { [unowned self] result throws(ScriptError) in
            switch result {
            case .failure(let failure):
                importedFrom = failure.importedFrom
                throw .exception(failure.exception)
            case .success(let module):
                entry = module
                evaluation = try module.evaluate()
                isEvaluated = evaluation == nil
            }
        }
    }

    private func setProcess(_ context: Context) throws(ScriptError) {
        let file = program.entry.url.filePath ?? program.entry.url.text
        let entries = program.environment.flatMap { [$0.name, $0.value] }
        let setProcess = try context.preludeFunction(Prelude.Export.setProcess.rawValue)
        let values: [ScriptValue]
        do throws(ScriptValueError) {
            values = [
                .string(file), try ScriptValue(encoding: program.arguments), try ScriptValue(encoding: entries),
            ]
        } catch {
            throw .value(error)
        }
        _ = try setProcess.call(arguments: values, form: .nothing)
    }

    /// Something may have happened: host calls answered, V8's tasks, imports.
    private func proceed() {
        turn { () throws(ScriptError) in
            try bridge?.deliver()
            try isolate?.deliver()
        }
    }

    private func timersAreDue() {
        hasScriptTimer = false
        turn { () throws(ScriptError) in _ = try runTimers?.call(form: .nothing) }
    }

    /// First at 80 % of the wall limit, then at its end.
    private func wallIsOver() {
        guard !isFinished, !progress.isLost, let wall = program.limits.wall else { return }
        let left = wall - (clock.now - start)
        guard left > .zero else { return finish(.failure(.terminated(.wall))) }
        wallTimer?.start(after: left)
        guard !progress.approached.contains(.wall) else { return }
        progress.add(approached: .wall)
        turn { () throws(ScriptError) in
            _ = try context?.preludeFunction(Prelude.Export.approachLimit.rawValue).call(
                .string("wall"), .number((clock.now - start).milliseconds), .number(wall.milliseconds), form: .nothing)
        }
    }

    /// Takes one step inside the isolate, then sees what is left to do.
    private func turn(_ step: () throws(ScriptError) -> Void) {
        guard !isFinished, !progress.isLost, isolate != nil else { return }
        let elapsed = clock.now - start
        let budget = Isolate.Budget(
            cpu: program.limits.cpu.map { max($0 - progress.cpuSpent, .nanoseconds(1)) },
            wall: program.limits.wall.map { max($0 - elapsed, .nanoseconds(1)) }, cpuBefore: progress.cpuSpent,
            wallBefore: elapsed, approached: progress.approached)
        guard
            let (result, turn) = isolate?.turn(
                budget,
                { () throws(ScriptError) in
                    guard !endWanted.flag.load(ordering: .sequentiallyConsistent) else {
                        throw .terminated(.requested)
                    }
                    try step()
                    try serveImports()
                    try checkUncaught()
                })
        else { return }
        progress.add(turn.cpu, approached: turn.approached)
        // Jobs count too, and may have spent the rest meanwhile.
        if let cpu = program.limits.cpu, progress.cpuSpent >= cpu { return finish(.failure(.terminated(.cpu))) }
        switch result {
        case .failure(let error): finish(.failure(error))
        case .success: continueOrFinish()
        }
    }

    private func serveImports() throws(ScriptError) {
        try modules?.serveImports { () throws(ScriptError) in try isolate?.runMicrotasks() }
        if let evaluation, try evaluation.take(form: .nothing, holds: true) != nil {
            self.evaluation = nil
            isEvaluated = true
        }
    }

    private func checkUncaught() throws(ScriptError) {
        if let exception = try context?.takeUncaught() { throw .exception(exception) }
        if isDispatched { try dispatch?.check() }
    }

    private func continueOrFinish() {
        load()
        if dispatch?.isFinished == true { return finish(.success(())) }
        if isEvaluated, let dispatch, !isDispatched { return ask(dispatch) }
        let waits =
            graph?.isLoading == true || hasScriptTimer || (isolate?.pendingHostCalls ?? 0) > 0
            || (bridge?.pendingCount ?? 0) > 0
        if waits { return }
        if isEvaluated, dispatch == nil { return finish(.success(())) }
        let (what, code) =
            isEvaluated
            ? ("The fetch handler never settles: it", "ERR_UNSETTLED_HANDLER")
            : ("Top-level await never settles: the module", "ERR_UNSETTLED_TOP_LEVEL_AWAIT")
        let stalled = ScriptException(
            name: "Error", message: "\(what) waits for a promise that nothing is left to resolve", code: code,
            url: program.entry.url.text)
        finish(.failure(.exception(stalled)))
    }

    private func ask(_ dispatch: WorkerDispatch) {
        isDispatched = true
        turn { () throws(ScriptError) in
            guard let entry, let context else { return }
            try dispatch.begin(entry, in: context, variables: program.environment)
        }
    }

    /// Has wanted modules read off this thread.
    private func load() {
        guard let keys = graph?.takeWanted(), !keys.isEmpty else { return }
        let bound = ThreadBound(self, on: thread.loop)
        Task { [loader] in
            let answers = await loader.load(keys)
            bound.post { run in
                run.turn { () throws(ScriptError) in
                    try run.graph?.deliver(keys, answers)
                    try run.isolate?.runMicrotasks()
                }
            }
        }
    }

    // MARK: The end

    private func finish(_ result: Result<Void, ScriptError>) {
        guard !isFinished, !progress.isLost else { return }
        isFinished = true
        jobs?.cancel()
        jobs = nil
        bridge?.end()
        bridge = nil
        scriptTimer = nil
        wallTimer = nil
        var record = RunRecord(outcome: .ok)
        switch result {
        case .success:
            record.value = dispatch == nil ? defaultExport() : nil
            graph?.storeCodeCaches()
        case .failure(.terminated(let termination)):
            record.outcome = termination.outcome
            if termination == .requested {
                record.wasInterrupted = true
                record.exception = ScriptException(
                    name: "Error", message: "The run was interrupted", code: "ERR_INTERRUPTED")
            }
        case .failure(.exception(var exception)):
            record.outcome = .exception
            graph?.sourceMaps.locate(&exception)
            record.shownException = show(exception)
            record.exception = exception
            record.importedFrom = importedFrom
            // Uncaught, so it is the limit that ended the script.
            if isolate?.refusedMemory == true, exception.name == "RangeError" { record.outcome = .exceededMemory }
        case .failure(.value(let error)):
            record.outcome = .internalError
            record.exception = ScriptException(name: "Error", message: error.message)
        case .failure(.missing(let what)), .failure(.misuse(let what)):
            record.outcome = .internalError
            record.exception = ScriptException(name: "Error", message: what)
        }
        record.usage = usage()
        record.approached = progress.approached
        // All of these know the isolate, which knows this run.
        (modules, context, runTimers, entry, evaluation) = (nil, nil, nil, nil, nil)
        isolate = nil
        completion(record)
    }

    private var importedFrom: [String] = []

    /// The last looks at values run the script's own code (getters, toJSON): briefly, and within the limits.
    private func lastTurn<Value>(_ body: () throws(ScriptError) -> Value?) -> Value? {
        let left = program.limits.cpu.map { max($0 - progress.cpuSpent, .milliseconds(1)) }
        let budget = Isolate.Budget(cpu: min(left ?? .seconds(1), .seconds(1)), wall: .seconds(5))
        guard let (result, turn) = isolate?.turn(budget, body) else { return nil }
        progress.add(turn.cpu)
        return (try? result.get()) ?? nil
    }

    private func defaultExport() -> ScriptValue? {
        lastTurn { () throws(ScriptError) in
            guard let entry else { return nil }
            // A worker: its handlers are called, it is no value.
            for handler in ["fetch", "scheduled"] {
                if (try? entry.function("default", member: handler)) != nil { return nil }
            }
            return try entry.export("default")
        }
    }

    private func show(_ exception: ScriptException) -> String {
        let shown = lastTurn { () throws(ScriptError) -> String? in
            guard let held = exception.held, let context else { return nil }
            let inspect = try context.preludeFunction(Prelude.Export.inspectError.rawValue)
            guard case .value(.string(let text)) = try inspect.call(.held(held)) else { return nil }
            return text
        }
        // An error without frames stands in brackets inside other values, but not by itself.
        guard let shown, shown != "[\(exception.stack)]" else { return exception.stack }
        return shown
    }

    private func usage() -> Usage {
        var usage = Usage(
            cpuMicroseconds: progress.cpuSpent.microseconds, wallMicroseconds: (clock.now - start).microseconds,
            hostCalls: isolate?.hostCalls ?? 0)
        usage.subrequests = scope.meter.used(.subrequests)
        usage.egressBytes = scope.meter.used(.egressBytes)
        if let statistics = try? isolate?.heapStatistics() {
            usage.heapPeakBytes = Int(clamping: statistics.peakUsedHeapSize)
            usage.externalPeakBytes = Int(clamping: statistics.peakExternal)
            usage.memoryPeakBytes = Int(clamping: statistics.peakHeld)
        }
        return usage
    }
}

// MARK: - What the script asks of its host

extension ScriptRun {
    private var operations: [OperationHandler] {
        Prelude.Operation.allCases.map { operation in
            switch operation {
            case .log: { [unowned self] (call: borrowing Isolates.HostCall) in log(call) }
            case .armTimer: { [unowned self] (call: borrowing Isolates.HostCall) in armTimer(call) }
            case .runJob: { [unowned self] (call: borrowing Isolates.HostCall) in runJob(call) }
            case .respond: { [unowned self] (call: borrowing Isolates.HostCall) in dispatch?.respond(call, bridge) }
            case .finishDispatch: { [unowned self] (_: borrowing Isolates.HostCall) in dispatch?.finish() }
            case .failDispatch: { [unowned self] (_: borrowing Isolates.HostCall) in dispatch?.fail() }
            case .openSocket: { (call: borrowing Isolates.HostCall) in call.throwing(.noUpgrade) }
            case .receiveSocket, .sendSocket, .closeSocket: { (_: borrowing Isolates.HostCall) in }
            }
        }
            + Prelude.HostOperation.allCases.map { operation in
                { [unowned self] (call: borrowing Isolates.HostCall) in bridge?.answer(operation, call) }
            }
    }

    private func log(_ call: borrowing Isolates.HostCall) {
        guard case .string(let level)? = try? call.argument(0), case .string(let text)? = try? call.argument(1) else {
            return
        }
        onLine(ConsoleLine(level: level, message: text, time: (clock.now - start).milliseconds))
    }

    private func runJob(_ call: borrowing Isolates.HostCall) {
        guard let jobs, jobs.hasRoom, let job = call.job(0), let answer = call.deferring() else { return }
        jobs.start(job) { answer.settle(.success(.undefined)) }
    }

    private func armTimer(_ call: borrowing Isolates.HostCall) {
        guard case .number(let milliseconds)? = try? call.argument(0),
            case .boolean(let holds)? = try? call.argument(1)
        else { return }
        hasScriptTimer = milliseconds >= 0 && holds
        if milliseconds >= 0 {
            scriptTimer?.start(after: .milliseconds(milliseconds))
        } else {
            scriptTimer?.stop()
        }
    }
}

extension Termination {
    /// Whose limit it was.
    var outcome: Outcome {
        switch self {
        case .cpu: .exceededCPU
        case .wall: .exceededWallTime
        case .heap: .exceededMemory
        case .requested: .exception
        }
    }
}
