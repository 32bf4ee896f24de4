// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore

/// A supervisor's side of the connection: it believes nothing that a shard says without having asked for it.
public struct SupervisorSession: Session {
    /// What a shard says.
    public enum Event: Sendable, Hashable {
        /// Its greeting.
        case hello(ShardGreeting)
        /// Dispatches may come.
        case ready
        /// About bytes.
        case channel(ChannelTable.Event)
        /// What is wrong with a version that was tried.
        case checked(UInt32, [FaultDescription])
        /// What a worker answered.
        case response(UInt32, AnswerDescription)
        /// There is no answer; what remained, where nothing more comes of it.
        case refused(UInt32, DispatchRefusal, DispatchRemains?)
        /// A dispatch is over, and whether it was answered.
        case ended(UInt32, DispatchReport, DispatchRemains, wasAnswered: Bool)
        /// A script calls the host.
        case call(UInt32, CallDescription)
        /// The script waits no longer; the call is to be answered all the same.
        case cancelCall(UInt32)
        /// A line of a log.
        case log(LineDescription)
        /// A dispatch came near to a limit.
        case approached(UInt32, ApproachedLimit)
        /// How the shard is, unasked.
        case heartbeat(ShardFigures)
        /// A thread was lost.
        case lostThread(LostThreadNotice)
        /// How workers are that were asked for.
        case figures(UInt32, [WorkerLoad])
        /// A run is over.
        case ran(UInt32, RunAnswer, DispatchRemains)
        /// An isolate of an installation will call the host outside of dispatches.
        case start(UInt32, Int)
        /// It is no more; what remained.
        case endStart(UInt32, DispatchRemains)
        /// A worker has taken up its client's WebSocket: the dispatch's channels have its messages.
        case socketOpened(UInt32, SocketAnswer)
        /// A dispatch is over, whose socket is not.
        case handedOver(UInt32, DispatchReport)
        /// The worker has the next message of a socket, or hears of its end.
        case messageTaken(UInt32)
        /// Close the socket once all that it has sent is out.
        case closeSocket(UInt32, SocketEnd)
        /// A socket is over; and whether its dispatch is with it.
        case socketEnded(UInt32, DispatchReport, DispatchRemains, isLast: Bool)
    }

    private enum Phase { case beginning, greeted, ready }

    private let limits: SessionLimits
    private var phase = Phase.beginning
    private var own = IDSpace.supervisor
    private var theirs = IDSpace.shard
    private var dispatches: [UInt32: DispatchState] = [:]
    private var calls: [UInt32: UInt32] = [:]
    private var checks: Set<UInt32> = []
    private var questions: [UInt32: Int] = [:]
    private var starts = 0
    /// Isolates that may still say that they call the host: each was begun for something that was sent.
    private var startsLeft: Int
    private var pings: UInt64 = 0
    private var sockets = SocketTable()
    private var awaitedPong: UInt64?
    private var allowance: Allowance
    /// The bytes under way.
    public var channels: ChannelTable

    /// A connection on which nothing was said.
    public init(_ limits: SessionLimits = SessionLimits()) {
        self.limits = limits
        allowance = Allowance(limits)
        startsLeft = limits.mostStarts + limits.mostDispatches
        channels = ChannelTable(limits, endsEarly: false)
    }

    /// Dispatches and runs under way, those included that are over but for their WebSockets.
    public var dispatchCount: Int { dispatches.count - starts }
    /// WebSockets that are open.
    public var socketCount: Int { sockets.count }
    /// Calls that wait for their answers.
    public var callCount: Int { calls.count }
    /// Whether the shard has said that dispatches may come.
    public var isReady: Bool { phase == .ready }
    /// How many ids are left on the side that has fewer: a shard with few is to be replaced.
    public var idsLeft: Int { min(own.left, theirs.left) }

    // MARK: What it says

    /// Sends a dispatch.
    /// - Returns: its id; `nil` where as many as may be are under way, or the head is too large.
    public mutating func begin(_ dispatch: DispatchDescription, into buffer: inout ByteBuffer) -> UInt32? {
        guard dispatchCount - sockets.handedOver < limits.mostDispatches else { return nil }
        let hasBody = dispatch.body == .follows
        var ids = own
        guard let id = ids.next(), !hasBody || channels.hasRoom(1, by: .thisSide, of: id),
            (try? buffer.writeFrame(.dispatch, id: id) { dispatch.write(into: &$0) }) != nil
        else { return nil }
        own = ids
        dispatches[id] = DispatchState(.dispatch, logBytes: dispatch.logBytes, limits)
        if dispatch.offersSocket { dispatches[id]?.webSocketProtocols = dispatch.webSocketProtocols }
        expectStarts(1)
        if hasBody { channels.openOutgoing(id, by: .thisSide, of: id) }
        return id
    }

