// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite(
    "The TypeScript compiler",
    .enabled(if: TypeScriptCompiler.isAvailable, "esbuild is missing: apt-get install esbuild"))
struct TypeScriptCompilerTests {
    private let scratch: ScratchFolder
    private let folders: ModuleFolders

    init() throws {
        scratch = try ScratchFolder()
        try scratch.makeFolder("app")
        folders = try ModuleFolders([scratch.path("app")])
    }

    private func source(_ name: String, _ text: String) throws -> TypeScriptSource {
        let url = try scratch.url("app/" + name)
        return TypeScriptSource(
            url: url, text: Array(text.utf8), dialect: try #require(TypeScriptDialect(rawValue: url.pathExtension)))
    }

    private func compile(_ sources: [TypeScriptSource], store: ContentStore? = nil) async -> [Result<
        CompiledSource, ModuleError
    >] {
        await TypeScriptCompiler(folders: folders, store: store).compile(sources)
    }

    private func javaScript(_ name: String, _ text: String) async throws -> String {
        let result = try await compile([source(name, text)])
        return String(decoding: try #require(result.first).get().javaScript, as: UTF8.self)
    }

    @Test("Types are removed and names stay")
    func types() async throws {
        let code = try await javaScript("a.ts", "export const add = (first: number, n?: number): number => first + n!;")
        #expect(code.contains("const add = (first, n) => first + n"))
        #expect(code.contains("export {"))
    }

    @Test("Each dialect is compiled as such")
    func dialects() async throws {
        let results = try await compile([
            source("a.ts", "let a = <number>1;"), source("b.mts", "export let b = 1 as number;"),
            source("c.tsx", "export let c: number = <p>{1}</p>;"), source("d.jsx", "export let d = <></>;"),
        ])
        let codes = try results.map { String(decoding: try $0.get().javaScript, as: UTF8.self) }
        #expect(codes[0].contains("let a = 1"))
        #expect(codes[1].contains("let b = 1"))
        #expect(codes[2].contains("React.createElement(\"p\""))
        #expect(codes[3].contains("React.Fragment"))
    }

    @Test("Syntax errors have the place in the source, and the other sources compile")
    func errors() async throws {
        let results = try await compile([
            source("bad.ts", "let ok = 1;\n\tlet s = \"😀\"; let b: = 1;"),

            source("good.ts", "export let x: number = 1;"),
            source("worse.tsx", "let y = <div>;"),
        ])
        let error = try #require(throws: ModuleError.self) { try results[0].get() }
        #expect(error.code == "ERR_TRANSPILE_FAILED")
        #expect(error.errorClass == .syntaxError)
        let position = try #require(error.position)
        #expect(position.url.hasSuffix("/app/bad.ts"))
        #expect((position.line, position.column) == (2, 23))
        #expect(position.sourceLine == "\tlet s = \"😀\"; let b: = 1;")
        #expect(try !results[1].get().javaScript.isEmpty)
        #expect(throws: ModuleError.self) { try results[2].get() }
    }

    @Test("The map leads back to the source")
    func map() async throws {
        let text = "interface A { x: number }\n\nexport function f(a: A) {\n    throw new Error(`${a.x}`);\n}\n"
        let compiled = try #require(try await compile([source("a.ts", text)]).first).get()
        let lines = String(decoding: compiled.javaScript, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.contains("throw") })
        let before = lines[line].prefix { $0 == " " }.count
        let map = try #require(compiled.map)
        let place = try #require(map.originalPosition(line: line + 1, column: before + 1))
        #expect((place.line, place.column) == (4, 5))
        #expect(map.sourceLine(at: place) == "    throw new Error(`${a.x}`);")
    }

    @Test("Import attributes are spelled as the engine knows them")
    func attributes() async throws {
        let code = try await javaScript(
            "a.ts",
            """
            import a from "./a.json" with { type: "json" };
            import b from './b.txt' with {type: 'text'}; import c from "./c.json"
              with { type: "json" };
            export { d } from "./d.json" with { type: "json" };
            export const x: any[] = [a, b, c, "import a from './a' with { type: 'json' }"];
            """)
        #expect(code.split(separator: " assert ").count == 5)
        #expect(code.contains("import a from './a' with { type: 'json' }"))
    }

    @Test("The nearest tsconfig.json decides how JSX is compiled")
    func settings() async throws {
        try scratch.write(
            "{ // all\n \"compilerOptions\": { \"jsx\": \"react\", \"jsxFactory\": \"h\", }, }", to: "app/tsconfig.json"
        )
        try scratch.write(
            #"{"extends": "../base", "compilerOptions": {"jsxImportSource": "preact"}}"#, to: "app/sub/tsconfig.json")
        try scratch.write(#"{"compilerOptions": {"jsx": "react-jsx"}}"#, to: "app/base.json")
        let results = try await compile([
            source("a.tsx", "export let a = <p/>;"), source("deep/er/b.tsx", "export let a = <p/>;"),
            source("sub/c.tsx", "export let a = <p/>;"),
        ])
        let codes = try results.map { String(decoding: try $0.get().javaScript, as: UTF8.self) }
        #expect(codes[0].contains("h(\"p\""))
        #expect(codes[1] == codes[0])
        #expect(codes[2].contains("preact/jsx-runtime"))
    }

    @Test("A tsconfig.json outside the folders is not read, and a wrong one is an error with its place")
    func foreignSettings() async throws {
        try scratch.write(#"{"compilerOptions": {"jsxFactory": "outside"}}"#, to: "tsconfig.json")
        #expect(try await javaScript("a.tsx", "export let a = <p/>;").contains("React"))
        try scratch.write("{\n \"compilerOptions\": nope }", to: "app/tsconfig.json")
        let results = try await compile([source("a.tsx", "export let a = <p/>;")])
        let error = try #require(throws: ModuleError.self) { try results[0].get() }
        #expect(error.code == "ERR_INVALID_TSCONFIG")
        #expect(error.position?.line == 2)
    }

    @Test("A tsconfig.json that extends itself ends")
    func endlessSettings() async throws {
        try scratch.write(
            #"{"extends": "./tsconfig.json", "compilerOptions": {"jsxFactory": "h"}}"#, to: "app/tsconfig.json")
        #expect(try await javaScript("a.tsx", "export let a = <p/>;").contains("h(\"p\""))
    }

    @Test("Results come from the store, and a damaged entry is compiled again")
    func stored() async throws {
        let store = try #require(ContentStore(folder: scratch.path("cache")))
        let source = try source("a.ts", "export let a: number = 1;")
        let first = try #require(await compile([source], store: store).first).get().javaScript
        let name = try "cache/" + #require(scratch.names(in: "cache").first)
        let entry = try scratch.bytes(of: name)
        try scratch.write(entry.map { $0 ^ 0x55 }, to: name)
        let second = try #require(await compile([source], store: store).first).get().javaScript
        #expect(first == second)
        #expect(try scratch.bytes(of: name) == entry)
        let third = try #require(await compile([source], store: store).first).get().javaScript
        #expect(third == first)
    }

    @Test("A source map comment does not make the compiler open files", .timeLimit(.minutes(1)))
    func mapComments() async throws {
        let code = try await javaScript(
            "a.ts",
            """
            export let a = "//# sourceMappingURL=x";
            //# sourceMappingURL=/dev/zero
            /*# sourceMappingURL=/dev/zero*/
            """
        )
        #expect(code.contains("//# sourceMappingURL=x"))
    }

    @Test(
        "Odd bytes end in a result",
        arguments: [[], [0], [0xFF, 0xFE], [0xEF, 0xBB, 0xBF], [0x23, 0x21, 0x61]] as [[UInt8]])
    func oddBytes(_ bytes: [UInt8]) async throws {
        let source = TypeScriptSource(url: try scratch.url("app/a.ts"), text: bytes, dialect: .ts)
        #expect(await compile([source]).count == 1)
    }

    @Test("Many sources are compiled at once, in their order")
    func many() async throws {
        let sources = try (0..<60).map { try source("m\($0).ts", "export const v: number = \($0);") }
        let results = await compile(sources)
        for (index, result) in results.enumerated() {
            #expect(String(decoding: try result.get().javaScript, as: UTF8.self).contains("v = \(index);"))
        }
    }
}
