// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("Bad input of rookery run", .serialized, .timeLimit(.minutes(2)))
struct BadInputTests {
    // MARK: The program's file

    @Test(
        "A program that cannot be had is wrong usage and is named",
        arguments: [
            ("absent.mjs", "No such file"), ("absent/main.mjs", "No such file"), ("main.mjs/", "Not a directory"),
            (".", "folder"), ("/dev/null", "regular file"), ("", "No such file"),
        ])
    func noFile(_ name: String, _ words: String) async throws {
        try await script("").run(name).expect(2, output: "", errors: ["rookery: \(name): ", words])
    }

    @Test("A program that may not be read is wrong usage")
    func noPermission() async throws {
        let folder = try script("")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path + "/main.mjs")
        // root may read what its permissions forbid, but for these capabilities.
        let start = Program.isRoot ? "setpriv --bounding-set=-dac_override,-dac_read_search " : ""
        try await folder.shell("exec \(start)\"$1\" run main.mjs")
            .expect(2, output: "", errors: ["main.mjs: Permission denied"])
    }

    @Test("What is no program by its name is refused in words about a program", arguments: ["json", "cjs", "wasm"])
    func otherLanguages(_ pathExtension: String) async throws {
        let run = try await ScriptFolder(["main." + pathExtension: "{}"]).run("main." + pathExtension)
        run.expect(2, output: "", errors: ["main." + pathExtension])
        // Nobody wrote an import.
        #expect(!run.errors.contains("to the import"), "\(run)")
        #expect(!run.errors.contains("Import it"), "\(run)")
    }

    @Test(
        "An empty program finishes",
        arguments: ["", "\n", "\u{FEFF}", "// a comment", "#!", "#!/usr/bin/env rookery run\r\n"])
    func empty(_ source: String) async throws {
        let folder = try script(source)
        try await folder.run("main.mjs").expect(0, output: "")
        try await folder.run("-", input: source).expect(0, output: "")
    }

    @Test(
        "A byte order mark and a hashbang are no part of the program",
        arguments: [
            "\u{FEFF}", "#!/usr/bin/env -S rookery run\n", "\u{FEFF}#!/usr/bin/env -S rookery run\n",
        ])
    func beginnings(_ beginning: String) async throws {
        let source = beginning + "console.log('it runs')"
        let folder = try script(source)
        try await folder.run("main.mjs").expect(0, output: "it runs\n")
        try await folder.run("-", input: source).expect(0, output: "it runs\n")
    }

    @Test("Lines are counted from the file's first, with the hashbang")
    func hashbangLine() async throws {
        let run = try await script("#!/usr/bin/env rookery\n\n  throw new Error('third line')").run("main.mjs")
        run.expect(1, errors: ["main.mjs:3:9\n", "  throw new Error('third line')\n        ^\n"])
    }

    @Test("A NUL is content inside of a string and a syntax error outside of it")
    func nul() async throws {
        try await script("console.log('a\0b'.length, 'a\0b'.charCodeAt(1))").run("main.mjs").expect(0, output: "3 0\n")
        try await script("console.log(1)\n \0").run("main.mjs")
            .expect(1, output: "", errors: ["main.mjs:2:2", "SyntaxError"])
    }

    @Test("Invalid UTF-8 becomes U+FFFD in a string and is a syntax error outside of it")
    func invalidUTF8() async throws {
        let folder = try ScriptFolder()
        let bytes: [UInt8] = [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80]
        try folder.write(Array("console.log(escape('".utf8) + bytes + Array("'))".utf8), to: "string.mjs")
        try await folder.run("string.mjs").expect(0, output: "%uFFFD%uFFFD%28%uFFFD%uFFFD%uFFFD\n")
        try folder.write(Array("let \u{E9} = 1; let ".utf8) + bytes, to: "code.mjs")
        try await folder.run("code.mjs").expect(1, output: "", errors: ["code.mjs:1:", "SyntaxError"])
    }

    @Test(
        "Odd file names work",
        arguments: ["sp ace.mjs", "ü%41?#.mjs", "-dash.mjs", "new\nline.mjs", "no-extension", "'\".mjs"])
    func names(_ name: String) async throws {
        let folder = try ScriptFolder([name: "console.log(import.meta.filename === process.argv[1])", "leaf.mjs": ""])
        try await folder.run("./" + name).expect(0, output: "true\n")
    }

    // MARK: Size

    @Test("A source of 20 MB runs")
    func largeSource() async throws {
        let source = "console.log('" + String(repeating: "x", count: 20_000_000) + "'.length)"
        let folder = try script(source)
        try await folder.run("main.mjs").expect(0, output: "20000000\n")
        try await folder.run("-", input: source).expect(0, output: "20000000\n")
    }

    @Test("A source that does not fit into the memory limit exceeds it")
    func tooLargeSource() async throws {
        let source = "console.log('" + String(repeating: "x", count: 20_000_000) + "'.length)"
        let run = try await script(source).run("--heap-limit", "8", "main.mjs")
        run.expect(5, output: "")
        #expect(run.lastErrorLine.contains("memory limit of 8 MiB"), "\(run)")
    }

    @Test("Deep nesting is an error of the script", arguments: ["(", "[", "{a:", "-", "`${", "()=>"])
    func deepSource(_ opening: String) async throws {
        let source = "export default " + String(repeating: opening, count: 200_000)
        let run = try await script(source).run("main.mjs")
        run.expect(1, output: "")
        #expect(run.errors.contains("SyntaxError") || run.errors.contains("RangeError"), "\(run)")
    }

    @Test("10,000 modules in a chain load")
    func chain() async throws {
        let count = 10_000
        let folder = try script("import { n } from './m1.mjs'; console.log(n);")
        for index in 1..<count {
            let source = "import { n as m } from './m\(index + 1).mjs'; export const n = m + 1;"
            try folder.write(Array(source.utf8), to: "m\(index).mjs")
        }
        try folder.write(Array("export const n = 1;".utf8), to: "m\(count).mjs")
        try await folder.run("main.mjs").expect(0, output: "\(count)\n")
    }

    @Test("10,000 imports in one module load")
    func wide() async throws {
        let count = 10_000
        let imports = (1...count).map { "import { n as n\($0) } from './m\($0).mjs';\n" }.joined()
        let folder = try script(imports + "console.log(n1 + n\(count));")
        for index in 1...count { try folder.write(Array("export const n = \(index);".utf8), to: "m\(index).mjs") }
        try await folder.run("main.mjs").expect(0, output: "\(count + 1)\n")
    }

    // MARK: Imports

    @Test("Modules in a cycle share a JSON module")
    func jsonCycle() async throws {
        let other = """
            import { own } from './NAME.mjs';
            import data from './data.json' with { type: 'json' };
            export { data };
            export const seen = () => own === data;
            """
        let folder = try ScriptFolder([
            "main.mjs": """
            import { data as own, seen } from './b.mjs';
            import './c.mjs';
            import mine from './data.json' with { type: 'json' };
            export { own };
            console.log(mine === own, seen(), mine.a);
            """,
            "b.mjs": other.replacing("NAME", with: "c").replacing(
                "export { data }", with: "export { data, data as own }"),
            "c.mjs": "export { own } from './main.mjs'; import './b.mjs';",
            "data.json": #"{"a":1}"#,
        ])
        try await folder.run("main.mjs").expect(0, output: "true true 1\n")
    }

    @Test("A syntax error in the third file shows its place and who imports it")
    func chainOfImporters() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "import './second.mjs';\nconsole.log('must not run');",
            "second.mjs": "\n  import './folder/third.mjs';",
            "folder/third.mjs": "\n\nlet x = ;",
        ])
        let run = try await folder.run("main.mjs")
        let base = "file://" + folder.path
        run.expect(
            1, output: "",
            errors: [
                "\(base)/folder/third.mjs:3:9\nlet x = ;\n        ^\n", "SyntaxError",
                "imported from \(base)/second.mjs:2:10", "imported from \(base)/main.mjs:1:8",
            ])
    }

    @Test(
        "A scheme that no module is loaded from is named",
        arguments: [
            "http://example.com/x.mjs", "https://example.com/x.mjs", "ftp://example.com/x", "node:fs", "npm:left-pad",
            "blob:null/x", "javascript:1", "about:blank", "x-unknown:y",
        ])
    func schemes(_ specifier: String) async throws {
        let scheme = "\(specifier.prefix { $0 != ":" }):"
        try await script("import '\(specifier)';").run("main.mjs")
            .expect(
                1, output: "", errors: ["main.mjs:1:8\nimport '\(specifier)';\n       ^\n", specifier, "\"\(scheme)\""])
        try await script("await import('\(specifier)').catch((e) => console.log(e.name, e.code))").run("main.mjs")
            .expect(0, output: "TypeError ERR_UNSUPPORTED_SCHEME\n")
    }

    @Test(
        "A module that is not there, or no module, shows the import and its line",
        arguments: [
            ("./absent.mjs", "Cannot find"), ("bare", "bare"), ("./data.json", "with { type: \"json\" }"),
            ("./folder", "folder"), ("/etc/hostname", "--allow-import"), ("./x.cjs", "CommonJS"),
            ("./x.node", "native"),
            ("rookery:absent", "Cannot find"), ("file://host/x.mjs", "host"), ("./a%2Fb.mjs", "path"),
        ])
    func notFound(_ specifier: String, _ words: String) async throws {
        let source = "\n import '\(specifier)';"
        let folder = try ScriptFolder([
            "main.mjs": source, "data.json": "{}", "folder/x.mjs": "", "x.cjs": "", "x.node": "",
        ])
        let run = try await folder.run("main.mjs")
        run.expect(1, output: "", errors: ["main.mjs:2:9\n import '\(specifier)';\n        ^\n", words])
    }

    @Test("A symbolic link leads to no file outside of the folder")
    func links() async throws {
        let outside = try script("export default 'outside'")
        let folder = try script("import value from './link.mjs'; console.log(value);")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link.mjs", withDestinationPath: outside.path + "/main.mjs")
        try await folder.run("main.mjs").expect(1, output: "", errors: ["link.mjs", "--allow-import"])
        try await folder.run("--allow-import", outside.path, "main.mjs").expect(0, output: "outside\n")
    }

    @Test(
        "An unknown import attribute is a syntax error at its import",
        arguments: [
            ("{ lazy: 'yes' }", "lazy"), ("{ type: 'yaml' }", "yaml"), ("{ type: 'json', more: '' }", "more"),
        ])
    func attributes(_ attributes: String, _ word: String) async throws {
        let folder = try ScriptFolder(["main.mjs": "import d from './d.json' with \(attributes);", "d.json": "1"])
        try await folder.run("main.mjs").expect(1, output: "", errors: ["main.mjs:1:15\n", word])
    }

    @Test("A JSON module that is not JSON is a syntax error with its place")
    func brokenJSON() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "import d from './d.json' with { type: 'json' };", "d.json": "{\n  \"a\": 1,\n}\n",
        ])
        try await folder.run("main.mjs").expect(1, output: "", errors: ["d.json", "SyntaxError", "imported from"])
    }

    // MARK: Import maps

    @Test(
        "An import map that is not JSON is wrong usage, with line and column",
        arguments: [
            ("{\n  \"imports\": {,}\n}", "maps.json:2:15: "), ("", "maps.json:1:1: "),
            ("{\"imports\": {}", "maps.json:1:15: "),
            ("{\"a\": tru}", "maps.json:1:7: "), ("\u{FEFF}{\n'imports': {}}", "maps.json:2:1: "),
        ])
    func brokenMap(_ map: String, _ place: String) async throws {
        let folder = try ScriptFolder(["main.mjs": "console.log('must not run')", "maps.json": map])
        try await folder.run("--import-map", "maps.json", "main.mjs").expect(2, output: "", errors: [place, "JSON"])
    }

    @Test(
        "An import map of another shape is wrong usage",
        arguments: [
            ("[]", "object"), (#"{"imports":[]}"#, "imports"), (#"{"scopes":1}"#, "scopes"),
            (#"{"scopes":{"./x/":1}}"#, "./x/"),
        ])
    func wrongMap(_ map: String, _ word: String) async throws {
        let folder = try ScriptFolder(["main.mjs": "console.log('must not run')", "maps.json": map])
        try await folder.run("--import-map", "maps.json", "main.mjs").expect(
            2, output: "", errors: ["maps.json", word])
    }

    @Test("Entries of an import map that mean nothing are warnings")
    func mapWarnings() async throws {
        let map = #"{"imports":{"a":1,"b":"bare","c/":"./c"},"more":{}}"#
        let folder = try ScriptFolder(["main.mjs": "console.log('runs')", "maps.json": map])
        try await folder.run("--import-map", "maps.json", "main.mjs")
            .expect(0, output: "runs\n", errors: ["\"a\"", "\"b\"", "\"c/\"", "\"more\""])
    }

    // MARK: Options

    @Test(
        "Options that contradict each other are wrong usage and are both shown",
        arguments: [
            (["--cpu-limit", "1", "--cpu-limit", "2"], ["--cpu-limit", "1", "2"]),
            (["--heap-limit=16", "--heap-limit=32"], ["--heap-limit", "16", "32"]),
            (["--wall-limit", "1", "--wall-limit", "0"], ["--wall-limit", "1", "0"]),
            (["--seed", "1", "--seed", "2"], ["--seed", "1", "2"]),
            (["--import-map", "a.json", "--import-map", "b.json"], ["--import-map", "a.json", "b.json"]),
        ])
    func contradictions(_ options: [String], _ words: [String]) async throws {
        let folder = try ScriptFolder(["main.mjs": "", "a.json": "{}", "b.json": "{}"])
        try await folder.run(options + ["main.mjs"]).expect(2, output: "", errors: words)
    }

    @Test(
        "A number that is none, or out of range, is wrong usage and is quoted",
        arguments: [
            ("--cpu-limit", "-1"), ("--cpu-limit", "1.5"), ("--cpu-limit", "ten"), ("--cpu-limit", "1e3"),
            ("--cpu-limit", "99999999999999999999"), ("--wall-limit", "-1"), ("--wall-limit", "0x10"),
            ("--wall-limit", "5s"),
            ("--heap-limit", "0"), ("--heap-limit", "-128"), ("--heap-limit", "1"), ("--heap-limit", "64MB"),
            ("--heap-limit", "99999999999999999999"), ("--seed", "-1"), ("--seed", "x"), ("--max-subrequests", "-1"),
            ("--max-subrequests", "many"), ("--max-egress-bytes", "-1"), ("--max-egress-bytes", "10MB"),
        ])
    func numbers(_ option: String, _ value: String) async throws {
        let folder = try script("console.log('must not run')")
        for arguments in [[option, value], ["\(option)=\(value)"]] {
            try await folder.run(arguments + ["main.mjs"])
                .expect(2, output: "", errors: [option, "whole number", "\"\(value)\""])
        }
    }

    @Test(
        "A command line that cannot be understood is wrong usage and shows how it is meant",
        arguments: [
            [], ["--unknown", "main.mjs"], ["main.mjs", "second.mjs"], ["main.mjs", "--cpu-limit"], ["--", "main.mjs"],
            ["--json=yes", "main.mjs"], ["--env"],
        ])
    func usage(_ arguments: [String]) async throws {
        let run = try await script("console.log('must not run')").run(arguments)
        run.expect(2, output: "", errors: ["Usage: rookery run [options] FILE|- [-- ARGS…]"])
    }

    @Test("A value for the environment without a name is wrong usage", arguments: ["NAME", "=value", ""])
    func environment(_ pair: String) async throws {
        try await script("").run("--env", pair, "main.mjs").expect(2, output: "", errors: ["--env", "NAME=VALUE"])
    }

    @Test(
        "Folders and files of options that are not there are wrong usage",
        arguments: [
            ("--preload", "absent.js"), ("--preload", "."), ("--import-map", "absent.json"), ("--import-map", "."),
            ("--allow-import", "absent"), ("--allow-import", "main.mjs"),
        ])
    func absentFiles(_ option: String, _ name: String) async throws {
        try await script("console.log('must not run')").run(option, name, "main.mjs")
            .expect(2, output: "", errors: ["rookery: \(name): "])
    }

    @Test(
        "A grant that says nothing sensible is wrong usage",
        arguments: [
            "--allow-net=", "--allow-net=a,,b", "--allow-net=http://a/", "--allow-read=", "--allow-write=a,",
            "--allow-env=A=B", "--max-subrequests=-1", "--max-egress-bytes=many",
        ])
    func grants(_ option: String) async throws {
        let name = String(option.prefix { $0 != "=" })
        try await script("console.log('must not run')").run(option, "main.mjs").expect(2, output: "", errors: [name])
    }

    @Test(
        "A request that cannot be sent is wrong usage",
        arguments: [
            ["--request", "/path"], ["--request", "file:///a"], ["--request", "http://a/", "-X", "GE T"],
            ["--request", "http://a/", "-H", "no colon"], ["--request", "http://a/", "-H", "a b: c"],
            ["--request", "http://a/", "-X", "get", "-d", "x"],
        ])
    func requests(_ options: [String]) async throws {
        try await script("console.log('must not run')").run(options + ["main.mjs"])
            .expect(2, output: "", errors: [options.count > 2 ? options[options.count - 2] : "--request"])
    }

    @Test(
        "Parts of a request without a request are wrong usage",
        arguments: [
            ["-X", "GET"], ["-H", "a: b"], ["-d", "-x"], ["-i"],
        ])
    func requestParts(_ options: [String]) async throws {
        try await script("").run(options + ["main.mjs"])
            .expect(2, output: "", errors: [options[0], "--request"])
    }

    // MARK: Streams

    @Test(
        "A reader that leaves ends the run as SIGPIPE would",
        arguments: [
            "for (let i = 0; ; i++) console.log('line', i);",
            "for (let i = 0; ; i++) { console.log('line', i); await new Promise((done) => setTimeout(done, 1)); }",
        ])
    func closedOutput(_ source: String) async throws {
        let run = try await script(source).shell(
            #"set -o pipefail; "$1" run --cpu-limit 0 main.mjs 2>/dev/null | head -1; echo "${PIPESTATUS[@]}""#)
        run.expect(0, output: "line 0\n141 0\n")
    }

    @Test("A standard error whose reader leaves does not end the run")
    func closedErrors() async throws {
        let run = try await script("for (let i = 0; i < 100; i++) console.error('line', i); console.log('end');").shell(
            #"{ "$1" run main.mjs 2>&1 >&3 | head -1 >/dev/null; echo "${PIPESTATUS[0]}"; } 3>&1"#)
        run.expect(0, output: "end\n0\n")
    }

    @Test("A full disk is an error of its own", arguments: ["", "--json"])
    func fullDisk(_ option: String) async throws {
        let run = try await script("console.log('x')").shell(#""$1" run \#(option) main.mjs >/dev/full; echo $?"#)
        #expect(run.output != "0\n", "\(run)")
        #expect(run.output != "141\n", "\(run)")
        #expect(run.errors.contains("No space left on device"), "\(run)")
    }

    @Test("Standard streams that are closed from the start do no harm")
    func noStreams() async throws {
        let folder = try ScriptFolder([
            "main.mjs": "import './other.mjs'; console.log('x'); console.error('y');", "other.mjs": "",
        ])
        let run = try await folder.shell(
            #""$1" run main.mjs <&-; "$1" run main.mjs 2>&-; echo $?; "$1" run main.mjs >&- 2>&- <&-; cat other.mjs"#)
        run.expect(0, output: "x\nx\n0\n", errors: ["y\n"])
        // Standard input is closed, so it cannot be read: it is not whatever was opened first.
        let read = try await folder.shell(#""$1" run - <&-"#)
        #expect(!read.errors.contains("Is a directory"), "\(read)")
    }
}
