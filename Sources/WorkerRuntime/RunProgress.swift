// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization
internal import WorkerTypes

/// How far a run has come, for its thread and for whoever learns that the thread is lost.
final class RunProgress: Sendable {
    private struct State {
        var cpuSpent = Duration.zero
        var approached: LimitSet = []
        var isLost = false
    }
    private let state = Mutex(State())

    var cpuSpent: Duration { state.withLock { $0.cpuSpent } }
    var approached: LimitSet { state.withLock { $0.approached } }
    /// The run's thread is lost inside it: nothing of the run may be touched.
    var isLost: Bool { state.withLock { $0.isLost } }

    func add(_ cpu: Duration = .zero, approached: LimitSet = []) {
        state.withLock { state in
            state.cpuSpent += cpu
            state.approached.formUnion(approached)
        }
    }

    /// Adds CPU time of jobs. Returns whether the sum is below `most`.
    func charge(_ cpu: Duration, most: Duration?) -> Bool {
        state.withLock { state in
            state.cpuSpent += cpu
            return most.map { state.cpuSpent < $0 } ?? true
        }
    }

    /// The record of a run that ends with a lost turn.
    func lose(_ turn: LostTurn, after elapsed: Duration) -> RunRecord {
        state.withLock { state in
            state.isLost = true
            var record = RunRecord(outcome: turn.outcome)
            record.approached = state.approached.union(turn.approached)
            record.loss = turn.loss
            record.usage = Usage(
                cpuMicroseconds: (state.cpuSpent + turn.cpu).microseconds, wallMicroseconds: elapsed.microseconds,
                heapPeakBytes: turn.peakHeld - turn.peakExternal, externalPeakBytes: turn.peakExternal,
                memoryPeakBytes: turn.peakHeld)
            return record
        }
    }
}
