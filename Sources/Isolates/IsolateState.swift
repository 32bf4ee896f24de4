// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Glibc
internal import Synchronization

/// What the shim's callbacks find an isolate by, and what contexts and modules share.
@safe final class IsolateState {
    private var raw: OpaquePointer?
    let mailbox: Mailbox
    var operations: [UInt32: OperationHandler] = [:]
    var nextOperation = UInt32(CI_OPERATION_HOST) + 0x10000
    weak var moduleHost: (any ModuleHost)?
    /// The thread of the turn under way; 0: none.
    private let turnThread = Atomic<UInt>(0)
    private var isDisposeWanted = false
    /// A host call is under way: its handler may not go back in.
    var isInHostCall = false
    private let escalation = Mutex(Escalation())
    private let options: Isolate.Options
    /// What observers know it by.
    private let name: Mutex<String>
    var pendingHostCalls = 0
    var hostCalls = 0
    /// Keeps the bytes that import.meta's callback lends until it is called again.
    var lentMeta = LentImportMeta()

    init(_ options: Isolate.Options, onWake: @escaping @Sendable () -> Void) throws(EngineError) {
        if let limit = options.heapLimit {
            guard limit >= Isolate.Options.leastHeapLimit, limit <= Isolate.Options.mostHeapLimit else {
                throw .invalidLimit(
                    "a heap limit of \(limit) bytes: give from \(Isolate.Options.leastHeapLimit), which the prelude "
                        + "itself needs, to \(Isolate.Options.mostHeapLimit)")
            }
        }
        mailbox = Mailbox(onWake: onWake)
        self.options = options
        name = Mutex(options.name)
        unsafe raw = nil
        var rawOptions = unsafe ci_isolate_options_t()
        unsafe rawOptions.size = MemoryLayout<ci_isolate_options_t>.size
        unsafe rawOptions.context = Unmanaged.passUnretained(self).toOpaque()
        unsafe rawOptions.heap_limit_bytes = max(0, options.heapLimit ?? 0)
        unsafe rawOptions.freezes_clock = options.freezesClock
        unsafe rawOptions.is_seeded = options.seed != nil
        unsafe rawOptions.seed = options.seed ?? 0
        unsafe rawOptions.rewrites_stacks = options.rewritesStacks
        unsafe Callbacks.install(in: &rawOptions)
        var made: OpaquePointer?
        let status = unsafe options.name.withSlice { name in
            unsafe rawOptions.name = name
            return unsafe ci_isolate_new(&rawOptions, &made)
        }
        guard status != .outOfMemory else {
            throw .refused(
                "no isolate: the process has as many as vm.max_map_count allows. Dispose of some, or raise it")
        }
        guard status == .ok, let made = unsafe made else {
            throw .refused("no isolate: the engine is not started, or is of another build")
        }
        unsafe raw = made
    }

    /// The shim's isolate, while there is one that this thread may use.
    func here() throws(ScriptError) -> OpaquePointer {
        guard let raw = unsafe raw else { throw .missing("the isolate was disposed") }
        guard !(unsafe ci_isolate_is_lost(raw)) else { throw .missing("the isolate was lost with its thread") }
        let thread = turnThread.load(ordering: .relaxed)
        guard thread == 0 || thread == pthread_self() else {
            throw .misuse("another thread is inside the isolate: one at a time may use it")
        }
        return unsafe raw
    }

    /// As `here()`, for what may run JavaScript.
    func live() throws(ScriptError) -> OpaquePointer {
        // First, because only the thread of the turn may look at the rest.
        let raw = try unsafe here()
        guard !isInHostCall else { throw .misuse("a host call may not use its isolate: answer first") }
        return unsafe raw
    }

    /// As `live()`, for a turn, which is then under way until `ended()`.
    func beginning() throws(ScriptError) -> OpaquePointer {
        let raw = unsafe try live()
        guard turnThread.compareExchange(expected: 0, desired: pthread_self(), ordering: .relaxed).exchanged else {
            throw .misuse("turns do not nest")
        }
        return unsafe raw
    }

    func ended(wasTerminated: Bool) {
        if wasTerminated { escalation.withLock { $0 = Escalation() } }
        turnThread.store(0, ordering: .relaxed)
        if isDisposeWanted { dispose() }
    }

