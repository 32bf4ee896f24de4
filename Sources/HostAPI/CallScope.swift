// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import WorkerTypes

/// The calls of one dispatch or run: who calls, what was granted, what may still be used.
///
/// Calls name a binding by its position in `bindings` and an operation by its index in the `HostTable`; both come from
/// scripts and are checked. Each call is first let in, by the size of its arguments alone; only then are they copied.
/// Call `end()` when the dispatch is over: until then, calls that are not answered keep the scope.
public final class CallScope: Sendable {
    private struct Pending {
        var hasEnded = false
        var next = 0
        var calls: [Int: PendingCall] = [:]
        var kept: [KeptKey: any Kept] = [:]
        var trace: TraceContext?
    }

    private struct KeptKey: Hashable {
        let binding: ObjectIdentifier
        let type: ObjectIdentifier
    }

    private struct Admitted {
        let operation: HostBinding.Operation
        let site: CallSite
        let argumentBytes: Int
        let start: ContinuousClock.Instant?

        /// How many places it takes among the calls pending.
        var places: Int {
            if case .later = operation.body { return 1 }
            return 0
        }
    }

    /// Who calls: a worker's name, or whatever the embedder tells callers apart by.
    public let caller: String
    /// What was granted.
    public let bindings: [HostBinding]
    /// What was used.
    public let meter: Meter
    /// The call of another worker that the dispatch serves; `nil` for one that came from outside.
    public let chain: CallChain?
    /// The dispatch's number, where the embedder gives it one; 0: none.
    public let dispatch: UInt64
    private let meters: [Meter?]
    private let observer: (any HostObserver)?
    private let traces: TraceSource?
    private let pending: Mutex<Pending>
    private let ended = Atomic(false)

    /// A scope in which nothing was used yet.
    /// - Parameters:
    ///   - trace: what the request said that the dispatch serves.
    ///   - traces: makes the ids of the requests that the dispatch sends; without it they say nothing of traces.
    public init(
        caller: String, bindings: [HostBinding], limits: HostLimits = .standard, observer: (any HostObserver)? = nil,
        chain: CallChain? = nil, dispatch: UInt64 = 0, trace: TraceContext? = nil, traces: TraceSource? = nil
    ) {
        self.traces = traces
        pending = Mutex(Pending(trace: trace))
        self.caller = caller
        self.chain = chain
        self.dispatch = dispatch
        self.bindings = bindings
        self.observer = observer
        meter = Meter(limits)
        meters = bindings.map { $0.limits.isEmpty ? nil : Meter($0.limits) }
    }

    /// Whether the dispatch is over.
    public var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// The trace that the dispatch belongs to. Without one of its request's, it begins with the first request that it
    /// sends.
    public var trace: TraceContext? { pending.withLock { $0.trace } }

    /// What the next request of the dispatch says.
    func nextTrace() -> TraceContext? {
        guard let traces else { return nil }
        return pending.withLock { pending in
            let trace = pending.trace ?? TraceContext(from: traces)
            pending.trace = trace
            return trace.child(from: traces)
        }
    }

    /// Whether the operation answers at once; `nil` where the binding does not have it.
    public func answersAtOnce(_ operation: Int, on binding: Int) -> Bool? {
        guard bindings.indices.contains(binding), let operation = bindings[binding].operation(operation) else {
            return nil
        }
        if case .now = operation.body { return true }
        return false
    }

    /// Calls an operation that answers at once.
    /// - Parameters:
    ///   - operation: its index in the table.
    ///   - binding: its position in `bindings`.
    ///   - argumentBytes: what the arguments will take when they are copied.
    ///   - arguments: copies them; runs only when the call was let in.
    /// - Throws: what the operation throws, `denied`, `exhausted`, `cancelled` after the end.
    public func callNow(
        _ operation: Int, on binding: Int, argumentBytes: Int, _ arguments: () throws(HostError) -> [HostValue]
    ) throws(HostError) -> HostValue {
        let call = try admit(operation, on: binding, argumentBytes: argumentBytes)
        let copied = try copy(arguments, for: call)
        defer { release(call) }
        do throws(HostError) {
            guard case .now(let body) = call.operation.body else {
                throw HostError(.failed, "\(call.operation.name) does not answer at once")
            }
            let result = try body(copied, call.site)
            record(call, .success(result))
            return result
        } catch {
            record(call, .failure(error))
            throw error
        }
    }

    /// Calls any operation.
    /// - Parameters:
    ///   - operation: its index in the table.
    ///   - binding: its position in `bindings`.
    ///   - argumentBytes: what the arguments will take when they are copied.
    ///   - arguments: copies them; runs only when the call was let in.
    ///   - answer: called exactly once, from any thread, perhaps before this returns.
    /// - Returns: the call, to cancel it; `nil` if it was answered.
    @discardableResult public func call(
        _ operation: Int, on binding: Int, argumentBytes: Int, _ arguments: () throws(HostError) -> [HostValue],
        answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) -> PendingCall? {
        do throws(HostError) {
            guard answersAtOnce(operation, on: binding) == false else {
                answer(.success(try callNow(operation, on: binding, argumentBytes: argumentBytes, arguments)))
                return nil
            }
            let call = try admit(operation, on: binding, argumentBytes: argumentBytes)
            let copied = try copy(arguments, for: call)
            let (kept, isLate) = keep(call, answer)
            guard case .later(let body) = call.operation.body, !isLate else { return nil }
            var site = call.site
            site.pending = kept
            body(copied, site, HostAnswer(kept))
            return kept
        } catch {
            answer(.failure(error))
            return nil
        }
    }

