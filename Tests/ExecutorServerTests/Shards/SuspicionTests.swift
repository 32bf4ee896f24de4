// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ExecutorServer

@Suite("Suspicion of workers")
struct SuspicionTests {
    @Test("A worker of which nothing ever ended well and that was alone in a dying shard is moved")
    func alone() {
        var suspicion = Suspicion()
        let moved = ["new": 0, "proven": 100_000].map { suspicion.noteDeath(of: [$0: $1], at: 0) }
        #expect(Set(moved) == [["new"], []])
        let again = suspicion.noteDeath(of: ["proven": 100_000], at: 0)
        #expect(again == ["proven"])
    }

    @Test("A new worker that was inside two dying shards is moved, those busy ones that were there too are not")
    func deaths() {
        var suspicion = Suspicion()
        let busy = ["a": 50_000, "b": 2000, "c": 700]
        let first = suspicion.noteDeath(of: busy.merging(["bad": 1, "unlucky": 0]) { $1 }, at: 0)
        let second = suspicion.noteDeath(of: busy.merging(["bad": 1]) { $1 }, at: 0)
        #expect(first.isEmpty)
        #expect(second == ["bad"])
        for worker in busy.keys { #expect(suspicion.weight(of: worker, at: 0) < 0.1) }
    }

    @Test("Busy workers that are inside at many deaths share what is held against them with nobody")
    func nobody() {
        var suspicion = Suspicion()
        let busy = Dictionary(uniqueKeysWithValues: (0..<5).map { ("w\($0)", 3000) })
        let moved = (0..<5).flatMap { suspicion.noteDeath(of: busy, at: $0) }
        #expect(moved.isEmpty)
    }

    @Test("A lost thread is enough; limits that hold are so only by the hundred")
    func weights() {
        var suspicion = Suspicion()
        let lost = suspicion.note(.lostThread, of: "a", at: 0)
        #expect(lost)
        let limits = (0..<97).map { _ in suspicion.note(.limit, of: "b", at: 0) }
        #expect(limits.prefix(94).allSatisfy { !$0 })
        #expect(limits.last == true)
    }

    @Test("What is held against a worker is half as much after a while, and nothing once it is removed")
    func forgets() {
        var suspicion = Suspicion()
        for _ in 0..<10 { _ = suspicion.note(.limit, of: "a", at: 0) }
        #expect(abs(suspicion.weight(of: "a", at: Suspicion.halfLife) - 0.5) < 1e-9)
        suspicion.forget("a")
        #expect(suspicion.weight(of: "a", at: 0) == 0)
        #expect(suspicion.weight(of: "never seen", at: 0) == 0)
    }

    @Test("Of very many workers those are kept of whom most is held")
    func bounded() {
        var suspicion = Suspicion()
        _ = suspicion.note(.lostThread, of: "bad", at: 0)
        for number in 0..<10_500 { _ = suspicion.note(.limit, of: "w\(number)", at: 0) }
        #expect(suspicion.weight(of: "bad", at: 0) == 10)
    }
}
