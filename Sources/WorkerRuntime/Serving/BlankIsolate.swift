// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization
internal import WorkerTypes

/// An isolate with the prelude and all that a worker needs of it, and no worker yet.
final class BlankIsolate: @unchecked Sendable {
    /// Taken by the resident that it becomes.
    var isolate: Isolate?
    let context: Context
    let functions: ResidentFunctions
    let owner: IsolateOwner

    /// With these of a deployment's limits, and no others, a blank isolate serves it.
    struct Kind: Hashable {
        let memory: Int
        let webAssembly: Bool
        let codeGeneration: Bool

        init(_ limits: Limits) {
            memory = limits.memory
            webAssembly = limits.webAssembly
            codeGeneration = limits.codeGeneration
        }
    }

    /// - Throws: `AdmissionError`, `EngineError`, `LimitsError`, `ScriptError`.
    init(_ host: IsolateHost, limits: Limits, onLost: @escaping @Sendable () -> Void) throws {
        let owner = IsolateOwner(onLost: onLost)
        self.owner = owner
        let isolate = try host.makeIsolate(
            "blank", limits: limits, rewritesStacks: true, onLost: { owner.lose($0) }, onWake: { owner.wake() })
        let (made, _) = isolate.turn { () throws(ScriptError) in
            let context = try isolate.makeContext(limits)
            let functions = try ResidentFunctions(context)
            // Loads what the first dispatch would have to wait for.
            _ = try functions.abortDispatch.call(arguments: [.number(0), .string("")], form: .nothing)
            return (context, functions)
        }
        (context, functions) = try made.get()
        self.isolate = consume isolate
    }
}

/// Who is told what happens to an isolate, which may be made before its resident.
final class IsolateOwner: Sendable {
    private struct State {
        weak var resident: Resident?
        var endBridge: @Sendable () -> Void = {}
    }
    private let state = Mutex(State())
    private let onLost: @Sendable () -> Void

    /// - Parameter onLost: called where it is lost before it has a resident.
    init(onLost: @escaping @Sendable () -> Void) { self.onLost = onLost }

    func set(_ resident: Resident, endBridge: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.resident = resident
            state.endBridge = endBridge
        }
    }

    func wake() { _ = state.withLock { $0.resident }?.signal(.wake) }

    func lose(_ turn: LostTurn) {
        let (resident, endBridge) = state.withLock { ($0.resident, $0.endBridge) }
        guard let resident else { return onLost() }
        resident.lose(turn, endBridge: endBridge)
    }
}
