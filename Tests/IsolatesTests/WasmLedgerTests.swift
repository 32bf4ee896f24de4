// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Isolates
import Support
import Testing

/// Address space and mappings, of which the process has one lot for all isolates.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct WasmLedgerTests {
    private static let large = "new WebAssembly.Memory({ initial: 1, maximum: 65536 })"

    private func make(_ megabytes: Int) throws -> Isolate {
        try Isolate(TestEngine.shared(), .init(heapLimit: megabytes << 20))
    }

    @Test("Address space is given to an isolate up to 16 GiB; past it memories reserve what they have")
    func reservations() throws {
        let before = try addressSpace()
        let isolate = try make(64)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let seen = try context.evaluate(
            """
            globalThis.memories = [];
            let outcome = 'made';
            try { for (let i = 0; i < 64; i++) memories.push(\(Self.large)) } catch (error) { outcome = error.name }
            for (const [i, memory] of memories.entries()) { memory.grow(1); new Uint8Array(memory.buffer)[65536] = i; }
            `${outcome} ${memories.every((memory, i) => new Uint8Array(memory.buffer)[65536] === i)}`
            """, as: String.self)
        #expect(seen == "made true")
        #expect(try addressSpace() - before < 24 << 30)
        let statistics = try isolate.heapStatistics()
        #expect(statistics.wasmMemory <= 64 << 17)
        // Others have 16 GiB of their own.
        let other = try make(64)
        let size = try other.makeContext(allowsWebAssembly: true).evaluate(
            "\(Self.large).buffer.byteLength", as: Int.self)
        #expect(size == 65536)
        #expect(try addressSpace() - before >= 4 << 30)
        // What is let go can be had again.
        try context.evaluate("memories = undefined")
        isolate.notifyLowMemory()
        #expect(try addressSpace() - before < 9 << 30)
        #expect(try context.evaluate("\(Self.large).buffer.byteLength", as: Int.self) == 65536)
    }

    @Test("A wasm memory that can never be had is a RangeError, and the address space stays free")
    func neverFits() throws {
        let isolate = try make(64)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let before = try addressSpace()
        let seen = try context.evaluate(
            """
            let names = new Set();
            for (let i = 0; i < 20; i++) {
              try { new WebAssembly.Memory({ initial: 65536, maximum: 65536 }) } catch (error) { names.add(error.name) }
            }
            [...names].join()
            """, as: String.self)
        #expect(seen == "RangeError")
        #expect(try addressSpace() - before < 8 << 30)
        let refused = isolate.refusedMemory
        #expect(refused)
    }

    /// Of the process, in bytes.
    private func addressSpace() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").first.flatMap { Int($0) }) * 4096
    }

    @Test(
        "Many small wasm modules or memories end the turn for memory, long before the process has no mappings left",
        arguments: [
            "for (let i = 0; i < 600; i++) kept.push(new WebAssembly.Instance(new WebAssembly.Module(next())));",
            "for (let i = 0; i < 600; i++) kept.push(new WebAssembly.Memory({ initial: 0, maximum: 1 }));",
        ])
    func mappings(_ source: String) throws {
        let isolate = try make(256)
        let context = try isolate.makeContext(allowsWebAssembly: true)
        let before = Engine.load.mappings
        let (result, turn) = isolate.turn(.init(cpu: .seconds(30))) { () throws(ScriptError) in
            // Modules of the same bytes share their code: each of these has its own constant.
            try context.evaluate(
                """
                globalThis.kept = [];
                let n = 0;
                const next = () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0,
                  7, 5, 1, 1, 102, 0, 0, 10, 8, 1, 6, 0, 65, 128 | n & 127, 128 | n++ >> 7 & 127, 0, 11]);
                \(source)
                """)
        }
        #expect(throws: ScriptError.terminated(.heap)) { try result.get() }
        #expect(turn.termination == .heap)
        #expect(Engine.load.mappings < before + 10_000)
        let (next, _) = isolate.turn { () throws(ScriptError) in
            try context.evaluate("const count = kept.length; kept = undefined; count", as: Int.self)
        }
        let count = try next.get()
        #expect(count > 100 && count < 600, "\(count) were made")
        isolate.notifyLowMemory()
        #expect(Engine.load.mappings <= before + 100)
    }
}
