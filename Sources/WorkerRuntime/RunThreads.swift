// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization

/// Threads for single runs, each with one run at a time. There are as many as runs were under way at once.
package final class RunThreads: Sendable {
    private let host: IsolateHost
    private let caches: CodeCaches?
    private let idle = Mutex<[IsolateThread]>([])

    /// No threads yet.
    package init(_ host: IsolateHost, caches: CodeCaches? = nil) {
        self.host = host
        self.caches = caches
    }

    deinit {
        for thread in idle.withLock({ $0 }) { thread.stop() }
    }

    /// Runs a program to its end.
    /// - Parameters:
    ///   - onLine: takes console lines, on the run's thread.
    ///   - onStart: takes what ends the run, on the run's thread.
    /// - Throws: `LimitsError`, `AdmissionError`, `EngineError`, before the run has begun.
    package func run(
        _ program: Program, loader: any ModuleLoader, onLine: @escaping @Sendable (ConsoleLine) -> Void,
        onStart: @escaping @Sendable (ScriptRun.Ender) -> Void
    ) async throws -> RunRecord {
        let thread = try idle.withLock { $0.popLast() } ?? IsolateThread()
        do {
            let record = try await withCheckedThrowingContinuation { continuation in
                thread.loop.post { [host, caches] in
                    let run = ScriptRun(
                        program, on: thread, loader: loader, caches: caches, onLine: onLine,
                        completion: { continuation.resume(returning: $0) })
                    do {
                        onStart(try run.start(host))
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
            }
            // A thread that was lost has been replaced, if the system had another one.
            if record.loss == nil { giveBack(thread) } else { thread.stop() }
            return record
        } catch {
            giveBack(thread)
            throw error
        }
    }

    private func giveBack(_ thread: IsolateThread) { idle.withLock { $0.append(thread) } }
}
