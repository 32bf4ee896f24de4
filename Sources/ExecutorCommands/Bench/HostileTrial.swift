// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// The process that hostile scripts run in, beside a healthy tenant. Prints events, one a line.
struct HostileTrial {
    private let scripts: [HostileScript]
    private let plan: HostilePlan
    private let setting: BenchSetting
    private let lanes: HostileLanes

    init(_ scripts: [HostileScript], _ plan: HostilePlan) throws {
        self.scripts = scripts.filter { !plan.skip.contains($0.name) }
        self.plan = plan
        let queue = HostileQueue(self.scripts, plan)
        // The process is given up when half of what is allowed for a run of the folder is lost.
        setting = try BenchSetting(mostParked: 64, observer: queue)
        lanes = HostileLanes(queue, host: setting.host)
    }

    func run() throws {
        let healthy = try HealthyTenant(setting)
        print("dispatch_p50_us_before", try healthy.dispatch())
        let done = try lanes.start(plan.lanes)
        healthy.ask { done.count == plan.lanes }
        print("gap_ms", Double(healthy.gap.microseconds / 10) / 100)
        print("failures", healthy.failures)
        print("parked", Engine.load.lostIsolates)
        print("drained", lanes.queue.isDrained ? 1 : 0)
        print("rss_kib", try ProcessMemory().resident)
        print("fresh_answered", try fresh(1000))
        print("dispatch_p50_us_after", try healthy.dispatch())
    }

    private func print(_ key: String, _ value: some CustomStringConvertible) {
        StandardOutput.write("\(key) \(value)\n")
    }

    /// Isolates made, asked and disposed.
    private func fresh(_ count: Int) throws -> Int {
        try BenchSetting.onThread { [setting] in
            try (0..<count).count { _ in BenchSetting.answers(try setting.live()) }
        }
    }
}

/// Which script is next: each once, or any until the time is over.
final class HostileQueue: RuntimeObserver {
    private struct State {
        var left: [HostileScript]
        var random: SplitMix
        var isDrained = false
        /// From the first script on.
        var end: ContinuousClock.Instant?
    }
    private let scripts: [HostileScript]
    private let duration: Duration?
    private let state: Mutex<State>

    init(_ scripts: [HostileScript], _ plan: HostilePlan) {
        self.scripts = scripts
        duration = plan.duration.map { .seconds($0) }
        state = Mutex(State(left: scripts.reversed(), random: SplitMix(UInt64(clamping: plan.seed ?? 0))))
    }

    func next() -> HostileScript? {
        state.withLock { state in
            guard let duration else { return state.left.popLast() }
            let end = state.end ?? ContinuousClock.now + duration
            state.end = end
            guard ContinuousClock.now < end, !state.isDrained else { return nil }
            return scripts.randomElement(using: &state.random)
        }
    }

    func observe(_ event: RuntimeEvent) {
        if case .drainWanted = event { state.withLock { $0.isDrained = true } }
    }

    var isDrained: Bool { state.withLock { $0.isDrained } }
}

/// Threads on which hostile scripts run, one after another.
struct HostileLanes: Sendable {
    let queue: HostileQueue
    let host: IsolateHost
    private static let limits = Limits(
        memory: 64 << 20, cpu: .seconds(1), wall: .seconds(6), codeGeneration: true, webAssembly: true)

    init(_ queue: HostileQueue, host: IsolateHost) {
        self.queue = queue
        self.host = host
    }

    /// Counts the lanes that are done.
    func start(_ count: Int) throws -> Counter {
        let done = Counter()
        for _ in 0..<count { goOn(try IsolateThread(), done) }
        return done
    }

    private func goOn(_ thread: IsolateThread, _ done: Counter) {
        guard let script = queue.next() else {
            thread.stop()
            done.increment()
            return
        }
        StandardOutput.write("start \(script.name)\n")
        // A lost thread's work is taken over by another one, which this job finds.
        thread.loop.post { [self] in
            let ended: @Sendable (RunRecord) -> Void = { record in
                let loss = record.loss.map { " " + $0.rawValue } ?? ""
                StandardOutput.write("outcome \(script.name) \(record.outcome.rawValue)\(loss)\n")
                goOn(thread, done)
            }
            do {
                let (program, loader) = try Self.program(script)
                let run = ScriptRun(
                    program, on: thread, loader: loader, caches: nil, onLine: { _ in }, completion: ended)
                _ = try run.start(host)
            } catch {
                StandardError.write("rookery: \(script.name): \(error)\n")
                StandardOutput.write("outcome \(script.name) \(Outcome.internalError.rawValue)\n")
                goOn(thread, done)
            }
        }
    }

    /// A classic script is the preload of an empty module.
    private static func program(_ script: HostileScript) throws -> (Program, FileModuleLoader) {
        let url = try script.file.url()
        let isModule = script.name.hasSuffix(".mjs")
        guard let entry = isModule ? url : ModuleURL("data:text/javascript,") else {
            throw CommandEnded(.ourFault, "the empty module has no URL")
        }
        var program = Program(entry: ModuleKey(url: entry, kind: .javaScript))
        program.name = script.name
        program.limits = limits
        if !isModule { program.preloads = [.init(url: url, source: script.source)] }
        let folders = try ModuleFolders([script.file.folder])
        let compiler = TypeScriptCompiler(folders: folders, store: nil)
        return (program, FileModuleLoader(folders: folders, compiler: compiler))
    }
}

/// A count that threads add to.
final class Counter: Sendable {
    private let value = Atomic(0)
    func increment() { value.add(1, ordering: .acquiringAndReleasing) }
    var count: Int { value.load(ordering: .acquiring) }
}

/// A small generator with a seed, so that a random order can be had again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
