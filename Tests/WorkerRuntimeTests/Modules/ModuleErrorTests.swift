// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Module errors")
struct ModuleErrorTests {
    @Test("Codes are distinct and in Node's style")
    func codes() {
        let codes = ModuleError.Kind.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.hasPrefix("ERR_") })
    }

    @Test("What is wrong in a text is a SyntaxError, all else a TypeError")
    func classes() {
        for kind in ModuleError.Kind.allCases {
            let isSyntax = [.transpileFailed, .unknownAttribute, .badConfiguration].contains(kind)
            #expect(ModuleError(kind, "").errorClass == (isSyntax ? .syntaxError : .typeError))
        }
    }

    @Test("A description has class, code, message and place")
    func description() {
        let position = ModuleError.Position(url: "file:///a.ts", line: 2, column: 3, sourceLine: "x")
        let error = ModuleError(.transpileFailed, "Unexpected", at: position)
        #expect(error.description == "SyntaxError [ERR_TRANSPILE_FAILED]: Unexpected (file:///a.ts:2:3)")
    }

    @Test("A specifier of any length makes a short message")
    func length() throws {
        let specifier = String(repeating: "ä", count: 100_000)
        let referrer = try #require(ModuleURL("data:," + specifier))
        let error = try #require(throws: ModuleError.self) { try ImportMap().resolve(specifier, from: referrer) }
        #expect(error.message.utf8.count < 2000)
    }
}
