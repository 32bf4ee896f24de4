// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct SoftLimitTests {
    private struct Heard: Decodable, Equatable {
        let limit: String
        let used: Double
        let total: Double
    }

    /// Keeps what the script hears.
    private static let listen = """
        globalThis.heard = [];
        addEventListener('limitapproaching', ({ limit, used, total }) => heard.push({ limit, used, total }));
        """
    /// Works in small steps until the script has heard of something.
    private static let untilHeard = "(async () => { while (heard.length === 0) await null; })()"

    private func make() throws -> Isolate { try Isolate(TestEngine.shared(), .init(heapLimit: 64 << 20)) }

    private func listening(_ isolate: borrowing Isolate) throws -> Context {
        let context = try isolate.makeContext()
        try context.evaluate(Self.listen)
        return context
    }

    /// A turn of this script, and all that was heard so far.
    private func turn(
        _ isolate: borrowing Isolate, _ context: Context, _ budget: Isolate.Budget, _ source: String
    ) throws -> (Isolate.Turn, [Heard]) {
        let (_, turn) = isolate.turn(budget) { () throws(ScriptError) in try context.evaluate(source) }
        return (turn, try context.evaluate("heard", as: [Heard].self))
    }

    @Test("At 80 % of the CPU time an async loop hears of it, once")
    func cpu() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let loop = Self.untilHeard.dropLast(4) + "for (let i = 0; i < 100; i++) await null; })()"
        let (turn, heard) = try turn(isolate, context, .init(cpu: .seconds(1)), String(loop))
        #expect(turn.termination == nil)
        #expect(turn.approached == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
        #expect(heard[0].total == 1000)
        #expect(heard[0].used >= 800 && heard[0].used <= heard[0].total)
        #expect(turn.cpu >= .milliseconds(800))
    }

    @Test("At 80 % of the elapsed time an async loop hears of it, once")
    func wall() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let (turn, heard) = try turn(isolate, context, .init(wall: .seconds(2)), Self.untilHeard)
        #expect(turn.termination == nil)
        #expect(turn.approached == .wall)
        #expect(heard.map(\.limit) == ["wall"])
        #expect(heard[0].total == 2000)
        #expect(heard[0].used >= 1600 && heard[0].used <= heard[0].total)
    }

    @Test("At 80 % of the memory an async loop hears of it, once, and can let go of some")
    func memory() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let source = """
            globalThis.kept = [];
            (async () => {
              while (heard.length === 0) { kept.push(Array(1 << 14).fill(0.5)); await null; }
              kept = undefined;
              for (let i = 0; i < 200; i++) { Array(1 << 14).fill(0.5); await null; }
            })()
            """
        let (turn, heard) = try turn(isolate, context, .init(cpu: .seconds(20)), source)
        #expect(turn.termination == nil)
        #expect(turn.approached == .memory)
        #expect(heard.map(\.limit) == ["memory"])
        #expect(heard[0].total == Double(64 << 20))
        #expect(heard[0].used > heard[0].total * 0.7 && heard[0].used <= heard[0].total)
    }

    @Test("A loop that never ends hears of the limit before the limit ends it")
    func endless() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let (turn, heard) = try turn(
            isolate, context, .init(cpu: .milliseconds(300)), "(async () => { for (;;) await null; })()")
        #expect(turn.termination == .cpu)
        #expect(turn.approached == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
    }

    @Test("Nothing is said below 80 %")
    func below() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let source = """
            (async () => {
              const kept = [];
              for (let i = 0; i < 100; i++) { kept.push(new ArrayBuffer(1 << 18)); await null; }
            })()
            """
        let (turn, heard) = try turn(isolate, context, .init(cpu: .seconds(60), wall: .seconds(600)), source)
        #expect(turn.termination == nil)
        #expect(turn.approached.isEmpty)
        #expect(heard.isEmpty)
    }

    @Test("What was spent before counts in")
    func before() throws {
        let isolate = try make()
        let context = try listening(isolate)
        // 750 of 1,000 ms are gone: 50 ms until the soft limit.
        let cpu = Isolate.Budget(cpu: .milliseconds(250), cpuBefore: .milliseconds(750))
        let (turn, heard) = try turn(isolate, context, cpu, Self.untilHeard)
        #expect(turn.termination == nil)
        #expect(turn.approached == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
        #expect(heard[0].total == 1000)
        #expect(heard[0].used >= 800 && heard[0].used <= 1000)
        // 7 of 10 s are gone.
        try context.evaluate("heard = []")
        let wall = Isolate.Budget(wall: .milliseconds(3000), wallBefore: .seconds(7))
        let (second, again) = try self.turn(isolate, context, wall, Self.untilHeard)
        #expect(second.termination == nil)
        #expect(second.approached == .wall)
        #expect(again.map(\.limit) == ["wall"])
        #expect(abs(again[0].total - 10_000) < 1)
        #expect(again[0].used >= 8000 && again[0].used <= 10_000)
    }

    @Test("A limit that was nearly spent when the turn began is told of at once")
    func alreadyPast() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let cpu = Isolate.Budget(cpu: .seconds(60), cpuBefore: .seconds(600))
        let (turn, heard) = try turn(isolate, context, cpu, Self.untilHeard)
        #expect(turn.approached == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
        try context.evaluate("heard = []")
        let wall = Isolate.Budget(wall: .seconds(60), wallBefore: .seconds(600))
        let (second, again) = try self.turn(isolate, context, wall, Self.untilHeard)
        #expect(second.approached == .wall)
        #expect(again.map(\.limit) == ["wall"])
    }

    @Test("A limit that was told of before is not told of again, but still counted")
    func toldBefore() throws {
        let isolate = try make()
        let context = try listening(isolate)
        let source = "(async () => { for (;;) await null; })()"
        let cpu = Isolate.Budget(cpu: .milliseconds(100), cpuBefore: .milliseconds(100), approached: .cpu)
        let (turn, heard) = try turn(isolate, context, cpu, source)
        #expect(turn.termination == .cpu)
        #expect(turn.approached == .cpu)
        #expect(heard.isEmpty)
        let wall = Isolate.Budget(wall: .milliseconds(100), approached: [.wall, .memory])
        let (second, again) = try self.turn(isolate, context, wall, source)
        #expect(second.termination == .wall)
        #expect(second.approached == [.wall, .memory])
        #expect(again.isEmpty)
    }

    @Test("What a turn was ended before it could hear is not told to the next one")
    func stale() throws {
        let isolate = try make()
        let context = try listening(isolate)
        for _ in 0..<3 {
            // Never lets microtasks run, so never hears.
            let (turn, heard) = try turn(isolate, context, .init(cpu: .milliseconds(50)), "for (;;);")
            #expect(turn.termination == .cpu)
            #expect(turn.approached == .cpu)
            #expect(heard.isEmpty)
            let (next, still) = try self.turn(isolate, context, .init(cpu: .seconds(60)), "(async () => { await 1 })()")
            #expect(next.approached.isEmpty)
            #expect(still.isEmpty)
        }
        // And the next one hears of its own.
        let (last, heard) = try turn(isolate, context, .init(cpu: .seconds(1)), Self.untilHeard)
        #expect(last.approached == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
    }

    @Test("A listener that never ends, or throws, does not outlive the limit")
    func hostileListener() throws {
        let isolate = try make()
        let context = try listening(isolate)
        try context.evaluate("addEventListener('limitapproaching', () => { for (;;); })")
        let (turn, heard) = try turn(isolate, context, .init(cpu: .milliseconds(250)), Self.untilHeard)
        #expect(turn.termination == .cpu)
        #expect(heard.map(\.limit) == ["cpu"])
        #expect(try context.evaluate("1 + 1", as: Int.self) == 2)
    }
}
