// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Isolates
import Support
import Testing

@Suite(.leavesNoIsolates) struct IsolateTests {
    @Test("Two isolates of one engine share no globals")
    func separate() throws {
        let engine = try TestEngine.shared()
        let first = try Isolate(engine)
        let second = try Isolate(engine)
        try first.makeContext().evaluate("globalThis.secret = 1")
        let seen = try second.makeContext().evaluate("typeof secret", as: String.self)
        #expect(seen == "undefined")
        _ = consume first
    }

    @Test(
        "A loop ends with its CPU budget",
        arguments: [
            "for (;;);", "for (;;) { try { for (;;); } finally { continue } }",
            "(function f() { Promise.resolve().then(f) })()", "/(a+)+b/.test('a'.repeat(64))",
            "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11]))).exports.f()",
        ])
    func cpuBudget(_ source: String) throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let (result, turn) = isolate.turn(.init(cpu: .milliseconds(30))) { () throws(ScriptError) in
            try context.evaluate(source)
        }
        #expect(throws: ScriptError.terminated(.cpu)) { try result.get() }
        #expect(turn.termination == .cpu)
        #expect(turn.cpu >= .milliseconds(30))
    }

    @Test("A loop ends with its deadline")
    func deadline() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        let (result, _) = isolate.turn(.init(wall: .milliseconds(20))) { () throws(ScriptError) in
            try context.evaluate("for (;;);")
        }
        #expect(throws: ScriptError.terminated(.wall)) { try result.get() }
    }

    @Test("An isolate goes on after a termination, and the next turn is not hurt")
    func goesOn() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        for round in 0..<20 {
            let (killed, _) = isolate.turn(.init(cpu: .milliseconds(2))) { () throws(ScriptError) in
                try context.evaluate("for (;;);")
            }
            #expect(throws: ScriptError.self) { try killed.get() }
            let (fine, turn) = isolate.turn { () throws(ScriptError) in
                try context.evaluate("\(round) + 1", as: Int.self)
            }
            #expect(try fine.get() == round + 1)
            #expect(turn.termination == nil)
        }
    }

    @Test("A terminator ends the turn under way, from any thread")
    func terminator() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        let terminator = try isolate.makeTerminator()
        try context.define("started") { (_: borrowing HostCall) in
            DispatchQueue.global().async { terminator.terminate() }
        }
        let (result, turn) = isolate.turn { () throws(ScriptError) in try context.evaluate("started(); for (;;);") }
        #expect(throws: ScriptError.terminated(.requested)) { try result.get() }
        #expect(turn.termination == .requested)
    }

    @Test("A terminator is inert between turns and after disposal")
    func inertTerminator() throws {
        let terminator: Terminator
        do {
            let isolate = try Isolate(TestEngine.shared())
            let context = try isolate.makeContext()
            terminator = try isolate.makeTerminator()
            #expect(!terminator.terminate())
            let (result, _) = isolate.turn { () throws(ScriptError) in try context.evaluate("1", as: Int.self) }
            #expect(try result.get() == 1)
        }
        #expect(!terminator.terminate())
    }

    @Test(
        "What passes the heap limit is ended, and the next isolate works",
        arguments: [
            "const a = []; for (;;) a.push([1, 2, 3, { x: 1 }]);",
            "let s = 'x'; for (;;) s = JSON.stringify({ s });",
            "const a = []; for (;;) a.push(new ArrayBuffer(1 << 20));",
            "new Array(3e7).fill(1.5)",
            "const held = new ArrayBuffer(24 << 20); const a = []; for (let i = 0; i < 2e6; i++) a.push(i + 0.5);",
            "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});",
        ])
    func heapLimit(_ source: String) throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 32 << 20))
        let context = try isolate.makeContext()
        let (result, turn) = isolate.turn(.init(cpu: .seconds(20))) { () throws(ScriptError) in
            try context.evaluate(source)
        }
        #expect(throws: ScriptError.terminated(.heap)) { try result.get() }
        #expect(turn.termination == .heap)
        let next = try Isolate(TestEngine.shared(), .init(heapLimit: 32 << 20))
        let sum = try next.makeContext().evaluate("1 + 1", as: Int.self)
        #expect(sum == 2)
    }

    @Test("One ArrayBuffer or wasm memory that can never fit is a RangeError the script can catch")
    func oneTooLarge() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 32 << 20))
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let names = try context.evaluate(
            """
            const name = (f) => { try { f(); return 'none' } catch (e) { return e.name } };
            name(() => new ArrayBuffer(1 << 30)) + ' ' + name(() => new WebAssembly.Memory({ initial: 10000 }))
            """, as: String.self)
        #expect(names == "RangeError RangeError")
        let refused = isolate.refusedMemory
        #expect(refused)
    }

    @Test("A wasm memory counts, and cannot grow past the limit")
    func wasmMemory() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 32 << 20))
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let pages = try context.evaluate(
            """
            globalThis.m = new WebAssembly.Memory({ initial: 16 });
            let grown = 16;
            try { for (;;) { m.grow(16); grown += 16 } } catch {}
            grown
            """, as: Int.self)
        let statistics = try isolate.heapStatistics()
        #expect(pages < 512)
        #expect(statistics.wasmMemory == UInt64(pages) << 16)
        #expect(statistics.peakExternal >= statistics.wasmMemory)
    }

    @Test("Memory that is freed counts no more")
    func freed() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 64 << 20))
        let context = try isolate.makeContext()
        try context.evaluate("for (let i = 0; i < 1000; i++) new ArrayBuffer(1 << 20);")
        isolate.notifyLowMemory()
        let statistics = try isolate.heapStatistics()
        #expect(statistics.arrayBuffers == 0)
        #expect(statistics.peakExternal >= 1 << 20)
        #expect(statistics.peakExternal <= 64 << 20)
    }

    @Test("A frozen clock stands still inside a turn and moves between turns")
    func frozenClock() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(freezesClock: true))
        let context = try isolate.makeContext()
        let busy =
            "let a = Date.now(), b = a; for (let i = 0; i < 3e6; i++) b = Math.max(b, Date.now()); [a, b, +new Date()]"
        let times = try isolate.turn { () throws(ScriptError) in try context.evaluate(busy, as: [Double].self) }.0.get()
        #expect(Set(times).count == 1)
        let later = try isolate.turn { () throws(ScriptError) in
            try context.evaluate("let t = performance.now(); t", as: Double.self)
        }.0.get()
        #expect(later > 0)
    }

    @Test("There is no shared memory and there are no threads")
    func noSharedMemory() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let found = try context.evaluate(
            """
            const found = [typeof SharedArrayBuffer, typeof Atomics];
            try { found.push(typeof new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer) }
            catch (e) { found.push(e.name) }
            found.join()
            """, as: String.self)
        #expect(found == "undefined,undefined,TypeError" || found == "undefined,undefined,object")
        let constructor = try context.evaluate(
            "new WebAssembly.Memory({ initial: 1 }).buffer.constructor.name", as: String.self)
        #expect(constructor == "ArrayBuffer")
    }

    @Test("Turns do not nest")
    func nesting() throws {
        let isolate = try Isolate(TestEngine.shared())
        let (outer, _) = isolate.turn { () throws(ScriptError) in
            let (inner, _) = isolate.turn { () throws(ScriptError) in 1 }
            return inner
        }
        #expect(throws: ScriptError.misuse("turns do not nest")) { try outer.get().get() }
    }

    @Test("What named something of a disposed isolate says so")
    func disposed() throws {
        let context: Context
        do {
            let isolate = try Isolate(TestEngine.shared())
            context = try isolate.makeContext()
        }
        #expect(throws: ScriptError.missing("the isolate was disposed")) { try context.evaluate("1") }
        context.release()
    }

    @Test("Time spent adds up over turns")
    func timeSpent() throws {
        let isolate = try Isolate(TestEngine.shared())
        let context = try isolate.makeContext()
        var sum = Duration.zero
        for _ in 0..<3 {
            sum +=
                isolate.turn { () throws(ScriptError) in try context.evaluate("for (let i = 0; i < 1e5; i++);") }.1.cpu
        }
        let (cpu, wall) = (isolate.cpuTime, isolate.wallTime)
        #expect(cpu == sum)
        #expect(wall > .zero)
    }
}
