// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("rookery run", .serialized, .timeLimit(.minutes(2)))
struct RunCommandTests {
    // MARK: Limits

    @Test(
        "A limit that is exceeded has its own status and is named last, with its value",
        arguments: [
            Limit(["--cpu-limit", "100"], "for (;;);", 3, "CPU limit of 100 ms", "exceededCPU"),
            Limit(["--cpu-limit", "100"], "for (;;) await 0;", 3, "CPU limit of 100 ms", "exceededCPU"),
            Limit(
                ["--cpu-limit", "100"], "setInterval(() => { for (let i = 0; i < 1e6; i++); });", 3,
                "CPU limit of 100 ms", "exceededCPU"),
            Limit(["--cpu-limit", "100"], "/(a+)+b/.test('a'.repeat(64));", 3, "CPU limit of 100 ms", "exceededCPU"),
            Limit(["--wall-limit", "3000"], "for (;;);", 4, "wall limit of 3000 ms", "exceededWallTime"),
            Limit(
                ["--wall-limit", "3000"], "setTimeout(() => {}, 1e6);", 4, "wall limit of 3000 ms", "exceededWallTime"),
            Limit(
                ["--wall-limit", "3000", "--cpu-limit", "0"], "setInterval(() => {}, 1);", 4, "wall limit of 3000 ms",
                "exceededWallTime"),
            Limit(
                ["--heap-limit", "16"], "const a = []; for (;;) a.push(new Array(1000).fill(1));", 5,
                "memory limit of 16 MiB", "exceededMemory"),
            Limit(
                ["--heap-limit", "16"], "const a = []; for (;;) a.push(new Uint8Array(1e6));", 5,
                "memory limit of 16 MiB", "exceededMemory"),
            Limit(
                ["--heap-limit", "16"], "let s = 'x'; for (;;) s += s + [...s].length;", 5, "memory limit of 16 MiB",
                "exceededMemory"),
            Limit(
                ["--heap-limit", "16"], "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});", 5,
                "memory limit of 16 MiB", "exceededMemory"),
            Limit(
                ["--heap-limit", "16"], "const a = []; for (;;) a.push(new WebAssembly.Memory({ initial: 16 }));", 5,
                "memory limit of 16 MiB", "exceededMemory"),
        ])
    func limits(_ limit: Limit) async throws {
        let folder = try script("console.log('started');\n" + limit.source)
        let run = try await folder.run(limit.options + ["main.mjs"])
        run.expect(limit.status, output: "started\n")
        #expect(run.lastErrorLine.contains(limit.words), "\(run)")
        let json = try await folder.run(["--json"] + limit.options + ["main.mjs"])
        json.expect(limit.status)
        #expect(json.lastErrorLine.contains(limit.words), "\(json)")
        #expect(try json.report()["outcome"] == .string(limit.outcome))
    }

    /// A limit, what exceeds it, and how that is reported.
    struct Limit: Sendable, CustomTestStringConvertible {
        let options: [String]
        let source: String
        let status: Int32
        let words: String
        let outcome: String

        init(_ options: [String], _ source: String, _ status: Int32, _ words: String, _ outcome: String) {
            (self.options, self.source, self.status, self.words, self.outcome) = (
                options, source, status, words, outcome
            )
        }

        var testDescription: String { "\(options.joined(separator: " ")): \(source)" }
    }

    @Test("No catch, finally or handler of the script outlives a limit")
    func uncatchable() async throws {
        let source = """
            setTimeout(() => console.log('timer'));
            Promise.resolve().then(() => console.log('microtask'));
            try { for (;;); } catch { console.log('catch'); } finally { console.log('finally'); }
            """
        try await script(source).run("--cpu-limit", "50", "main.mjs").expect(3, output: "")
    }

    @Test("CPU time that a script waits is not counted")
    func waiting() async throws {
        let source = "await new Promise((done) => setTimeout(done, 600)); console.log('done');"
        try await script(source).run("--cpu-limit", "500", "main.mjs").expect(0, output: "done\n")
    }

