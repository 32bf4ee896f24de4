// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Isolates
internal import WorkerRuntime
internal import WorkerTypes

/// A good tenant's latency alone, and beside tenants that spin into their CPU limit.
struct NoisyBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noisy", abstract: "A good tenant beside spinning ones.")
    @Option(help: "How many tenants spin. 4 unless given.") var hostile: String?
    @OptionGroup var options: BenchOptions

    private static let budget = Duration.milliseconds(50)

    func run() throws {
        let spinners = try hostile.map { try Numbers.whole($0, "--hostile", least: 1) } ?? 4
        let count = try options.count(default: 2000)
        let setting = try BenchSetting()
        let tenant = try HealthyTenant(setting)
        // A request each 2 ms, as of a tenant that is not busy itself.
        let alone = tenant.samples(count, every: .milliseconds(2))
        let isOver = Counter()
        let ended = Counter()
        for _ in 0..<spinners { try spin(setting, until: isOver, ended) }
        let beside = tenant.samples(count, every: .milliseconds(2))
        isOver.increment()
        var report = BenchReport()
        report.add("alone_p50_us", alone.microseconds(50))
        report.add("alone_p99_us", alone.microseconds(99))
        report.add("beside_p50_us", beside.microseconds(50))
        report.add("beside_p99_us", beside.microseconds(99))
        report.add("terminated", ended.count)
        report.print(asJSON: options.json)
    }

    /// A tenant on a thread of its own that spins into its limit again and again.
    private func spin(_ setting: BenchSetting, until isOver: Counter, _ ended: Counter) throws {
        let thread = try IsolateThread()
        thread.loop.post {
            guard let instance = try? setting.instance("for (;;);") else { return }
            while isOver.count == 0 {
                _ = instance.fetch(.undefined, budget: .init(cpu: Self.budget))
                ended.increment()
            }
            thread.stop()
        }
    }
}
