// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import ShardSandbox
internal import Subprocess
internal import SystemPackage

/// Tries the sandbox in a child of this program, with V8 in it.
struct SandboxChecks {
    /// The layers, in order.
    private(set) var layers: [DoctorCheck] = []
    /// What isolates do inside.
    private(set) var inside: [DoctorCheck] = []

    /// - Parameter arguments: of the child, after `shard-trial`.
    init(_ arguments: [String] = []) async {
        let path = (try? SystemPath.real("/proc/self/exe")) ?? CommandLine.arguments.first ?? "rookery"
        do {
            let child = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(["shard-trial"] + arguments), environment: .custom([:]),
                output: .bytes(limit: 1 << 20), error: .bytes(limit: 1 << 20))
            read(child.standardOutput)
            guard !child.terminationStatus.isSuccess else { return }
            let words = String(decoding: child.standardError.prefix(300), as: UTF8.self)
            let last = inside.last?.name ?? "the start"
            inside.append(
                DoctorCheck(
                    "child", .missing, "\(Self.end(child.terminationStatus)) after \(last): \(words)",
                    advice: "run \(path) shard-trial to see more; strace -f shows the system call"))
        } catch {
            layers = [DoctorCheck("child", .missing, "\(error)", advice: "run \(path) shard-trial to see why")]
        }
    }

    private mutating func read(_ output: [UInt8]) {
        for text in output.split(separator: 0x0a) {
            guard let line = try? JSONDecoder().decode(ShardTrial.Line.self, from: Data(text)) else { continue }
            if var report = line.sandbox {
                report.note(.memoryGroup, Self.memoryGroup)
                layers = report.entries.map { DoctorCheck($0) }
            }
            if let program = line.program {
                inside.append(
                    DoctorCheck(
                        program, line.fault == nil ? .ok : .missing, line.fault ?? "",
                        advice: "shards do not work here: serve with --shards 0"))
            }
        }
    }

    /// The supervisor's part: whether this process may have groups for children.
    private static var memoryGroup: SandboxLayerState {
        do {
            _ = try MemoryGroups.ofProcess()
            return .applied("may be divided")
        } catch {
            return error.state
        }
    }

    private static func end(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "it ended with \(code)"
        case .signaled(31): "the filter of system calls ended it"
        case .signaled(let signal): "signal \(signal) ended it"
        }
    }
}