    @Test("A limit of 0 is none")
    func noLimit() async throws {
        let source =
            "await new Promise((done) => setTimeout(done, 10)); for (let i = 0; i < 1e6; i++); console.log('done');"
        try await script(source).run("--cpu-limit", "0", "--wall-limit", "0", "main.mjs").expect(0, output: "done\n")
    }

    // MARK: Output

    @Test("Console lines go to standard output and standard error, in order")
    func streams() async throws {
        let source = """
            console.log('log'); console.info('info'); console.debug('debug');
            console.warn('warn'); console.error('error'); console.log('%s is %d', 'x', 1, { a: [] });
            """
        let run = try await script(source).run("main.mjs")
        run.expect(0, output: "log\ninfo\ndebug\nx is 1 { a: [] }\n")
        #expect(run.errors == "warn\nerror\n")
    }

    @Test("Output comes when it is written, not at the end")
    func immediately() async throws {
        let run = try await script("console.log('first'); await new Promise((done) => setTimeout(done, 1e6));").shell(
            #"""
            set -m
            mkfifo pipe
            "$1" run main.mjs >pipe 2>/dev/null & program=$!
            exec 3<pipe
            read -r line <&3
            kill -KILL "$program"
            echo "got $line"
            """#)
        #expect(run.output == "got first\n", "\(run)")
    }

    @Test("Much output arrives whole", arguments: [1, 1000])
    func muchOutput(_ lines: Int) async throws {
        let source =
            "const line = 'x'.repeat(\(8_000_000 / lines)); for (let i = 0; i < \(lines); i++) console.log(line);"
        let run = try await script(source).run("main.mjs")
        run.expect(0)
        #expect(run.output.utf8.count == 8_000_000 / lines * lines + lines)
    }

    @Test(
        "The JSON object has every key, whatever the outcome",
        arguments: [
            ("console.log('hello'); console.warn('careful'); export default 42;", "ok", 0),
            ("console.log('hello'); console.warn('careful'); throw new TypeError('x');", "exception", 1),
            ("console.log('hello'); console.warn('careful'); for (;;);", "exceededCPU", 3),
        ])
    func jsonShape(_ source: String, _ outcome: String, _ status: Int) async throws {
        let run = try await script(source).run("--json", "--cpu-limit", "200", "main.mjs")
        run.expect(Int32(status))
        let report = try run.report()
        #expect(report.keys.isSuperset(of: ["outcome", "value", "error", "logs", "response", "usage"]), "\(run)")
        #expect(report["outcome"] == .string(outcome))
        #expect(report["value"] == (outcome == "ok" ? .number(42) : .null))
        #expect(report["response"] == .null)
        let logs = try #require(report["logs"]).elements
        #expect(logs.map { $0["level"]?.text } == ["log", "warn"])
        #expect(logs.map { $0["message"]?.text } == ["hello", "careful"])
        let times = logs.compactMap { $0["time"]?.double }
        #expect(times.count == 2 && times[0] >= 0 && times[0] <= times[1], "\(run)")
        let usage = try #require(report["usage"])
        let counters: Set = [
            "cpuMicroseconds", "wallMicroseconds", "heapPeakBytes", "externalPeakBytes", "subrequests", "egressBytes",
            "hostCalls",
        ]
        #expect(usage.keys.isSuperset(of: counters), "\(run)")
        for counter in counters { #expect((usage[counter]?.double ?? -1) >= 0, "\(counter) \(run)") }
        #expect((usage["cpuMicroseconds"]?.double ?? 0) > 0)
        #expect((usage["heapPeakBytes"]?.double ?? 0) > 0)
        #expect((usage["hostCalls"]?.double ?? 0) >= 2)
        guard outcome == "exception" else { return }
        let error = try #require(report["error"])
        #expect(error.keys.isSuperset(of: ["name", "message", "stack", "file", "line", "column", "code"]), "\(run)")
        #expect(error["name"] == .string("TypeError"))
        #expect(error["message"] == .string("x"))
        #expect(error["stack"]?.text?.hasPrefix("TypeError: x\n    at ") == true)
        #expect(error["file"]?.text?.hasSuffix("/main.mjs") == true)
        #expect(error["line"] == .number(1))
        #expect(error["column"] == .number(54))
        #expect(error["code"] == .null)
    }

    @Test(
        "The value is the default export where it is JSON",
        arguments: [
            ("[1, 'two', null, true, { a: 1.5 }]", #"[1,"two",null,true,{"a":1.5}]"#), ("undefined", "null"),
            ("() => 1", "null"),
            ("class {}", "null"), ("{ fetch() {} }", "null"), ("{ scheduled() {} }", "null"),
            ("new Date(0)", #""1970-01-01T00:00:00.000Z""#),
            ("{ toJSON: () => 7 }", "7"), ("NaN", "null"), ("10n", "null"), ("Symbol()", "null"), ("await 5", "5"),
            ("{ a: undefined, b: () => 1, c: [undefined] }", #"{"c":[null]}"#),
            ("'\\u2028\\u0000\"\\\\'", #""\u2028\u0000\"\\""#),
            ("(() => { const a = {}; a.a = a; return a; })()", "null"),
            ("{ toJSON() { throw new Error('x'); } }", "null"),
            ("{ get a() { for (;;); } }", "null"), ("new Proxy({}, { ownKeys() { throw 1; } })", "null"),
        ])
    func value(_ expression: String, _ json: String) async throws {
        let run = try await script("export default \(expression);").run("--json", "main.mjs")
        run.expect(0)
        let expected = try JSONDecoder().decode(JSON.self, from: Data(json.utf8))
        #expect(try run.report()["value"] == expected, "\(run)")
    }

    @Test("Nothing but the JSON object is on standard output, with errors and odd text too")
    func jsonOnly() async throws {
        let source =
            #"console.log('\ud800 \u0000 "\n'); console.error('e'); console.log('ü'); throw new Error('\ud800');"#
        let run = try await script(source).run("--json", "main.mjs")
        run.expect(1)
        #expect(run.errors.isEmpty, "\(run)")
        #expect(
            try run.report()["logs"]?.elements.compactMap { $0["message"]?.text } == ["\u{FFFD} \0 \"\n", "e", "ü"])
    }

    // MARK: What the program is given

    @Test("Arguments after -- are the program's, whatever they look like")
    func arguments() async throws {
        let folder = try script("console.log(JSON.stringify(process.argv.slice(2)));")
        try await folder.run("main.mjs", "--", "a", "-b", "--json", "--", "", "ü *").expect(
            0, output: #"["a","-b","--json","--","","ü *"]"# + "\n")
        try await folder.run("main.mjs", "--").expect(0, output: "[]\n")
        try await folder.run("main.mjs").expect(0, output: "[]\n")
        let module = try script("import { args } from 'rookery:process'; console.log(args.join());")
        try await module.run("main.mjs", "--", "a", "b").expect(0, output: "a,b\n")
    }

    @Test("The environment holds what --env gives and nothing else")
    func environment() async throws {
        let folder = try script(
            "console.log(JSON.stringify(process.env), process.env.HOME, 'toString' in process.env);")
        try await folder.run("main.mjs").expect(0, output: "{} undefined true\n")
        try await folder.run("--env", "A=b=c", "--env=B=", "--env", "Ä=ü x", "--env", "A=later", "main.mjs")
            .expect(0, output: #"{"A":"later","B":"","Ä":"ü x"} undefined true"# + "\n")
        try await folder.run("--env", "__proto__=x", "main.mjs").expect(
            0, output: #"{"__proto__":"x"} undefined true"# + "\n")
    }

    @Test("A program comes from standard input, and imports from the working folder")
    func standardInput() async throws {
        let folder = try ScriptFolder(["leaf.mjs": "export default 'leaf';"])
        let source = "import leaf from './leaf.mjs'; console.log(leaf, import.meta.main, process.argv.length);"
        try await folder.run("-", input: source).expect(0, output: "leaf true 2\n")
        try await folder.run("-", "--", "x", input: source).expect(0, output: "leaf true 3\n")
        try await folder.run("-", input: "\n  throw new Error('here')").expect(
            1, errors: [":2:9\n  throw new Error('here')\n"])
        try await folder.run("--json", "-", input: "export default 'x'.repeat(3)").expect(0)
    }

    @Test("Modules come from the program's folder, and from others with --allow-import")
    func allowImport() async throws {
        let folder = try ScriptFolder([
            "app/main.mjs": "import { a } from '../lib/a.mjs'; console.log(a);",
            "lib/a.mjs": "export { b as a } from './b.mjs';",
            "lib/b.mjs": "export const b = 'b of lib';", "lib2/x.mjs": "",
        ])
        try await folder.run("app/main.mjs").expect(
            1, output: "", errors: ["lib/a.mjs", "--allow-import", "main.mjs:1:19"])
        try await folder.run("--allow-import", "lib", "app/main.mjs").expect(0, output: "b of lib\n")
        try await folder.run("--allow-import=\(folder.path)", "app/main.mjs").expect(0, output: "b of lib\n")
        // A folder whose name only begins the same is another one.
        try await folder.run("--allow-import", "lib2", "app/main.mjs").expect(1, output: "", errors: ["--allow-import"])
    }

    @Test("An import map maps bare specifiers, relative to itself")
    func importMap() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "import a from 'a'; import b from 'lib/b.mjs'; console.log(a, b);",
            "vendor/a.mjs": "export default 'a';",
            "vendor/lib/b.mjs": "export default 'b';",
            "vendor/maps.json": #"{"imports":{"a":"./a.mjs","lib/":"./lib/"}}"#,
        ])
        try await folder.run("--import-map", "vendor/maps.json", "main.mjs").expect(0, output: "a b\n")
        try await folder.run("main.mjs").expect(1, output: "", errors: ["main.mjs:1:15\n", "bare specifier", "\"a\""])
    }

    @Test("Preloaded scripts run first, in order, in the same global scope")
    func preload() async throws {
        let folder = try ScriptFolder([
            "one.js": "var order = ['one']; let hidden = 1; console.log(typeof process, this === globalThis);",
            "two.js": "order.push('two', hidden); (function () { order.push(this === globalThis); })();",
            "main.mjs": "console.log(order.join(), globalThis.hidden);",
        ])
        try await folder.run("--preload", "one.js", "--preload", "two.js", "main.mjs")
            .expect(0, output: "object true\none,two,1,true undefined\n")
        try await folder.run("--preload", "two.js", "main.mjs").expect(
            1, output: "", errors: ["two.js:1:1", "ReferenceError"])
    }

    @Test(
        "An error in a preloaded script ends the run before the module",
        arguments: [
            ("throw new Error('early')", "early"), ("let x = ;", "SyntaxError"), ("import './main.mjs'", "SyntaxError"),
            ("await 0", "SyntaxError"), ("setTimeout(() => { throw new Error('late'); })", "late"),
        ])
    func wrongPreload(_ source: String, _ words: String) async throws {
        let folder = try ScriptFolder([
            "pre.js": "\n" + source,
            "main.mjs": "await new Promise((done) => setTimeout(done, 500)); console.log('must not run');",
        ])
        try await folder.run("--preload", "pre.js", "main.mjs").expect(
            1, output: "", errors: ["pre.js:2:", source, words])
    }

    @Test("Time stands still while a script computes with --freeze-clock, and moves while it waits")
    func freezeClock() async throws {
        let source = """
            const start = [Date.now(), performance.now()];
            const passed = () => [Date.now() - start[0], performance.now() - start[1], new Date() - start[0]];
            for (let i = 0; i < 2e7; i++);
            console.log(...passed());
            await new Promise((done) => setTimeout(done, 30));
            console.log(passed().every((time) => time >= 25));
            """
        try await script(source).run("--freeze-clock", "main.mjs").expect(0, output: "0 0 0\ntrue\n")
        let run = try await script(source).run("main.mjs")
        run.expect(0)
        #expect(!run.output.hasPrefix("0 0 0"), "\(run)")
    }

    @Test("navigator.userAgent names the version that the command line tells")
    func userAgent() async throws {
        let version = try await Program.run(["--version"], in: "/")
        try await script("console.log(navigator.userAgent);").run("main.mjs").expect(
            0, output: "Rookery/\(version.output)")
    }

    @Test("A seed repeats Math.random, another seed does not")
    func seed() async throws {
        let folder = try script("console.log(Math.random(), Math.random());")
        let first = try await folder.run("--seed", "1", "main.mjs")
        first.expect(0)
        #expect(try await folder.run("--seed=1", "main.mjs").output == first.output)
        var seen: Set = [first.output]
        for seed in ["0", "2", "3", "2147483646", "1099511627775"] {
            let run = try await folder.run("--seed", seed, "main.mjs")
            run.expect(0)
            #expect(seen.insert(run.output).inserted, "seed \(seed)")
        }
        for _ in 0..<2 { #expect(seen.insert(try await folder.run("main.mjs").output).inserted) }
    }

    @Test("Without machine code a program does the same, except WebAssembly")
    func jitless() async throws {
        let source = """
            const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2));
            console.log(f(15), /(a|b)+c/.exec('xabac')[0], eval('1 + 1'), typeof WebAssembly);
            """
        let folder = try script(source)
        try await folder.run("--allow-eval", "--jitless", "main.mjs").expect(0, output: "610 abac 2 undefined\n")
        // Caches of one are nothing to the other.
        try await folder.run("--allow-eval", "main.mjs").expect(0, output: "610 abac 2 object\n")
        try await folder.run("--allow-eval", "--jitless", "main.mjs").expect(0, output: "610 abac 2 undefined\n")
    }

    // MARK: Signals

    @Test(
        "An interrupt ends a run that waits and one that computes",
        arguments: [
            ("await new Promise((done) => setTimeout(done, 1e6));", "INT"), ("for (;;);", "INT"),
            ("for (;;) await 0;", "INT"),
            ("try { for (;;); } finally { console.log('finally'); }", "INT"), ("/(a+)+b/.test('a'.repeat(64));", "INT"),
            ("await new Promise((done) => setTimeout(done, 1e6));", "TERM"), ("for (;;);", "TERM"),
        ])
    func interrupt(_ source: String, _ signal: String) async throws {
        let run = try await script("console.log('ready');\n" + source).shell(
            #"""
            set -m
            mkfifo pipe
            "$1" run --cpu-limit 0 main.mjs >pipe & program=$!
            exec 3<pipe
            read -r line <&3
            kill -\#(signal) "$program"
            wait "$program"
            echo "$line $?"
            cat <&3
            """#)
        #expect(run.output == "ready \(signal == "INT" ? 130 : 143)\n", "\(run)")
        #expect(run.errors.contains("rookery: interrupted\n") || signal == "TERM", "\(run)")
    }

    @Test("An interrupted run has its JSON object, with an error in it")
    func interruptedJSON() async throws {
        let run = try await script("for (;;);").shell(
            #"""
            set -m
            "$1" run --json --cpu-limit 0 main.mjs & program=$!
            # It prints nothing before its end, so wait until it has computed for half a second.
            while [ "$(awk '{ print $14 }' "/proc/$program/stat")" -lt 50 ]; do sleep 0.1; done
            kill -INT "$program"
            wait "$program"
            echo "$?" >&2
            """#)
        #expect(run.errors.hasSuffix("130\n"), "\(run)")
        let report = try run.report()
        #expect(report["outcome"] == .string("exception"), "\(run)")
        #expect(report["error"]?["message"]?.text?.isEmpty == false, "\(run)")
    }
}
