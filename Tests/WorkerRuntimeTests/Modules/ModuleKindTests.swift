// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Module kinds")
struct ModuleKindTests {
    private func kind(_ url: String, type: String? = nil, mimeType: String? = nil) throws -> ModuleKind {
        let attributes = type.map { [ImportAttribute(key: "type", value: $0)] } ?? []
        return try ModuleKind(of: #require(ModuleURL(url)), attributes: attributes, mimeType: mimeType)
    }

    @Test("The extension of a file tells its language")
    func extensions() throws {
        #expect(try kind("file:///a.js") == .javaScript)
        #expect(try kind("file:///a.mjs?x.ts") == .javaScript)
        #expect(try kind("file:///a") == .javaScript)
        #expect(try kind("file:///a.ts") == .typeScript(.ts))
        #expect(try kind("file:///a.mts") == .typeScript(.mts))
        #expect(try kind("file:///a.TSX#x") == .typeScript(.tsx))
        #expect(try kind("file:///a.jsx") == .typeScript(.jsx))
        #expect(try kind("rookery:assert.json") == .javaScript)
    }

    @Test("An attribute decides whatever the extension is")
    func attributes() throws {
        #expect(try kind("file:///a.json", type: "json") == .json)
        #expect(try kind("file:///a.js", type: "text") == .text)
        #expect(try kind("file:///a.ts", type: "bytes") == .bytes)
        #expect(try kind("data:,x", type: "text", mimeType: "image/png") == .text)
    }

    @Test("The MIME type of a data: URL tells its language")
    func mimeTypes() throws {
        #expect(try kind("data:,", mimeType: "text/javascript") == .javaScript)
        #expect(try kind("data:,", mimeType: "application/typescript") == .typeScript(.ts))
        #expect(try kind("data:,", mimeType: "text/typescript") == .typeScript(.ts))
        #expect(try kind("data:,", type: "json", mimeType: "application/manifest+json") == .json)
    }

    @Test(
        "What cannot be a module is refused with a reason",
        arguments: [
            ("file:///a.json", nil, nil, "ERR_IMPORT_ATTRIBUTE_MISSING", "with { type: \"json\" }"),
            ("data:,", nil, "application/json", "ERR_IMPORT_ATTRIBUTE_MISSING", "with { type: \"json\" }"),
            ("file:///a.css", "css", nil, "ERR_IMPORT_ATTRIBUTE_TYPE_UNSUPPORTED", "css"),
            ("data:,", nil, "text/plain", "ERR_UNKNOWN_MODULE_FORMAT", "text/plain"),
            ("data:,", "json", "text/plain", "ERR_UNKNOWN_MODULE_FORMAT", "application/json"),
            ("file:///a.cjs", nil, nil, "ERR_UNKNOWN_MODULE_FORMAT", "CommonJS"),
            ("file:///a.wasm", nil, nil, "ERR_UNKNOWN_MODULE_FORMAT", "WebAssembly"),
        ] as [(String, String?, String?, String, String)])
    func refused(_ url: String, _ type: String?, _ mimeType: String?, _ code: String, _ text: String) throws {
        let error = try #require(throws: ModuleError.self) { try kind(url, type: type, mimeType: mimeType) }
        #expect(error.code == code)
        #expect(error.message.contains(text))
        #expect(error.errorClass == .typeError)
    }

    @Test("An unknown attribute is a SyntaxError")
    func unknownAttribute() throws {
        let url = try #require(ModuleURL("file:///a.json"))
        let attributes = [ImportAttribute(key: "type", value: "json"), ImportAttribute(key: "lazy", value: "1")]
        let error = try #require(throws: ModuleError.self) { try ModuleKind(of: url, attributes: attributes) }
        #expect(error.code == "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED")
        #expect(error.errorClass == .syntaxError)
    }
}
