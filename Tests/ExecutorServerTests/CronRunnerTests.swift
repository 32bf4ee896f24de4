// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import FoundationEssentials
import Registry
import Support
import Synchronization
import Testing
import WorkerTypes

private typealias Events<Event: Sendable> = Support.Later<Event>

@Suite("Runs of scheduled handlers", .timeLimit(.minutes(2))) struct CronRunnerTests {
    private let minute = 60_000
    private let clock = ManualTime(1_799_999_970_000)
    /// The first full minute after the clock's.
    private var first: Int { (1_799_999_970_000 / minute + 1) * minute }

    /// A registry, and a runner whose waits are told instead of waited.
    private func withRunner(
        mostRuns: Int = 64, handler: @escaping CronRunner.Handler,
        _ body: (WorkerRegistry, CronRunner, Events<Duration>) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "rookery-test-\(UUID().uuidString)")
            .path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try DataFolder(path)
        defer { folder.close() }
        var settings = WorkerRegistry.Options()
        settings.now = { [clock] in clock.now }
        let registry = try WorkerRegistry(folder, options: settings)
        let sleeps = Events<Duration>()
        var options = CronRunner.Options()
        options.mostRuns = mostRuns
        options.now = { [clock] in clock.now }
        options.sleep = { duration in
            sleeps.give(duration)
            // Until it is cancelled: the tests wake the runner.
            try? await Task.sleep(for: .seconds(3600))
        }
        let runner = CronRunner(registry, options: options, handler: handler)
        do {
            try await body(registry, runner, sleeps)
        } catch {
            await runner.stop()
            try? registry.close()
            throw error
        }
        await runner.stop()
        try registry.close()
    }

    private func deploy(_ registry: WorkerRegistry, _ name: String, _ crons: String...) async throws {
        let manifest = WorkerManifest(
            main: "index.js", modules: ["index.js": ""], crons: try crons.map { try CronExpression($0) })
        _ = try await registry.deploy(manifest, as: WorkerName(name)) { _, _ in [] }
    }

    private func status(_ registry: WorkerRegistry, _ name: String = "one") async throws -> CronStatus {
        try #require(try await registry.details(of: WorkerName(name)).schedule.first)
    }

    @Test("The runner waits until something is due, runs it for its time, and records how it ended")
    func due() async throws {
        let runs = Events<ScheduledRun>()
        let handler: CronRunner.Handler = { run in
            runs.give(run)
            return .exceededCPU
        }
        try await withRunner(handler: handler) { registry, runner, sleeps in
            try await deploy(registry, "one", "* * * * *")
            await runner.start()
            #expect(try await sleeps.next() == .seconds(30))
            clock.now = first + 5
            runner.schedulesChanged()
            let run = try await runs.next()
            #expect(run.worker.description == "one" && run.cron == "* * * * *" && run.time == first)
            await runner.stop()
            let last = try await status(registry).last
            #expect(last?.time == first && last?.outcome == .finished(.exceededCPU))
        }
    }

    @Test("A worker that is deployed while nothing is scheduled is run when it is due")
    func deployed() async throws {
        let runs = Events<ScheduledRun>()
        let handler: CronRunner.Handler = { run in
            runs.give(run)
            return .ok
        }
        try await withRunner(handler: handler) { registry, runner, sleeps in
            await runner.start()
            try await deploy(registry, "one", "@daily")
            runner.schedulesChanged()
            // Never longer than a minute, however far the time is.
            #expect(try await sleeps.next() == .seconds(60))
            clock.now = try #require(try await registry.nextDue())
            runner.schedulesChanged()
            #expect(try await runs.next().cron == "@daily")
        }
    }

    @Test("Runs are bounded, and the next begins as one ends")
    func bounded() async throws {
        let begun = Events<ScheduledRun>()
        let gate = Events<Void>()
        let atOnce = Mutex((now: 0, most: 0))
        let handler: CronRunner.Handler = { run in
            atOnce.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            begun.give(run)
            _ = try? await gate.next()
            atOnce.withLock { $0.now -= 1 }
            return .ok
        }
        try await withRunner(mostRuns: 2, handler: handler) { registry, runner, _ in
            for index in 0..<5 { try await deploy(registry, "w\(index)", "* * * * *") }
            clock.now = first
            await runner.start()
            var names: Set<String> = []
            for _ in 0..<2 { names.insert(try await begun.next().worker.description) }
            for _ in 0..<3 {
                gate.give(())
                names.insert(try await begun.next().worker.description)
            }
            #expect(names.count == 5)
            for _ in 0..<2 { gate.give(()) }
            await runner.stop()
            #expect(atOnce.withLock { $0.most } == 2)
            for index in 0..<5 {
                #expect(try await status(registry, "w\(index)").last?.outcome == .finished(.ok))
            }
        }
    }

    @Test("While a run goes on, no other of its expression begins")
    func oneAtATime() async throws {
        let begun = Events<ScheduledRun>()
        let gate = Events<Void>()
        let handler: CronRunner.Handler = { run in
            begun.give(run)
            _ = try? await gate.next()
            return .ok
        }
        try await withRunner(handler: handler) { registry, runner, sleeps in
            try await deploy(registry, "one", "* * * * *")
            clock.now = first
            await runner.start()
            _ = try await begun.next()
            #expect(try await sleeps.next() == .seconds(60))
            clock.now += minute
            runner.schedulesChanged()
            _ = try await sleeps.next()
            #expect(try await status(registry).missed == 1)
            gate.give(())
            _ = try await sleeps.next()
            clock.now += minute
            runner.schedulesChanged()
            #expect(try await begun.next().time == first + 2 * minute)
            gate.give(())
        }
    }

    @Test("A stop begins nothing more, and waits for the run under way, which is recorded as it ended")
    func stop() async throws {
        let begun = Events<ScheduledRun>()
        let gate = Events<Void>()
        let handler: CronRunner.Handler = { run in
            begun.give(run)
            _ = try? await gate.next()
            return .exception
        }
        try await withRunner(handler: handler) { registry, runner, _ in
            try await deploy(registry, "one", "* * * * *")
            clock.now = first
            await runner.start()
            _ = try await begun.next()
            let stopped = Task { await runner.stop() }
            gate.give(())
            #expect(await stopped.value)
            #expect(try await status(registry).last?.outcome == .finished(.exception))
            clock.now += minute
            runner.schedulesChanged()
            await runner.start()
            #expect(try await status(registry).running == nil)
        }
    }

    @Test("A stop waits no longer than it may for a run that does not end")
    func boundedStop() async throws {
        let begun = Events<ScheduledRun>()
        let gate = Events<Void>()
        let handler: CronRunner.Handler = { run in
            begun.give(run)
            _ = try? await gate.next()
            return .ok
        }
        try await withRunner(handler: handler) { registry, runner, _ in
            try await deploy(registry, "one", "* * * * *")
            clock.now = first
            await runner.start()
            _ = try await begun.next()
            #expect(await runner.stop(within: .milliseconds(10)) == false)
            #expect(try await status(registry).running != nil)
            gate.give(())
        }
    }

    @Test("A registry that fails is told of and asked again")
    func faults() async throws {
        let faults = Events<RegistryError>()
        let path = FileManager.default.temporaryDirectory.appending(path: "rookery-test-\(UUID().uuidString)")
            .path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try DataFolder(path)
        defer { folder.close() }
        let registry = try WorkerRegistry(folder)
        try registry.close()
        var options = CronRunner.Options()
        options.retryDelay = .zero
        options.onFault = { faults.give($0) }
        let runner = CronRunner(registry, options: options) { _ in .ok }
        await runner.start()
        for _ in 0..<2 { #expect(try await faults.next().kind == .closed) }
        await runner.stop()
    }
}

/// A clock that stands still until it is set.
private final class ManualTime: Sendable {
    private let time: Atomic<Int>

    init(_ time: Int) { self.time = Atomic(time) }

    var now: Int {
        get { time.load(ordering: .relaxed) }
        set { time.store(newValue, ordering: .relaxed) }
    }
}
