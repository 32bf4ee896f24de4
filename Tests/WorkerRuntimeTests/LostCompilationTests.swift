// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

/// What a lost isolate was doing with what all isolates share.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(5))) struct LostCompilationTests {
    /// Compiles a WebAssembly module of 24 MB, of which V8 makes ten times as much machine code.
    private static let source = """
        const leb = (n) => { const out = []; do { out.push(n & 127 | (n > 127 ? 128 : 0)); n >>>= 7 } while (n); return out };
        const entries = 60000, tables = 100, functions = 4;
        // block; i32.const 0; br_table of so many targets; end
        const table = new Uint8Array([2, 64, 65, 0, 14, ...leb(entries), ...Array(entries + 1).fill(0), 11]);
        const size = 2 + table.length * tables, sized = leb(size), section = 1 + (sized.length + size) * functions;
        const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 1 + functions, functions,
          ...Array(functions).fill(0), 10, ...leb(section), functions];
        const bytes = new Uint8Array(head.length + section - 1);
        let at = 0;
        const put = (part) => { bytes.set(part, at); at += part.length };
        put(head);
        for (let f = 0; f < functions; f++) {
          put(sized);
          put([0]);
          for (let i = 0; i < tables; i++) put(table);
          put([11]);
        }
        export default new WebAssembly.Module(bytes) instanceof WebAssembly.Module;
        """

    /// Runs the program on a thread of its own.
    private func run(_ host: IsolateHost) async throws -> RunRecord {
        let thread = try IsolateThread()
        defer { thread.stop() }
        let ended = Later<Result<RunRecord, any Error>>()
        let url = try #require(ModuleURL(filePath: "/compiles.js"))
        var program = Program(entry: ModuleKey(url: url, kind: .javaScript))
        program.limits = Limits(memory: 64 << 20, cpu: .seconds(10), wall: .seconds(10), webAssembly: true)
        let loader = MemoryLoader(["/compiles.js": Self.source])
        thread.loop.post { [program] in
            let run = ScriptRun(
                program, on: thread, loader: loader, caches: nil, onLine: { _ in },
                completion: { ended.give(.success($0)) })
            do { _ = try run.start(host) } catch { ended.give(.failure(error)) }
        }
        return try await ended.next().get()
    }

    @Test("A module whose compilation was lost with its isolate does not hold up others for ever")
    func sameModule() async throws {
        let host = IsolateHost(try TestEngine.shared())
        // One more than is lost: what the first leaves behind meets the second.
        for number in ["first", "second"] {
            let record = try await run(host)
            // V8 has others wait for the compilation under way; those end with their limits.
            let expected: Set<Outcome> = [.ok, .exceededMemory, .exceededCPU, .exceededWallTime]
            #expect(expected.contains(record.outcome), "\(number): \(record.outcome)")
        }
    }
}
