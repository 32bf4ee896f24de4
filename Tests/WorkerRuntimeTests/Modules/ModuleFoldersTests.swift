// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Module folders")
struct ModuleFoldersTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.write("main", to: "root/main.js")
        try scratch.write("other", to: "root/lib/other.js")
        try scratch.write("second", to: "second/s.js")
        try scratch.write("secret", to: "outside/secret.js")
        try scratch.write("sibling", to: "root-sibling/x.js")
    }

    /// Both with the kernel's confinement and with what stands in for it on old kernels.
    private func folders(_ useOpenAt2: Bool, maximumBytes: Int = 1 << 20) throws -> ModuleFolders {
        try ModuleFolders(
            [scratch.path("root"), scratch.path("second")], maximumBytes: maximumBytes, useOpenAt2: useOpenAt2)
    }

    private func code(_ name: String, _ folders: ModuleFolders) throws -> String {
        let url = try scratch.url(name)
        return try #require(throws: ModuleError.self) { try folders.read(url) }.code
    }

    @Test("A file inside is read", arguments: [true, false])
    func inside(_ useOpenAt2: Bool) throws {
        let folders = try folders(useOpenAt2)
        let file = try folders.read(scratch.url("root/lib/other.js"))
        #expect(file.bytes == Array("other".utf8))
        #expect(file.path == scratch.path("root/lib/other.js"))
        #expect(try folders.read(scratch.url("second/s.js")).bytes == Array("second".utf8))
    }

    @Test("Nothing outside is read, nor is it told whether it exists", arguments: [true, false])
    func outside(_ useOpenAt2: Bool) throws {
        let folders = try folders(useOpenAt2)
        try scratch.link("root/escape.js", to: "../outside/secret.js")
        try scratch.link("root/absolute.js", to: scratch.path("outside/secret.js"))
        try scratch.link("root/dangling.js", to: scratch.path("outside/missing.js"))
        try scratch.link("root/up", to: "..")
        try scratch.link("root/etc", to: "/etc")
        for name in [
            "outside/secret.js", "outside/missing.js", "root/../outside/secret.js", "root-sibling/x.js",
            "root/escape.js", "root/absolute.js", "root/dangling.js", "root/up/outside/secret.js",
            "root/up/outside/missing.js", "root/etc/passwd", "root/etc/missing", "",
        ] {
            #expect(try code(name, folders) == "ERR_MODULE_OUTSIDE_ROOT", "\(name)")
        }
    }

    @Test("Links that stay inside work, absolute ones and those into another folder too", arguments: [true, false])
    func links(_ useOpenAt2: Bool) throws {
        let folders = try folders(useOpenAt2)
        try scratch.link("root/relative.js", to: "lib/../lib/other.js")
        try scratch.link("root/absolute.js", to: scratch.path("root/lib/other.js"))
        try scratch.link("root/library", to: scratch.path("root/lib"))
        try scratch.link("root/second", to: "../second")
        for name in ["root/relative.js", "root/absolute.js", "root/library/other.js"] {
            let file = try folders.read(scratch.url(name))
            #expect(file.bytes == Array("other".utf8), "\(name)")
            #expect(file.path == scratch.path("root/lib/other.js"), "\(name)")
        }
        #expect(try folders.read(scratch.url("root/second/s.js")).bytes == Array("second".utf8))
    }

    @Test("A folder may be given by a link to it", arguments: [true, false])
    func linkedRoot(_ useOpenAt2: Bool) throws {
        try scratch.link("alias", to: "root")
        let folders = try ModuleFolders([scratch.path("alias")], maximumBytes: 100, useOpenAt2: useOpenAt2)
        #expect(try folders.read(scratch.url("alias/main.js")).path == scratch.path("root/main.js"))
        #expect(try folders.read(scratch.url("root/main.js")).bytes == Array("main".utf8))
    }

    @Test("What is not a file that can be read says so", arguments: [true, false])
    func notFiles(_ useOpenAt2: Bool) throws {
        let folders = try folders(useOpenAt2)
        try scratch.makePipe("root/pipe")
        try scratch.link("root/loop", to: "loop")
        #expect(try code("root/missing.js", folders) == "ERR_MODULE_NOT_FOUND")
        #expect(try code("root/main.js/x", folders) == "ERR_MODULE_NOT_FOUND")
        #expect(try code("root/lib", folders) == "ERR_UNSUPPORTED_DIR_IMPORT")
        #expect(try code("root", folders) == "ERR_UNSUPPORTED_DIR_IMPORT")
        #expect(try code("root/pipe", folders) == "ERR_NOT_A_REGULAR_FILE")
        #expect(try code("root/loop", folders) == "ERR_MODULE_READ_FAILED")
        #expect(try code("root/" + String(repeating: "x", count: 5000), folders) == "ERR_MODULE_NOT_FOUND")
    }

    @Test("Devices are refused")
    func devices() throws {
        let folders = try ModuleFolders(["/dev"])
        let url = try #require(ModuleURL("file:///dev/zero"))
        #expect(try #require(throws: ModuleError.self) { try folders.read(url) }.code == "ERR_NOT_A_REGULAR_FILE")
    }

    @Test("A file above the limit is refused", arguments: [true, false])
    func size(_ useOpenAt2: Bool) throws {
        #expect(try code("root/lib/other.js", folders(useOpenAt2, maximumBytes: 4)) == "ERR_MODULE_TOO_LARGE")
        #expect(try folders(useOpenAt2, maximumBytes: 5).read(scratch.url("root/lib/other.js")).bytes.count == 5)
    }

    @Test("URLs that name no file are refused")
    func noPath() throws {
        let folders = try folders(true)
        for (text, code) in [
            ("http://a/b", "ERR_UNSUPPORTED_SCHEME"), ("file://host/a", "ERR_INVALID_MODULE_SPECIFIER"),
            ("file:///a%2fb", "ERR_INVALID_MODULE_SPECIFIER"),
        ] {
            let url = try #require(ModuleURL(text))
            #expect(try #require(throws: ModuleError.self) { try folders.read(url) }.code == code)
        }
    }

    @Test("A folder that is missing or no folder is refused at once", arguments: ["missing", "root/main.js"])
    func badRoot(_ name: String) throws {
        let path = scratch.path(name)
        #expect(throws: ModuleError.self) { try ModuleFolders([path]) }
        #expect(throws: ModuleError.self) { try ModuleFolders(["relative"]) }
    }

    @Test(
        "TypeScript imports TypeScript by the name of what it becomes",
        arguments: [("a.js", "a.ts"), ("b.js", "b.tsx"), ("c.mjs", "c.mts"), ("d.jsx", "d.tsx"), ("e.js", "e.js")])
    func typeScript(_ imported: String, _ found: String) throws {
        for name in ["a.ts", "a.tsx", "b.tsx", "c.mts", "d.tsx", "e.js", "e.ts"] {
            try scratch.write("", to: "root/" + name)
        }
        let folders = try folders(true)
        let url = try #require(scratch.url("root/x").resolving("./\(imported)?q"))
        let wanted = try #require(scratch.url("root/x").resolving("./\(found)?q"))
        #expect(folders.existingTypeScript(for: url, importedFrom: try scratch.url("root/main.ts")) == wanted)
        #expect(folders.existingTypeScript(for: url, importedFrom: try scratch.url("root/main.js")) == url)
    }

    @Test("The TypeScript convention does not look outside")
    func typeScriptOutside() throws {
        try scratch.write("", to: "outside/x.ts")
        let url = try scratch.url("outside/x.js")
        #expect(try folders(true).existingTypeScript(for: url, importedFrom: scratch.url("root/main.ts")) == url)
    }
}
