// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import ShardSandbox
internal import WorkerRuntime

/// The child processes of a server, as its settings want them and this machine allows.
struct ShardProcesses {
    let settings: ServeSettings
    /// Hears what is missing, as sentences.
    let say: (String) -> Void

    /// Tries a shard's sandbox in a child that ends at once, divides this process's control group, and says what is
    /// missing.
    /// - Throws: `CommandEnded`, where the operator insists on a layer that is missing, or no shard would start.
    func options() async throws -> ShardedHost.Options {
        var report = try await TrialChild.layers(jitless: settings.jitlessLowTrust)
        // After the child's end: it would be left in the group that is to be divided.
        let memory = dividedGroup(&report)
        if settings.requireSandbox {
            do throws(SandboxError) {
                try report.require()
            } catch {
                throw CommandEnded(.wrongUsage, error.description)
            }
        }
        for layer in report.missing(of: Set(SandboxLayer.allCases)) {
            say("shards go without \(layer.title): \(report[layer]?.detail ?? "unknown"); \(layer.advice)")
        }
        var options = ShardedHost.Options(
            shards: settings.shards, program: program(jitless: false), host: settings.options.host)
        if settings.jitlessLowTrust { options.lowTrustProgram = program(jitless: true) }
        options.memory = memory
        options.onFault = settings.options.onFault
        options.silenceMilliseconds = settings.shardSilence ?? options.silenceMilliseconds
        options.mostAgeSeconds = settings.shardAge ?? options.mostAgeSeconds
        return options
    }

    private func program(jitless: Bool) -> ChildProgram {
        var arguments = ["shard"]
        if settings.requireSandbox { arguments.append("--require-sandbox") }
        if jitless { arguments.append("--jitless") }
        return .this(arguments)
    }

    private func dividedGroup(_ report: inout SandboxReport) -> (any ShardMemory)? {
        do throws(MemoryGroupError) {
            let groups = try MemoryGroups.ofProcess()
            try groups.divide()
            report.note(.memoryGroup, .applied())
            return GroupMemory(groups: groups)
        } catch {
            report.note(.memoryGroup, error.state)
            return nil
        }
    }
}

/// A control group for each process of a shard.
private struct GroupMemory: ShardMemory {
    let groups: MemoryGroups

    func hold(_ process: Int32, as name: String, most: Int) throws {
        try groups.makeGroup(name, most: most)
        try groups.move(process, to: name)
    }

    func release(_ name: String) -> Bool {
        defer { groups.removeGroup(name) }
        return groups.hasOutgrown(name)
    }
}
