// SPDX-License-Identifier: Apache-2.0
internal import ShardSandbox

/// Tries the sandbox in a child of this program, with V8 in it.
struct SandboxChecks {
    /// The layers, in order.
    private(set) var layers: [DoctorCheck] = []
    /// What isolates do inside.
    private(set) var inside: [DoctorCheck] = []

    /// - Parameter arguments: of the child, after `shard-trial`.
    init(_ arguments: [String] = []) async {
        do {
            let trial = try await TrialChild(arguments)
            read(trial.lines)
            guard let fault = trial.fault else { return }
            let last = inside.last?.name ?? "the start"
            inside.append(
                DoctorCheck(
                    "child", .missing, "after \(last): \(fault)",
                    advice: "run \(TrialChild.path) shard-trial to see more; strace -f shows the system call"))
        } catch {
            layers = [
                DoctorCheck("child", .missing, "\(error)", advice: "run \(TrialChild.path) shard-trial to see why")
            ]
        }
    }

    private mutating func read(_ lines: [ShardTrial.Line]) {
        for line in lines {
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
}
