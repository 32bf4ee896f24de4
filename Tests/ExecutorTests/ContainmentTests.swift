// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

/// What a program may not do, and what becomes of one that cannot be stopped in order.
@Suite("Containment of rookery run", .serialized, .timeLimit(.minutes(2)))
struct ContainmentTests {
    /// A built-in that looks at no interrupt for minutes.
    private static let unresponsive = "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();"
    /// A string of 512 MiB in one piece.
    private static let bomb = "const s = '中'.repeat(2 ** 29 - 24); /y/.test(s);"

    // MARK: Language

    private static let makers = """
        const makers = [() => eval('1'), () => new Function('return 1')(), () => (async () => {}).constructor('')(),
          () => setTimeout.constructor('return 1')()];
        console.log(makers.map((make) => { try { make(); return 'ran'; } catch (e) { return e.name; } }).join());
        """

    @Test("Code from strings is refused by default, and runs with --allow-eval")
    func codeGeneration() async throws {
        let folder = try script(Self.makers)
        try await folder.run("main.mjs").expect(0, output: "EvalError,EvalError,EvalError,EvalError\n")
        try await folder.run("--allow-eval", "main.mjs").expect(0, output: "ran,ran,ran,ran\n")
    }

    @Test("A preloaded script and an imported module are refused it too")
    func codeGenerationElsewhere() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "import './other.mjs';", "other.mjs": Self.makers, "pre.js": Self.makers,
        ])
        try await folder.run("--preload", "pre.js", "main.mjs").expect(
            0, output: String(repeating: "EvalError,EvalError,EvalError,EvalError\n", count: 2))
    }

    @Test("WebAssembly is there, and gone with --no-wasm")
    func webAssembly() async throws {
        let folder = try script(
            """
            let made = 'none';
            try { made = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).constructor.name; }
            catch (e) { made = e.name; }
            console.log(typeof WebAssembly, made);
            """)
        try await folder.run("main.mjs").expect(0, output: "object Module\n")
        try await folder.run("--no-wasm", "main.mjs").expect(0, output: "undefined ReferenceError\n")
    }

    // MARK: Lost runs

    @Test("A program that does not listen to its CPU limit ends with the status of that limit")
    func unresponsive() async throws {
        let folder = try script("console.log('started');\n" + Self.unresponsive + "\nconsole.log('not reached');")
        let run = try await folder.run("--cpu-limit", "100", "main.mjs")
        run.expect(3, output: "started\n")
        #expect(run.lastErrorLine == "rookery: CPU limit of 100 ms exceeded", "\(run)")
    }

    @Test("A program that V8 has no memory for ends with the status of that limit")
    func bomb() async throws {
        let folder = try script("console.log('started');\n" + Self.bomb + "\nconsole.log('not reached');")
        let run = try await folder.run("--heap-limit", "16", "main.mjs")
        run.expect(5, output: "started\n")
        #expect(run.lastErrorLine == "rookery: memory limit of 16 MiB exceeded", "\(run)")
    }

    @Test(
        "The JSON object of a lost run is one, with what was logged, used and approached",
        arguments: [(0, "exceededCPU", 3), (1, "exceededMemory", 5)])
    func lostJSON(_ which: Int, _ outcome: String, _ status: Int) async throws {
        let source = "console.log('started');\n" + [Self.unresponsive, Self.bomb][which]
        let run = try await script(source).run("--json", "--cpu-limit", "500", "--heap-limit", "16", "main.mjs")
        run.expect(Int32(status))
        let report = try run.report()
        #expect(report["outcome"] == .string(outcome), "\(run)")
        #expect(report["value"] == .null)
        #expect(report["logs"]?.elements.map { $0["message"]?.text } == ["started"])
        let usage = try #require(report["usage"])
        #expect((usage["cpuMicroseconds"]?.double ?? 0) > 0, "\(run)")
        #expect((usage["wallMicroseconds"]?.double ?? 0) > 0, "\(run)")
        #expect((usage["memoryPeakBytes"]?.double ?? 0) > 1_000_000, "\(run)")
        #expect((usage["heapPeakBytes"]?.double ?? 0) > 0, "\(run)")
        #expect((usage["externalPeakBytes"]?.double ?? -1) >= 0, "\(run)")
        if which == 0 { #expect((usage["cpuMicroseconds"]?.double ?? 0) >= 500_000, "\(run)") }
    }

    // MARK: Soft limits

    @Test("The JSON object says which limits were approached, and the program hears of them")
    func approached() async throws {
        let folder = try script(
            """
            const heard = [];
            addEventListener('limitapproaching', (event) => heard.push(event.limit));
            while (heard.length === 0) await null;
            export default heard;
            """)
        let run = try await folder.run("--json", "--cpu-limit", "1000", "--wall-limit", "0", "main.mjs")
        run.expect(0)
        #expect(try run.report()["value"] == .array([.string("cpu")]), "\(run)")
        #expect(try run.report()["approached"] == .array([.string("cpu")]), "\(run)")
        let quiet = try await script("export default 1").run("--json", "main.mjs")
        #expect(try quiet.report()["approached"] == .array([]), "\(quiet)")
    }

    @Test("A program that waits hears of its wall limit, once")
    func approachedWaiting() async throws {
        let folder = try script(
            """
            const heard = [];
            addEventListener('limitapproaching', ({ limit, used, total }) => {
              heard.push(limit, used >= 0.8 * total, used <= total);
            });
            await new Promise((done) => setTimeout(done, 1700));
            export default heard;
            """)
        let run = try await folder.run("--json", "--wall-limit", "2000", "main.mjs")
        run.expect(0)
        #expect(try run.report()["value"] == .array([.string("wall"), .bool(true), .bool(true)]), "\(run)")
        #expect(try run.report()["approached"] == .array([.string("wall")]), "\(run)")
    }

    @Test(
        "A memory limit that no isolate can have is wrong usage, in words",
        arguments: [("9999999", "give at most"), ("1", "from 8 on"), ("0", "from 8 on"), ("-1", "from 8 on")])
    func impossibleLimit(_ megabytes: String, _ words: String) async throws {
        let run = try await script("console.log('must not run')").run("--heap-limit", megabytes, "main.mjs")
        run.expect(2, output: "", errors: ["--heap-limit", words])
    }

    // MARK: Crashes

    // Swift's own handler, which `swift test` switches on for children too, lets a process live on whose signal was sent.

    @Test("A native crash says what ran, and is still a crash to whoever waits for the program")
    func crashReport() async throws {
        let run = try await script("console.log('ready');\nfor (;;);").shell(
            #"""
            ulimit -c 0
            export SWIFT_BACKTRACE=enable=no
            mkfifo pipe
            "$1" run --cpu-limit 0 main.mjs >pipe & program=$!
            exec 3<pipe
            read -r line <&3
            # The thread that computes, once it is known by its CPU time: a signal to its number is its own.
            thread=
            while [ -z "$thread" ]; do
                for task in "/proc/$program/task/"*; do
                    if [ "$(awk '{ print $14 }' "$task/stat")" -ge 50 ]; then thread=${task##*/}; fi
                done
                sleep 0.05
            done
            kill -SEGV "$thread"
            wait "$program"
            echo "$line $?"
            """#)
        #expect(run.output == "ready 139\n", "\(run)")
        let lines = run.errors.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("rookery: fatal signal 11 (Segmentation fault)") }, "\(run)")
        let inside = lines.first { $0.hasPrefix("rookery: inside isolate \"file://") } ?? ""
        #expect(inside.contains("/main.mjs\": running, "), "\(run)")
        #expect(inside.contains(" bytes held"), "\(run)")
        #expect(lines.contains { $0.contains("libnode") || $0.contains("rookery(") }, "no backtrace: \(run)")
    }

    @Test("A crash of another thread says that it was inside no isolate")
    func crashElsewhere() async throws {
        let run = try await script("console.log('ready');\nfor (;;);").shell(
            #"""
            ulimit -c 0
            export SWIFT_BACKTRACE=enable=no
            mkfifo pipe
            "$1" run --cpu-limit 0 main.mjs >pipe & program=$!
            exec 3<pipe
            read -r line <&3
            kill -BUS "$program"
            wait "$program"
            echo "$line $?"
            """#)
        #expect(run.output == "ready 135\n", "\(run)")
        #expect(run.errors.contains("rookery: fatal signal 7 (Bus error)"), "\(run)")
        #expect(run.errors.contains("rookery: inside no isolate\n"), "\(run)")
    }
}
