// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

/// An isolate that serves one version of a worker: takes up its modules, then dispatch after dispatch.
///
/// Unchecked: what has no lock belongs to the thread that runs it, and `Mailbox` lets one at a time. When that thread is
/// lost, it is inside V8 for ever and touches nothing again: `lose` takes its place.
final class Resident: PoolItem, @unchecked Sendable {
    /// What it is made for.
    enum Purpose {
        /// The requests of a service.
        case service(WorkerService)
        /// To see whether the modules can be taken up.
        case check(@Sendable ([DeploymentFault]) -> Void)
    }

    enum Phase {
        case new
        case starting
        case ready
        case over
    }

    let deployment: WorkerDeployment
    let core: HostCore
    let purpose: Purpose
    let mailbox = Mutex(Mailbox<DispatchRequest>())
    /// The dispatches under way.
    let active = Mutex<[UInt32: ActiveDispatch]>([:])
    /// The WebSockets that are open, by the numbers of the dispatches that opened them.
    let sockets = Mutex<[UInt32: ActiveDispatch]>([:])
    let backlog = SocketBacklog()
    /// What else other threads bring.
    let parcels = Mutex(Parcels())
    /// The thread that runs it, or ran it last.
    let thread = Atomic(0)
    /// When it was last of use, for eviction.
    let lastUse = Atomic<UInt64>(0)
    /// Memory that it held when it was last looked at, in bytes.
    private let held = Atomic(0)

    struct Parcels {
        var aborts: [UInt32] = []
        var sockets: [UInt32] = []
        var modules: [(keys: [ModuleKey], answers: [Result<LoadedModule, ModuleError>])] = []
    }

    // The rest belongs to the thread that runs it.
    var phase = Phase.new
    var isRetiring = false
    private var hasEnded = false
    var isolate: Isolate?
    var context: Context?
    var modules: ContextModules?
    var bridge: HostBridge?
    var functions: ResidentFunctions?
    var socketFunctions: SocketFunctions?
    var entry: Module?
    var evaluation: Promise?
    var isEvaluated = false
    var stage = StartStage.loading
    var jobs: JobClient?
    let timers: ResidentTimers
    let base: CallScope
    var started: UInt64 = 0
    var startCPU = Duration.zero
    var dispatchCount = 0
    var lastNumber: UInt32 = 0
    /// The dispatch that is being begun.
    var current: ActiveDispatch?
    /// Dispatches whose handlers have failed, and those that are over, in this turn.
    var failed: [ActiveDispatch] = []
    var finished: [ActiveDispatch] = []
    var answers: [DispatchAnswer] = []
    let jobBill = JobBill()
    var hasOpenedSockets = false
    /// When sockets have to be closed, by `MonotonicClock`.
    var socketDeadline = UInt64.max
    private var lastLook: UInt64 = 0
    var memory = ResidentMemory()

    init(_ deployment: WorkerDeployment, _ core: HostCore, for purpose: Purpose) {
        self.deployment = deployment
        self.core = core
        self.purpose = purpose
        timers = ResidentTimers(core.pool.clock.loop)
        base = CallScope(
            caller: deployment.name, bindings: deployment.bindings, limits: deployment.hostLimits,
            dispatch: deployment.starts?.begin() ?? 0)
    }

    // MARK: From any thread

    /// Takes a request, unless it is no more.
    func take(_ request: DispatchRequest) -> Bool { queue(mailbox.withLock { $0.add(request) }) }

    @discardableResult
    func signal(_ signal: Mailbox<DispatchRequest>.Signals) -> Bool { queue(mailbox.withLock { $0.add(signal) }) }

    private func queue(_ step: Mailbox<DispatchRequest>.Step) -> Bool {
        switch step {
        case .queue: core.pool.add(self)
        case .wait: break
        case .closed: return false
        }
        return true
    }

    /// The client of a dispatch has left.
    func cancel(_ number: UInt32) {
        parcels.withLock { $0.aborts.append(number) }
        signal(.abort)
    }

    var waiting: Int { mailbox.withLock { $0.waiting } }
    var heldBytes: Int { held.load(ordering: .relaxed) }
    var inFlight: Int { active.withLock { $0.count } }

    // MARK: On a thread of the pool

    func run(on thread: Int) -> Bool {
        self.thread.store(thread, ordering: .relaxed)
        let room = phase == .ready ? max(0, deployment.concurrency - inFlight) : 0
        let (requests, signals) = mailbox.withLock { $0.take(atMost: min(room, HostCore.batch)) }
        if signals.contains(.giveUp), phase == .new { giveUp() }
        switch phase {
        case .new: start()
        case .starting: proceed(signals)
        case .ready: serve(requests, signals)
        case .over: return false
        }
        deliverAnswers()
        if signals.contains(.retire) {
            isRetiring = true
            setSocketDeadline()
        }
        if signals.contains(.evict), phase == .ready, inFlight == 0, waiting == 0 {
            isRetiring = true
            closeSockets(1012, "service restart")
        }
        if signals.contains(.closeSockets), phase == .ready { closeSockets(1001, "going away") }
        // One that has not begun hands its requests on; one that has takes what it has up to the point of handing on.
        if isRetiring, inFlight == 0, openSockets == 0, phase != .starting, phase != .ready || waiting == 0 { end() }
        guard phase != .over else { return false }
        let hasRoom = phase == .ready && inFlight < deployment.concurrency
        return mailbox.withLock { $0.finish(hasRoom: hasRoom) } == .queue
    }

