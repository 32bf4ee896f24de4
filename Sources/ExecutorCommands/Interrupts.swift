// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization
internal import WorkerRuntime

/// Ctrl-C and SIGTERM end the run in order; a closed output is an error of writing, not a signal.
final class Interrupts: Sendable {
    private struct State {
        var run: ScriptRun.Ender?
        var isWanted = false
        var signal: Int32?
        var sources: [any DispatchSourceSignal] = []
    }
    private let state = Mutex(State())

    init() {
        Glibc.signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            Glibc.signal(number, SIG_IGN)
            state.withLock { state in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { [weak self] in
                    self?.state.withLock { $0.signal = $0.signal ?? number }
                    self?.end()
                }
                source.activate()
                state.sources.append(source)
            }
        }
    }

    /// The signal that came first, if one came.
    var signal: Int32? { state.withLock { $0.signal } }

    /// Ends the run: now, or as soon as it can be ended.
    func end() {
        let run = state.withLock { state in
            state.isWanted = true
            return state.run
        }
        run?.end()
    }

    func watch(_ run: ScriptRun.Ender) {
        let isWanted = state.withLock { state in
            state.run = run
            return state.isWanted
        }
        if isWanted { run.end() }
    }
}
