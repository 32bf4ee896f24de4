// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

@Suite("Names of workers") struct NameTests {
    @Test(
        "A label of a host name is a name",
        arguments: ["a", "7", "hello", "a-b", "x1-2y", "0", String(repeating: "a", count: 63), "a--b", "ab-c--d"])
    func good(_ text: String) throws {
        #expect(try WorkerName(text).description == text)
    }

    @Test(
        "What is no lower-case label is refused, and the error says what a name is",
        arguments: [
            ("", "empty"), ("-a", "begin and end"), ("a-", "begin and end"), ("-", "begin and end"),
            ("A", "lower-case"), ("hello_world", "lower-case"), ("a.b", "lower-case"), ("a b", "lower-case"),
            ("ä", "lower-case"), ("a\u{0301}", "lower-case"), ("ａ", "lower-case"), ("a/b", "lower-case"),
            ("..", "lower-case"), ("a\0", "lower-case"), ("a\n", "lower-case"), ("@a", "lower-case"),
            ("xn--bcher-kva", "reserved"), (String(repeating: "a", count: 64), "at most 63"),
            (String(repeating: "a", count: 100_000), "at most 63"),
        ])
    func bad(_ text: String, _ hint: String) {
        let error = #expect(throws: ManifestError.self) { try WorkerName(text) }
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
        #expect((error?.message.utf8.count ?? 0) < 1000)
    }

    @Test("Names are ordered by their bytes")
    func order() throws {
        let names = try ["b", "a-b", "a", "a0", "ab"].map { try WorkerName($0) }
        #expect(names.sorted().map(\.description) == ["a", "a-b", "a0", "ab", "b"])
    }
}
