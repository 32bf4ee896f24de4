// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("Grants of rookery run", .timeLimit(.minutes(3)))
struct RunGrantTests {
    @Test("Files are read and written where that is granted, and nowhere else")
    func files() async throws {
        let folder = try ScriptFolder([
            "in/data.txt": "hello",
            "out/.keep": "",
            "main.mjs": """
            import files from 'rookery:files';
            const text = await files.readText('in/data.txt');
            await files.write('out/data.txt', text.toUpperCase());
            console.log(await files.readText('in/data.txt'));
            for (const work of [
              () => files.write('in/data.txt', 'no'), () => files.readText('main.mjs'),
              () => files.readText('in/../main.mjs'), () => files.readText('/etc/passwd'),
            ]) {
              await work().then(() => console.log('was allowed'), (e) => console.log(e.name, e.code));
            }
            """,
        ])
        try await folder.run("--allow-read=in", "--allow-write=out", "main.mjs").expect(
            0, output: "hello\n" + String(repeating: "CapabilityError denied\n", count: 4))
        let written = try String(contentsOfFile: folder.path + "/out/data.txt", encoding: .utf8)
        #expect(written == "HELLO")
    }

    @Test("Without a grant the module of files says which grant would allow a call")
    func noFiles() async throws {
        try await script("import files from 'rookery:files'; await files.readText('x')").run("main.mjs")
            .expect(1, errors: ["CapabilityError", "--allow-read"])
    }

    @Test("Variables are seen where they are granted, and --env goes before them")
    func variables() async throws {
        let folder = try script("console.log(process.env.A, process.env.B, process.env.HOME)")
        func run(_ options: String) async throws -> String {
            try await folder.shell("A=1 B=2 HOME=/h \"$1\" run \(options) main.mjs").output
        }
        #expect(try await run("") == "undefined undefined undefined\n")
        #expect(try await run("--allow-env=A,C") == "1 undefined undefined\n")
        #expect(try await run("--allow-env --env B=3") == "1 3 /h\n")
    }

    @Test("A file of bindings grants by name, and kv keeps its values in the folder of --data")
    func bindings() async throws {
        let folder = try ScriptFolder([
            "bindings.json": """
            {"KV":{"type":"kv","namespace":"a"},"WHO":{"type":"text","value":"you"},
             "KEY":{"type":"secret","value":"not for scripts"}}
            """,
            "main.mjs": """
            import env from 'rookery:env';
            console.log(env.WHO, env.KEY.includes('scripts'), await env.KV.get('n'));
            await env.KV.put('n', '1');
            """,
        ])
        let options = ["--bindings", "bindings.json"]
        for _ in 0..<2 { try await folder.run(options + ["main.mjs"]).expect(0, output: "you false null\n") }
        let kept = options + ["--data", "kept", "main.mjs"]
        try await folder.run(kept).expect(0, output: "you false null\n")
        try await folder.run(kept).expect(0, output: "you false 1\n")
    }

    @Test("Workers find their bindings in env")
    func bindingsOfWorkers() async throws {
        let folder = try ScriptFolder([
            "bindings.json": #"{"KV":{"type":"kv","namespace":"a"},"WHO":{"type":"text","value":"you"}}"#,
            "main.mjs": """
            export default {
              async fetch(request, env) {
                await env.KV.put('k', 'v');
                return new Response(`${env.WHO} ${await env.KV.get('k')} ${Object.keys(env)}`);
              },
            };
            """,
        ])
        try await folder.run("--bindings", "bindings.json", "--request", "http://a.test/", "main.mjs")
            .expect(0, output: "you v KV,WHO")
    }

    @Test(
        "Bindings that say nothing sensible are wrong usage",
        arguments: [
            ("[]", "object"), ("{", "JSON"), (#"{"A":{}}"#, "type"), (#"{"A":{"type":"nothing"}}"#, "nothing"),
            (#"{"A":{"type":"kv","namespaces":["a"]}}"#, "namespaces"),
            (#"{"A":{"type":"fetch","hosts":["http://a"]}}"#, "http://a"),
            (#"{"A":{"type":"worker","name":"other"}}"#, "worker"), (#"{"A":{"type":"secret"}}"#, "value"),
        ])
    func wrongBindings(_ text: String, _ word: String) async throws {
        let folder = try ScriptFolder(["bindings.json": text, "main.mjs": "console.log('must not run')"])
        try await folder.run("--bindings", "bindings.json", "main.mjs").expect(2, output: "", errors: [word])
    }
}
