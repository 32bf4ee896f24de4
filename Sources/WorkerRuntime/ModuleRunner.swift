// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
package import WorkerTypes

/// Modules that are run once.
package struct ModuleRun: Sendable {
    /// What is run, and under which limits; its entry is the main module.
    package var program: Program
    /// All of its modules.
    package var modules: WorkerModules
    /// Bytes of its console lines; what is more is dropped, and said once.
    package var logBytes: Int

    /// A run of the main module, with no limits but the standard ones.
    package init(_ modules: WorkerModules, logBytes: Int) {
        self.modules = modules
        self.logBytes = logBytes
        program = Program(entry: DeployedModules("run", modules) { _ in nil }.main)
    }
}

/// Why a run did not begin.
package enum ModuleRunFailure: Error, Equatable {
    /// Its limits cannot be had.
    case limits(String)
    /// There is no room now.
    case busy(String)
    /// The host is at fault.
    case host(String)
}

/// The report of a run, in two parts: what its calls used of the host, another process may know better.
package struct RunParts: Sendable {
    /// The members of the report but for `usage`, as JSON.
    package var members: String
    /// What it used.
    package var usage: Usage

    package init(members: String, usage: Usage) {
        self.members = members
        self.usage = usage
    }

    /// The object of `POST /v1/run`, on one line.
    package var json: String { RunReport.json(members: members, usage: usage) }
}

/// Runs modules once, each in an isolate of its own that is thrown away.
package protocol ModuleRunner: Sendable {
    /// Runs modules to their end.
    /// - Parameter onStart: takes what ends the run; it may come from any thread.
    func report(
        of run: ModuleRun, onStart: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) async throws(ModuleRunFailure) -> RunParts
}

extension RunThreads: ModuleRunner {
    package func report(
        of run: ModuleRun, onStart: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) async throws(ModuleRunFailure) -> RunParts {
        let lines = RunLines(capacity: run.logBytes)
        do {
            let record = try await self.run(
                run.program, loader: DeployedModules("run", run.modules) { _ in nil }, onLine: { lines.keep($0) },
                onStart: { ender in onStart { ender.end() } })
            return RunParts(members: RunReport.members(record, lines: lines.kept), usage: record.usage)
        } catch let error as LimitsError {
            throw .limits(error.description)
        } catch let error as AdmissionError {
            throw .busy(error.description)
        } catch {
            throw .host("\(error)")
        }
    }
}

/// The console lines of a run, from its thread to its report.
private final class RunLines: Sendable {
    private let report: Mutex<ConsoleReport>

    init(capacity: Int) { report = Mutex(ConsoleReport(capacity: capacity)) }

    var kept: [ConsoleLine] { report.withLock { $0.lines } }

    func keep(_ line: ConsoleLine) { report.withLock { $0.keep(line) } }
}