    /// So many more isolates may be begun. Sums are bounded: a shard cannot save up for a flood.
    mutating func expectStarts(_ count: Int) {
        startsLeft += min(max(0, count), limits.mostStarts + limits.mostDispatches - startsLeft)
    }

    /// Sends a run.
    /// - Returns: its id; `nil` where as many as may be are under way, or it is too large.
    public mutating func begin(_ run: RunDescription, into buffer: inout ByteBuffer) -> UInt32? {
        guard dispatchCount - sockets.handedOver < limits.mostDispatches else { return nil }
        guard let id = ask({ .run($0, run) }, &buffer) else { return nil }
        dispatches[id] = DispatchState(.run, logBytes: run.program.logBytes, limits)
        return id
    }

    /// Has a version tried.
    /// - Returns: its id; `nil` where it is too large.
    public mutating func check(_ worker: WorkerDescription, into buffer: inout ByteBuffer) -> UInt32? {
        guard checks.count < limits.mostDispatches, let id = ask({ .check($0, worker) }, &buffer) else { return nil }
        checks.insert(id)
        expectStarts(1)
        return id
    }

    /// Asks how workers are, in the order of their names.
    public mutating func askFigures(of workers: [String], into buffer: inout ByteBuffer) -> UInt32? {
        guard questions.count < 64, workers.count <= WorkerLoad.most,
            let id = ask({ .askFigures($0, workers) }, &buffer)
        else { return nil }
        questions[id] = workers.count
        return id
    }

    private mutating func ask(_ message: (UInt32) -> SupervisorMessage, _ buffer: inout ByteBuffer) -> UInt32? {
        var ids = own
        guard let id = ids.next(), (try? message(id).encode(into: &buffer)) != nil else { return nil }
        own = ids
        return id
    }

    /// Nobody waits for a dispatch or a run any more. Its end is still to come.
    public mutating func cancel(_ id: UInt32, into buffer: inout ByteBuffer) {
        guard let dispatch = dispatches[id] else { return }
        try? (dispatch.kind == .run ? SupervisorMessage.endRun(id) : .cancel(id)).encode(into: &buffer)
    }

    /// Pings, unless the last one is not answered: with the answer the shard may say as much of itself again.
    private mutating func ping(into buffer: inout ByteBuffer) {
        guard awaitedPong == nil else { return }
        pings += 1
        awaitedPong = pings
        try? SupervisorMessage.ping(pings).encode(into: &buffer)
    }

    /// Whether a call still waits for its answer.
    public func isPending(_ call: UInt32) -> Bool { calls[call] != nil }

    /// Answers a call. What is too large for a frame becomes an error.
    /// - Parameter value: makes the value, and opens the streams in it.
    /// - Returns: whether the call still waited and the answer went out as it is.
    public mutating func answer(
        _ call: UInt32, _ result: Result<HostValue, HostError>, into buffer: inout ByteBuffer
    ) -> (streams: [(id: UInt32, stream: any ByteStream)], sinks: [(id: UInt32, sink: any ByteSink)])? {
        guard let dispatch = calls.removeValue(forKey: call) else { return nil }
        dispatches[dispatch]?.calls.remove(call)
        var ids = own
        do throws(HostError) {
            var handles = ValueHandles()
            let value = try handles.wireValue(of: try result.get(), &ids)
            guard value.isEncodable else { throw HostError(.failed, "the host's answer has too many parts") }
            let (streams, sinks) = (handles.streams, handles.sinks)
            if !streams.isEmpty || !sinks.isEmpty {
                guard channels.hasRoom(streams.count + sinks.count, by: .thisSide, of: dispatch) else {
                    throw HostError(.exhausted, "too many streams are open: end some of them first")
                }
            }
            guard (try? SupervisorMessage.answer(call, .success(value)).encode(into: &buffer)) != nil else {
                throw HostError(.failed, "the host's answer is too large")
            }
            own = ids
            for (id, _) in streams { channels.openOutgoing(id, by: .thisSide, of: dispatch) }
            for (id, _) in sinks { channels.openIncoming(id, by: .thisSide, of: dispatch, isSink: true) }
            return (streams, sinks)
        } catch {
            try? SupervisorMessage.answer(call, .failure(error)).encode(into: &buffer)
            return nil
        }
    }

    /// A message of a socket's client is about to be written to its channel.
    public mutating func sendMessage(_ id: UInt32) { sockets[id]?.send() }

