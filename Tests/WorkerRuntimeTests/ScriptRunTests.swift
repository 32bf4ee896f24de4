// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@Suite(.leavesNoIsolates) struct ScriptRunTests {
    /// Runs a module, `/main.js` unless another is named, to its end.
    private func run(
        _ modules: [String: String], entry path: String = "/main.js", limits: Limits = .standard,
        preload: String? = nil, caches: CodeCaches? = nil, onLine: @escaping @Sendable (String) -> Void = { _ in },
        started: @escaping @Sendable (ScriptRun.Ender) -> Void = { _ in }
    ) async throws -> RunRecord {
        let host = IsolateHost(try TestEngine.shared())
        let entry = try #require(ModuleURL(filePath: path))
        var program = Program(entry: ModuleKey(url: entry, kind: .javaScript))
        program.limits = limits
        program.preloads = preload.map { [.init(url: entry, source: Array($0.utf8))] } ?? []
        let thread = try IsolateThread()
        defer { thread.stop() }
        let loader = MemoryLoader(modules)
        return try await withCheckedThrowingContinuation { [program] continuation in
            thread.loop.post {
                let run = ScriptRun(
                    program, on: thread, loader: loader, caches: caches, onLine: { onLine($0.message) },
                    completion: { continuation.resume(returning: $0) })
                do {
                    started(try run.start(host))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    private func value(_ modules: [String: String]) async throws -> String {
        let record = try await run(modules)
        #expect(record.outcome == .ok, "\(record.shownException)")
        return String(decoding: record.value?.jsonText ?? [], as: UTF8.self)
    }

    @Test("A program's value is its default export")
    func defaultExport() async throws {
        #expect(try await value(["/main.js": "export default { a: [1, 'x'] }"]) == #"{"a":[1,"x"]}"#)
    }

    @Test("A module that many import evaluates once")
    func evaluatesOnce() async throws {
        let seen = try await value([
            "/main.js": """
            import './a.js'; import './b.js'; import { count } from './counter.js';
            await import('./a.js'); await import('./counter.js');
            export default count();
            """,
            "/a.js": "import { add } from './counter.js'; add()",
            "/b.js": "import { add } from './counter.js'; add()",
            "/counter.js": "let n = 0; export const add = () => n++; export const count = () => n",
        ])
        #expect(seen == "2")
    }

    @Test(
        "A module that cannot be had is rejected with the same error object each time",
        arguments: ["./syntax.js", "./throws.js", "./missing.js", "./deep.js"])
    func sameError(_ specifier: String) async throws {
        let seen = try await value([
            "/main.js": """
            const errors = [];
            for (let i = 0; i < 3; i++) await import('\(specifier)').catch((e) => errors.push(e));
            export default [errors.length, errors[0] === errors[1], errors[1] === errors[2], errors[0] instanceof Error];
            """,
            "/syntax.js": "let let = ;", "/throws.js": "throw new Error('mine')", "/deep.js": "import './syntax.js'",
        ])
        #expect(seen == "[3,true,true,true]")
    }

    @Test("Asynchronous siblings evaluate in the specification's order")
    func asyncOrder() async throws {
        let seen = try await value([
            "/main.js": """
            import { log } from './log.js'; import './a.js'; import './b.js'; import './c.js';
            log.push('main'); export default log.join(' ');
            """,
            "/log.js": "export const log = []",
            "/a.js": "import { log } from './log.js'; log.push('a1'); await null; log.push('a2')",
            "/b.js": "import { log } from './log.js'; log.push('b1'); await null; await null; log.push('b2')",
            "/c.js": "import { log } from './log.js'; log.push('c')",
        ])
        #expect(seen == #""a1 b1 c a2 b2 main""#)
    }

    @Test("A cycle sees live bindings")
    func cycle() async throws {
        let seen = try await value([
            "/main.js": "import { b } from './b.js'; export let a = 1; a = 2; export default b()",
            "/b.js": "import { a } from './main.js'; export const b = () => a",
        ])
        #expect(seen == "2")
    }

    @Test("A syntax error in the third file has its place and the chain of imports")
    func importChain() async throws {
        let record = try await run([
            "/main.js": "import './a.js'", "/a.js": "\n  import './b.js'", "/b.js": "export default\n  1 +;",
        ])
        #expect(record.outcome == .exception)
        #expect(record.exception?.url == "file:///b.js")
        #expect(record.exception?.line == 2)
        #expect(record.importedFrom == ["file:///a.js:2:10", "file:///main.js:1:8"])
    }

    @Test("A promise that nothing can settle ends the run with a clear error")
    func stalled() async throws {
        let record = try await run(["/main.js": "await new Promise(() => {})"])
        #expect(record.outcome == .exception)
        #expect(record.exception?.code == "ERR_UNSETTLED_TOP_LEVEL_AWAIT")
    }

    @Test("Timers, their order and their microtasks are waited for")
    func timers() async throws {
        let lines = Mutex<[String]>([])
        let record = try await run(
            [
                "/main.js": """
                setTimeout(() => console.log('late'), 3);
                setTimeout(() => { console.log('first'); queueMicrotask(() => console.log('micro')) }, 0);
                const id = setInterval(() => { console.log('tick'); clearInterval(id) }, 1);
                """
            ], onLine: { line in lines.withLock { $0.append(line) } })
        #expect(record.outcome == .ok)
        #expect(lines.withLock { $0 } == ["first", "micro", "tick", "late"])
    }

    @Test(
        "An uncaught error ends the run, wherever it is thrown",
        arguments: [
            "throw new TypeError('x')", "setTimeout(() => { throw new TypeError('x') })",
            "queueMicrotask(() => { throw new TypeError('x') }); await 0",
            "Promise.reject(new TypeError('x')); await new Promise((r) => setTimeout(r, 60000))",
            "await import('./other.js')",
        ])
    func uncaught(_ source: String) async throws {
        let record = try await run(["/main.js": source, "/other.js": "throw new TypeError('x')"])
        #expect(record.outcome == .exception)
        #expect(record.exception?.name == "TypeError")
        #expect(record.exception?.message == "x")
        #expect(record.exception?.line == 1)
    }

    @Test(
        "Each limit has its outcome",
        arguments: [
            ("for (;;);", Outcome.exceededCPU), ("await new Promise((r) => setTimeout(r, 1e6))", .exceededWallTime),
            ("const a = []; for (;;) a.push([1, 2, 3])", .exceededMemory),
            ("new ArrayBuffer(1 << 30)", .exceededMemory),
            ("setInterval(() => { for (let i = 0; i < 1e8; i++); }, 0)", .exceededCPU),
            ("export default { get x() { for (;;); } }", .ok),
        ])
    func limits(_ source: String, _ outcome: Outcome) async throws {
        let wall = outcome == .exceededWallTime ? Duration.milliseconds(300) : .seconds(120)
        let limits = Limits(memory: 32 << 20, cpu: outcome == .exceededMemory ? .seconds(60) : .seconds(1), wall: wall)
        let record = try await run(["/main.js": source], limits: limits)
        #expect(record.outcome == outcome)
        #expect(record.usage.wallMicroseconds > 0)
    }

    @Test("A run can be ended from outside while it waits")
    func ended() async throws {
        let record = try await run(["/main.js": "await new Promise((r) => setTimeout(r, 1e6))"], started: { $0.end() })
        #expect(record.wasInterrupted)
    }

    @Test("A run can be ended from outside while its first script computes")
    func endedAtOnce() async throws {
        let limits = Limits(memory: 32 << 20, cpu: nil, wall: nil)
        let record = try await run(["/main.js": ""], limits: limits, preload: "for (;;);", started: { $0.end() })
        #expect(record.wasInterrupted)
    }

    @Test("Usage counts CPU, memory and host calls")
    func usage() async throws {
        let record = try await run([
            "/main.js":
                "const b = new ArrayBuffer(3 << 20); console.log(1); console.log(2); export default b.byteLength"
        ])
        #expect(record.usage.hostCalls == 2)
        #expect(record.usage.externalPeakBytes >= 3 << 20)
        #expect(record.usage.heapPeakBytes > 100_000)
        #expect(record.usage.cpuMicroseconds > 0)
    }

    @Test("A JSON module that does not parse is a SyntaxError at its place")
    func badJSON() async throws {
        let record = try await run([
            "/main.js": "import d from './d.json' with { type: 'json' }", "/d.json": "{\n  \"a\": }",
        ])
        #expect(record.exception?.name == "SyntaxError")
        #expect(record.exception?.url == "file:///d.json")
        #expect(record.exception?.line == 2)
    }

    @Test("One source at two places keeps its own place, with code caches too")
    func cachedElsewhere() async throws {
        let caches = CodeCaches(try TestEngine.shared(), disk: nil)
        let source = """
            const other = await import('./other.js');
            export default [other.default, new Error('e').stack.includes(import.meta.url)];
            //\(String(repeating: "-", count: 4096))
            """
        let modules = [
            "/a/main.js": source, "/b/main.js": source, "/a/other.js": "export default 'a'",
            "/b/other.js": "export default 'b'",
        ]
        for folder in ["a", "b", "a", "b"] {
            let record = try await run(modules, entry: "/\(folder)/main.js", caches: caches)
            #expect(record.value == .json(Array(#"["\#(folder)",true]"#.utf8)), "\(record.shownException)")
        }
    }

    @Test("A worker is no value, and an export that JSON cannot hold is none")
    func noValue() async throws {
        for source in [
            "export default { fetch() {} }", "export default () => 1", "export default 10n", "export const x = 1",
        ] {
            #expect(try await run(["/main.js": source]).value?.jsonText ?? Array("null".utf8) == Array("null".utf8))
        }
    }
}
