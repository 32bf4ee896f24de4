// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Subprocess
internal import SystemPackage
internal import WorkerTypes

/// Each script of a folder as a tenant, all in one process, beside a healthy tenant.
///
/// That process is a child of this one, so that its death is counted and not suffered: another child goes on with the
/// scripts that are left.
struct HostileBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostile", abstract: "Hostile scripts beside a healthy tenant.",
        discussion: """
            Every .js file of DIR runs as a classic script, every .mjs file as a module, each in an isolate of its \
            own with 64 MiB, 1 s of CPU and 6 s in all, code generation and WebAssembly granted. Meanwhile a healthy \
            tenant is asked every 5 ms. Afterwards 1,000 fresh isolates must work, and dispatch is measured as before.
            """)

    @Argument(help: "Folders of scripts.") var folders: [String]
    @OptionGroup var plan: HostilePlan
    @Flag(help: "Print one JSON object.") var json = false
    /// This process is the child: it prints events, one a line.
    @Flag(help: .private) var inProcess = false

    func run() throws {
        let scripts = try HostileScript.all(in: folders)
        if inProcess { return try HostileTrial(scripts, plan).run() }
        let tally = try supervise(scripts)
        tally.report.print(asJSON: json)
        if tally.deaths > 0 { throw CommandEnded(.ourFault, "the host died \(tally.deaths) times") }
    }

    private func supervise(_ scripts: [HostileScript]) throws -> HostileTally {
        let clock = ContinuousClock()
        let start = clock.now
        var tally = HostileTally()
        var plan = plan
        while true {
            if let duration = self.plan.duration {
                plan.duration = duration - Int((clock.now - start).components.seconds)
                guard plan.duration ?? 0 > 0 || tally.children == 0 else { return tally }
            }
            let arguments = ["bench", "hostile", "--in-process"] + plan.arguments(without: tally) + folders
            let (text, isWell) = try Self.child(arguments)
            tally.add(text, diedIn: isWell ? nil : "host-death")
            plan.seed = (plan.seed ?? 0) + 1
            let isComplete = tally.outcomes.count >= scripts.count || tally.isStuck
            if self.plan.duration == nil, isComplete || isWell { return tally }
        }
    }

    /// What the child printed, and whether it ended as it should.
    private static func child(_ arguments: [String]) throws -> (String, Bool) {
        let ended = Gate<Result<(String, Bool), any Error>>()
        Task {
            do {
                let result = try await Subprocess.run(
                    .path(FilePath("/proc/self/exe")), arguments: Arguments(arguments),
                    output: .string(limit: 256 << 20, encoding: UTF8.self), error: .currentStandardError)
                ended.open(.success((result.standardOutput, result.terminationStatus.isSuccess)))
            } catch {
                ended.open(.failure(error))
            }
        }
        return try ended.wait().get()
    }
}

/// How the scripts are run.
struct HostilePlan: ParsableArguments {
    @Option(name: .customLong("at-once"), help: "How many at the same time, each on a thread. 1 unless given.")
    var lanes = 1
    @Option(
        name: .customLong("for"),
        help: .init("Runs scripts in random order for so many seconds.", valueName: "SECONDS"))
    var duration: Int?
    @Option(help: "Of the random order.") var seed: Int?
    @Option(help: .private) var skip: [String] = []

    /// A child's arguments: those given, and the scripts that are done already.
    func arguments(without tally: HostileTally) -> [String] {
        var list = ["--at-once", "\(lanes)"]
        if let duration { list += ["--for", "\(duration)"] }
        if let seed { list += ["--seed", "\(seed)"] }
        if duration == nil { list += tally.outcomes.keys.flatMap { ["--skip", $0] } }
        return list
    }

    func validate() throws {
        guard lanes >= 1, lanes <= 256 else { throw ValidationError("--at-once takes a whole number from 1 to 256") }
        guard duration ?? 1 >= 0 else { throw ValidationError("--for takes a whole number of seconds") }
    }
}

/// A script of the folder.
struct HostileScript: Sendable {
    let name: String
    let file: OperatorFile
    let source: [UInt8]

    static func all(in folders: [String]) throws -> [HostileScript] {
        var scripts: [HostileScript] = []
        var names: Set<String> = []
        for name in folders {
            let folder = try OperatorFile(name)
            try folder.requireFolder()
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for file in files.sorted() where file.hasSuffix(".js") || file.hasSuffix(".mjs") {
                let script = try OperatorFile(folder.path + "/" + file)
                guard names.insert(file).inserted else {
                    throw CommandEnded(.wrongUsage, "\(file) is in two of the folders: give one of them another name")
                }
                scripts.append(HostileScript(name: file, file: script, source: try script.read()))
            }
        }
        guard !scripts.isEmpty else {
            throw CommandEnded(.wrongUsage, "\(folders.joined(separator: ", ")): no .js or .mjs file is there")
        }
        return scripts
    }
}

/// What the children's events add up to.
struct HostileTally {
    private(set) var outcomes: [String: String] = [:]
    private(set) var counts: [String: Int] = [:]
    private var losses: [String: String] = [:]
    private(set) var deaths = 0
    private(set) var children = 0
    private var runs = 0
    private var parked = 0
    private var drains = 0
    private var gap = 0.0
    private var failures = 0
    private var last: [String: String] = [:]
    /// A child died without having started anything: another would too.
    private(set) var isStuck = false

    /// Takes the events of a child: `start NAME`, `outcome NAME OUTCOME [LOSS]`, `KEY VALUE`.
    mutating func add(_ text: String, diedIn outcome: String?) {
        children += 1
        last = [:]
        var running: Set<String> = []
        var ended = 0
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "start" where words.count == 2: running.insert(words[1])
            case "outcome" where words.count >= 3:
                running.remove(words[1])
                outcomes[words[1]] = words[2]
                counts[words[2], default: 0] += 1
                if words.count > 3 { losses[words[1]] = words[3] }
                ended += 1
            case let key? where words.count == 2: last[key] = words[1]
            default: break
            }
        }
        runs += ended
        gap = max(gap, last["gap_ms"].flatMap { Double($0) } ?? 0)
        failures += last["failures"].flatMap { Int($0) } ?? 0
        parked += last["parked"].flatMap { Int($0) } ?? 0
        drains += last["drained"].flatMap { Int($0) } ?? 0
        guard let outcome else { return }
        deaths += 1
        failures += 1
        isStuck = running.isEmpty && ended == 0
        for name in running { outcomes[name] = outcome }
    }

    var report: BenchReport {
        var report = BenchReport()
        report.add("scripts", runs)
        report.add("outcomes", outcomes)
        report.add("counts", counts)
        report.add("host_deaths", deaths)
        report.add("healthy_max_gap_ms", gap)
        report.add("healthy_failures", failures)
        report.add("parked", parked)
        report.add("losses", losses)
        report.add("drains", drains)
        for key in ["rss_kib", "fresh_answered"] { report.add(key, last[key].flatMap { Int($0) } ?? 0) }
        for key in ["dispatch_p50_us_before", "dispatch_p50_us_after"] {
            report.add(key, last[key].flatMap { Double($0) } ?? 0)
        }
        return report
    }
}