    /// Says that a socket is closed. Only the first time counts.
    public mutating func closeSocket(_ id: UInt32, _ end: SocketEnd, into buffer: inout ByteBuffer) {
        guard let socket = sockets[id], !socket.isClosed else { return }
        sockets[id]?.close()
        try? SupervisorMessage.socketClosed(id, end).encode(into: &buffer)
    }

    // MARK: What it hears

    /// Takes a frame of the shard's, as `Session` says.
    public mutating func receive(
        _ frame: Frame, replies: inout ByteBuffer
    ) throws(ProtocolError) -> Event? {
        try check(frame.header.kind)
        switch try ShardMessage(frame) {
        case .hello(let greeting):
            phase = .greeted
            return .hello(greeting)
        case .ready:
            phase = .ready
            return .ready
        case .channel(let id, let message):
            let event = try channels.receive(
                id, message, isOver: { own.has($0) || theirs.has($0) }, replies: &replies)
            guard let event else { return nil }
            try sockets.take(event)
            if case .data(_, _, isLast: true) = event { dispatches[id]?.answer = .given }
            return .channel(event)
        case .checked(let id, let faults):
            guard checks.remove(id) != nil else { throw notAsked("the result of a check", id) }
            return .checked(id, faults)
        case .response(let id, let answer): return try response(id, answer)
        case .refused(let id, let refusal):
            guard let dispatch = dispatches[id], dispatch.kind == .dispatch, dispatch.answer == .none else {
                throw notAsked("a refusal", id)
            }
            dispatches[id]?.answer = .given
            if case .failed = refusal { return .refused(id, refusal, nil) }
            return .refused(id, refusal, end(id))
        case .ended(let id, let report):
            guard let dispatch = dispatches[id], dispatch.kind == .dispatch else {
                throw notAsked("the end of a dispatch", id)
            }
            if let socket = sockets[id] {
                guard !socket.hasDispatchEnded else { throw notAsked("the end of a dispatch", id) }
                sockets.handOver(id)
                return .handedOver(id, report)
            }
            return .ended(id, report, end(id), wasAnswered: dispatch.answer != .none)
        case .ran(let id, let answer):
            guard let run = dispatches[id], run.kind == .run else { throw notAsked("the end of a run", id) }
            return .ran(id, answer, end(id))
        case .start(let id, let serial):
            try theirs.take(id)
            guard starts < limits.mostStarts, startsLeft > 0 else {
                throw ProtocolError(.flood, "too many isolates call the host")
            }
            starts += 1
            startsLeft -= 1
            dispatches[id] = DispatchState(.start, limits)
            return .start(id, serial)
        case .endStart(let id):
            guard dispatches[id]?.kind == .start else {
                throw ProtocolError(theirs.has(id) ? .notAsked : .unknownID, "the end of an isolate \(id)")
            }
            starts -= 1
            return .endStart(id, end(id))
        case .call(let id, let call): return try self.call(id, call)
        case .cancelCall(let id):
            guard theirs.has(id) else { throw ProtocolError(.unknownID, "the end of a call \(id)") }
            return calls[id] == nil ? nil : .cancelCall(id)
        case .log(let line): return try log(line)
        case .approached(let id, let limit):
            guard var dispatch = dispatches[id] else { throw notAsked("news", id) }
            guard dispatch.takeApproach(limit) else { throw ProtocolError(.flood, "the same limit twice") }
            dispatches[id] = dispatch
            return .approached(id, limit)
        case .heartbeat(let figures):
            try notice()
            ping(into: &replies)
            return .heartbeat(figures)
        case .lostThread(let notice):
            try self.notice()
            return .lostThread(notice)
        case .pong(let nonce):
            guard awaitedPong == nonce else { throw ProtocolError(.notAsked, "the answer to no ping") }
            awaitedPong = nil
            allowance.renew()
            return nil
        case .figures(let id, let figures):
            guard questions.removeValue(forKey: id) == figures.count else { throw notAsked("figures", id) }
            return .figures(id, figures)
        case .socketOpened(let id, let answer): return try openSocket(id, answer)
        case .messageTaken(let id):
            guard sockets[id]?.take() == true else { throw notAsked("a taken message", id) }
            dispatches[id]?.renewLines()
            return .messageTaken(id)
        case .closeSocket(let id, let end):
            guard let socket = sockets[id], !socket.isClosing, !channels.isReadable(id) else {
                throw notAsked("the closing of a socket", id)
            }
            sockets[id]?.isClosing = true
            return .closeSocket(id, end)
        case .socketEnded(let id, let report):
            guard let socket = sockets[id], socket.mayEnd else { throw notAsked("the end of a socket", id) }
            sockets.end(id)
            let isLast = socket.hasDispatchEnded
            return .socketEnded(id, report, isLast ? self.end(id) : channels.endSocket(id), isLast: isLast)
        }
    }

