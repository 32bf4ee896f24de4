// SPDX-License-Identifier: Apache-2.0
import HostAPI
import NIOCore
import ShardProtocolSupport
import Synchronization
import Testing
import WorkerTypes

@testable import ShardProtocol

/// Both ends of a WebSocket, whose bytes move when they are told to.
private struct Conversation {
    private final class Opened: Sendable {
        let value = Mutex<(dispatch: ShardDispatch, socket: ShardSocket)?>(nil)
    }

    let pair: LinkPair
    let observer: TestObserver
    let worker: TestSocketWorker
    let id: UInt32?
    private let opened = Opened()

    init(
        accepts: Bool = true, holds: Bool = false, limits: SessionLimits = SessionLimits(),
        headers: String = "sec-websocket-protocol\nb\n"
    ) {
        let worker = TestSocketWorker(accepts: accepts)
        self.worker = worker
        pair = LinkPair(limits, isLive: false) { [opened] dispatch, _ in
            guard let socket = dispatch.open(SocketAnswer(headers: Array(headers.utf8)), worker) else {
                return dispatch.end(DispatchReport())
            }
            opened.value.withLock { $0 = (dispatch, socket) }
            worker.opened(socket)
        }
        observer = TestObserver(holdsBody: holds)
        var description = DispatchDescription(worker: "w", head: Array("GET\nhttps://a.test/\n".utf8))
        description.webSocketProtocols = ["a", "b"]
        id = pair.supervisor.dispatch(description, observer)
        pair.move()
    }

    var client: TestClient { observer.client }
    var faults: [ProtocolError?] { pair.supervisorHandler.ends + pair.shardHandler.ends }

    /// The dispatch is over.
    func endDispatch() {
        opened.value.withLock { $0 }?.dispatch.end(DispatchReport())
        pair.move()
    }

    /// The worker has its record of the socket.
    func endSocket(_ report: DispatchReport = DispatchReport()) {
        opened.value.withLock { $0 }?.socket.end(report)
        pair.move()
    }

    /// What the shard is found to have said wrong.
    func fault(_ messages: ShardMessage...) throws -> ProtocolError.Code? {
        for message in messages {
            var bytes = ByteBuffer()
            try message.encode(into: &bytes)
            pair.inject(bytes, down: false)
        }
        pair.move()
        return pair.supervisorHandler.ends.first??.code
    }

    func end() {
        pair.breakOff()
        opened.value.withLock { $0 = nil }
    }
}

@Suite("WebSockets over a connection", .timeLimit(.minutes(1)))
struct SocketTests {
    private func pattern(_ count: Int) -> [UInt8] { PatternStream.pattern(0..<count) }

