// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Isolates
internal import WorkerRuntime

/// A new isolate, a module compiled, a first request answered, the isolate disposed.
struct ColdBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cold", abstract: "New isolate to first answer.")
    @OptionGroup var options: BenchOptions

    func run() throws {
        let count = try options.count(default: 500)
        let setting = try BenchSetting()
        let samples = try BenchSetting.onThread {
            // One isolate stays, as in a host: it keeps V8's shared read-only heap mapped.
            let canary = try setting.live()
            defer { withExtendedLifetime(canary) {} }
            return try Samples.taking(count) {
                try ContinuousClock().measure { try BenchSetting.requireAnswer(setting.live()) }
            }
        }
        BenchReport(samples).print(asJSON: options.json)
    }
}

/// The same from an isolate that was made before.
struct WarmBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "warm", abstract: "Blank isolate to first answer.")
    @OptionGroup var options: BenchOptions

    func run() throws {
        let count = try options.count(default: 500)
        let setting = try BenchSetting()
        let samples = try BenchSetting.onThread {
            try Samples.taking(count) {
                let instance = try setting.blank()
                return try ContinuousClock().measure {
                    try instance.load(BenchSetting.worker, url: "file:///bench/worker.js")
                    try BenchSetting.requireAnswer(instance)
                }
            }
        }
        BenchReport(samples).print(asJSON: options.json)
    }
}

/// One request to a live isolate, from another thread and back.
struct DispatchBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dispatch", abstract: "A request to a live isolate.")
    @OptionGroup var options: BenchOptions

    func run() throws {
        let count = try options.count(default: 20_000)
        let setting = try BenchSetting()
        let thread = try IsolateThread()
        let made = Gate<Result<ThreadBound<WorkerInstance>, any Error>>()
        thread.loop.post { made.open(Result { ThreadBound(try setting.live(), on: thread.loop) }) }
        let instance = try made.wait().get()
        let answers = Gate<Bool>()
        let clock = ContinuousClock()
        let samples = try Samples.taking(count) {
            let start = clock.now
            instance.post { answers.open(BenchSetting.answers($0)) }
            guard answers.wait() else { throw CommandEnded(.ourFault, "no answer") }
            return clock.now - start
        }
        BenchReport(samples).print(asJSON: options.json)
    }
}

/// From the end of a 50 ms CPU budget to the thread being free.
struct KillBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kill", abstract: "How late a spent budget ends.")
    @OptionGroup var options: BenchOptions

    private static let loops = [
        "for (;;);",
        "for (;;) { try { for (;;); } finally { continue; } }",
        "let s = ''; for (;;) { s += 'x'; if (s.length > 1e5) s = ''; }",
        "const a = []; for (;;) { a.push({}); if (a.length > 1e4) a.length = 0; }",
        "await (async () => { for (;;) await null; })();",
        "/(a+)+b/.test('a'.repeat(40)); for (;;);",
        "function f() { return Promise.resolve().then(f); } await f();",
    ]

    func run() throws {
        let count = try options.count(default: 100)
        let setting = try BenchSetting()
        let samples = try BenchSetting.onThread {
            let budget = Duration.milliseconds(50)
            var samples = Samples()
            for round in 0..<count {
                let instance = try setting.blank()
                let body = Self.loops[round % Self.loops.count]
                let source = "export default { async fetch() { \(body) } };"
                try instance.load(Array(source.utf8), url: "file:///bench/loop.js")
                let (result, turn) = instance.fetch(.undefined, budget: .init(cpu: budget))
                guard case .failure(.terminated(.cpu)) = result else {
                    throw CommandEnded(.ourFault, "a loop was not ended by its CPU budget: \(body)")
                }
                samples.add(max(turn.cpu - budget, .zero))
            }
            return samples
        }
        var report = BenchReport(samples)
        report.add("max_us", samples.microseconds(100))
        report.print(asJSON: options.json)
    }
}
