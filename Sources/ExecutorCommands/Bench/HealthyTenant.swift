// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Isolates
internal import WorkerRuntime

/// A tenant that behaves, on a thread of its own, and how well it is served.
final class HealthyTenant {
    private let instance: ThreadBound<WorkerInstance>
    private let answers = Gate<Bool>()
    private let clock = ContinuousClock()
    /// The longest time between two answers.
    private(set) var gap = Duration.zero
    /// Wrong answers.
    private(set) var failures = 0

    private static let period = Duration.milliseconds(5)
    /// A host that does not answer for so long is dead, whatever its process does.
    private static let patience = Duration.seconds(60)

    init(_ setting: BenchSetting) throws {
        let thread = try IsolateThread()
        let made = Gate<Result<ThreadBound<WorkerInstance>, any Error>>()
        thread.loop.post { made.open(Result { ThreadBound(try setting.live(), on: thread.loop) }) }
        instance = try made.wait().get()
    }

    /// One request, and how long it took.
    func request() -> Duration? {
        let start = clock.now
        instance.post { [answers] in answers.open(BenchSetting.answers($0)) }
        guard let isRight = answers.wait(atMost: Self.patience) else {
            StandardError.write("rookery: the healthy tenant does not answer any more\n")
            _exit(ExitStatus.ourFault.rawValue)
        }
        if !isRight { failures += 1 }
        return isRight ? clock.now - start : nil
    }

    /// Asks every 5 ms until `isOver`.
    func ask(until isOver: () -> Bool) {
        var last = clock.now
        while !isOver() {
            _ = request()
            let now = clock.now
            gap = max(gap, now - last)
            last = now
            pause(Self.period)
        }
    }

    /// The median of a request to and fro, in microseconds.
    func dispatch() throws -> Double { samples(5000, every: .zero).microseconds(50) }

    /// Requests with a pause before each.
    func samples(_ count: Int, every period: Duration) -> Samples {
        Samples.taking(count) {
            pause(period)
            return request() ?? Self.patience
        }
    }

    private func pause(_ duration: Duration) {
        guard duration > .zero else { return }
        usleep(UInt32(duration.components.attoseconds / 1_000_000_000_000))
    }
}