    @Test("Texts and bytes of any size go both ways, in order, and the answer has its fields")
    func talk() {
        let talk = Conversation()
        defer { talk.end() }
        #expect(
            talk.observer.sockets.map { String(decoding: $0.headers, as: UTF8.self) } == ["sec-websocket-protocol\nb\n"]
        )
        let said: [SocketMessage] = [
            .text("hé"), .text(""), .binary([]), .binary(pattern(200_000)),
            .text(String(repeating: "語", count: 90_000)),
            .binary([0, 255]),
        ]
        for message in said { talk.client.say(message) }
        talk.pair.move()
        let isHeard = talk.worker.messages == said
        #expect(isHeard)
        let sent = said + [.binary([UInt8](repeating: 7, count: (4 << 20) - 64))]
        for message in sent { talk.worker.send(message) }
        talk.pair.move()
        let isSent = talk.client.messages == sent
        #expect(isSent && talk.worker.unsent == 0)
        #expect(talk.faults.isEmpty)
    }

    @Test("What a client says before it closes comes before its code and reason, and then there are the records")
    func clientCloses() {
        let talk = Conversation()
        defer { talk.end() }
        talk.endDispatch()
        #expect(talk.observer.reports.count == 1 && talk.pair.supervisor.dispatchCount == 1)
        // More than a window.
        let said = (0..<700).map { SocketMessage.text(String(repeating: "\($0 % 10)", count: 100)) }
        for message in said { talk.client.say(message) }
        talk.client.leave(4000, "bye")
        talk.pair.move()
        let isAll = talk.worker.messages == said
        #expect(isAll)
        #expect(talk.worker.ends == [SocketEnd(code: 4000, reason: "bye")])
        var report = DispatchReport()
        report.status = 4000
        talk.endSocket(report)
        #expect(talk.observer.socketReports == [report])
        #expect(talk.pair.supervisor.dispatchCount == 0 && talk.faults.isEmpty)
    }

    @Test("A worker's close comes after what it has sent, also where it has its record before")
    func workerCloses() {
        let talk = Conversation(holds: true)
        defer { talk.end() }
        for count in 0..<200 { talk.worker.send(.binary([UInt8](repeating: UInt8(count), count: 300))) }
        talk.worker.close(4001, "that is all")
        talk.endSocket()
        talk.endDispatch()
        #expect(talk.client.messages.count == 1 && talk.client.closes.isEmpty)
        #expect(talk.pair.supervisor.dispatchCount == 0)
        talk.client.release()
        talk.pair.move()
        #expect(talk.client.messages.count == 200)
        #expect(talk.client.closes == [SocketEnd(code: 4001, reason: "that is all")])
        #expect(talk.faults.isEmpty)
    }

    @Test("A client that takes nothing holds up its worker after a window, and a close does not wait for it")
    func slowClient() {
        let talk = Conversation(holds: true)
        defer { talk.end() }
        for _ in 0..<20 { talk.worker.send(.binary([UInt8](repeating: 7, count: 1 << 20))) }
        talk.pair.move()
        #expect(talk.client.messages.count == 1)
        #expect(talk.pair.bytesMoved < 1 << 21 && talk.worker.unsent == 19)
        talk.worker.close(1013, "too much waits")
        talk.pair.move()
        // The client has not taken the first one yet.
        talk.client.release()
        talk.pair.move()
        #expect(
            talk.client.messages.count == 1 && talk.client.closes == [SocketEnd(code: 1013, reason: "too much waits")])
        #expect(talk.worker.refused == 19 && talk.faults.isEmpty)
    }

    @Test("A worker that takes nothing holds up its client after a window, and hears at once when that is gone")
    func slowWorker() {
        let talk = Conversation(accepts: false)
        defer { talk.end() }
        for _ in 0..<20 { talk.client.say(.binary(pattern(50_000))) }
        talk.pair.move()
        #expect(talk.worker.messages.isEmpty && talk.client.unread >= 18 && talk.pair.bytesMoved < 100_000)
        talk.client.leave()
        talk.pair.move()
        #expect(talk.worker.ends == [SocketEnd(code: 1006, reason: "")])
        talk.endSocket()
        talk.endDispatch()
        #expect(talk.pair.supervisor.dispatchCount == 0 && talk.faults.isEmpty)
    }

    @Test(
        "With each message that its worker takes a socket may use as much of the host again, once its dispatch is over")
    func renewal() throws {
        let talk = Conversation()
        defer { talk.end() }
        let scope = try talk.pair.shardHandler.scope(of: UInt64(try #require(talk.id)))
        func call() {
            _ = scope.call(
                Probe.index("echo"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }, answer: { _ in })
            talk.pair.move()
        }
        call()
        talk.client.say(.text("while the dispatch goes on"))
        talk.pair.move()
        #expect(talk.observer.scopes == 1 && talk.observer.renewals == 0)
        talk.endDispatch()
        for _ in 0..<3 { talk.client.say(.text("later")) }
        talk.pair.move()
        // The last one is taken once the next is asked for.
        #expect(talk.worker.messages.count == 4 && talk.observer.renewals == 3)
        call()
        #expect(talk.observer.scopes == 1 && talk.faults.isEmpty)
        scope.end()
    }

    @Test("The shard's death closes the client's socket with 1011, and there is a record without a report")
    func death() {
        let talk = Conversation()
        talk.endDispatch()
        talk.end()
        #expect(talk.client.closes == [SocketEnd(code: 1011, reason: "the worker's process has ended")])
        #expect(talk.observer.socketReports == [nil] && talk.observer.reports.count == 1)
    }

    @Test("A socket for which the shard has no room fails its dispatch, and takes none of the room of streams")
    func room() {
        var limits = SessionLimits()
        limits.mostSockets = 0
        let talk = Conversation(limits: limits)
        defer { talk.end() }
        #expect(talk.observer.refusals == [.failed(.internalError)] && talk.observer.reports.count == 1)
        limits.mostSockets = 1
        limits.mostStreams = 0
        let other = Conversation(limits: limits)
        defer { other.end() }
        #expect(other.observer.sockets.count == 1 && other.faults.isEmpty)
    }

    @Test("A large message waits for its turn where there is no room, and holds up no other")
    func turns() {
        let room = SocketRoom(bytes: 4 << 20)
        let order = Mutex<[Int]>([])
        room.take(3 << 20) { order.withLock { $0.append(1) } }
        room.take(2 << 20) { order.withLock { $0.append(2) } }
        room.take(1 << 20) { order.withLock { $0.append(3) } }
        #expect(order.withLock { $0 } == [1])
        room.giveBack(3 << 20)
        #expect(order.withLock { $0 } == [1, 2, 3])
    }

    // MARK: A shard that lies

    private func chunk(_ bytes: [UInt8], isLast: Bool = false) -> ShardMessage {
        .channel(1, .chunk(bytes, isLast: isLast))
    }

    @Test("Messages that are none, are too large, or have no end, break the connection")
    func badMessages() throws {
        #expect(try Conversation().fault(chunk([9, 0, 0, 0, 0])) == .malformed)
        #expect(try Conversation().fault(chunk([1, 1, 0, 64, 0])) == .tooLarge)
        #expect(try Conversation().fault(chunk([1, 0, 0]), chunk([0, 255])) == .tooLarge)
        #expect(try Conversation().fault(chunk([0, 2, 0, 0, 0, 65], isLast: true)) == .malformed)
        #expect(try Conversation().fault(chunk([0, 1], isLast: true)) == .malformed)
    }

    @Test("More than there is credit for, and anything after the end, breaks the connection")
    func tooMuch() throws {
        let message = SocketCoding.encode(.binary([UInt8](repeating: 1, count: 60_000)))
        #expect(try Conversation(holds: true).fault(chunk(message), chunk(message)) == nil)
        #expect(try Conversation(holds: true).fault(chunk(message), chunk(message), chunk(message)) == .credit)
        #expect(try Conversation().fault(chunk([], isLast: true), chunk(message)) == .unknownID)
        #expect(
            try Conversation().fault(
                chunk([], isLast: true), .closeSocket(1, SocketEnd(code: 1000, reason: "")),
                .socketEnded(1, report(1000)), chunk(message)) == .unknownID)
    }

    private func report(_ status: Int) -> DispatchReport {
        var report = DispatchReport()
        report.status = status
        return report
    }

    @Test("What is said of a socket that there is not, or twice, or out of turn, breaks the connection")
    func outOfTurn() throws {
        let end = SocketEnd(code: 1000, reason: "")
        let opened = ShardMessage.socketOpened(1, SocketAnswer(headers: []))
        #expect(try Conversation().fault(opened) == .notAsked)
        #expect(try Conversation().fault(.messageTaken(1)) == .notAsked)
        #expect(try Conversation().fault(.closeSocket(1, end)) == .notAsked)
        #expect(try Conversation().fault(.socketEnded(1, report(1000))) == .notAsked)
        #expect(try Conversation().fault(.socketOpened(2, SocketAnswer(headers: []))) == .unknownID)
        #expect(
            try Conversation().fault(chunk([], isLast: true), .closeSocket(1, end), .closeSocket(1, end)) == .notAsked)
        #expect(try Conversation().fault(.ended(1, report(101)), .ended(1, report(101))) == .notAsked)
        #expect(try Conversation().fault(.response(1, AnswerDescription(status: 200, headers: []))) == .notAsked)
        let taken = Conversation()
        taken.client.say(.text("one"))
        taken.pair.move()
        #expect(try taken.fault(.messageTaken(1)) == .notAsked)
    }

    @Test("A socket is opened only where it is offered, and only with a subprotocol that is")
    func offers() throws {
        let pair = LinkPair(isLive: false) { _, _ in }
        defer { pair.breakOff() }
        let observer = TestObserver()
        pair.supervisor.dispatch(DispatchDescription(worker: "w", head: Array("GET\nhttps://a.test/\n".utf8)), observer)
        var bytes = ByteBuffer()
        try ShardMessage.socketOpened(1, SocketAnswer(headers: [])).encode(into: &bytes)
        pair.inject(bytes, down: false)
        pair.move()
        #expect(pair.supervisorHandler.ends.first??.code == .notAsked)
        for headers in ["sec-websocket-protocol\nc\n", "sec-websocket-protocol\na\nSec-WebSocket-Protocol\nb\n"] {
            let talk = Conversation(headers: headers)
            #expect(talk.faults.first??.code == .malformed && talk.observer.losses == 1)
        }
    }

    // MARK: A supervisor that lies

    @Test("A shard finds the same faults with its supervisor")
    func supervisor() throws {
        func fault(_ messages: SupervisorMessage...) throws -> ProtocolError.Code? {
            let talk = Conversation()
            defer { talk.end() }
            for message in messages {
                var bytes = ByteBuffer()
                try message.encode(into: &bytes)
                talk.pair.inject(bytes, down: true)
            }
            talk.pair.move()
            return talk.pair.shardHandler.ends.first??.code
        }
        let end = SocketEnd(code: 1000, reason: "")
        #expect(try fault(.socketClosed(9, end)) == .unknownID)
        #expect(try fault(.socketClosed(1, end), .socketClosed(1, end)) == .notAsked)
        #expect(try fault(.channel(1, .chunk([3], isLast: false))) == .malformed)
        #expect(try fault(.channel(1, .chunk([1, 1, 0, 64, 0], isLast: false))) == .tooLarge)
    }
}
