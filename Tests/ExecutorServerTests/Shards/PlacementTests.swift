// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

@testable import ExecutorServer

@Suite("Placement of workers on shards")
struct PlacementTests {
    @Test("Workers of different trust never share a shard")
    func trust() {
        var placement = Placement([.low: 3, .high: 2])
        var groups: [Placement.Place: Set<WorkerManifest.Trust>] = [:]
        for number in 0..<1000 {
            let trust = number % 3 == 0 ? WorkerManifest.Trust.high : .low
            groups[placement.place("w\(number)", trust: trust), default: []].insert(trust)
        }
        #expect(groups.count == 5)
        #expect(groups.values.allSatisfy { $0.count == 1 })
    }

    @Test("No shard has more than a quarter above its share, and a worker stays where it is")
    func bounded() {
        var placement = Placement([.low: 4])
        var places: [String: Placement.Place] = [:]
        for number in 0..<2000 {
            places["w\(number)"] = placement.place("w\(number)", trust: .low)
            let loads = placement.places(of: .trust(.low)).map { placement.load(of: $0) }
            #expect(loads.reduce(0, +) == number + 1)
            #expect(Double(loads.max() ?? 0) <= (Double(number + 1) * 1.25 / 4).rounded(.up))
        }
        for (worker, place) in places { #expect(placement.place(worker, trust: .low) == place) }
    }

    @Test("Another shard takes workers only for itself")
    func growth() {
        var few = Placement([.low: 4])
        var more = Placement([.low: 5])
        var moved = 0
        for number in 0..<1000 {
            let (old, new) = (few.place("w\(number)", trust: .low), more.place("w\(number)", trust: .low))
            guard old != new else { continue }
            moved += 1
        }
        // A fifth goes to the new one; the bound on loads moves some more.
        #expect(moved < 350)
    }

    @Test("A worker's own shard is its first choice, and the others of its group follow")
    func candidates() {
        var placement = Placement([.low: 3, .high: 1])
        let place = placement.place("a", trust: .low)
        #expect(placement.candidates(for: "a").first == place)
        #expect(Set(placement.candidates(for: "a")) == Set(placement.places(of: .trust(.low))))
        #expect(placement.candidates(for: "unknown").isEmpty)
    }

    @Test("A worker in quarantine is alone, and stays there until it is removed")
    func quarantine() {
        var placement = Placement([.low: 1], mostQuarantined: 2)
        for name in ["a", "b", "c", "d"] { placement.place(name, trust: .low) }
        let own = placement.quarantine("a")
        #expect(own?.group == .quarantine("a"))
        #expect(placement.quarantine("a") == own)
        #expect(placement.place("a", trust: .low) == own)
        #expect(placement.candidates(for: "a") == [own])
        #expect(placement.load(of: Placement.Place(group: .trust(.low), index: 0)) == 3)
        #expect(placement.quarantine("b") != nil)
        #expect(placement.quarantine("c") == nil)
        #expect(placement.quarantine("unknown") == nil)
        #expect(placement.quarantined == ["a", "b"])
        placement.remove("a")
        #expect(placement.place(of: "a") == nil)
        #expect(placement.place("a", trust: .low).group == .trust(.low))
    }

    @Test("A worker that leaves quarantine goes back to the shards of its trust, and leaves room for another")
    func release() {
        var placement = Placement([.low: 1, .high: 1], mostQuarantined: 1)
        for name in ["a", "b"] { placement.place(name, trust: .low) }
        #expect(placement.trust(of: "a") == .low)
        #expect(placement.release("a", trust: .low) == nil)
        #expect(placement.quarantine("a") != nil)
        #expect(placement.trust(of: "a") == nil)
        #expect(placement.quarantine("b") == nil)
        #expect(placement.release("a", trust: .high)?.group == .trust(.high))
        #expect(placement.quarantined.isEmpty)
        #expect(placement.quarantine("b") != nil)
    }

    @Test("A worker whose trust changes moves, and a removed one leaves room")
    func changes() {
        var placement = Placement([.low: 1, .high: 1])
        #expect(placement.place("a", trust: .low).group == .trust(.low))
        #expect(placement.place("a", trust: .high).group == .trust(.high))
        #expect(placement.load(of: Placement.Place(group: .trust(.low), index: 0)) == 0)
        placement.remove("a")
        placement.remove("a")
        #expect(placement.load(of: Placement.Place(group: .trust(.high), index: 0)) == 0)
    }
}
