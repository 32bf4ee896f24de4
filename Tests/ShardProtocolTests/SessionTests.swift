// SPDX-License-Identifier: Apache-2.0
import HostAPI
import NIOCore
import ShardProtocolSupport
import Testing
import WorkerTypes

@testable import ShardProtocol

/// A supervisor's session, and what a shard says to it.
private struct Conversation {
    var session = SupervisorSession(Attack.limits)
    var output = ByteBuffer()

    init(isReady: Bool = true) throws {
        guard isReady else { return }
        try hear(.hello(ShardGreeting(process: 1, engine: "x")))
        try hear(.ready)
    }

    @discardableResult
    mutating func hear(_ message: ShardMessage) throws(ProtocolError) -> SupervisorSession.Event? {
        var bytes = ByteBuffer()
        try message.encode(into: &bytes)
        var decoder = FrameDecoder(for: .supervisor)
        decoder.append(bytes)
        guard let frame = try decoder.next() else { return nil }
        return try session.receive(frame, replies: &output)
    }

    mutating func refusal(_ message: ShardMessage) -> ProtocolError.Code? {
        do throws(ProtocolError) {
            try hear(message)
            return nil
        } catch {
            return error.code
        }
    }

    mutating func dispatch(_ body: DispatchDescription.Body = .none) -> UInt32 {
        session.begin(DispatchDescription(worker: "w", head: [], body: body), into: &output) ?? 0
    }
}

@Suite("What a supervisor lets a shard say")
struct SessionTests {
    private let whole = AnswerDescription(status: 200, headers: [], body: .whole([1]))
    private let streamed = AnswerDescription(status: 200, headers: [], body: .follows)
    private let figures = ShardFigures()

    private func call(_ dispatch: UInt32, _ arguments: [WireValue] = []) -> CallDescription {
        CallDescription(dispatch: dispatch, binding: 0, operation: 0, arguments: arguments)
    }

    @Test("Before the greeting, nothing but the greeting; before it is ready, nothing but that")
    func order() throws {
        var early = try Conversation(isReady: false)
        #expect(early.refusal(.ready) == .unexpected)
        #expect(early.refusal(.heartbeat(figures)) == .unexpected)
        try early.hear(.hello(ShardGreeting(process: 1, engine: "x")))
        #expect(early.refusal(.heartbeat(figures)) == .unexpected)
        var ready = try Conversation()
        #expect(ready.refusal(.ready) == .unexpected)
        #expect(ready.refusal(.hello(ShardGreeting(process: 1, engine: "x"))) == .unexpected)
    }

