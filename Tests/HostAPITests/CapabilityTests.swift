// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization
import Testing
import WorkerTypes

// A whole capability, as an embedder writes one.

/// Greets people by name.
private struct Greeter: Capability {
    struct Grant: HostGrant {
        var people: Set<String>
        func narrowed(by other: Grant) -> Grant { Grant(people: people.intersection(other.people)) }
    }

    static let name = "greeter"

    var operations: [Operation] {
        [
            Operation("greet") { (person: String, call) async throws(HostError) -> String in
                try call.require(
                    call.grant.people.contains(person), "greeting \(person)", allowedBy: "a greeter grant of them")
                return "hello \(person)"
            }
        ]
    }
}

/// Operations of every form.
private struct Probe: Capability {
    static let name = "probe"
    typealias Grant = WholeGrant
    let held = Recorder<HostAnswer>()
    let cancellations = Recorder<String>()

    struct Sum: Codable, Sendable { var left, right: Int }

    var operations: [Operation] {
        [
            Operation(sync: "echo") { (arguments: HostArguments, _) throws(HostError) in arguments[0] },
            Operation(sync: "add") { (sum: Sum, _) throws(HostError) in sum.left + sum.right },
            Operation(later: "hold") { _, call, answer in
                held.add(answer)
                call.onCancel { cancellations.add(call.operation) }
            },
            Operation(later: "drop") { _, _, _ in },
            Operation(later: "twice") { _, _, answer in
                answer(.success(.number(1)))
                answer(.success(.number(2)))
            },
            Operation("sleep") { (_: HostArguments, _) async throws(HostError) in
                while !Task.isCancelled { await Task.yield() }
                cancellations.add("sleep")
                throw HostError(.failed, "too late")
            },
            Operation(sync: "subrequest") { (arguments: HostArguments, call) throws(HostError) in
                try call.charge(try arguments.integer(0), of: .subrequests)
                return .undefined
            },
        ]
    }
}

@Suite struct CapabilityTests {
    @Test("A capability of twenty lines is called, checked, metered and observed")
    func greeter() async throws {
        let host = try TestHost(Greeter(), .init(people: ["Ada"]))
        #expect(try await host.call("greeter.greet", .string("Ada")) == .string("hello Ada"))
        let error = await #expect(throws: HostError.self) { try await host.call("greeter.greet", .string("Eve")) }
        #expect(error?.code == .denied)
        #expect(error?.message == "greeting Eve is not granted; a greeter grant of them would allow it")

        #expect(host.scope.meter.used(.calls) == 2)
        #expect(host.log.items.map(\.operation) == ["greeter.greet", "greeter.greet"])
        #expect(host.log.items.map(\.error?.code) == [nil, .denied])
        #expect(host.log.items.map(\.binding) == ["BINDING", "BINDING"])
        #expect(host.log.items.first?.argumentBytes == 3)
        #expect(host.log.items.first?.resultBytes == 9)
    }

