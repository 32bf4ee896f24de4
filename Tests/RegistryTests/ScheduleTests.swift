// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing
import WorkerTypes

@testable import Registry

@Suite("Scheduled runs") struct ScheduleTests {
    private let minute = 60_000
    private let clock = ManualClock(1_799_999_970_000)
    /// The first full minute after the clock's.
    private var first: Int { (1_799_999_970_000 / minute + 1) * minute }

    @discardableResult private func withRegistry<T>(
        _ folder: TestFolder, _ missed: MissedRuns = .once(within: .seconds(3600)),
        _ body: (WorkerRegistry) async throws -> T
    ) async throws -> T {
        let clock = clock
        let options = WorkerRegistry.Options.with {
            $0.missedRuns = missed
            $0.now = { clock.now }
        }
        return try await folder.withRegistry(options, body)
    }

    private func status(_ registry: WorkerRegistry, _ name: String = "one") async throws -> [CronStatus] {
        try await registry.details(of: WorkerName(name)).schedule
    }

    @Test("A run is taken when it is due, once, for its time; its end is recorded")
    func once() async throws {
        try await withRegistry(TestFolder()) { registry in
            try await registry.deploy("x", as: "one", crons: ["* * * * *"])
            let early = try await registry.takeDueRuns()
            #expect(early.runs.isEmpty && early.next == first)
            clock.now = first + 5
            let due = try await registry.takeDueRuns()
            let run = try #require(due.runs.first)
            #expect(due.runs.count == 1 && run.worker.description == "one" && run.cron == "* * * * *")
            #expect(run.time == first && due.next == first + minute)
            #expect(try await registry.takeDueRuns().runs.isEmpty)
            #expect(try await status(registry).first?.running == first + 5)
            #expect(try await status(registry).first?.last == nil)
            clock.now = first + 500
            try await registry.finish([(run, .exceededCPU)])
            let status = try #require(try await status(registry).first)
            #expect(status.running == nil && status.missed == 0)
            #expect(
                status.last
                    == FinishedRun(
                        time: first, started: first + 5, finished: first + 500, outcome: .finished(.exceededCPU)))
        }
    }

    @Test("While a run goes on, no other of its expression is taken, and those times count as missed")
    func oneAtATime() async throws {
        try await withRegistry(TestFolder()) { registry in
            try await registry.deploy("x", as: "one", crons: ["* * * * *", "*/2 * * * *"])
            clock.now = first + minute
            let runs = try await registry.takeDueRuns().runs
            #expect(runs.count == 2)
            clock.now += 2 * minute
            #expect(try await registry.takeDueRuns().runs.isEmpty)
            #expect(try await status(registry).map(\.missed) == [1, 1])
            try await registry.finish([(runs[0], .ok)])
            clock.now += 2 * minute
            #expect(try await registry.takeDueRuns().runs.map(\.cron) == [runs[0].cron])
        }
    }

    @Test("Many missed times make one run, for the latest of them")
    func coalesced() async throws {
        let folder = try TestFolder()
        try await withRegistry(folder) { registry in
            try await registry.deploy("x", as: "one", crons: ["* * * * *", "@daily"])
        }
        clock.now = first + 10 * 24 * 60 * minute + 100
        try await withRegistry(folder) { registry in
            let runs = try await registry.takeDueRuns().runs
            // The last midnight was longer ago than an hour.
            #expect(runs.map(\.cron) == ["* * * * *"])
            #expect(runs.first?.time == first + 10 * 24 * 60 * minute)
            #expect(try await status(registry).map(\.missed) == [0, 1])
        }
    }

    @Test("Missed times can be skipped; one that is a little late is not missed")
    func skipped() async throws {
        let folder = try TestFolder()
        try await withRegistry(folder, .skip) { registry in
            try await registry.deploy("x", as: "one", crons: ["@hourly"])
            let due = try #require(try await registry.nextDue())
            clock.now = due + 2 * minute
            #expect(try await registry.takeDueRuns().runs.isEmpty)
            clock.now = due + 60 * minute + 30_000
            #expect(try await registry.takeDueRuns().runs.map(\.time) == [due + 60 * minute])
        }
    }

    @Test("A run that the end of the process cut short is over, and is not made again")
    func interrupted() async throws {
        let folder = try TestFolder()
        try await withRegistry(folder) { registry in
            try await registry.deploy("x", as: "one", crons: ["@hourly"])
            clock.now = try #require(try await registry.nextDue())
            #expect(try await registry.takeDueRuns().runs.count == 1)
        }
        clock.now += 1000
        try await withRegistry(folder) { registry in
            #expect(try await registry.takeDueRuns().runs.isEmpty)
            let status = try #require(try await status(registry).first)
            #expect(status.running == nil && status.last?.outcome == .interrupted)
        }
    }

    @Test("A new version keeps the times of expressions that it has too; others go, and come with a rollback")
    func versions() async throws {
        try await withRegistry(TestFolder()) { registry in
            try await registry.deploy("x", as: "one", crons: ["@daily", "@hourly"])
            let before = try await status(registry)
            clock.now += 30_000
            try await registry.deploy("y", as: "one", crons: ["*/5 * * * *", "@daily"])
            let after = try await status(registry)
            #expect(after.map(\.cron) == ["@daily", "*/5 * * * *"])
            #expect(after.first == before.first)
            _ = try await registry.rollback(WorkerName("one"))
            #expect(try await status(registry).map(\.cron) == ["@daily", "@hourly"])
            try await registry.deploy("z", as: "one")
            #expect(try await status(registry).isEmpty)
            #expect(try await registry.nextDue() == nil)
        }
    }

    @Test("An expression that comes back while its run goes on does not begin a second one")
    func comesBack() async throws {
        try await withRegistry(TestFolder()) { registry in
            try await registry.deploy("x", as: "one", crons: ["* * * * *"])
            clock.now = first
            let run = try #require(try await registry.takeDueRuns().runs.first)
            try await registry.deploy("y", as: "one")
            #expect(try await registry.nextDue() == nil)
            try await registry.deploy("z", as: "one", crons: ["* * * * *"])
            clock.now += minute
            #expect(try await registry.takeDueRuns().runs.isEmpty)
            try await registry.finish([(run, .ok)])
            clock.now += minute
            #expect(try await registry.takeDueRuns().runs.count == 1)
            // An end that was told before belongs to another run.
            try await registry.finish([(run, .exception)])
            #expect(try await status(registry).first?.running != nil)
        }
    }

    @Test("Thousands that are due together are taken a few at a time")
    func bounded() async throws {
        try await withRegistry(TestFolder()) { registry in
            for index in 0..<25 { try await registry.deploy("x", as: "w\(index)", crons: ["* * * * *"]) }
            clock.now = first
            var taken = 0
            while case let due = try await registry.takeDueRuns(limit: 10), !due.runs.isEmpty {
                #expect(due.runs.count <= 10)
                taken += due.runs.count
            }
            #expect(taken == 25)
        }
    }
}
