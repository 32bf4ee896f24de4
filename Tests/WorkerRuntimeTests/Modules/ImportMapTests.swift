// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Import maps")
struct ImportMapTests {
    private func map(_ json: String) throws -> ImportMap {
        try ImportMap(json: json.utf8, base: #require(ModuleURL("file:///app/map.json")))
    }

    private func resolve(_ specifier: String, _ json: String, from referrer: String = "file:///app/main.js") throws
        -> String
    {
        try map(json).resolve(specifier, from: #require(ModuleURL(referrer))).text
    }

    @Test("A bare specifier is mapped to an address relative to the map")
    func bare() throws {
        #expect(try resolve("lodash", #"{"imports":{"lodash":"./lib/lodash.js"}}"#) == "file:///app/lib/lodash.js")
    }

    @Test("The longest prefix wins")
    func prefixes() throws {
        let json = #"{"imports":{"a/":"./1/","a/b/":"./2/","a/b":"./3.js"}}"#
        #expect(try resolve("a/x.js", json) == "file:///app/1/x.js")
        #expect(try resolve("a/b/x.js", json) == "file:///app/2/x.js")
        #expect(try resolve("a/b", json) == "file:///app/3.js")
        #expect(try resolve("a/", json) == "file:///app/1/")
    }

    @Test("URL-like specifiers are mapped after they are resolved")
    func urlLike() throws {
        let json = #"{"imports":{"./a.js":"./b.js","https://cdn.test/":"./cdn/","data:,x":"./data.js"}}"#
        #expect(try resolve("./a.js", json) == "file:///app/b.js")
        #expect(try resolve("../app/a.js", json, from: "file:///app/sub/x.js") == "file:///app/app/a.js")
        #expect(try resolve("https://cdn.test/x.js", json) == "file:///app/cdn/x.js")
        #expect(try resolve("data:,x", json) == "file:///app/data.js")
    }

    @Test("The nearest scope that has the specifier decides")
    func scopes() throws {
        let json = """
            {"imports": {"a": "./top.js", "b": "./top-b.js"},
             "scopes": {"./in/": {"a": "./in.js"}, "./in/deep/": {"a": "./deep.js"}, "./one.js": {"a": "./one-a.js"}}}
            """
        #expect(try resolve("a", json) == "file:///app/top.js")
        #expect(try resolve("a", json, from: "file:///app/in/x.js") == "file:///app/in.js")
        #expect(try resolve("a", json, from: "file:///app/in/deep/x.js") == "file:///app/deep.js")
        #expect(try resolve("b", json, from: "file:///app/in/deep/x.js") == "file:///app/top-b.js")
        #expect(try resolve("a", json, from: "file:///app/one.js") == "file:///app/one-a.js")
        #expect(try resolve("a", json, from: "file:///app/one.js2") == "file:///app/top.js")
    }

    @Test("A null address blocks its specifier, below a prefix too")
    func blocked() throws {
        let json = #"{"imports":{"a":null,"b/":null,"b/ok":"./ok.js"}}"#
        for specifier in ["a", "b/x"] {
            let error = try #require(throws: ModuleError.self) { try resolve(specifier, json) }
            #expect(error.code == "ERR_BLOCKED_BY_IMPORT_MAP")
        }
        #expect(try resolve("b/ok", json) == "file:///app/ok.js")
    }

    @Test("A path below a prefix cannot climb out of its address")
    func backtracking() throws {
        let error = try #require(throws: ModuleError.self) {
            try resolve("a/../../x.js", #"{"imports":{"a/":"./lib/"}}"#)
        }
        #expect(error.code == "ERR_INVALID_MODULE_SPECIFIER")
    }

    @Test("A bare specifier without an entry says what to do", arguments: ["lodash", "@a/b", ".", "a:"])
    func unmapped(_ specifier: String) throws {
        guard ModuleURL(specifier) == nil else { return }
        let error = try #require(throws: ModuleError.self) { try resolve(specifier, "{}") }
        #expect(error.code == "ERR_BARE_SPECIFIER")
        #expect(error.errorClass == .typeError)
        #expect(error.message.contains("import map"))
    }

    @Test("A relative specifier in a data: module is an error")
    func fromData() throws {
        let error = try #require(throws: ModuleError.self) {
            try resolve("./a.js", "{}", from: "data:text/javascript,1")
        }
        #expect(error.code == "ERR_INVALID_MODULE_SPECIFIER")
    }

    @Test("Entries that mean nothing are warnings and block what they name")
    func warnings() throws {
        let map = try map(
            """
            {"imports": {"": "./a", "x": "bare", "y/": "./y", "z": 1, "x2": "./ok.js"},
             "scopes": {"http://": {}}, "integrity": {}, "extra": 1}
            """)
        #expect(map.warnings.count == 6)
        #expect(try map.resolve("x2", from: #require(ModuleURL("file:///a.js"))).text == "file:///app/ok.js")
        #expect(throws: ModuleError.self) { try map.resolve("z", from: #require(ModuleURL("file:///a.js"))) }
    }

    @Test("The last of several equal keys wins")
    func duplicates() throws {
        #expect(
            try resolve("a", #"{"imports":{"a":"./1.js"},"imports":{"a":"./2.js","a":"./3.js"}}"#) == "file:///app/3.js"
        )
    }

    @Test("Specifiers are compared byte by byte")
    func canonicalEquivalence() throws {
        let json = "{\"imports\":{\"\u{E9}\":\"./1.js\"}}"
        #expect(try resolve("\u{E9}", json) == "file:///app/1.js")
        #expect(throws: ModuleError.self) { try resolve("e\u{301}", json) }
    }

    @Test(
        "Text that is not JSON is refused with its place",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("{\"a\": 1,}", 1, 9), ("{\n  \"imports\": {\n    \"é\": tru\n", 3, 10),
            ("{} x", 1, 4), ("{\"a\": 01}", 1, 8), ("{\"a\": \"\n\"}", 1, 8), ("{\"a\": \"\\q\"}", 1, 9),
            ("{'a': 1}", 1, 2), ("[1, /* no */ 2]", 1, 5),
        ])
    func notJSON(_ json: String, _ line: Int, _ column: Int) throws {
        let error = try #require(throws: ImportMapError.self) { try map(json) }
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.message.contains("line \(line), column \(column)"))
    }

    @Test("Deep nesting is refused, not followed", arguments: ["[", "{\"a\":"])
    func depth(_ opening: String) throws {
        let error = try #require(throws: ImportMapError.self) { try map(String(repeating: opening, count: 100_000)) }
        #expect(error.message.contains("deep"))
    }

    @Test(
        "Wrong shapes are named",
        arguments: ["[]", "1", #"{"imports":[]}"#, #"{"scopes":1}"#, #"{"scopes":{"./":[]}}"#])
    func shapes(_ json: String) throws {
        let error = try #require(throws: ImportMapError.self) { try map(json) }
        #expect(error.line == nil)
        #expect(error.message.contains("must be"))
    }

    @Test("Escapes and surrogate pairs are read")
    func escapes() throws {
        let json = #"{"imports":{"\u00e9\ud83d\ude00\n\/":"./x/","\ud83d":"./lone.js"}}"#
        #expect(try resolve("é😀\n/y", json) == "file:///app/x/y")
        #expect(try resolve("\u{FFFD}", json) == "file:///app/lone.js")
    }
}
