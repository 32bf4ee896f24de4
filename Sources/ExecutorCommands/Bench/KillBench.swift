// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Isolates
internal import WorkerRuntime

/// From the end of a 50 ms CPU budget to the thread being free, or parked.
struct KillBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kill", abstract: "How late a spent budget ends.")
    @OptionGroup var options: BenchOptions

    private static let budget = Duration.milliseconds(50)
    private static let loops = [
        "for (;;);",
        "for (;;) { try { for (;;); } finally { continue; } }",
        "let s = ''; for (;;) { s += 'x'; if (s.length > 1e5) s = ''; }",
        "const a = []; for (;;) { a.push({}); if (a.length > 1e4) a.length = 0; }",
        "await (async () => { for (;;) await null; })();",
        "/(a+)+b/.test('a'.repeat(40)); for (;;);",
        "function f() { return Promise.resolve().then(f); } await f();",
    ]
    /// V8 never asks these whether they are to end.
    private static let builtIns = [
        "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();",
        "const a = []; a.length = 2 ** 32 - 1; a[2 ** 31] = 1; a.indexOf(5);",
        "[].join.call({ length: 2 ** 32 - 1 }, '');",
        "Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);",
        "Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1);",
    ]

    func run() throws {
        let count = try options.count(default: 100)
        let setting = try BenchSetting()
        let samples = try BenchSetting.onThread { try Self.endLoops(count, setting) }
        var report = BenchReport(samples)
        report.add("max_us", samples.microseconds(100))
        // Each of them costs the process a thread.
        var builtIns = Samples()
        for body in Self.builtIns { builtIns.add(try Self.endBuiltIn(body, setting)) }
        report.add("builtins_n", builtIns.count)
        report.add("builtins_max_us", builtIns.microseconds(100))
        report.add("builtins_parked", Engine.load.lostIsolates)
        report.print(asJSON: options.json)
    }

    /// CPU time past the budget.
    private static func endLoops(_ count: Int, _ setting: BenchSetting) throws -> Samples {
        var samples = Samples()
        for round in 0..<count {
            let body = loops[round % loops.count]
            let instance = try setting.instance(body)
            let (result, turn) = instance.fetch(.undefined, budget: .init(cpu: budget))
            guard case .failure(.terminated(.cpu)) = result else {
                throw CommandEnded(.ourFault, "a loop was not ended by its CPU budget: \(body)")
            }
            samples.add(max(turn.cpu - budget, .zero))
        }
        return samples
    }

    /// Elapsed time past the budget.
    private static func endBuiltIn(_ body: String, _ setting: BenchSetting) throws -> Duration {
        let thread = try IsolateThread()
        defer { thread.stop() }
        let ended = Gate<Duration>()
        thread.loop.post {
            guard let instance = try? setting.instance(body, onLost: { ended.open($0.wall) }) else {
                return ended.open(.seconds(3600))
            }
            ended.open(instance.fetch(.undefined, budget: .init(cpu: budget)).1.wall)
        }
        return max(ended.wait() - budget, .zero)
    }
}
