// SPDX-License-Identifier: Apache-2.0
package import Isolates
internal import Synchronization
package import WorkerTypes

/// Makes the isolates of a process: lets them in or not, and follows what becomes of their turns.
package final class IsolateHost: Sendable {
    package let engine: Engine
    /// For what is too long for a turn.
    package let jobs = JobPool()
    private let admission: Mutex<Admission>
    private let observer: (any RuntimeObserver)?
    private let drain: Mutex<DrainPolicy>

    /// - Parameter mostParked: so many parked threads ask the host to drain.
    package init(
        _ engine: Engine, admission: Admission = .ofMachine, mostParked: Int = 64,
        observer: (any RuntimeObserver)? = nil
    ) {
        self.engine = engine
        self.admission = Mutex(admission)
        self.observer = observer
        drain = Mutex(DrainPolicy(mostParked: mostParked))
    }

    /// Lets all isolates together hold so many bytes, if that is less than they might.
    package func hold(atMost bytes: Int) { admission.withLock { $0.mostHeld = min($0.mostHeld, bytes) } }

    /// Makes an isolate under the limits.
    /// - Throws: `LimitsError`, `AdmissionError`, `EngineError`.
    package func makeIsolate(
        _ name: String, limits: Limits, freezesClock: Bool = false, seed: UInt64? = nil, rewritesStacks: Bool = false,
        onLost: @escaping @Sendable (LostTurn) -> Void = { _ in }, onWake: @escaping @Sendable () -> Void = {}
    ) throws -> Isolate {
        try limits.check()
        try admission.withLock { $0 }.admit(Engine.load)
        var options = Isolate.Options(
            heapLimit: limits.memory, freezesClock: freezesClock, rewritesStacks: rewritesStacks)
        options.name = name
        options.seed = seed
        options.onLost = onLost
        options.onEscalation = { [self] name, event in follow(event, of: name) }
        return try Isolate(engine, options, onWake: onWake)
    }

    private func follow(_ event: EscalationEvent, of name: String) {
        observer?.observe(.escalated(isolate: name, event))
        guard event.stage == .condemned else { return }
        if let parked = drain.withLock({ $0.lose() }) { observer?.observe(.drainWanted(parkedThreads: parked)) }
    }
}

/// Counts threads that are lost, and says once that they are too many.
struct DrainPolicy: Sendable, Equatable {
    let mostParked: Int
    private(set) var parked = 0

    init(mostParked: Int) { self.mostParked = mostParked }

    /// One more. Returns how many there are, when the bound is reached.
    mutating func lose() -> Int? {
        parked += 1
        return parked == mostParked ? parked : nil
    }
}

extension Isolate {
    /// A context with what the limits grant of the language.
    package func makeContext(_ limits: Limits) throws(ScriptError) -> Context {
        try makeContext(
            allowsCodeGeneration: limits.codeGeneration, allowsWebAssembly: limits.webAssembly)
    }
}

extension LostTurn {
    /// Whose fault it was. V8 gives up on itself only where something was too large for it.
    package var outcome: Outcome {
        if let termination { return termination.outcome }
        return loss == .unresponsive ? .internalError : .exceededMemory
    }
}
