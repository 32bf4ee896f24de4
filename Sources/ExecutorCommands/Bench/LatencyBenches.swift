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
