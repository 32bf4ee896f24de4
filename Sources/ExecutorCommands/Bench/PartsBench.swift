// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Isolates
internal import WorkerRuntime

/// What the first use of each lazy part of the prelude costs an isolate.
struct PartsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parts", abstract: "First use of each lazily loaded part of the platform.",
        discussion: """
            first_us: in the first isolate of the process, which compiles it.
            p50_us: in later isolates, which have V8's code of it.
            heap_kib: what the V8 heap holds more then, in the median, garbage included.
            Parts that a part loads in its turn are in its figures.
            """)
    @OptionGroup var options: BenchOptions

    func run() throws {
        let count = try options.count(default: 100)
        let setting = try BenchSetting()
        let report = try BenchSetting.onThread {
            let canary = try setting.live()
            defer { withExtendedLifetime(canary) {} }
            var report = BenchReport()
            for part in setting.parts {
                guard let use = Self.use(of: part) else { continue }
                var first = Samples()
                first.add(try Self.touch(use, setting).time)
                var times = Samples()
                var sizes: [Double] = []
                for _ in 0..<count {
                    let cost = try Self.touch(use, setting)
                    times.add(cost.time)
                    sizes.append(cost.kibibytes)
                }
                report.add(
                    part.name,
                    [
                        "first_us": first.microseconds(50), "p50_us": times.microseconds(50),
                        "heap_kib": sizes.sorted()[sizes.count / 2],
                    ])
            }
            return report
        }
        report.print(asJSON: options.json)
    }

    /// An expression that loads a part; nil for those that only other parts load.
    private static func use(of part: Snapshot.Part) -> String? {
        guard let global = part.globals.first else {
            return ["inspect": "console.log([])", "clone": "structuredClone([])"][part.name]
        }
        // `ArrayPrototype.with` is how the prelude calls Array.prototype.with.
        return global.replacing("Prototype.", with: ".prototype.")
    }

    /// Has a new isolate evaluate the expression.
    private static func touch(_ use: String, _ setting: BenchSetting) throws -> (time: Duration, kibibytes: Double) {
        let instance = try setting.blank()
        let source = "export default { fetch(touches) { return touches ? (\(use), 'done') : 'not yet'; } };"
        try instance.load(Array(source.utf8), url: "file:///bench/parts.js")
        // The second call is as warm as it gets; what it does more than the first is the part.
        try require(instance, touches: false, answer: "not yet")
        let before = try instance.heapStatistics()
        let time = try ContinuousClock().measure { try require(instance, touches: true, answer: "done") }
        let after = try instance.heapStatistics()
        let grown = Double(after.usedHeapSize) - Double(before.usedHeapSize)
        return (time, (grown / 102.4).rounded() / 10)
    }

    private static func require(_ instance: WorkerInstance, touches: Bool, answer: String) throws {
        guard case .success(.value(.string(answer))) = instance.fetch(.boolean(touches)).0 else {
            throw CommandEnded(.ourFault, "a worker did not answer '\(answer)'")
        }
    }
}