    @Test("Arguments are decoded, and wrong ones name the argument")
    func decoding() async throws {
        let host = try TestHost(Probe(), .init())
        #expect(try await host.call("probe.add", .json(#"{"left":2,"right":3}"#.data)) == .number(5))
        for wrong: HostValue in [
            .undefined, .null, .string("x"), .number(.nan), .bytes([1]), .json(#"{"left":2}"#.data), .json("{".data),
            .json([0xff, 0xfe]), .json(Array(repeating: UInt8(ascii: "["), count: 60_000)),
        ] {
            let error = await #expect(throws: HostError.self) { try await host.call("probe.add", wrong) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("argument 1 of probe.add ") == true)
        }
    }

    @Test("Two capabilities, or two operations, of one name are refused, and malformed names")
    func duplicates() throws {
        struct Twice: Capability {
            static let name = "twice"
            typealias Grant = WholeGrant
            var operations: [Operation] {
                ["a", "a"].map { name in Operation(sync: name) { (_: HostArguments, _) throws(HostError) in .null } }
            }
        }
        struct Odd: Capability {
            static let name = "Odd name"
            typealias Grant = WholeGrant
            var operations: [Operation] { [] }
        }
        #expect(throws: GrantError.self) { try HostTable([Probe(), Probe()]) }
        #expect(throws: GrantError.self) { try HostTable([Twice()]) }
        #expect(throws: GrantError.self) { try HostTable([Odd()]) }
        let table = try HostTable([Greeter(), Probe()])
        #expect(table.operations.first == "greeter.greet")
        for (index, name) in table.operations.enumerated() { #expect(table.index(of: name) == index) }
        #expect(throws: GrantError.self) { try table.bind(WallClock.self, as: "X", grant: .init()) }
        #expect(throws: GrantError.self) { try table.bind("clock", as: "X", json: "{}".data) }
        #expect(throws: GrantError.self) { try table.bind("greeter", as: "X", json: "{}".data) }
        _ = try table.bind("greeter", as: "X", json: #"{"people":[]}"#.data)
    }

    @Test(
        "An index that is of no operation, or of another binding's, is refused and observed",
        arguments: [(-1, 0), (99, 0), (Int.max, 0), (.min, 0), (0, 1), (0, -1), (0, .max)])
    func indices(operation: Int, binding: Int) throws {
        let table = try HostTable([Greeter(), Probe()])
        let log = Recorder<CallRecord>()
        let scope = CallScope(
            caller: "x", bindings: [try table.bind(Probe.self, as: "P", grant: .init())], observer: log)
        #expect(scope.answersAtOnce(operation, on: binding) == nil)
        #expect(throws: HostError.self) {
            try scope.callNow(operation, on: binding, argumentBytes: 0) { () throws(HostError) in [] }
        }
        #expect(log.items.map(\.error?.code) == [.denied])
    }

    @Test("Giant arguments are refused before they are copied, and the call is charged")
    func giantArguments() throws {
        let host = try TestHost(Probe(), .init(), limits: HostLimits([.heldBytes: 100]))
        let echo = try #require(host.table.index(of: "probe.echo"))
        for size in [101, 64 << 10 + 1, Int.max, -1, .min] {
            #expect(throws: HostError.self) {
                try host.scope.callNow(echo, on: 0, argumentBytes: size) { () throws(HostError) in
                    Issue.record("the arguments were copied")
                    return []
                }
            }
        }
        #expect(host.scope.meter.used(.calls) == 5)
        #expect(host.scope.meter.used(.heldBytes) == 0)
        let hold = try #require(host.table.index(of: "probe.hold"))
        host.scope.call(hold, on: 0, argumentBytes: 60, { () throws(HostError) in [] }, answer: { _ in })
        #expect(throws: HostError.self) {
            try host.scope.callNow(echo, on: 0, argumentBytes: 60) { () throws(HostError) in [] }
        }
        _ = try host.scope.callNow(echo, on: 0, argumentBytes: 40) { () throws(HostError) in [] }
        #expect(host.scope.meter.used(.heldBytes) == 60)
        host.scope.end()
    }

    @Test("Arguments that cannot be copied give back what the call took")
    func failedCopy() throws {
        let host = try TestHost(Probe(), .init())
        for name in ["probe.echo", "probe.hold"] {
            let index = try #require(host.table.index(of: name))
            let error = Recorder<HostError?>()
            host.scope.call(
                index, on: 0, argumentBytes: 10, { () throws(HostError) in throw HostError(.invalidArgument, "no") },
                answer: { if case .failure(let failure) = $0 { error.add(failure) } })
            #expect(error.items == [HostError(.invalidArgument, "no")])
        }
        #expect(host.scope.meter.used(.heldBytes) == 0)
        #expect(host.scope.meter.used(.pendingCalls) == 0)
    }

