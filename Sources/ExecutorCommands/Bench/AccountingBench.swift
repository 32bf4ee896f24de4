// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Glibc
internal import Isolates
internal import WorkerRuntime

/// What busy tenants are charged, against the CPU time of their threads by the kernel's own account.
struct AccountingBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounting", abstract: "CPU time charged, against the threads' own.")
    @Option(help: "How many tenants, each on a thread. 6 unless given.") var tenants: String?
    @OptionGroup var options: BenchOptions

    private struct Account: Sendable {
        let charged: Duration
        let used: Duration
    }

    func run() throws {
        let count = try tenants.map { try Numbers.whole($0, "--tenants", least: 1) } ?? 6
        let rounds = try options.count(default: 20)
        let setting = try BenchSetting()
        let gates = try (0..<count).map { _ in try Self.busy(setting, rounds: rounds) }
        let accounts = try gates.map { try $0.wait().get() }
        // In hundredths of a percent of the thread's time.
        let errors = accounts.map { account in
            abs(account.charged.microseconds - account.used.microseconds) * 10_000 / max(account.used.microseconds, 1)
        }
        var report = BenchReport()
        report.add("tenants", count)
        report.add("charged_ms", accounts.map { $0.charged.microseconds / 1000 })
        report.add("thread_ms", accounts.map { $0.used.microseconds / 1000 })
        report.add("worst_percent", Double(errors.max() ?? 0) / 100)
        report.print(asJSON: options.json)
    }

    /// A tenant that makes and sorts objects, 50 ms at a time.
    private static func busy(
        _ setting: BenchSetting, rounds: Int
    ) throws -> Gate<Result<Account, any Error>> {
        let thread = try IsolateThread()
        let ended = Gate<Result<Account, any Error>>()
        let body =
            "for (;;) Array.from({ length: 1000 }, (_, i) => ({ i: i * 7919 % 1000 })).sort((a, b) => a.i - b.i);"
        thread.loop.post {
            defer { thread.stop() }
            ended.open(
                Result {
                    let instance = try setting.instance(body)
                    let start = threadTime()
                    var charged = Duration.zero
                    for _ in 0..<rounds {
                        charged += instance.fetch(.undefined, budget: .init(cpu: .milliseconds(50))).1.cpu
                    }
                    return Account(charged: charged, used: threadTime() - start)
                })
        }
        return ended
    }

    /// CPU time of the calling thread.
    private static func threadTime() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
