// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("Uncaught errors of rookery run", .serialized, .timeLimit(.minutes(2)))
struct UncaughtErrorTests {
    @Test("An uncaught error shows file, line, column, source line and stack")
    func uncaught() async throws {
        let folder = try script("function fail() {\n\tthrow new RangeError('too far');\n}\nfail();")
        let place = "file://\(folder.path)/main.mjs"
        let run = try await folder.run("main.mjs")
        run.expect(
            1, output: "",
            errors: [
                "\(place):2:8\n\tthrow new RangeError('too far');\n\t      ^\n", "Uncaught RangeError: too far\n",
                "    at fail (\(place):2:8)\n", "    at \(place):4:1",
            ])
    }

    @Test(
        "An uncaught error in TypeScript shows the original source",
        .enabled(if: Program.hasEsbuild, "esbuild is not installed"))
    func uncaughtTypeScript() async throws {
        let source =
            "interface A {\n  b: string;\n}\n\nexport const a = (b: A): never => { throw new RangeError(b.b); };\na({ b: 'typed' });"
        let folder = try ScriptFolder(["main.ts": source])
        let place = "file://\(folder.path)/main.ts"
        let run = try await folder.run("main.ts")
        run.expect(
            1, output: "",
            errors: [
                "\(place):5:43\nexport const a = (b: A): never => { throw new RangeError(b.b); };\n",
                "Uncaught RangeError: typed\n", "(\(place):5:43)\n", "\(place):6:1",
            ])
        let error = try #require(try await folder.run("--json", "main.ts").report()["error"])
        #expect(error["line"] == .number(5))
        #expect(error["column"] == .number(43))
        #expect(error["file"] == .string(place))
        #expect(error["stack"]?.text?.contains("main.ts:6:1") == true)
    }

    @Test("A syntax error in TypeScript shows its place", .enabled(if: Program.hasEsbuild, "esbuild is not installed"))
    func wrongTypeScript() async throws {
        let folder = try ScriptFolder(["main.ts": "const a: number = 1;\nlet ü = 'é', x: = 2;\n"])
        try await folder.run("main.ts")
            .expect(1, output: "", errors: ["main.ts:2:17\nlet ü = 'é', x: = 2;\n                ^\n", "SyntaxError"])
    }

    @Test("TypeScript without esbuild says what to install")
    func noEsbuild() async throws {
        let folder = try ScriptFolder(["main.ts": "export default 1 as number;"])
        let run = try await folder.shell(#"ROOKERY_ESBUILD=/nonexistent/esbuild "$1" run main.ts"#)
        run.expect(1, output: "", errors: ["esbuild", "install", "ROOKERY_ESBUILD"])
    }

    @Test(
        "What nothing catches ends the run with its place, wherever it is thrown",
        arguments: [
            "Promise.reject(new RangeError('lost'));", "setTimeout(() => { throw new RangeError('lost'); }, 1);",
            "queueMicrotask(() => { throw new RangeError('lost'); });", "await Promise.reject(new RangeError('lost'));",
            "(async () => { await 0; throw new RangeError('lost'); })();",
            "setTimeout(async () => { await 0; throw new RangeError('lost'); }, 1);",
            "new Promise(() => { throw new RangeError('lost'); });",
            "import('data:text/javascript,0').then(() => { throw new RangeError('lost'); });",
        ])
    func uncaughtAnywhere(_ source: String) async throws {
        let folder = try script("console.log('before');\n" + source)
        let run = try await folder.run("main.mjs")
        run.expect(1, output: "before\n", errors: ["main.mjs:2:", source + "\n", "Uncaught RangeError: lost"])
        let error = try #require(try await folder.run("--json", "main.mjs").report()["error"])
        #expect(error["name"] == .string("RangeError"))
        #expect(error["line"] == .number(2))
    }

    @Test("A run ends at the first uncaught error")
    func firstError() async throws {
        let source =
            "setTimeout(() => { throw new Error('first'); }, 1); setTimeout(() => console.log('must not run'), 500);"
        try await script(source).run("main.mjs").expect(1, output: "", errors: ["first"])
    }

    @Test("A rejection that is handled in time is no error")
    func handledLater() async throws {
        let source = "const p = Promise.reject(new Error('x')); await 0; await p.catch((e) => console.log(e.message));"
        try await script(source).run("main.mjs").expect(0, output: "x\n")
    }

    @Test(
        "Anything may be thrown",
        arguments: [
            ("null", "null"), ("undefined", "undefined"), ("'text'", "text"), ("7n", "7n"),
            ("Symbol('s')", "Symbol(s)"),
            ("{ a: [1] }", "{ a: [ 1 ] }"), ("Object.create(null)", "[Object: null prototype] {}"),
            ("() => 1", "[Function"),
            ("new Proxy({}, { get() { throw 1; } })", "Uncaught"), ("new (class X extends Error {})('own')", "own"),
            ("Object.defineProperty(new Error('a'), 'stack', { get() { throw 1; } })", "Uncaught"),
            ("Object.assign(new Error('m'), { name: 7, message: { toString() { throw 1; } } })", "Uncaught"),
            ("new AggregateError([new Error('one'), 2], 'many')", "one"),
            ("new DOMException('gone', 'AbortError')", "AbortError"),
        ])
    func anyValue(_ value: String, _ words: String) async throws {
        let folder = try script("throw \(value);")
        try await folder.run("main.mjs").expect(1, output: "", errors: ["Uncaught", words])
        let run = try await folder.run("--json", "main.mjs")
        run.expect(1)
        let error = try #require(try run.report()["error"])
        #expect(error.keys.isSuperset(of: ["name", "message", "stack", "file", "line", "column", "code"]), "\(run)")
        #expect(error["message"]?.text != nil, "\(run)")
    }

    @Test("An error of a module shows its code to programs and to people")
    func errorCode() async throws {
        let folder = try script("import './absent.mjs';")
        let error = try #require(try await folder.run("--json", "main.mjs").report()["error"])
        #expect(error["code"] == .string("ERR_MODULE_NOT_FOUND"))
        #expect(error["line"] == .number(1))
        #expect(error["column"] == .number(8))
        #expect(error["file"]?.text?.hasSuffix("main.mjs") == true)
    }

    @Test(
        "A top-level await that nothing can settle is an error",
        arguments: [
            "await new Promise(() => {});", "await import('./waits.mjs');", "import './waits.mjs';",
        ])
    func stalled(_ source: String) async throws {
        let folder = try ScriptFolder([
            "main.mjs": "console.log('before');" + source, "waits.mjs": "await new Promise(() => {});",
        ])
        let run = try await folder.run("main.mjs")
        run.expect(1, errors: ["Top-level await", ".mjs"])
        #expect(!run.output.contains("after"))
        let error = try #require(try await folder.run("--json", "main.mjs").report()["error"])
        #expect(error["code"] == .string("ERR_UNSETTLED_TOP_LEVEL_AWAIT"))
    }

    @Test("A promise that never settles keeps nothing waiting outside of top-level await")
    func forgotten() async throws {
        try await script("(async () => { await new Promise(() => {}); })(); console.log('end');").run("main.mjs")
            .expect(0, output: "end\n")
    }
}
