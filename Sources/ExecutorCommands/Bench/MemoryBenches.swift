// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Isolates
internal import WorkerRuntime
internal import WorkerTypes

/// Many live workers in one process, each of which answers.
struct DensityBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "density", abstract: "Live workers in one process.")
    @Option(help: "How many workers. 1000 unless given.") var isolates: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let count = try isolates.map { try Numbers.whole($0, "--isolates", least: 1) } ?? 1000
        let setting = try BenchSetting()
        let report = try BenchSetting.onThread {
            // What the first isolate costs the process is not each isolate's.
            let first = try setting.live()
            _ = BenchSetting.answers(first)
            let before = try ProcessMemory()
            var instances: [WorkerInstance] = []
            for _ in 0..<count {
                let instance = try setting.live()
                try BenchSetting.requireAnswer(instance)
                instances.append(instance)
            }
            let after = try ProcessMemory()
            let answered = instances.count { BenchSetting.answers($0) }
            var report = BenchReport()
            report.add("isolates", count)
            report.add("private_dirty_kib_each", (after.privateDirty - before.privateDirty) / count)
            report.add("vmas_each", Double((after.mappings - before.mappings) * 10 / count) / 10)
            report.add("answered", answered)
            return withExtendedLifetime(first) { report }
        }
        report.print(asJSON: json)
    }
}

/// Create, run, dispose, again and again; memory must not grow.
struct SoakBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "soak", abstract: "Isolates made and disposed.")
    @Option(help: "How many. 20000 unless given.") var cycles: String?
    @Option(
        help: .init("Every so many tenants one passes a limit, of CPU and of memory in turn.", valueName: "N"))
    var limitEvery: String?
    @Flag(help: "Print one JSON object.") var json = false

    private static let tight = Limits(memory: 16 << 20, cpu: nil, wall: nil)

    func run() throws {
        let count = try cycles.map { try Numbers.whole($0, "--cycles", least: 1) } ?? 20_000
        let every = try limitEvery.map { try Numbers.whole($0, "--limit-every", least: 1) }
        let setting = try BenchSetting()
        let report = try BenchSetting.onThread {
            let canary = try setting.live()
            var readings: [Int] = []
            let moments = [count / 10, count / 2, count].map { max($0, 1) }
            for cycle in 1...count {
                if let every, cycle % every == 0 {
                    try Self.passLimit(setting, isMemory: cycle / every % 2 == 0)
                } else {
                    try BenchSetting.requireAnswer(setting.live())
                }
                for moment in moments where moment == cycle { readings.append(try ProcessMemory().resident) }
            }
            var report = BenchReport()
            report.add("cycles", count)
            report.add("rss_kib", readings)
            return withExtendedLifetime(canary) { report }
        }
        report.print(asJSON: json)
    }
}

extension SoakBench {
    /// A tenant that goes too far.
    fileprivate static func passLimit(_ setting: BenchSetting, isMemory: Bool) throws {
        let body = isMemory ? "const l = []; for (;;) l.push(new Array(1000).fill(l.length));" : "for (;;);"
        let instance = try setting.instance(body, limits: tight)
        let (_, turn) = instance.fetch(.undefined, budget: .init(cpu: isMemory ? .seconds(1) : .milliseconds(2)))
        guard turn.termination == (isMemory ? .heap : .cpu) else {
            throw CommandEnded(.ourFault, "a limit did not end a tenant")
        }
    }
}

/// What the kernel says of this process's memory, in KiB (proc(5), smaps_rollup and maps).
struct ProcessMemory {
    let privateDirty: Int
    let resident: Int
    let mappings: Int

    init() throws {
        let rollup = try Self.read("/proc/self/smaps_rollup")
        privateDirty = Self.value("Private_Dirty:", in: rollup)
        resident = Self.value("Rss:", in: rollup)
        mappings = try Self.read("/proc/self/maps").utf8.count { $0 == UInt8(ascii: "\n") }
    }

    private static func read(_ path: String) throws -> String {
        // Not by Foundation, which takes the size that the kernel does not tell for the file's.
        String(decoding: try OperatorFile(path).read(), as: UTF8.self)
    }

    private static func value(_ key: String, in text: String) -> Int {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
}