    private mutating func openSocket(_ id: UInt32, _ answer: SocketAnswer) throws(ProtocolError) -> Event {
        guard let dispatch = dispatches[id], dispatch.answer == .none, let offered = dispatch.webSocketProtocols
        else { throw notAsked("a socket", id) }
        guard sockets.count < limits.mostSockets else { throw ProtocolError(.flood, "too many sockets") }
        let chosen = answer.protocols
        guard chosen.count <= 1, chosen.allSatisfy(offered.contains) else {
            throw ProtocolError(.malformed, "a subprotocol that was not offered")
        }
        dispatches[id]?.answer = .given
        sockets[id] = SocketState()
        channels.openIncoming(id, by: nil, of: id)
        channels.openOutgoing(id, by: nil, of: id)
        return .socketOpened(id, answer)
    }

    private func check(_ kind: FrameKind) throws(ProtocolError) {
        let fits =
            switch phase {
            case .beginning: kind == .hello
            case .greeted: kind == .ready
            case .ready: kind != .hello && kind != .ready
            }
        guard fits else { throw ProtocolError(.unexpected, "a frame \(kind) while the connection is \(phase)") }
    }

    private func notAsked(_ what: String, _ id: UInt32) -> ProtocolError {
        ProtocolError(own.has(id) ? .notAsked : .unknownID, "\(what) \(id)")
    }

    private mutating func notice() throws(ProtocolError) {
        guard allowance.takeNotice() else {
            throw ProtocolError(.flood, "more than \(limits.mostNotices) notices between two pings")
        }
    }

    private mutating func response(_ id: UInt32, _ answer: AnswerDescription) throws(ProtocolError) -> Event {
        guard let dispatch = dispatches[id], dispatch.kind == .dispatch, dispatch.answer == .none else {
            throw notAsked("a response", id)
        }
        if answer.body == .follows {
            guard channels.hasRoom(1, by: .otherSide, of: id) else {
                throw ProtocolError(.flood, "too many streams")
            }
            channels.openIncoming(id, by: .otherSide, of: id)
            dispatches[id]?.answer = .streaming
        } else {
            dispatches[id]?.answer = .given
        }
        return .response(id, answer)
    }

    private mutating func call(_ id: UInt32, _ call: CallDescription) throws(ProtocolError) -> Event {
        try theirs.take(id)
        guard let dispatch = dispatches[call.dispatch] else {
            throw ProtocolError(.unknownID, "a call \(id) of the dispatch \(call.dispatch)")
        }
        guard calls.count < limits.mostCalls, dispatch.calls.count < limits.mostCallsPerDispatch else {
            throw ProtocolError(.flood, "\(dispatch.calls.count) calls of one dispatch, \(calls.count) of all")
        }
        for argument in call.arguments {
            for handle in argument.handles {
                guard !handle.isSink else { throw ProtocolError(.malformed, "a sink as an argument") }
                try theirs.take(handle.id)
                guard channels.hasRoom(1, by: .otherSide, of: call.dispatch) else {
                    throw ProtocolError(.flood, "too many streams")
                }
                channels.openIncoming(handle.id, by: .otherSide, of: call.dispatch)
            }
        }
        calls[id] = call.dispatch
        dispatches[call.dispatch]?.calls.insert(id)
        return .call(id, call)
    }

    private mutating func log(_ line: LineDescription) throws(ProtocolError) -> Event {
        if line.dispatch == 0 {
            guard allowance.takeLine(line.cost) else { throw ProtocolError(.flood, "too many lines of no dispatch") }
            return .log(line)
        }
        guard var dispatch = dispatches[line.dispatch] else { throw notAsked("a line", line.dispatch) }
        guard dispatch.takeLine(line.cost) else { throw ProtocolError(.flood, "too many lines of one dispatch") }
        dispatches[line.dispatch] = dispatch
        return .log(line)
    }

    private mutating func end(_ id: UInt32) -> DispatchRemains {
        var remains = DispatchRemains()
        if let dispatch = dispatches.removeValue(forKey: id), !dispatch.calls.isEmpty {
            remains.calls = dispatch.calls.sorted()
            for call in remains.calls { calls[call] = nil }
        }
        (remains.outgoing, remains.incoming) = channels.end(id)
        return remains
    }
}
