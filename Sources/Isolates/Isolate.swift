// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// One V8 heap with hard limits, owned by whoever holds this value; one thread at a time may use it.
///
/// Contexts, modules and functions are values that name things inside. They answer
/// `ScriptError.missing` once the isolate is gone.
@safe public struct Isolate: ~Copyable {
    /// What an isolate may hold and how its clock goes.
    public struct Options: Sendable {
        /// What crash reports call the isolate; cut after 127 bytes.
        public var name = ""
        /// All memory of the isolate together, see `HeapStatistics.held`, in bytes, from `leastHeapLimit` on;
        /// `nil` is V8's default, unbounded.
        public var heapLimit: Int?
        /// `Date` and `performance.now()` stand still inside a turn; they move at its start and at host calls.
        public var freezesClock: Bool
        /// What random bytes for scripts follow from, the same each time; `nil`: from nothing. Not `Math.random`, which V8
        /// seeds (`--random-seed`).
        public var seed: UInt64?
        /// Stacks of errors go through `ModuleHost.rewriteStack`.
        public var rewritesStacks: Bool
        /// Hears of each step taken against a turn past its budget. On the watchdog's thread: return soon.
        public var onEscalation: (@Sendable (_ name: String, EscalationEvent) -> Void)?
        /// A turn will never end: its thread is parked, and the isolate is gone. On the watchdog's thread.
        public var onLost: (@Sendable (LostTurn) -> Void)?

        /// The least memory in which an isolate with the prelude can be made, in bytes.
        public static let leastHeapLimit = 8 << 20
        /// The most that can be said, in bytes: 1 TiB.
        public static let mostHeapLimit = 1 << 40

        /// Options with the defaults: no limit, a live clock, V8's own stacks.
        public init(heapLimit: Int? = nil, freezesClock: Bool = false, rewritesStacks: Bool = false) {
            self.heapLimit = heapLimit
            self.freezesClock = freezesClock
            self.rewritesStacks = rewritesStacks
        }
    }

    /// What a turn may spend.
    public struct Budget: Sendable {
        /// CPU time of the calling thread; `nil` is no limit.
        public var cpu: Duration?
        /// Elapsed time; `nil` is no limit.
        public var wall: Duration?
        /// What was spent before against the same limits: soft limits are at 80 % of the whole.
        public var cpuBefore: Duration
        /// As `cpuBefore`, of elapsed time.
        public var wallBefore: Duration
        /// The soft limits that JavaScript has heard of already.
        public var approached: LimitSet

        /// A budget without limits, or with these.
        public init(
            cpu: Duration? = nil, wall: Duration? = nil, cpuBefore: Duration = .zero, wallBefore: Duration = .zero,
            approached: LimitSet = []
        ) {
            self.cpu = cpu
            self.wall = wall
            self.cpuBefore = cpuBefore
            self.wallBefore = wallBefore
            self.approached = approached
        }
    }

    /// What a turn cost.
    public struct Turn: Sendable {
        /// CPU time of the thread inside the turn.
        public let cpu: Duration
        /// Elapsed time.
        public let wall: Duration
        /// Why it was cut short, if it was.
        public let termination: Termination?
        /// The limits of which 80 % are used. JavaScript hears of them in `approachLimit` of the prelude's exports.
        public let approached: LimitSet
    }

    let state: IsolateState

    /// Makes an isolate from the engine's snapshot, or an empty one.
    /// - Parameter onWake: called from any thread when `deliver()` has something to do; it may only schedule that.
    /// - Throws: `EngineError.refused`, `.invalidLimit`.
    public init(
        _ engine: Engine, _ options: Options = .init(), onWake: @escaping @Sendable () -> Void = {}
    ) throws(EngineError) {
        state = try IsolateState(options, onWake: onWake)
    }

    /// Makes a context: with what the snapshot's scripts made, or with V8's built-ins only.
    /// - Parameters:
    ///   - allowsCodeGeneration: `eval`, `new Function` and other ways from a string to code.
    ///   - allowsWebAssembly: the global `WebAssembly`.
    public func makeContext(
        bare: Bool = false, allowsCodeGeneration: Bool = false, allowsWebAssembly: Bool = false
    ) throws(ScriptError) -> Context {
        let raw = try unsafe state.live()
        var id: UInt64 = 0
        let options = ci_context_options_t(
            is_bare: bare, allows_code_generation: allowsCodeGeneration, allows_wasm: allowsWebAssembly)
        let status = unsafe ci_context_new(raw, options, &id)
        try unsafe state.check(status, what: "context")
        return Context(state: state, id: id)
    }

