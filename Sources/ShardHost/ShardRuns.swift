// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime

/// Modules that are run once in a shard.
final class ShardRuns: Sendable {
    private let threads: RunThreads

    init(_ engine: WorkerEngine) { threads = RunThreads(engine.host, caches: engine.caches) }

    /// Begins a run.
    /// - Parameters:
    ///   - bindings: what it was granted.
    ///   - number: of its calls to the host.
    /// - Returns: what ends it.
    func run(
        _ description: RunDescription, _ bindings: [HostBinding], _ number: UInt64,
        _ answer: @escaping @Sendable (RunAnswer) -> Void
    ) -> @Sendable () -> Void {
        var run = ModuleRun(WorkerModules(description.program.modules), logBytes: description.program.logBytes)
        run.program.limits = description.program.limits
        run.program.hostLimits = description.program.hostLimits
        run.program.arguments = description.arguments
        run.program.environment = description.program.variables.map { ($0.name, $0.value) }
        run.program.bindings = bindings
        run.program.dispatch = number
        let end = RunEnd()
        Task { [threads, run] in
            do throws(ModuleRunFailure) {
                let finished = try await threads.report(of: run) { end.set($0) }
                answer(.report(finished.members, finished.usage))
            } catch {
                switch error {
                case .limits(let why): answer(.refused(.limits, why))
                case .busy(let why): answer(.refused(.busy, why))
                case .host(let why): answer(.refused(.host, why))
                }
            }
        }
        return { end.end() }
    }
}

/// Ends a run that may not have begun yet.
private final class RunEnd: Sendable {
    private struct State {
        var isWanted = false
        var end: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func set(_ end: @escaping @Sendable () -> Void) {
        let isWanted = state.withLock { state in
            state.end = end
            return state.isWanted
        }
        if isWanted { end() }
    }

    func end() {
        state.withLock { state in
            state.isWanted = true
            return state.end
        }?()
    }
}
