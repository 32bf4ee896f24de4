// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Isolates
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("Modules of a deployment", .leavesNoIsolates) struct DeployedModulesTests {
    /// Evaluates the modules of a deployment, as a program.
    private func run(_ deployment: WorkerDeployment) async throws -> RunRecord {
        let host = IsolateHost(try TestEngine.shared())
        let program = Program(entry: deployment.main)
        let thread = try IsolateThread()
        defer { thread.stop() }
        return try await withCheckedThrowingContinuation { continuation in
            thread.loop.post {
                let run = ScriptRun(
                    program, on: thread, loader: deployment.loader, caches: nil, onLine: { print($0.message) },
                    completion: { continuation.resume(returning: $0) })
                do {
                    _ = try run.start(host)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    private func run(_ main: String, _ modules: [String: String]) async throws -> RunRecord {
        try await run(WorkerDeployment(name: "app", version: 1, identity: "", main: main, modules: modules))
    }

    private func value(_ record: RunRecord) -> String {
        #expect(record.outcome == .ok, "\(record.shownException)")
        return String(decoding: record.value?.jsonText ?? [], as: UTF8.self).replacing("\\/", with: "/")
    }

    /// The code and message of the error that importing a specifier ends in.
    private func failure(
        _ specifier: String, from main: String = "a/main.js", workers: @escaping WorkerModulesFinder = { _ in nil }
    ) async throws -> String {
        let modules = WorkerModules(
            main: main, modules: [main: "import '\(specifier)'", "other.js": "", "d.json": "{}"])
        let record = try await run(
            WorkerDeployment(name: "app", version: 1, identity: "", modules: modules, workers: workers))
        #expect(record.outcome == .exception)
        #expect(record.exception?.url == "file:///" + main && record.exception?.line == 1)
        return "\(record.exception?.code ?? "-") \(record.exception?.message ?? "")"
    }

    @Test("Modules import each other by relative and absolute paths, with queries, and dynamically")
    func paths() async throws {
        let record = try await run(
            "src/main.js",
            [
                "src/main.js": """
                import { a } from './lib/a.js';
                import { b } from '../b.mjs';
                import again, { count } from '/src/lib/a.js?again';
                const url = import.meta.resolve('./lib/x.js');
                export default [a, b, (await import(`./lib/a.js`)).a, again, count(), import.meta.url, url];
                """,
                "src/lib/a.js": """
                globalThis.n = (globalThis.n ?? 0) + 1;
                import '../../b.mjs';
                export const a = 'a', count = () => n;
                export default import.meta.url;
                """,
                "b.mjs": "export const b = 'b'",
            ])
        #expect(
            value(record)
                == """
                ["a","b","a","file:///src/lib/a.js?again",2,"file:///src/main.js","file:///src/lib/x.js"]
                """)
    }

    @Test("Attributes say what a module is; rookery: and data: URLs are there")
    func kinds() async throws {
        let record = try await run(
            "main.js",
            [
                "main.js": """
                import data from './d.json' with { type: 'json' };
                import page from './page.html' with { type: 'text' };
                import bytes from './b.bin' with { type: 'bytes' };
                import env from 'rookery:env';
                import { args } from 'rookery:process';
                import { x } from 'data:text/javascript,export const x = 7';
                export default [data.a, page, bytes.length, Object.keys(env).length, args.length, x];
                """,
                "d.json": #"\#u{feff}{"a":[1]}"#, "page.html": "<p>é</p>", "b.bin": "é!",
            ])
        #expect(value(record) == #"[[1],"<p>é</p>",3,0,0,7]"#)
    }

    @Test(
        "What cannot be imported says what to do",
        arguments: [
            ("../../other.js", "ERR_MODULE_OUTSIDE_ROOT", "leads above the worker's modules"),
            ("./x/../../../other.js", "ERR_MODULE_OUTSIDE_ROOT", "leads above"),
            ("hono", "ERR_BARE_SPECIFIER", "`rookery deploy` bundles packages"),
            ("@scope/name/sub", "ERR_BARE_SPECIFIER", "`rookery deploy` bundles packages"),
            ("node:fs", "ERR_UNSUPPORTED_SCHEME", "node:"), ("https://a.test/x.js", "ERR_UNSUPPORTED_SCHEME", "https"),
            ("./missing.js", "ERR_MODULE_NOT_FOUND", "/a/missing.js"),
            ("../other", "ERR_MODULE_NOT_FOUND", "extension"),
            ("/%2e%2e/x.js", "ERR_MODULE_NOT_FOUND", "file:///x.js"),
            ("/a%2fmain.js", "ERR_MODULE_NOT_FOUND", "a%2fmain.js"), ("/%ff.js", "ERR_MODULE_NOT_FOUND", "%ff"),
            ("file://host/other.js", "ERR_MODULE_NOT_FOUND", "host"),
            ("../d.json", "ERR_IMPORT_ATTRIBUTE_MISSING", "with { type: \"json\" }"),
            ("rookery:nothing", "ERR_MODULE_NOT_FOUND", "rookery:nothing"), ("", "ERR_INVALID_MODULE_SPECIFIER", ""),
            ("worker:", "ERR_INVALID_MODULE_SPECIFIER", "worker:NAME"),
            ("worker:nobody", "ERR_MODULE_NOT_FOUND", "There is no worker \"nobody\""),
        ])
    func failures(_ specifier: String, _ code: String, _ words: String) async throws {
        let seen = try await failure(specifier)
        #expect(seen.hasPrefix(code + " ") && seen.contains(words), "\(seen)")
    }

    @Test("A deployment without its main module fails when it is evaluated")
    func noMain() async throws {
        let record = try await run("main.js", ["other.js": ""])
        #expect(record.outcome == .exception && record.exception?.code == "ERR_MODULE_NOT_FOUND")
    }

    @Test("Public modules of other workers are imported by name, and theirs by what they import")
    func workers() async throws {
        let asked = Mutex<[String]>([])
        let library = WorkerModules(
            main: "src/index.js",
            modules: [
                "src/index.js": """
                export { v } from './v.js';
                export { self } from 'worker:lib/self.js';
                export const url = import.meta.url;
                export { b } from 'worker:base';
                """,
                "src/v.js": "export const v = 1", "self.js": "export const self = import.meta.url",
            ], isPublic: true)
        let base = WorkerModules(main: "b.js", modules: ["b.js": "export const b = 'base'"], isPublic: true)
        let hidden = WorkerModules(main: "b.js", modules: ["b.js": ""])
        let finder: WorkerModulesFinder = { name in
            asked.withLock { $0.append(name) }
            return ["lib": library, "base": base, "hidden": hidden][name]
        }
        let modules = WorkerModules(
            main: "main.js",
            modules: [
                "main.js": """
                import * as lib from 'worker:lib';
                import { v } from 'worker:lib/src/v.js';
                import { v as same } from 'worker://lib/src/v.js';
                import { own } from 'worker:app/own.js';
                import { own as direct } from './own.js';
                export default [lib.v, v === same, lib.url, lib.self, lib.b, own === direct];
                """,
                "own.js": "export const own = {}",
            ])
        let deployment = WorkerDeployment(
            name: "app", version: 1, identity: "", modules: modules, workers: finder)
        let seen = value(try await run(deployment))
        #expect(seen == #"[1,true,"worker://lib/src/index.js","worker://lib/self.js","base",true]"#)
        #expect(value(try await run(deployment)) == seen)
        #expect(asked.withLock { $0.sorted() } == ["base", "lib"], "found once for all isolates")
        let refused = try await failure("worker:hidden", workers: finder)
        #expect(refused.hasPrefix("ERR_ACCESS_DENIED ") && refused.contains("\"public\": true"))
        let missing = try await failure("worker:lib/none.js", workers: finder)
        #expect(missing.hasPrefix("ERR_MODULE_NOT_FOUND ") && missing.contains("worker://lib/none.js"))
        #expect(try await failure("worker:lib/src", workers: finder).hasPrefix("ERR_MODULE_NOT_FOUND "))
    }

    @Test("A module of another worker cannot leave that worker's modules")
    func stays() async throws {
        let library = WorkerModules(main: "index.js", modules: ["index.js": "import '../app/main.js'"], isPublic: true)
        let modules = WorkerModules(main: "main.js", modules: ["main.js": "import 'worker:lib'"])
        let record = try await run(
            WorkerDeployment(name: "app", version: 1, identity: "", modules: modules, workers: { _ in library }))
        #expect(record.exception?.code == "ERR_MODULE_OUTSIDE_ROOT")
        #expect(record.exception?.url == "worker://lib/index.js")
    }

    @Test("The map in a bundle's last line shows errors in the sources, and is no part of the code")
    func inlineMap() async throws {
        // Line 1, column 1 of the bundle is line 11 of src/a.ts; line 2 is line 3 of src/b.ts.
        let map = #"{"version":3,"sources":["../src/a.ts","../src/b.ts"],"mappings":"AAUA;ACRA"}"#
        let line =
            "//# sourceMappingURL=data:application/json;charset=utf-8;base64,\(Data(map.utf8).base64EncodedString())"
        for end in ["", "\n", " \n\n"] {
            let record = try await run(
                "out/main.js", ["out/main.js": "globalThis.f = () => { throw new Error('x') };\nf();\n\(line)\(end)"])
            #expect(record.exception?.url == "file:///src/a.ts")
            #expect(record.exception?.line == 11)
            #expect(
                record.exception?.stack.contains("file:///src/b.ts:3:1") == true, "\(record.exception?.stack ?? "")")
        }
        let text = try await run(
            "main.js",
            [
                "main.js":
                    "import t from './t.js' with { type: 'text' };\nexport default [t.length, `\n\(line)\n`.length]",
                "t.js": "1\n\(line)",
            ])
        #expect(value(text) == "[\(line.utf8.count + 2),\(line.utf8.count + 2)]")
    }

    @Test(
        "TypeScript is compiled, JSX too, once for all isolates",
        .enabled(if: TypeScriptCompiler.isAvailable, "esbuild is missing: apt-get install esbuild"))
    func typeScript() async throws {
        let library = WorkerModules(
            main: "index.ts",
            modules: ["index.ts": "export const n: number = 3\nexport const bad = () => {\n  throw new Error('y') }"],
            isPublic: true)
        let modules = WorkerModules(
            main: "index.ts",
            modules: [
                "index.ts": """
                import { n } from 'worker:lib';
                import { util } from './lib/util.js';
                import { view } from './view.tsx';
                interface Env { KV: unknown }
                export default [n, util(), view] satisfies unknown[];
                """,
                "lib/util.ts": "export function util(): string { return 'u' as string }",
                "view.tsx": "const React = { createElement: (n: string) => n };\nexport const view = <b>x</b>;",
                "unused.ts": "let x: = 1;",
            ])
        let deployment = WorkerDeployment(
            name: "app", version: 1, identity: "", modules: modules, workers: { _ in library })
        for _ in 0..<2 { #expect(value(try await run(deployment)) == #"[3,"u","b"]"#) }
    }

    @Test(
        "Errors in TypeScript have their place in the source",
        .enabled(if: TypeScriptCompiler.isAvailable, "esbuild is missing: apt-get install esbuild"))
    func typeScriptErrors() async throws {
        let syntax = try await run("index.ts", ["index.ts": "import './b.ts'", "b.ts": "let a = 1;\nlet b: = 2;"])
        #expect(syntax.exception?.name == "SyntaxError" && syntax.exception?.url == "file:///b.ts")
        #expect(syntax.exception?.line == 2 && syntax.exception?.column == 8)
        let thrown = try await run(
            "index.ts", ["index.ts": "interface A { b: number }\n\n\nthrow new Error('z' as string)"])
        #expect(thrown.exception?.url == "file:///index.ts" && thrown.exception?.line == 4)
        #expect(thrown.exception?.stack.contains("file:///index.ts:4:7") == true)
        let library = WorkerModules(main: "a.ts", modules: ["a.ts": "let b: = 2;"], isPublic: true)
        let modules = WorkerModules(main: "main.js", modules: ["main.js": "import 'worker:lib'"])
        let other = try await run(
            WorkerDeployment(name: "app", version: 1, identity: "", modules: modules, workers: { _ in library }))
        #expect(other.exception?.url == "worker://lib/a.ts")
    }

    @Test("URLs in errors lead back to the names of modules")
    func names() {
        #expect(WorkerDeployment.moduleName(of: "file:///src/a.ts") == "src/a.ts")
        #expect(WorkerDeployment.moduleName(of: "worker://lib/a.ts") == nil)
        #expect(WorkerDeployment.moduleName(of: "") == nil)
    }
}
