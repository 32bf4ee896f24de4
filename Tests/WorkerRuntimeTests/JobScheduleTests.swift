// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WorkerRuntime

@Suite struct JobScheduleTests {
    /// Takes jobs until there are none, each of which ends before the next.
    private func drain(_ schedule: inout JobSchedule<String>) -> String {
        var order = ""
        while let (client, work) = schedule.next() {
            order += work
            schedule.finish(client)
        }
        return order
    }

    @Test("Clients take turns, however many jobs one of them has")
    func turns() {
        var schedule = JobSchedule<String>(mostWaiting: 10)
        let clients = (0..<3).map { _ in schedule.makeClient() }
        for work in ["a", "b", "c", "d"] { schedule.add(work, of: clients[0]) }
        schedule.add("1", of: clients[1])
        schedule.add("x", of: clients[2])
        schedule.add("y", of: clients[2])
        #expect(drain(&schedule) == "a1xbycd")
    }

    @Test("A client has one job under way")
    func oneEach() throws {
        var schedule = JobSchedule<String>(mostWaiting: 10)
        let (first, second) = (schedule.makeClient(), schedule.makeClient())
        schedule.add("a", of: first)
        schedule.add("b", of: first)
        #expect(schedule.next()?.work == "a")
        #expect(schedule.next() == nil)
        schedule.add("1", of: second)
        #expect(schedule.next()?.work == "1")
        schedule.finish(first)
        #expect(schedule.next()?.work == "b")
        #expect(schedule.next() == nil)
    }

    @Test("A client has so many jobs waiting, besides the one under way")
    func bound() {
        var schedule = JobSchedule<String>(mostWaiting: 2)
        let (client, other) = (schedule.makeClient(), schedule.makeClient())
        schedule.add("a", of: client)
        #expect(schedule.hasRoom(for: client))
        schedule.add("b", of: client)
        #expect(!schedule.hasRoom(for: client))
        #expect(schedule.hasRoom(for: other))
        #expect(schedule.next() != nil)
        #expect(schedule.hasRoom(for: client))
    }

    @Test("What a client has waiting is dropped with it, and nobody else's")
    func drop() {
        var schedule = JobSchedule<String>(mostWaiting: 10)
        let (gone, stays) = (schedule.makeClient(), schedule.makeClient())
        for work in ["a", "b", "c"] { schedule.add(work, of: gone) }
        schedule.add("1", of: stays)
        #expect(schedule.next()?.work == "a")
        #expect(schedule.drop(gone) == ["b", "c"])
        schedule.finish(gone)
        #expect(drain(&schedule) == "1")
        #expect(schedule.drop(gone).isEmpty)
    }
}
