// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing

@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct LedgerTests {
    private func make(_ megabytes: Int) throws -> Isolate {
        try Isolate(TestEngine.shared(), .init(heapLimit: megabytes << 20))
    }

    /// The parts of `held`.
    private func sum(_ statistics: HeapStatistics) -> UInt64 {
        statistics.heapPages + statistics.arrayBuffers + statistics.wasmMemory + statistics.wasmCode
            + statistics.zones + statistics.native
    }

    /// A WebAssembly module with one function that is `count` additions long, and its instance in `name`.
    private static func module(_ name: String, additions count: Int) -> String {
        """
        var \(name) = (() => {
          const leb = (n) => { const out = []; do { out.push(n & 127 | (n > 127 ? 128 : 0)); n >>= 7 } while (n); return out };
          const body = [0, 32, 0];
          for (let i = 0; i < \(count); i++) body.push(65, 1, 106);
          body.push(11);
          const code = [1, ...leb(body.length), ...body];
          return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0,
            1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, ...leb(code.length), ...code])));
        })();
        """
    }

    @Test("What is held is the heap, ArrayBuffers, WebAssembly and working memory together, with peaks of each")
    func parts() throws {
        let isolate = try make(128)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let before = try isolate.heapStatistics()
        #expect(before.heapPages > 0)
        #expect(before.arrayBuffers == 0)
        #expect(before.wasmMemory == 0)
        #expect(before.held == sum(before))
        try context.evaluate(
            """
            var buffer = new ArrayBuffer(3 << 20);
            var bytes = new Uint8Array(1 << 20);
            var memory = new WebAssembly.Memory({ initial: 32 });
            var objects = Array.from({ length: 1e5 }, (_, i) => ({ i }));
            \(Self.module("instance", additions: 2000))
            if (instance.exports.f(1) !== 2001) throw new Error('wrong sum');
            """)
        let after = try isolate.heapStatistics()
        #expect(after.arrayBuffers >= 4 << 20)
        #expect(after.arrayBuffers < 5 << 20)
        #expect(after.wasmMemory == 2 << 20)
        #expect(after.wasmCode > 0)
        #expect(after.heapPages > before.heapPages)
        #expect(after.held == sum(after))
        #expect(after.peakHeld >= after.held)
        #expect(after.peakHeapPages >= after.heapPages)
        #expect(after.peakExternal >= after.arrayBuffers + after.wasmMemory)
        #expect(after.usedHeapSize <= after.totalHeapSize)
    }

    @Test("Memory that is let go counts no more, and its peak stays")
    func freed() throws {
        let isolate = try make(128)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        isolate.notifyLowMemory()
        let before = try isolate.heapStatistics()
        try context.evaluate(
            """
            var kept = [new ArrayBuffer(16 << 20), Array.from({ length: 5e5 }, (_, i) => [i]),
              new WebAssembly.Memory({ initial: 100 })];
            """)
        let full = try isolate.heapStatistics()
        #expect(full.held > before.held + (32 << 20))
        try context.evaluate("kept = undefined")
        isolate.notifyLowMemory()
        let after = try isolate.heapStatistics()
        #expect(after.arrayBuffers == 0)
        #expect(after.wasmMemory == 0)
        #expect(after.held < before.held + (4 << 20))
        #expect(after.peakHeld >= full.held)
    }

    @Test(
        "The sum of all that is held ends the turn, though each part is within the limit",
        arguments: [
            "const b = new ArrayBuffer(40 << 20); const a = []; for (;;) a.push([1.5, {}]);",
            "const a = []; for (;;) a.push(new ArrayBuffer(1 << 20), Array(1 << 17).fill(1.5));",
            "const m = new WebAssembly.Memory({ initial: 600 }); const a = []; for (;;) a.push({ a });",
        ])
    func sumOfParts(_ source: String) throws {
        let isolate = try make(64)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let (result, turn) = isolate.turn(.init(cpu: .seconds(30))) { () throws(ScriptError) in
            try context.evaluate("{ \(source) }")
        }
        #expect(throws: ScriptError.terminated(.heap)) { try result.get() }
        #expect(turn.termination == .heap)
        #expect(turn.approached.contains(.memory))
        let statistics = try isolate.heapStatistics()
        #expect(statistics.peakHeld > 48 << 20)
        // A limit is no promise of V8's that it stops at once, but it stops.
        #expect(statistics.peakHeld < (64 + 256) << 20)
        let (next, _) = isolate.turn { () throws(ScriptError) in try context.evaluate("1 + 1", as: Int.self) }
        #expect(try next.get() == 2)
    }

    @Test(
        "Garbage alone never ends a turn, however much of it there is",
        arguments: [
            "for (let i = 0; i < 400; i++) Array(1 << 17).fill(1.5);",
            "for (let i = 0; i < 400; i++) new ArrayBuffer(1 << 20);",
            "for (let i = 0; i < 300; i++) { new Uint8Array(1 << 20).fill(1); Array(1 << 16).fill(i + 0.5); }",
            "let s = ''; for (let i = 0; i < 300; i++) { s = i + 'x'.repeat(1 << 20); s.charCodeAt(5); }",
            "for (let i = 0; i < 40; i++) JSON.parse(JSON.stringify(Array.from({ length: 2e4 }, (_, i) => ({ i }))));",
        ])
    func garbage(_ source: String) throws {
        let isolate = try make(32)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let (result, turn) = isolate.turn { () throws(ScriptError) in
            try context.evaluate("{ \(source) } 'done'", as: String.self)
        }
        #expect(try result.get() == "done")
        #expect(turn.termination == nil)
        let refused = isolate.refusedMemory
        #expect(!refused)
    }

    @Test("The most of the heap since the last reading begins anew with each, the isolate's does not")
    func recentHeap() throws {
        let isolate = try make(128)
        let context = try isolate.makeContext()
        let before = try isolate.heapStatistics()
        for _ in 0..<4 { try context.evaluate("{ Array.from({ length: 1e6 }, (_, i) => i / 3); }") }
        let after = try isolate.heapStatistics()
        #expect(after.recentUsedHeapSize > before.usedHeapSize + (8 << 20))
        #expect(after.recentUsedHeapSize == after.peakUsedHeapSize)
        let again = try isolate.heapStatistics()
        #expect(again.recentUsedHeapSize == again.usedHeapSize)
        #expect(again.peakUsedHeapSize == after.peakUsedHeapSize)
    }

    @Test("V8's working memory of a compilation is charged while it lasts")
    func zones() throws {
        let isolate = try make(256)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let before = try isolate.heapStatistics()
        let functions = (0..<20_000).map { "(a, b) => { const c = a * \($0) + b; return [c, a, b, { c }]; }" }
        let source = "var list = [" + functions.joined(separator: ",\n") + "]; list.length"
        #expect(try context.evaluate(source, as: Int.self) == 20_000)
        let after = try isolate.heapStatistics()
        // The syntax tree is the least of it; the source itself is in the heap.
        #expect(after.peakHeld > after.held)
        #expect(after.peakHeld > before.held + (10 << 20))
        #expect(after.zones < 4 << 20)
    }

    @Test("A module too large to be compiled under the limit ends the turn, and the isolate goes on without it")
    func largeModule() throws {
        let isolate = try make(16)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        // Eager: functions in brackets are compiled at once.
        let functions = (0..<40_000).map { "(function (a) { return [a, \($0), { a }, `${a}`]; })" }
        let source = Array(("export default [" + functions.joined(separator: ",\n") + "].length").utf8)
        let (result, turn) = isolate.turn(.init(cpu: .seconds(30))) { () throws(ScriptError) in
            _ = try context.compile(source, url: "file:///large.js").module.evaluate()
        }
        #expect(throws: ScriptError.terminated(.heap)) { try result.get() }
        #expect(turn.termination == .heap)
        context.release()
        isolate.notifyLowMemory()
        let fresh = try isolate.makeContext()
        let (next, _) = isolate.turn { () throws(ScriptError) in try fresh.evaluate("1 + 1", as: Int.self) }
        #expect(try next.get() == 2)
    }
}
