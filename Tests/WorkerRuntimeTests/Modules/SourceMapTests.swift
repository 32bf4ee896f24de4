// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Source maps")
struct SourceMapTests {
    private func map(_ mappings: String, _ more: String = "") -> SourceMap {
        SourceMap(
            json: Array(
                #"{"version":3,"sources":["a.ts","b.ts"],"names":["n"],"mappings":"\#(mappings)"\#(more)}"#.utf8))
    }

    @Test("A place maps to the nearest one before it on its line")
    func lookup() throws {
        // Line 1: column 0 from 1:1, column 4 from 1:5 by name; line 3: column 2 from line 2 of the second source.
        let map = map("AAAA,IAAIA;;ECCJ")
        let first = try #require(map.originalPosition(line: 1, column: 3))
        #expect((first.line, first.column, first.source) == (1, 1, 0))
        let second = try #require(map.originalPosition(line: 1, column: 500))
        #expect((second.line, second.column, second.name) == (1, 5, "n"))
        #expect(map.originalPosition(line: 2, column: 1) == nil)
        #expect(map.originalPosition(line: 3, column: 1) == nil)
        let third = try #require(map.originalPosition(line: 3, column: 3))
        #expect((third.line, third.column, third.source) == (2, 1, 1))
        #expect(map.originalPosition(line: 4, column: 1) == nil)
    }

    @Test("Places that cannot be are unknown", arguments: [(0, 1), (1, 0), (-1, -1), (Int.max, Int.max), (Int.min, 1)])
    func impossible(_ line: Int, _ column: Int) {
        #expect(map("AAAA").originalPosition(line: line, column: column) == nil)
    }

    @Test("Mappings out of order are sorted")
    func unsorted() {
        #expect(map("IAAI,JAAJ").originalPosition(line: 1, column: 1)?.column == 1)
    }

    @Test("A mapping without a source is no place")
    func noSource() {
        #expect(map("A,IAAA").originalPosition(line: 1, column: 2) == nil)
    }

    @Test("The text of a line comes from the map or from what is given with it")
    func contents() throws {
        let own = map("AACA", #","sourcesContent":["one\r\ntwo\n"]"#)
        let place = try #require(own.originalPosition(line: 1, column: 1))
        #expect(own.sourceLine(at: place) == "two")
        let json = Array(#"{"version":3,"sources":["x"],"mappings":"AACA"}"#.utf8)
        #expect(SourceMap(json: json, contents: [Array("1\n2".utf8)]).sourceLine(at: place) == "2")
        #expect(SourceMap(json: json).sourceLine(at: place) == nil)
    }

    @Test(
        "Garbage is no error",
        arguments: [
            "", "{", "[]", "null", #"{"version":2,"mappings":"AAAA","sources":["a"]}"#,
            #"{"version":3,"mappings":"AAAA","sources":[]}"#, #"{"version":3,"mappings":"D","sources":["a"]}"#,
            #"{"version":3,"mappings":"gggggggggggggggggggg","sources":["a"]}"#,
            #"{"version":3,"mappings":"AAAAAAAA","sources":["a"]}"#, #"{"version":3,"mappings":"AA","sources":["a"]}"#,
            #"{"version":3,"mappings":"+/////D,AAAA","sources":["a"]}"#, #"{"version":3,"mappings":"Aé!","sources":1}"#,
            #"{"version":3,"sections":[]}"#,
        ])
    func garbage(_ json: String) {
        #expect(SourceMap(json: Array(json.utf8)).originalPosition(line: 1, column: 1) == nil)
    }

    @Test("Random mappings are decoded without harm")
    func random() {
        let alphabet = Array("ABCDEFGHIgh+/z;;,,")
        for _ in 0..<500 {
            let text = String((0..<Int.random(in: 0..<60)).compactMap { _ in alphabet.randomElement() })
            let map = map(text)
            for line in 1..<4 { _ = map.originalPosition(line: line, column: 7) }
        }
    }
}
