// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Module URLs")
struct ModuleURLTests {
    @Test(
        "A file's path and its URL name each other",
        arguments: [
            ("/a/b.js", "file:///a/b.js"),
            ("/a b/ä.ts", "file:///a%20b/%C3%A4.ts"),
            ("/100%/x?y#z.js", "file:///100%25/x%3Fy%23z.js"),
            ("/back\\slash", "file:///back%5Cslash"),
            ("/line\nend\t", "file:///line%0Aend%09"),
            ("/%2e%2e/x", "file:///%252e%252e/x"),
            ("/", "file:///"),
        ])
    func filePath(_ path: String, _ text: String) throws {
        let url = try #require(ModuleURL(filePath: path))
        #expect(url.text == text)
        #expect(url.filePath == path)
        #expect(ModuleURL(text) == url)
    }

    @Test("A path's dot segments are resolved")
    func dotSegments() {
        #expect(ModuleURL(filePath: "/a/./b/../c.js")?.text == "file:///a/c.js")
        #expect(ModuleURL(filePath: "/../../etc")?.text == "file:///etc")
    }

    @Test("A relative path and one with a NUL have no URL", arguments: ["", "a.js", "./a", "/a\0b"])
    func noFileURL(_ path: String) {
        #expect(ModuleURL(filePath: path) == nil)
    }

    @Test(
        "Absolute URLs are normalised",
        arguments: [
            ("FILE:///A/../b", "file:///b"),
            ("file:c/d", "file:///c/d"),
            ("file://localhost/x", "file:///x"),
            ("file:\\\\\\a\\b", "file:///a/b"),
            (" data:text/javascript,1 \n", "data:text/javascript,1"),
            ("data:text/javascript,\u{1F600}", "data:text/javascript,%F0%9F%98%80"),
            ("rookery:assert", "rookery:assert"),
            ("worker:NAME", "worker:NAME"),
            ("https://Example.COM/a/%2E%2E/b?q#f", "https://example.com/b?q#f"),
        ])
    func parsing(_ input: String, _ text: String) {
        #expect(ModuleURL(input)?.text == text)
    }

    @Test(
        "Bare and relative specifiers are not URLs",
        arguments: ["", "lodash", "@scope/name", "./a", "../a", "/a", "1:2", ":", "?", "#a", "http://", "ä:b"])
    func notURLs(_ text: String) {
        #expect(ModuleURL(text) == nil)
    }

    @Test(
        "References are resolved against a file",
        arguments: [
            ("./b.js", "file:///x/y/b.js"),
            ("../b.js", "file:///x/b.js"),
            ("../../../../b.js", "file:///b.js"),
            ("/b.js", "file:///b.js"),
            (".%2E/b.js", "file:///x/b.js"),
            ("./%2e%2E/b.js", "file:///x/b.js"),
            ("./..\\b.js", "file:///x/b.js"),
            ("./b.js?v=1#top", "file:///x/y/b.js?v=1#top"),
            ("./a/..", "file:///x/y/"),
            ("./", "file:///x/y/"),
            ("?q", "file:///x/y/z.js?q"),
            ("#f", "file:///x/y/z.js?old#f"),
            ("", "file:///x/y/z.js?old"),
            ("data:,x", "data:,x"),
            ("./a b\u{7F}é", "file:///x/y/a%20b%7F%C3%A9"),
        ])
    func resolving(_ reference: String, _ text: String) throws {
        let base = try #require(ModuleURL("file:///x/y/z.js?old"))
        #expect(base.resolving(reference)?.text == text)
    }

    @Test("Only specifiers that begin with a slash or dots are relative")
    func relativeSpecifiers() {
        for specifier in ["/a", "./a", "../a", "./", "//host/a"] {
            #expect(ModuleURL.isRelativeSpecifier(specifier))
        }
        for specifier in ["", ".", "..", ".a", "...", "a/b", "data:,", "\\a"] {
            #expect(!ModuleURL.isRelativeSpecifier(specifier))
        }
    }

    @Test("Query and fragment are part of the identity but not of the file")
    func identity() throws {
        let plain = try #require(ModuleURL("file:///a.js"))
        let other = try #require(ModuleURL("file:///a.js?1#2"))
        #expect(plain != other)
        #expect(other.filePath == "/a.js")
        #expect(other.query == "1")
        #expect(other.fragment == "2")
    }

    @Test(
        "URLs that name no file have no file path",
        arguments: [
            "file:///a%2Fb", "file:///a%00b", "file:///%FF", "file://host/a", "data:,x", "http://h/a", "rookery:x",
        ])
    func noFilePath(_ text: String) throws {
        #expect(try #require(ModuleURL(text)).filePath == nil)
    }

    @Test("Nothing but a fragment is relative to a data: URL")
    func opaqueBase() throws {
        let base = try #require(ModuleURL("data:text/javascript,x"))
        #expect(base.resolving("./a.js") == nil)
        #expect(base.resolving("#f")?.text == "data:text/javascript,x#f")
    }

    @Test(
        "Schemes that no module comes from are refused by name",
        arguments: ["https://a.test/x.js", "node:fs", "blob:x"])
    func unsupported(_ text: String) throws {
        let url = try #require(ModuleURL(text))
        let error = try #require(throws: ModuleError.self) { try url.requireSupportedScheme() }
        #expect(error.code == "ERR_UNSUPPORTED_SCHEME")
        #expect(error.message.contains("\"\(url.scheme):\""))
    }

    @Test(
        "An extension is that of the last component", arguments: [("file:///a.b/c", ""), ("file:///a/b.TS?x.js", "ts")])
    func extensions(_ text: String, _ expected: String) {
        #expect(ModuleURL(text)?.pathExtension == expected)
    }

    @Test("Any bytes can be parsed")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ab:/\\.%2eE?#@[]\u{0} \n\u{FF}😀-")
        let base = ModuleURL("file:///x/y")
        for _ in 0..<5000 {
            let length = Int.random(in: 0..<12, using: &generator)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
            guard let url = base?.resolving(text) else { continue }
            #expect(ModuleURL(url.text)?.text == url.text, "\(text.debugDescription)")
            _ = url.filePath
        }
    }
}
