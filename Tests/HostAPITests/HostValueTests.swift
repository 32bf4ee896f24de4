// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Testing

@Suite struct HostValueTests {
    @Test("Swift values cross in the form that fits them, and come back")
    func roundTrips() throws {
        #expect(try HostValue(encoding: "text") == .string("text"))
        #expect(try HostValue(encoding: 1) == .number(1))
        #expect(try HostValue(encoding: 1.5) == .number(1.5))
        #expect(try HostValue(encoding: true) == .boolean(true))
        #expect(try HostValue(encoding: [1, 2] as [UInt8]) == .bytes([1, 2]))
        #expect(try HostValue(encoding: [] as [UInt8]) == .bytes([]))
        #expect(try HostValue(encoding: [] as [String]) == .json("[]".data))
        #expect(try HostValue(encoding: String?.none) == .json("null".data))
        #expect(try HostValue(encoding: String?.some("x")) == .string("x"))
        #expect(try HostValue.string("x").decode(String.self) == "x")
        #expect(try HostValue.undefined.decode(String?.self) == nil)
        #expect(try HostValue.null.decode(Int?.self) == nil)
        #expect(try HostValue.number(3).decode(Int.self) == 3)
        #expect(try HostValue.number(3).decode(UInt8.self) == 3)
        #expect(try HostValue.bytes([]).decode([UInt8].self) == [])
        #expect(try HostValue.json(#"["a"]"#.data).decode([String].self) == ["a"])
    }

    @Test("A value of another shape is the script's fault")
    func mismatches() {
        for value: HostValue in [
            .undefined, .number(0.5), .number(.nan), .number(-1), .number(1e30), .string("1"), .bytes([]),
            .boolean(true), .list([]),
        ] {
            let error = #expect(throws: HostError.self) { try value.decode(UInt8.self) }
            #expect(error?.code == .invalidArgument)
        }
        #expect(throws: HostError.self) { try HostValue.bytes([]).decode([String].self) }
        #expect(throws: HostError.self) { try HostValue.bytes([1]).decode(String.self) }
        let error = #expect(throws: HostError.self) {
            try HostValue(encoding: Double.nan as Double?) == .null || HostValue(encoding: [Double.nan]) == .null
        }
        #expect(error?.code == .failed)
    }

    @Test("What a value holds is known in bytes")
    func sizes() {
        #expect(HostValue.string("\u{e9}").byteCount == 2)
        #expect(HostValue.list([.bytes([1, 2, 3]), .number(1)]).byteCount == 11)
        #expect(HostValue.string("e\u{301}") != .string("\u{e9}"))
    }
}
