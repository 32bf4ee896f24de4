// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Testing

@Suite("Bindings of operations that are known at run time")
struct ForwardedBindingTests {
    private struct Target: Sendable { let answer: String }

    private var binding: HostBinding {
        HostBinding(
            name: "B", capability: "far", first: 7, access: Target(answer: "yes"),
            limits: HostLimits([.egressBytes: 3]),
            operations: [
                HostOperation<Target>(sync: "now", mostArgumentBytes: 10) {
                    (_: HostArguments, call) throws(HostError) in .string("\(call.access.answer) \(call.dispatch)")
                },
                HostOperation<Target>(later: "later") { _, call, answer in
                    answer { () throws(HostError) in
                        try call.charge(4, of: .egressBytes)
                        return .null
                    }
                },
            ])
    }

    @Test("They are called by their indices, with the number of the dispatch, and counted as any others")
    func calls() async throws {
        let scope = CallScope(caller: "test", bindings: [binding], dispatch: 42)
        let value = try scope.callNow(7, on: 0, argumentBytes: 0) { () throws(HostError) in [] }
        #expect(value == .string("yes 42"))
        let refused = #expect(throws: HostError.self) {
            try scope.callNow(7, on: 0, argumentBytes: 11) { () throws(HostError) in [] }
        }
        #expect(refused?.code == .invalidArgument)
        let result = await withCheckedContinuation { continuation in
            scope.call(
                8, on: 0, argumentBytes: 0, { () throws(HostError) in [] },
                answer: { continuation.resume(returning: $0) })
        }
        #expect(throws: HostError.self) { try result.get() }
        #expect(scope.meter.used(.calls) == 3)
        #expect(throws: HostError.self) {
            try scope.callNow(6, on: 0, argumentBytes: 0) { () throws(HostError) in [] }
        }
    }

    @Test("What a binding offers can be said elsewhere")
    func notes() throws {
        #expect(binding.firstOperation == 7)
        #expect(binding.operationNotes.map(\.name) == ["now", "later"])
        #expect(binding.operationNotes.map(\.answersAtOnce) == [true, false])
        #expect(binding.operationNotes.map(\.mostArgumentBytes) == [10, 64 << 10])
        #expect(binding.operationIndices == ["now": 7, "later": 8])
    }

    @Test("A line of a log says under which name, and in which dispatch, it was written")
    func logLines() throws {
        let lines = Recorder<LogLine>()
        let table = try HostTable([Log { lines.add($0) }])
        let scope = CallScope(
            caller: "w", bindings: [try table.bind(Log.self, as: "LOG", grant: LogGrant())], dispatch: 9)
        _ = try scope.callNow(0, on: 0, argumentBytes: 8) { () throws(HostError) in [.string("warn"), .string("x")] }
        #expect(lines.items.map(\.binding) == ["LOG"])
        #expect(lines.items.map(\.dispatch) == [9])
    }
}
