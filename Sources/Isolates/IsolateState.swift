// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Synchronization

/// What the shim's callbacks find an isolate by, and what contexts and modules share.
@safe final class IsolateState {
    private var raw: OpaquePointer?
    let mailbox: Mailbox
    var operations: [UInt32: OperationHandler] = [:]
    var nextOperation = UInt32(CI_OPERATION_HOST) + 0x10000
    weak var moduleHost: (any ModuleHost)?
    var isInTurn = false
    var pendingHostCalls = 0
    var hostCalls = 0
    /// Keeps the bytes that import.meta's callback lends until it is called again.
    var lentMeta = LentImportMeta()

    init(_ options: Isolate.Options, onWake: @escaping @Sendable () -> Void) throws(EngineError) {
        mailbox = Mailbox(onWake: onWake)
        unsafe raw = nil
        var rawOptions = unsafe ci_isolate_options_t()
        unsafe rawOptions.size = MemoryLayout<ci_isolate_options_t>.size
        unsafe rawOptions.context = Unmanaged.passUnretained(self).toOpaque()
        unsafe rawOptions.heap_limit_bytes = max(0, options.heapLimit ?? 0)
        unsafe rawOptions.freezes_clock = options.freezesClock
        unsafe rawOptions.rewrites_stacks = options.rewritesStacks
        unsafe Callbacks.install(in: &rawOptions)
        var made: OpaquePointer?
        let status = unsafe ci_isolate_new(&rawOptions, &made)
        guard status != .outOfMemory else {
            throw .refused(
                "no isolate: the process has as many as vm.max_map_count allows. Dispose of some, or raise it")
        }
        guard status == .ok, let made = unsafe made else {
            throw .refused("no isolate: the engine is not started, or is of another build")
        }
        unsafe raw = made
    }

    /// The shim's isolate, while there is one.
    func live() throws(ScriptError) -> OpaquePointer {
        guard let raw = unsafe raw else { throw .missing("the isolate was disposed") }
        return unsafe raw
    }

    /// Ends the isolate. Outside of its turns.
    func dispose() {
        guard let isolate = unsafe raw else { return }
        unsafe raw = nil
        unsafe ci_isolate_dispose(isolate)
    }

    /// Why the turn under way was ended.
    var termination: Termination {
        guard let raw = unsafe raw else { return .requested }
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
