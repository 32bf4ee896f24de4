// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Stack text")
struct StackMapperTests {
    /// The first line from line 11, column 1 (and 5 from column 5 on).
    private let mapper = StackMapper(maps: [
        "file:///a.ts": SourceMap(json: Array(#"{"version":3,"sources":["x"],"mappings":"AAUA,IAAI"}"#.utf8)),
        "file:///dir/b.js": SourceMap(
            json: Array(#"{"version":3,"sources":["src/1.ts","data:,2"],"mappings":"AACA,ICAA"}"#.utf8)),
    ])

    @Test(
        "Frames of every form are rewritten",
        arguments: [
            ("    at f (file:///a.ts:1:6)", "    at f (file:///a.ts:11:5)"),
            ("    at file:///a.ts:1:1", "    at file:///a.ts:11:1"),
            ("    at async file:///a.ts:1:1", "    at async file:///a.ts:11:1"),
            ("    at new A (file:///a.ts:1:2)", "    at new A (file:///a.ts:11:1)"),
            ("    at Object.f [as g] (file:///a.ts:1:2)", "    at Object.f [as g] (file:///a.ts:11:1)"),
            (
                "    at eval (eval at f (file:///a.ts:1:6), <anonymous>:1:1)",
                "    at eval (eval at f (file:///a.ts:11:5), <anonymous>:1:1)"
            ),
            ("    at f (file:///dir/b.js:1:1)", "    at f (file:///dir/src/1.ts:2:1)"),
            ("    at f (file:///dir/b.js:1:9)", "    at f (data:,2:2:1)"),
        ])
    func frames(_ frame: String, _ expected: String) {
        #expect(
            mapper.rewrite("Error: x\n\(frame)\n    at end (c.js:1:1)")
                == "Error: x\n\(expected)\n    at end (c.js:1:1)")
    }

    @Test(
        "Everything else stays as it is",
        arguments: [
            "", "\n\n", "Error: file:///a.ts:1:1", "    at f (file:///other.js:1:1)", "    at f (file:///a.ts:2:1)",
            "    at f (file:///a.ts:99999999999999999999:1)", "    at f (file:///a.ts:1:)", "    at (:1:1)", "    at ",
            "    at <anonymous>", "at", "    at f (native)", "  at ((file:///a.ts:1:1))",
        ])
    func untouched(_ text: String) {
        #expect(mapper.rewrite(text) == text)
        #expect(StackMapper(maps: [:]).rewrite(text) == text)
    }
}
