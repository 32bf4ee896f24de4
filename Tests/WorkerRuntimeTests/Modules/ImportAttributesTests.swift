// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Import attributes")
struct ImportAttributesTests {
    @Test(
        "The clause a parser stopped at is spelled in the older way",
        arguments: [
            (#"import a from "./a" with { type: "json" };"#, 1, 21, #"import a from "./a" assert{type: "json" };"#),
            ("import a from './a'with{type:'json'}", 1, 20, "import a from './a' assert{type:'json'}"),
            ("x\nexport * from './a'\n  with {}", 3, 3, "x\nexport * from './a' assert\n   {}"),
            ("x\nexport * from './a'\n  with {}", 3, 8, "x\nexport * from './a' assert\n   {}"),
        ])
    func rewriting(_ source: String, _ line: Int, _ column: Int, _ expected: String) throws {
        let result = try #require(ImportAttributes.rewriting(Array(source.utf8), line: line, column: column))
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test(
        "Anything else is left alone",
        arguments: [
            ("with (x) {}", 1, 1), ("a with {}", 1, 3), ("{", 1, 1), ("", 1, 1),
            ("'a' with", 1, 5),
            ("'a' with {}", 2, 1),
            ("'a' with {}", 1, 99),
            ("'a' with {}", 0, 0), ("'a' with {}", 1, Int.max), ("with {}", 1, 6),
            (" {}", 1, 2),
        ])
    func untouched(_ source: String, _ line: Int, _ column: Int) {
        #expect(ImportAttributes.rewriting(Array(source.utf8), line: line, column: column) == nil)
    }
}
