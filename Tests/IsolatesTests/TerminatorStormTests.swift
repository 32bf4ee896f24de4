// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Isolates
import Support
import Synchronization
import Testing

/// Terminations from another thread that come at every moment of a turn, and between turns.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct TerminatorStormTests {
    /// Terminates without a pause while it is let, on a thread of its own.
    private final class Storm: Sendable {
        private let mayBlow = Atomic(false)
        private let isBlowing = Atomic(false)
        private let isOver = Atomic(false)
        /// Calls that found a turn under way.
        let hits = Atomic(0)
        private let ended = DispatchSemaphore(value: 0)

        init(_ terminator: Terminator) {
            DispatchQueue(label: "storm").async { [self] in
                while !isOver.load(ordering: .acquiring) {
                    isBlowing.store(true, ordering: .sequentiallyConsistent)
                    if mayBlow.load(ordering: .sequentiallyConsistent) {
                        if terminator.terminate() { hits.add(1, ordering: .relaxed) }
                    }
                    isBlowing.store(false, ordering: .sequentiallyConsistent)
                    sched_yield()
                }
                ended.signal()
            }
        }

        func begin() { mayBlow.store(true, ordering: .sequentiallyConsistent) }

        /// Afterwards no call is under way.
        func pause() {
            mayBlow.store(false, ordering: .sequentiallyConsistent)
            while isBlowing.load(ordering: .sequentiallyConsistent), !isOver.load(ordering: .acquiring) {
                sched_yield()
            }
        }

        /// - Returns: whether its thread has ended.
        func end() -> Bool {
            isOver.store(true, ordering: .releasing)
            return ended.wait(timeout: .now() + 30) == .success
        }
    }

    @Test("A termination never reaches the next turn, however late it comes")
    func storm() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 64 << 20))
        let context = try isolate.makeContext()
        try context.evaluate("function work(n) { let sum = 0; for (let i = 0; i < n; i++) sum += i; return sum }")
        let work = try context.function("work")
        let storm = Storm(try isolate.makeTerminator())
        var terminated = 0
        for round in 0..<1000 {
            storm.begin()
            let (result, turn) = isolate.turn { () throws(ScriptError) in
                // From turns that end at once to some that would take long.
                try work.call(round % 7 == 0 ? 100_000_000 : round * 10, as: Double.self)
            }
            storm.pause()
            switch result {
            case .success: #expect(turn.termination == nil)
            case .failure(let error):
                #expect(error == .terminated(.requested))
                #expect(turn.termination == .requested)
                terminated += 1
            }
            let (quiet, after) = isolate.turn { () throws(ScriptError) in try work.call(4, as: Double.self) }
            #expect(try quiet.get() == 6)
            #expect(after.termination == nil)
        }
        #expect(storm.end())
        let hits = storm.hits.load(ordering: .relaxed)
        #expect(terminated > 0)
        #expect(terminated <= hits, "\(terminated) turns were ended by \(hits) calls")
    }

    @Test("A termination with nothing to end is inert, before the first turn, between turns and after the last")
    func inert() throws {
        let terminator: Terminator
        do {
            let isolate = try Isolate(TestEngine.shared())
            terminator = try isolate.makeTerminator()
            let context = try isolate.makeContext()
            for round in 0..<100 {
                #expect(!terminator.terminate())
                let (result, _) = isolate.turn { () throws(ScriptError) in
                    try context.evaluate("\(round)", as: Int.self)
                }
                #expect(try result.get() == round)
                #expect(!terminator.terminate())
                // Without a turn too.
                #expect(try context.evaluate("\(round)", as: Int.self) == round)
            }
        }
        for _ in 0..<100 { #expect(!terminator.terminate()) }
    }
}