    /// Ends the dispatch: what is pending is cancelled, what is kept ends, and later calls are refused.
    public func end() {
        let (calls, kept) = pending.withLock { pending in
            pending.hasEnded = true
            ended.store(true, ordering: .releasing)
            defer {
                pending.calls = [:]
                pending.kept = [:]
            }
            return (pending.calls, pending.kept)
        }
        for call in calls.values { call.cancel() }
        for state in kept.values { state.end() }
    }

    /// What a binding keeps.
    func kept<State: Kept>(
        _ type: State.Type, of binding: HostBinding, for operation: String
    ) throws(HostError) -> State {
        let key = KeptKey(binding: ObjectIdentifier(binding), type: ObjectIdentifier(type))
        let state = pending.withLock { pending -> State? in
            guard !pending.hasEnded else { return nil }
            if let state = pending.kept[key] as? State { return state }
            let state = State()
            pending.kept[key] = state
            return state
        }
        guard let state else { throw Self.tooLate(operation) }
        return state
    }

    /// As much may be used again as at the beginning; what was used up to now is added to a record of usage. What is
    /// under way and what is kept stays.
    public func renew(addingTo usage: inout Usage) {
        add(to: &usage)
        meter.renew()
        for meter in meters { meter?.renew() }
    }

    /// Adds what was used to a record of usage.
    public func add(to usage: inout Usage) {
        usage.subrequests += meter.used(.subrequests)
        usage.egressBytes += meter.used(.egressBytes)
        usage.hostCalls += meter.used(.calls)
    }

    // MARK: Steps of a call

    /// Lets a call in by the size of its arguments alone. What it takes, `release` gives back.
    private func admit(_ index: Int, on place: Int, argumentBytes: Int) throws(HostError) -> Admitted {
        guard bindings.indices.contains(place), let operation = bindings[place].operation(index) else {
            let error = HostError.denied("operation \(index) of binding \(place)", allowedBy: "a binding that has it")
            observer?.observe(
                CallRecord(
                    caller: caller, binding: "", operation: "", duration: .zero, argumentBytes: argumentBytes,
                    resultBytes: 0, error: error))
            throw error
        }
        let site = CallSite(scope: self, binding: bindings[place], operation: operation.name, meter: meters[place])
        let call = Admitted(
            operation: operation, site: site, argumentBytes: argumentBytes,
            start: observer == nil ? nil : ContinuousClock.now)
        do throws(HostError) {
            guard !hasEnded else { throw Self.tooLate(operation.name) }
            try site.charge(1, of: .calls)
            guard (0...operation.mostArgumentBytes).contains(argumentBytes) else {
                throw HostError(
                    .invalidArgument,
                    "the arguments of \(operation.name) have \(argumentBytes) bytes; at most "
                        + "\(operation.mostArgumentBytes) are taken")
            }
            try meter.take(call.places, of: .pendingCalls, by: nil)
            do throws(HostError) {
                try meter.take(argumentBytes, of: .heldBytes, by: nil)
            } catch {
                meter.giveBack(call.places, of: .pendingCalls)
                throw error
            }
        } catch {
            record(call, .failure(error))
            throw error
        }
        return call
    }

    private func release(_ call: Admitted) { Self.release(meter, call.argumentBytes, call.places) }

    private static func release(_ meter: Meter, _ argumentBytes: Int, _ places: Int) {
        meter.giveBack(argumentBytes, of: .heldBytes)
        meter.giveBack(places, of: .pendingCalls)
    }

    private func forget(_ number: Int) { _ = pending.withLock { $0.calls.removeValue(forKey: number) } }

    private func copy(
        _ arguments: () throws(HostError) -> [HostValue], for call: Admitted
    ) throws(HostError) -> HostArguments {
        do throws(HostError) {
            return HostArguments(try arguments(), of: call.operation.name)
        } catch {
            release(call)
            record(call, .failure(error))
            throw error
        }
    }

    /// Keeps the call among those pending until it is settled; if the dispatch has ended meanwhile, settles it.
    private func keep(_ call: Admitted, _ answer: @escaping PendingCall.Answer) -> (PendingCall, isLate: Bool) {
        let number = pending.withLock { pending in
            pending.next += 1
            return pending.next
        }
        let kept = PendingCall(
            call.operation.name,
            // An answer may be kept long after the end: it does not keep the scope.
            onSettled: { [weak self, meter, argumentBytes = call.argumentBytes, places = call.places] in
                self?.forget(number)
                Self.release(meter, argumentBytes, places)
            },
            { [self] result in
                record(call, result)
                answer(result)
            })
        let isLate = pending.withLock { pending in
            if !pending.hasEnded { pending.calls[number] = kept }
            return pending.hasEnded
        }
        if isLate { kept.settle(.failure(Self.tooLate(call.operation.name))) }
        return (kept, isLate)
    }

    private static func tooLate(_ operation: String) -> HostError {
        HostError(.cancelled, "\(operation) was called after its dispatch ended")
    }

    private func record(_ call: Admitted, _ result: Result<HostValue, HostError>) {
        guard let observer, let start = call.start else { return }
        var bytes = 0
        var error: HostError?
        switch result {
        case .success(let value): bytes = value.byteCount
        case .failure(let failure): error = failure
        }
        observer.observe(
            CallRecord(
                caller: caller, binding: call.site.binding.name, operation: call.operation.name,
                duration: ContinuousClock.now - start, argumentBytes: call.argumentBytes, resultBytes: bytes,
                error: error))
    }
}
