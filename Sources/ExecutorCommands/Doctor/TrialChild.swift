// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import ShardSandbox
internal import Subprocess
internal import SystemPackage

/// A child of this program that has tried the sandbox of a shard, and ended.
struct TrialChild {
    /// What it printed.
    let lines: [ShardTrial.Line]
    /// How it ended, if not well.
    let fault: String?

    /// This program's file.
    static var path: String { (try? SystemPath.real("/proc/self/exe")) ?? CommandLine.arguments.first ?? "rookery" }

    /// Runs it to its end.
    /// - Parameter arguments: after `shard-trial`.
    /// - Throws: the system's refusal to start it.
    init(_ arguments: [String]) async throws {
        let child = try await Subprocess.run(
            .path(FilePath(Self.path)), arguments: Arguments(["shard-trial"] + arguments), environment: .custom([:]),
            output: .bytes(limit: 1 << 20), error: .bytes(limit: 1 << 20))
        lines = child.standardOutput.split(separator: 0x0a)
            .compactMap { try? JSONDecoder().decode(ShardTrial.Line.self, from: Data($0)) }
        let words = String(decoding: child.standardError.prefix(300), as: UTF8.self)
        fault = child.terminationStatus.isSuccess ? nil : "\(Self.end(child.terminationStatus)): \(words)"
    }

    /// What became of the layers of a shard's sandbox on this machine, all but the supervisor's.
    /// - Throws: `CommandEnded`: a shard does not get as far as that here.
    static func layers(jitless: Bool) async throws -> SandboxReport {
        let fault: String
        do {
            let child = try await TrialChild(["--only-layers"] + (jitless ? ["--jitless"] : []))
            if let report = child.lines.lazy.compactMap(\.sandbox).first { return report }
            fault = child.fault ?? "it said nothing"
        } catch {
            fault = "\(error)"
        }
        throw CommandEnded(
            .ourFault, "shards do not start on this machine: \(fault); rookery doctor says more, --shards 0 needs none")
    }

    private static func end(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "it ended with \(code)"
        case .signaled(31): "the filter of system calls ended it"
        case .signaled(let signal): "signal \(signal) ended it"
        }
    }
}