    @Test("Answers to what was never asked are refused")
    func neverAsked() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch()
        #expect(conversation.refusal(.pong(1)) == .notAsked)
        #expect(conversation.refusal(.checked(id, [])) == .notAsked)
        #expect(conversation.refusal(.figures(id, [])) == .notAsked)
        #expect(conversation.refusal(.ran(id, .refused(.busy, ""))) == .notAsked)
        #expect(conversation.refusal(.checked(77, [])) == .unknownID)
        #expect(conversation.refusal(.response(77, whole)) == .unknownID)
        #expect(conversation.refusal(.ended(77, DispatchReport())) == .unknownID)
        #expect(conversation.refusal(.refused(77, .overloaded)) == .unknownID)
        #expect(conversation.refusal(.approached(77, .cpu)) == .unknownID)
    }

    @Test("A dispatch is answered once and ends once")
    func once() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch()
        try conversation.hear(.response(id, whole))
        #expect(conversation.refusal(.response(id, whole)) == .notAsked)
        #expect(conversation.refusal(.refused(id, .failed(.exception))) == .notAsked)
        try conversation.hear(.ended(id, DispatchReport()))
        #expect(conversation.refusal(.ended(id, DispatchReport())) == .notAsked)
        #expect(conversation.session.dispatchCount == 0)
    }

    @Test("A pong answers one ping, which answers a heartbeat")
    func pong() throws {
        var conversation = try Conversation()
        try conversation.hear(.heartbeat(figures))
        try conversation.hear(.heartbeat(figures))
        #expect(conversation.refusal(.pong(2)) == .notAsked)
        try conversation.hear(.pong(1))
        #expect(conversation.refusal(.pong(1)) == .notAsked)
        try conversation.hear(.heartbeat(figures))
        try conversation.hear(.pong(2))
    }

    @Test("An isolate that calls the host says so once, is no dispatch, and ends once; there are only so many")
    func starts() throws {
        var conversation = try Conversation()
        try conversation.hear(.start(0x8000_0000, 1))
        #expect(conversation.session.dispatchCount == 0)
        #expect(conversation.refusal(.response(0x8000_0000, whole)) != nil)
        #expect(conversation.refusal(.ended(0x8000_0000, DispatchReport())) != nil)
        #expect(conversation.refusal(.ran(0x8000_0000, .refused(.busy, ""))) != nil)
        try conversation.hear(.call(0x8000_0001, call(0x8000_0000, [.stream(0x8000_0002)])))
        let event = try conversation.hear(.endStart(0x8000_0000))
        guard case .endStart(0x8000_0000, let remains)? = event else {
            Issue.record("\(String(describing: event))")
            return
        }
        #expect(remains.calls == [0x8000_0001] && remains.incoming == [0x8000_0002])
        #expect(conversation.refusal(.endStart(0x8000_0000)) == .notAsked)
        #expect(conversation.refusal(.endStart(0x8000_1000)) == .unknownID)
        #expect(conversation.refusal(.endStart(conversation.dispatch())) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_0003, call(0x8000_0000))) == .unknownID)
        for id in 0..<UInt32(Attack.limits.mostStarts) { try conversation.hear(.start(0x8000_0010 + id, 1)) }
        #expect(conversation.refusal(.start(0x8000_0100, 1)) == .flood)
    }

    @Test("Isolates that call the host are no more than were begun for something, however soon they end")
    func manyStarts() throws {
        var conversation = try Conversation()
        var next: UInt32 = 0x8000_0000
        func turn() -> ProtocolError.Code? {
            next += 2
            return conversation.refusal(.start(next, 1)) ?? conversation.refusal(.endStart(next))
        }
        let most = Attack.limits.mostStarts + Attack.limits.mostDispatches
        for _ in 0..<most { #expect(turn() == nil) }
        #expect(turn() == .flood)
        #expect(conversation.dispatch() != 0)
        #expect(turn() == nil)
        #expect(turn() == .flood)
        conversation.session.expectStarts(.max)
        for _ in 0..<most { #expect(turn() == nil) }
        #expect(turn() == .flood)
    }

    @Test("Figures are of as many workers as were asked for")
    func loads() throws {
        var conversation = try Conversation()
        let id = try #require(conversation.session.askFigures(of: ["a", "b"], into: &conversation.output))
        #expect(conversation.refusal(.figures(id, [WorkerLoad()])) == .notAsked)
        let other = try #require(conversation.session.askFigures(of: ["a"], into: &conversation.output))
        #expect(try conversation.hear(.figures(other, [WorkerLoad()])) == .figures(other, [WorkerLoad()]))
    }

    @Test("Bytes for what nobody reads, and after the last, are refused")
    func bytes() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch()
        #expect(conversation.refusal(.channel(id, .chunk([1], isLast: false))) == .unknownID)
        try conversation.hear(.response(id, streamed))
        try conversation.hear(.channel(id, .chunk([1], isLast: true)))
        #expect(conversation.refusal(.channel(id, .chunk([1], isLast: true))) == .unknownID)
        #expect(conversation.refusal(.channel(id, .reset(HostError(.failed, "")))) == .unknownID)
        #expect(conversation.refusal(.channel(id, .closed(nil))) == .notAsked)
    }

    @Test("More bytes than there is credit for are refused, and so is credit that was not due")
    func credit() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch(.follows)
        #expect(conversation.refusal(.channel(id, .credit(1))) == .credit)
        try conversation.hear(.response(id, streamed))
        try conversation.hear(.channel(id, .chunk([UInt8](repeating: 0, count: 4096), isLast: false)))
        #expect(conversation.refusal(.channel(id, .chunk([1], isLast: false))) == .credit)
        #expect(conversation.refusal(.channel(id, .chunk([], isLast: false))) == .malformed)
    }

    @Test("Late words about what has just ended are no fault, about what never was they are")
    func lateWords() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch(.follows)
        #expect(
            conversation.session.channels.write(id, [1, 2], isLast: true, into: &conversation.output) == 2)
        #expect(try conversation.hear(.channel(id, .credit(2))) == nil)
        #expect(try conversation.hear(.channel(id, .stop(nil))) == nil)
        #expect(conversation.refusal(.channel(id + 1, .credit(2))) == .unknownID)
        #expect(conversation.refusal(.channel(0x8000_0000, .stop(nil))) == .unknownID)
    }

    @Test("Ids of calls rise, and are of a dispatch that is under way")
    func callIDs() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch()
        #expect(conversation.refusal(.call(1, call(id))) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_0000, call(id + 1))) == .unknownID)
        try conversation.hear(.call(0x8000_0005, call(id)))
        #expect(conversation.refusal(.call(0x8000_0005, call(id))) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_0004, call(id))) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_0009, call(id, [.stream(0x8000_0009)]))) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_000B, call(id, [.stream(id)]))) == .unknownID)
        #expect(conversation.refusal(.call(0x8000_000D, call(id, [.sink(0x8000_000E)]))) == .malformed)
        #expect(conversation.refusal(.cancelCall(0x8000_0FFF)) == .unknownID)
        #expect(conversation.refusal(.cancelCall(3)) == .unknownID)
    }

    @Test("Calls of one dispatch, and of all, are bounded")
    func callFlood() throws {
        var conversation = try Conversation()
        var next: UInt32 = 0x8000_0000
        var refused: ProtocolError.Code?
        let first = conversation.dispatch()
        for _ in 0..<Attack.limits.mostCallsPerDispatch {
            try conversation.hear(.call(next, call(first)))
            next += 1
        }
        #expect(conversation.refusal(.call(next, call(first))) == .flood)
        next += 1
        while refused == nil {
            let id = conversation.dispatch()
            for _ in 0..<Attack.limits.mostCallsPerDispatch where refused == nil {
                refused = conversation.refusal(.call(next, call(id)))
                next += 1
            }
        }
        #expect(refused == .flood)
        #expect(conversation.session.callCount == Attack.limits.mostCalls)
    }

    @Test("Streams, notices, lines and news are bounded")
    func otherFloods() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch()
        let streams = (0..<6).map { WireValue.stream(0x8000_0001 + UInt32($0)) }
        #expect(conversation.refusal(.call(0x8000_0000, call(id, streams))) == .flood)

        for _ in 0..<Attack.limits.mostNotices { try conversation.hear(.heartbeat(figures)) }
        #expect(conversation.refusal(.heartbeat(figures)) == .flood)
        #expect(conversation.refusal(.lostThread(LostThreadNotice(worker: "", parkedThreads: 1))) == .flood)
        try conversation.hear(.pong(1))
        try conversation.hear(.heartbeat(figures))

        try conversation.hear(.approached(id, .cpu))
        #expect(conversation.refusal(.approached(id, .cpu)) == .flood)

        let long = String(repeating: "x", count: 100_000)
        #expect(
            conversation.refusal(.log(LineDescription(dispatch: 0, level: "log", message: long, time: 0))) == .flood)
        #expect(
            conversation.refusal(.log(LineDescription(dispatch: id, level: "log", message: long, time: 0))) == .flood)
        #expect(
            conversation.refusal(.log(LineDescription(dispatch: 99, level: "log", message: "", time: 0))) == .unknownID)
    }

    @Test("With a dispatch its calls and streams end")
    func remains() throws {
        var conversation = try Conversation()
        let id = conversation.dispatch(.follows)
        try conversation.hear(.response(id, streamed))
        try conversation.hear(.call(0x8000_0000, call(id, [.stream(0x8000_0001)])))
        let event = try conversation.hear(.ended(id, DispatchReport()))
        guard case .ended(id, _, let remains, wasAnswered: true)? = event else {
            Issue.record("\(String(describing: event))")
            return
        }
        #expect(remains.calls == [0x8000_0000])
        #expect(remains.outgoing == [id])
        #expect(Set(remains.incoming) == [id, 0x8000_0001])
        #expect(conversation.session.callCount == 0)
        #expect(conversation.session.channels.counts == (0, 0))
        #expect(conversation.refusal(.channel(0x8000_0001, .chunk([1], isLast: false))) == .unknownID)
    }

    @Test("No more dispatches go out than may be under way")
    func mostDispatches() throws {
        var conversation = try Conversation()
        for _ in 0..<Attack.limits.mostDispatches { #expect(conversation.dispatch() != 0) }
        #expect(conversation.dispatch() == 0)
        try conversation.hear(.refused(1, .overloaded))
        #expect(conversation.dispatch() != 0)
    }

    @Test("A head that is too large is not sent")
    func largeHead() throws {
        var conversation = try Conversation()
        let before = conversation.output
        let large = DispatchDescription(worker: "w", head: [UInt8](repeating: 65, count: 2 << 20))
        #expect(conversation.session.begin(large, into: &conversation.output) == nil)
        #expect(conversation.output == before)
        #expect(conversation.dispatch() == 1)
    }
}