    @Test("An operation that answers later is refused where an answer is needed at once")
    func laterAtOnce() throws {
        let host = try TestHost(Probe(), .init())
        let hold = try #require(host.table.index(of: "probe.hold"))
        #expect(throws: HostError.self) {
            try host.scope.callNow(hold, on: 0, argumentBytes: 1) { () throws(HostError) in [] }
        }
        #expect(host.scope.meter.used(.heldBytes) == 0)
        #expect(host.scope.meter.used(.pendingCalls) == 0)
    }

    @Test("Only the first answer counts, and a call let go of without one fails")
    func answersOnce() async throws {
        let host = try TestHost(Probe(), .init())
        #expect(try await host.call("probe.twice") == .number(1))
        #expect(await host.failure("probe.drop") == .failed)
        #expect(host.scope.meter.used(.pendingCalls) == 0)
        #expect(host.log.items.count == 2)
    }

    @Test("Cancelling answers the script at once, tells the operation, and keeps its place until it is done")
    func cancelling() throws {
        let probe = Probe()
        let host = try TestHost(probe, .init())
        let answers = Recorder<HostError.Code?>()
        let call = host.begin("probe.hold", []) { result in
            if case .failure(let error) = result { answers.add(error.code) } else { answers.add(nil) }
        }
        call?.cancel()
        call?.cancel()
        #expect(answers.items == [.cancelled])
        #expect(probe.cancellations.items == ["probe.hold"])
        #expect(host.scope.meter.used(.pendingCalls) == 1)
        for answer in probe.held.items { answer(.success(.null)) }
        #expect(answers.items == [.cancelled])
        #expect(host.scope.meter.used(.pendingCalls) == 0)
    }

    @Test("A task is cancelled with its call")
    func cancellingTasks() async throws {
        let probe = Probe()
        let host = try TestHost(probe, .init())
        let code = await withCheckedContinuation { continuation in
            let call = host.begin("probe.sleep", []) { result in
                if case .failure(let error) = result { continuation.resume(returning: error.code) }
            }
            call?.cancel()
        }
        #expect(code == .cancelled)
        while probe.cancellations.items.isEmpty { await Task.yield() }
    }

    @Test("The end of a dispatch cancels what is pending, and later calls are refused")
    func ending() async throws {
        let probe = Probe()
        let host = try TestHost(probe, .init())
        let answers = Recorder<HostError.Code?>()
        for _ in 0..<1000 {
            host.begin("probe.hold", []) { result in
                if case .failure(let error) = result { answers.add(error.code) }
            }
        }
        #expect(await host.failure("probe.hold") == .exhausted)
        #expect(await host.failure("probe.echo") == nil)
        host.scope.end()
        #expect(answers.items == Array(repeating: .cancelled, count: 1000))
        #expect(await host.failure("probe.hold") == .cancelled)
        #expect(await host.failure("probe.echo") == .cancelled)
        #expect(probe.held.items.count == 1000)
    }

    @Test("Calls and ends from many threads answer each call once")
    func race() async throws {
        for _ in 0..<50 {
            let host = try TestHost(Probe(), .init())
            let answers = Recorder<Int>()
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 { host.begin("probe.twice", []) { _ in answers.add(1) } }
                    }
                }
                group.addTask { host.scope.end() }
            }
            #expect(answers.items.count == 200)
            #expect(host.scope.meter.used(.pendingCalls) == 0)
        }
    }

    @Test("A limit lets exactly so much through, and its error names it")
    func limits() async throws {
        let host = try TestHost(Probe(), .init(), limits: HostLimits([.subrequests: 5]))
        #expect(await host.failure("probe.subrequest", .number(3)) == nil)
        let error = await #expect(throws: HostError.self) { try await host.call("probe.subrequest", .number(3)) }
        #expect(error?.code == .exhausted)
        #expect(
            error?.message == "the limit is 5 requests, 3 of which are used, and this call needs 3; a larger limit "
                + "\"subrequests\" would allow it")
        #expect(await host.failure("probe.subrequest", .number(2)) == nil)
        #expect(await host.failure("probe.subrequest", .number(1)) == .exhausted)
        #expect(await host.failure("probe.subrequest", .number(0)) == nil)
        var usage = Usage()
        host.scope.add(to: &usage)
        #expect(usage.subrequests == 5)
        #expect(usage.hostCalls == 5)
    }

    @Test("A scope that is renewed lets as much be used again, and its usage is in the record once")
    func renewed() async throws {
        let host = try TestHost(Probe(), .init(), limits: HostLimits([.subrequests: 5]))
        defer { host.scope.end() }
        var usage = Usage()
        for _ in 0..<3 {
            #expect(await host.failure("probe.subrequest", .number(5)) == nil)
            #expect(await host.failure("probe.subrequest", .number(1)) == .exhausted)
            host.scope.renew(addingTo: &usage)
        }
        host.scope.add(to: &usage)
        #expect(usage.subrequests == 15 && usage.hostCalls == 6)
    }

    @Test("A meter under threads never passes its limit")
    func meter() async {
        let meter = Meter(HostLimits([.egressBytes: 10_000]))
        let taken = Recorder<Int>()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for size in 0..<1000 where meter.take(size % 17, of: .egressBytes) {
                        taken.add(size % 17)
                    }
                }
            }
        }
        #expect(meter.used(.egressBytes) == taken.items.reduce(0, +))
        #expect(meter.used(.egressBytes) <= 10_000)
        #expect(meter.take(.max, of: .egressBytes) == false)
        #expect(meter.take(.min, of: .egressBytes) == false)
        #expect(meter.take(.max, of: .calls))
        #expect(meter.take(1, of: .calls) == false)
    }

    @Test("What a binding keeps is its own, one for each dispatch, and ends with it")
    func kept() async throws {
        let table = try HostTable([Keeper()])
        let bindings = [
            try table.bind(Keeper.self, as: "A", grant: .init()), try table.bind(Keeper.self, as: "B", grant: .init()),
        ]
        func count(_ scope: CallScope, _ binding: Int) throws(HostError) -> HostValue {
            try scope.callNow(0, on: binding, argumentBytes: 0) { () throws(HostError) in [] }
        }
        let scope = CallScope(caller: "test", bindings: bindings)
        #expect(try count(scope, 0) == .number(1))
        #expect(try count(scope, 0) == .number(2))
        #expect(try count(scope, 1) == .number(1))
        #expect(try count(CallScope(caller: "test", bindings: bindings), 0) == .number(1))
        let ended = Keeper.ended.load(ordering: .relaxed)
        scope.end()
        scope.end()
        #expect(Keeper.ended.load(ordering: .relaxed) == ended + 2)
        #expect(throws: HostError.self) { try count(scope, 0) }
    }

    @Test("A text of a script is quoted without controls and cut short")
    func quoting() {
        #expect(HostError.quote("a\"b\\c\n\u{1b}[2J\u{202e}") == #""a\"b\\c\u{a}\u{1b}[2J\u{202e}""#)
        #expect(HostError.quote(String(repeating: "x", count: 1000)).utf8.count == 105)
    }
}

/// Counts its calls.
private struct Keeper: Capability {
    typealias Grant = WholeGrant

    static let name = "keeper"
    static let ended = Atomic(0)

    final class Count: Kept {
        let calls = Atomic(0)
        init() {}
        func end() { Keeper.ended.add(1, ordering: .relaxed) }
    }

    var operations: [Operation] {
        [
            Operation(sync: "count") { (_: HostArguments, call) throws(HostError) -> HostValue in
                let count = try call.kept(Count.self)
                return .number(Double(count.calls.add(1, ordering: .relaxed).newValue))
            }
        ]
    }
}