    /// Looks at what the isolate holds: a hundred times a second at the most, and after turns that take a thousand times
    /// as long as a look.
    private func lookAtMemory(after turn: Isolate.Turn) {
        let now = MonotonicClock.now
        guard turn.wall >= .microseconds(250) || now - lastLook > 10_000_000,
            let statistics = try? isolate?.heapStatistics()
        else { return }
        lastLook = now
        held.store(Int(clamping: statistics.held), ordering: .relaxed)
        memory.note(statistics)
        active.withLock { for dispatch in $0.values { dispatch.memory.formMaximum(memory.peak) } }
    }

    /// Takes one step inside the isolate, and sees to what it left. Returns whether the isolate is still there.
    @discardableResult
    func turn(_ budget: Isolate.Budget, _ step: () throws(ScriptError) -> Void) -> Isolate.Turn? {
        guard
            let (result, turn) = isolate?.turn(
                budget,
                { () throws(ScriptError) in
                    try step()
                    try modules?.serveImports { () throws(ScriptError) in try isolate?.runMicrotasks() }
                    try collectFailures()
                    try reportUncaught()
                })
        else { return nil }
        lookAtMemory(after: turn)
        if case .failure(let error) = result { suffer(error, turn) }
        return turn
    }

    /// Errors of timers, microtasks and rejections that nothing handled, of no known dispatch.
    private func reportUncaught() throws(ScriptError) {
        while var exception = try context?.takeUncaught() {
            modules?.graph.sourceMaps.locate(&exception)
            log("error", "Uncaught " + exception.stack, of: 0)
        }
    }

    /// What handlers threw, as soon as they did.
    private func collectFailures() throws(ScriptError) {
        while let dispatch = failed.popLast() {
            do throws(ScriptError) {
                _ = try functions?.takeFailure.call(arguments: [.number(Double(dispatch.number))], form: .nothing)
            } catch {
                guard case .exception(var exception) = error else { throw error }
                modules?.graph.sourceMaps.locate(&exception)
                dispatch.record.error =
                    exception.name.isEmpty
                    ? exception.message : "\(exception.name): \(exception.message)"
                dispatch.record.stack = exception.stack
            }
            // A RangeError of an allocation that the limit refused is the limit's doing.
            let isMemory = isolate?.refusedMemory == true && dispatch.record.error?.hasPrefix("RangeError") == true
            fail(dispatch, isMemory ? .exceededMemory : .exception)
        }
    }

    /// A turn was cut short, or could not be.
    private func suffer(_ error: ScriptError, _ turn: Isolate.Turn) {
        guard case .terminated(let termination) = error else {
            if case .exception(var exception) = error {
                modules?.graph.sourceMaps.locate(&exception)
                log("error", "Uncaught " + exception.stack, of: 0)
            }
            return
        }
        // Where JavaScript was stopped in the middle, its variables may be in any state: nobody else is to meet them.
        retire()
        let culprit = current
        current = nil
        culprit?.cpu += turn.cpu.wholeNanoseconds
        dropSockets(termination.outcome, culprit: termination == .heap ? nil : culprit?.number)
        if termination == .heap || culprit == nil {
            for dispatch in takeAll() { close(dispatch, termination.outcome) }
        } else if let culprit, culprit.socket == nil {
            close(culprit, termination.outcome)
        }
        if termination == .heap { phase = .over }
    }

    // MARK: The end

    /// No further requests come here: those that wait go elsewhere.
    func retire() {
        isRetiring = true
        if case .service(let service) = purpose { service.retire(self) }
    }

    /// Gives everything back.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        phase = .over
        let rest = mailbox.withLock { $0.close() }
        timers.end()
        jobs?.cancel()
        bridge?.end()
        endBase()
        dropSockets(.internalError, culprit: nil)
        for dispatch in takeAll() { close(dispatch, .internalError) }
        deliverAnswers()
        (jobs, bridge, context, modules, functions, entry, evaluation) = (nil, nil, nil, nil, nil, nil, nil)
        socketFunctions = nil
        isolate = nil
        if case .service(let service) = purpose { service.ended(self, rest) }
        core.ended(self)
    }

    /// Nothing calls the host any more outside of dispatches.
    private func endBase() {
        base.end()
        deployment.starts?.end(base.dispatch)
    }

    /// On the watchdog's thread: the isolate's thread never comes back.
    func lose(_ turn: LostTurn, endBridge: @Sendable () -> Void) {
        endBridge()
        endBase()
        timers.end()
        jobs?.cancel()
        let rest = mailbox.withLock { $0.close() }
        let dispatches = active.withLock { active in
            defer { active = [:] }
            return Array(active.values)
        }
        // Others of the turn may have answered before it was lost: these answers are theirs.
        deliverAnswers()
        if let current, current.socket != nil { current.cpu += turn.cpu.wholeNanoseconds }
        dropSockets(turn.outcome, culprit: current?.number, isLost: true)
        for dispatch in dispatches {
            dispatch.cpu += turn.cpu.wholeNanoseconds / UInt64(max(1, dispatches.count))
            dispatch.memory.formMaximum(
                MemoryPeak(heap: turn.peakHeld - turn.peakExternal, external: turn.peakExternal))
            dispatch.isStreaming = dispatch.isStreaming && !dispatch.isFinished
            if !dispatch.isFinished { dispatch.outcome = turn.outcome }
            settle(dispatch, dispatch.outcome)
            if case .service(let service) = purpose { service.finished(dispatch, self) }
        }
        core.pool.lose(thread.load(ordering: .relaxed))
        switch purpose {
        case .service(let service):
            service.retire(self)
            service.ended(self, rest)
        case .check(let answer): answer([DeploymentFault(.limit, "the modules were ended: \(turn.outcome.rawValue)")])
        }
        core.ended(self)
    }
}