    /// Ends the isolate; in a turn, when that is over.
    func dispose() {
        guard turnThread.load(ordering: .relaxed) == 0 || (unsafe raw.map { unsafe ci_isolate_is_lost($0) } ?? true)
        else {
            isDisposeWanted = true
            return
        }
        guard let isolate = unsafe raw else { return }
        let isLost = unsafe ci_isolate_is_lost(isolate)
        unsafe raw = nil
        unsafe ci_isolate_dispose(isolate)
        // Handlers may name things of the isolate, and so this object. A lost thread may be inside of one.
        if !isLost { operations = [:] }
    }

    /// Observers know it by another name from now on.
    func rename(_ name: String) { self.name.withLock { $0 = name } }

    /// On the watchdog's thread, under its lock: decides, and tells later.
    func decide(_ look: Escalation.Look) -> Escalation.Step {
        let (step, event) = escalation.withLock { escalation in
            let before = escalation.stage
            let step = escalation.step(look)
            return (step, escalation.stage == before ? nil : EscalationEvent(escalation.stage, look))
        }
        if let event, let observer = options.onEscalation {
            let name = name.withLock { $0 }
            WatchdogNews.add { observer(name, event) }
        }
        return step
    }

    /// As `decide`.
    func lose(_ turn: LostTurn) {
        if let observer = options.onLost { WatchdogNews.add { observer(turn) } }
    }

    /// Why the turn under way was ended.
    var termination: Termination {
        guard let raw = try? unsafe here() else { return .requested }
        return unsafe Termination(ci_isolate_termination(raw)) ?? .requested
    }

    /// Turns a status into an error; `error` is consumed.
    func check(
        _ status: ci_status_t, _ error: UnsafeMutablePointer<ci_error_t>? = nil, what: String
    ) throws(ScriptError) {
        switch status {
        case .ok, .pending: return
        case .terminated: throw .terminated(termination)
        case .scriptError:
            guard let error = unsafe error else { throw .missing("\(what): JavaScript threw") }
            throw .exception(unsafe ScriptException(consuming: &error.pointee))
        case .stale: throw .missing("\(what) is gone")
        case .invalid: throw .missing("\(what) does not exist, or a value is too long")
        case .outOfMemory: throw .missing("\(what): out of memory")
        }
    }

    /// Answers a deferred host call.
    func settle(_ delivery: Mailbox.Delivery) throws(ScriptError) {
        let raw = try unsafe live()
        pendingHostCalls -= 1
        let status =
            switch delivery.result {
            case .success(let value):
                unsafe value.withRaw { value in
                    unsafe withUnsafePointer(to: value) { unsafe ci_promise_resolve(raw, delivery.promise, $0) }
                }
            case .failure(let exception):
                unsafe exception.withRaw { unsafe ci_promise_reject(raw, delivery.promise, $0) }
            }
        // Stale: the context was released meanwhile, and nobody waits.
        if status == .terminated { throw .terminated(termination) }
        if status == .invalid {
            let exception = HostException(.rangeError, "the host's answer is too large for this isolate")
            let again = unsafe exception.withRaw { unsafe ci_promise_reject(raw, delivery.promise, $0) }
            if again == .terminated { throw .terminated(termination) }
        }
    }
}

/// Answers to deferred host calls on their way to the isolate's thread.
final class Mailbox: Sendable {
    struct Delivery: Sendable {
        let promise: UInt64
        let result: Result<ScriptValue, HostException>
    }

    private let deliveries = Mutex<[Delivery]>([])
    private let onWake: @Sendable () -> Void

    init(onWake: @escaping @Sendable () -> Void) { self.onWake = onWake }

    func post(_ delivery: Delivery) {
        let isFirst = deliveries.withLock { deliveries in
            deliveries.append(delivery)
            return deliveries.count == 1
        }
        if isFirst { onWake() }
    }

    func take() -> [Delivery] {
        deliveries.withLock { deliveries in
            defer { deliveries.removeAll(keepingCapacity: true) }
            return deliveries
        }
    }

    func wake() { onWake() }
}