    /// Runs `body` inside the isolate, watched; a budget that is spent ends its JavaScript.
    ///
    /// Turns of one isolate do not nest. A termination never reaches the next turn.
    /// - Returns: the body's result, or the error it threw, and what the turn cost.
    public func turn<Value>(
        _ budget: Budget = .init(), _ body: () throws(ScriptError) -> Value
    ) -> (Result<Value, ScriptError>, Turn) {
        let raw: OpaquePointer
        do throws(ScriptError) {
            unsafe raw = try state.beginning()
        } catch {
            return (.failure(error), Turn(cpu: .zero, wall: .zero, termination: nil, approached: []))
        }
        unsafe ci_isolate_begin_turn(raw, budget.raw)
        var result: Result<Value, ScriptError>
        do throws(ScriptError) {
            result = .success(try body())
        } catch {
            result = .failure(error)
        }
        var spent = ci_turn_t()
        unsafe ci_isolate_end_turn(raw, &spent)
        state.ended(wasTerminated: spent.termination != .none)
        let turn = Turn(
            cpu: .nanoseconds(spent.cpu_nanoseconds), wall: .nanoseconds(spent.wall_nanoseconds),
            termination: Termination(spent.termination), approached: LimitSet(rawValue: spent.approached))
        if let termination = turn.termination { result = .failure(.terminated(termination)) }
        return (result, turn)
    }

    /// Settles the promises of host calls that have been answered, runs V8's own tasks, then microtasks.
    public func deliver() throws(ScriptError) {
        let raw = try unsafe state.live()
        for delivery in state.mailbox.take() { try state.settle(delivery) }
        try unsafe state.check(ci_isolate_run_tasks(raw), what: "isolate")
        try runMicrotasks()
    }

    /// Runs microtasks until there are none.
    public func runMicrotasks() throws(ScriptError) {
        try unsafe state.check(ci_microtasks_run(state.live()), what: "isolate")
    }

    /// Host calls that JavaScript awaits and the host has not answered.
    public var pendingHostCalls: Int { state.pendingHostCalls }

    /// Calls of JavaScript to the host so far.
    public var hostCalls: Int { state.hostCalls }

    /// Gives the handlers of the snapshot's operations, in their order.
    public func setOperations(_ handlers: [OperationHandler]) {
        for (index, handler) in handlers.enumerated() {
            state.operations[UInt32(CI_OPERATION_HOST) + UInt32(index)] = handler
        }
    }

    /// Who answers for modules: `import()`, `import.meta`, and stacks.
    public func setModuleHost(_ host: any ModuleHost) { state.moduleHost = host }

    /// Gives it another name, in crash reports and for those who hear what becomes of it.
    public func rename(_ name: String) {
        state.rename(name)
        guard let raw = try? unsafe state.here() else { return }
        unsafe name.withSlice { unsafe ci_isolate_set_name(raw, $0) }
    }

    /// Ends this isolate's turns from any thread.
    public func makeTerminator() throws(ScriptError) -> Terminator {
        unsafe Terminator(owning: ci_isolate_terminator(try state.here()))
    }

    /// Memory held now and at the most.
    public func heapStatistics() throws(ScriptError) -> HeapStatistics {
        var raw = ci_heap_statistics_t()
        unsafe ci_isolate_heap_statistics(try state.here(), &raw)
        return HeapStatistics(raw)
    }

    /// Whether an ArrayBuffer or wasm memory was refused because of the limit.
    public var refusedMemory: Bool {
        guard let raw = try? unsafe state.here() else { return false }
        return unsafe ci_isolate_refused_memory(raw)
    }

    /// CPU time of all ended turns.
    public var cpuTime: Duration { timeSpent.cpu }

    /// Elapsed time of all ended turns.
    public var wallTime: Duration { timeSpent.wall }

    private var timeSpent: (cpu: Duration, wall: Duration) {
        guard let raw = try? unsafe state.here() else { return (.zero, .zero) }
        var cpu: UInt64 = 0
        var wall: UInt64 = 0
        unsafe ci_isolate_time_spent(raw, &cpu, &wall)
        return (.nanoseconds(cpu), .nanoseconds(wall))
    }

    /// Asks V8 to free what it can.
    public func notifyLowMemory() {
        if let raw = try? unsafe state.live() { unsafe ci_isolate_low_memory(raw) }
    }

    deinit { state.dispose() }
}

extension Isolate.Budget {
    var raw: ci_budget_t {
        let now = ci_now()
        return ci_budget_t(
            cpu_nanoseconds: cpu.map { max($0.nanoseconds, 1) } ?? 0,
            deadline_nanoseconds: wall.map { now &+ max($0.nanoseconds, 1) } ?? 0,
            cpu_before_nanoseconds: cpuBefore.nanoseconds,
            started_nanoseconds: now - min(wallBefore.nanoseconds, now - 1), approached: approached.rawValue)
    }
}

/// Some of the limits.
public struct LimitSet: OptionSet, Sendable, Hashable {
    /// The shim's bits.
    public let rawValue: UInt32
    /// The set of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// CPU time.
    public static let cpu = LimitSet(rawValue: ci_limit_t.cpu.rawValue)
    /// Elapsed time.
    public static let wall = LimitSet(rawValue: ci_limit_t.wall.rawValue)
    /// Memory.
    public static let memory = LimitSet(rawValue: ci_limit_t.memory.rawValue)
}

extension Duration {
    /// Whole nanoseconds, within 0 and about 292 years.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Int64.max / 1_000_000_000 else { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
