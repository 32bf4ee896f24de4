// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("data: URLs")
struct DataURLTests {
    @Test(
        "Type and bytes are read",
        arguments: [
            ("data:,X", "text/plain", "X"),
            ("data:text/javascript,export default 1", "text/javascript", "export default 1"),
            ("data:text/javascript;charset=utf-8,%C3%A4", "text/javascript", "ä"),
            ("data:TEXT/JavaScript;base64,WA==", "text/javascript", "X"),
            ("data:application/json; base64,WA", "application/json", "X"),
            ("data:;base64,W%20A%3D%3D", "text/plain", "X"),
            ("data:;x=;base64;y,WA", "text/plain", "WA"),
            ("data:a b/c,X", "text/plain", "X"),
            ("data:text/html,X#Y", "text/html", "X"),
            ("data:text/html,X?Y", "text/html", "X?Y"),
            ("data: text/a ,%zz%4", "text/a", "%zz%4"),
            ("data://host/x,y", "text/plain", "y"),
        ])
    func reading(_ text: String, _ type: String, _ content: String) throws {
        let data = try DataURL(#require(ModuleURL(text)))
        #expect(data.mimeType == type)
        #expect(String(decoding: data.bytes, as: UTF8.self) == content)
    }

    @Test(
        "What is no data: URL is refused",
        arguments: ["data:text/plain", "data:;base64,A", "data:;base64,A=A", "file:///a"])
    func refused(_ text: String) throws {
        let error = try #require(throws: ModuleError.self) { try DataURL(#require(ModuleURL(text))) }
        #expect(error.code == "ERR_INVALID_DATA_URL")
    }
}
