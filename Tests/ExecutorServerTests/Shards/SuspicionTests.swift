// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ExecutorServer

@Suite("Suspicion of workers")
struct SuspicionTests {
    @Test("A worker that was inside two dying shards is moved, those that were inside one are not")
    func deaths() {
        var suspicion = Suspicion()
        #expect(suspicion.note(.death, of: ["a", "b", "c"], at: 0).isEmpty)
        #expect(suspicion.note(.death, of: ["b", "d"], at: 0) == ["b"])
        #expect(suspicion.note(.death, of: ["c"], at: Suspicion.halfLife * 10).isEmpty)
    }

    @Test("A lost thread is enough; limits that hold are so only by the hundred")
    func weights() {
        var suspicion = Suspicion()
        #expect(suspicion.note(.lostThread, of: ["a"], at: 0) == ["a"])
        for _ in 0..<94 { #expect(suspicion.note(.limit, of: ["b"], at: 0).isEmpty) }
        for _ in 0..<2 { _ = suspicion.note(.limit, of: ["b"], at: 0) }
        #expect(suspicion.note(.limit, of: ["b"], at: 0) == ["b"])
    }

    @Test("What is held against a worker is half as much after a while, and nothing once it is removed")
    func forgets() {
        var suspicion = Suspicion()
        _ = suspicion.note(.death, of: ["a"], at: 0)
        #expect(suspicion.weight(of: "a", at: Suspicion.halfLife) == 2.5)
        suspicion.forget("a")
        #expect(suspicion.weight(of: "a", at: 0) == 0)
        #expect(suspicion.weight(of: "never seen", at: 0) == 0)
    }

    @Test("Of very many workers those are kept of whom most is held")
    func bounded() {
        var suspicion = Suspicion()
        _ = suspicion.note(.death, of: ["bad"], at: 0)
        _ = suspicion.note(.limit, of: (0..<10_500).map { "w\($0)" }, at: 0)
        #expect(suspicion.weight(of: "bad", at: 0) == 5)
    }
}
