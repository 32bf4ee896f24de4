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
}
