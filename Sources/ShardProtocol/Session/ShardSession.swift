// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore

/// A shard's side of the connection: it says nothing that its supervisor would refuse.
public struct ShardSession: Session {
    /// What a supervisor says.
    public enum Event: Sendable, Hashable {
        /// Its greeting.
        case hello(ShardSettings)
        /// About bytes.
        case channel(ChannelTable.Event)
        /// Take a version into service.
        case install(WorkerDescription)
        /// Modules that workers import.
        case library(ModulesDescription)
        /// Take a worker out of service.
        case remove(String)
        /// Try a version.
        case check(UInt32, WorkerDescription)
        /// A request or a scheduled run.
        case dispatch(UInt32, DispatchDescription)
        /// Nobody waits for a dispatch any more.
        case cancel(UInt32)
        /// The answer to a call.
        case answer(UInt32, Result<WireValue, HostError>)
        /// Come to an end.
        case drain
        /// How are these workers?
        case askFigures(UInt32, [String])
        /// Run modules once.
        case run(UInt32, RunDescription)
        /// Nobody waits for a run any more.
        case endRun(UInt32)
        /// A socket's client has closed it, or is gone.
        case socketClosed(UInt32, SocketEnd)
    }

    private var limits = SessionLimits()
    private var isGreeted = false
    private var own = IDSpace.shard
    private var theirs = IDSpace.supervisor
    private var dispatches: [UInt32: DispatchState] = [:]
    private var calls: [UInt32: UInt32] = [:]
    private var checks: Set<UInt32> = []
    private var questions: [UInt32: Int] = [:]
    private var starts = 0
    private var sockets = SocketTable()
    private var allowance = Allowance(SessionLimits())
    /// The bytes under way.
    public var channels = ChannelTable(SessionLimits(), endsEarly: true)

    /// A connection on which nothing was said.
    public init() {}

    /// Dispatches and runs under way.
    public var dispatchCount: Int { dispatches.count - starts }
    /// Whether a dispatch or a run is not over.
    public func isUnderWay(_ id: UInt32) -> Bool { dispatches[id] != nil }
    /// Calls that wait for their answers.
    public var callCount: Int { calls.count }

    // MARK: What it hears

    /// Takes a frame of the supervisor's, as `Session` says.
    public mutating func receive(
        _ frame: Frame, replies: inout ByteBuffer
    ) throws(ProtocolError) -> Event? {
        guard (frame.header.kind == .hello) != isGreeted else {
            throw ProtocolError(
                .unexpected, "a frame \(frame.header.kind) \(isGreeted ? "after" : "before") the greeting")
        }
        switch try SupervisorMessage(frame) {
        case .hello(let settings):
            isGreeted = true
            limits = settings.session
            allowance = Allowance(limits)
            channels = ChannelTable(limits, endsEarly: true)
            return .hello(settings)
        case .channel(let id, let message):
            let event = try channels.receive(
                id, message, isOver: { own.has($0) || theirs.has($0) }, replies: &replies)
            guard let event else { return nil }
            try sockets.take(event)
            return .channel(event)
        case .install(let worker): return .install(worker)
        case .library(let modules): return .library(modules)
        case .remove(let name): return .remove(name)
        case .check(let id, let worker):
            try theirs.take(id)
            guard checks.count < limits.mostDispatches else { throw ProtocolError(.flood, "too many checks") }
            checks.insert(id)
            return .check(id, worker)
        case .dispatch(let id, let dispatch):
            try open(id, DispatchState(.dispatch, logBytes: dispatch.logBytes, limits))
            if dispatch.offersSocket { dispatches[id]?.webSocketProtocols = dispatch.webSocketProtocols }
            if dispatch.body == .follows {
                guard channels.hasRoom(1, by: .otherSide, of: id) else {
                    throw ProtocolError(.flood, "too many streams")
                }
                channels.openIncoming(id, by: .otherSide, of: id)
            }
            return .dispatch(id, dispatch)
        case .run(let id, let run):
            try open(id, DispatchState(.run, logBytes: run.program.logBytes, limits))
            return .run(id, run)
        case .cancel(let id):
            guard theirs.has(id) else { throw ProtocolError(.unknownID, "the end of a dispatch \(id)") }
            return dispatches[id] == nil ? nil : .cancel(id)
        case .endRun(let id):
            guard theirs.has(id) else { throw ProtocolError(.unknownID, "the end of a run \(id)") }
            return dispatches[id] == nil ? nil : .endRun(id)
        case .answer(let id, let result): return try answer(id, result)
        case .drain: return .drain
        case .ping(let nonce):
            try ShardMessage.pong(nonce).encode(into: &replies)
            allowance.renew()
            return nil
        case .askFigures(let id, let workers):
            try theirs.take(id)
            guard questions.count < 64 else { throw ProtocolError(.flood, "too many questions") }
            questions[id] = workers.count
            return .askFigures(id, workers)
        case .socketClosed(let id, let end):
            guard theirs.has(id) else { throw ProtocolError(.unknownID, "the end of a socket \(id)") }
            // Where it is over, its supervisor will know soon.
            guard let socket = sockets[id] else { return nil }
            guard !socket.isClosed else { throw ProtocolError(.notAsked, "the end of a socket twice") }
            sockets[id]?.close()
            return .socketClosed(id, end)
        }
    }

    private mutating func open(_ id: UInt32, _ state: DispatchState) throws(ProtocolError) {
        try theirs.take(id)
        guard dispatchCount - sockets.handedOver < limits.mostDispatches else {
            throw ProtocolError(.flood, "too many dispatches")
        }
        dispatches[id] = state
    }

    private mutating func answer(
        _ id: UInt32, _ result: Result<WireValue, HostError>
    ) throws(ProtocolError) -> Event? {
        guard own.has(id) else { throw ProtocolError(.unknownID, "the answer to a call \(id)") }
        let dispatch = calls.removeValue(forKey: id)
        if let dispatch { dispatches[dispatch]?.calls.remove(id) }
        if case .success(let value) = result {
            for handle in value.handles {
                try theirs.take(handle.id)
                // Where the dispatch is over, its supervisor will know soon.
                guard let dispatch else { continue }
                guard channels.hasRoom(1, by: .otherSide, of: dispatch) else {
                    throw ProtocolError(.flood, "too many streams")
                }
                if handle.isSink {
                    channels.openOutgoing(handle.id, by: .otherSide, of: dispatch, isSink: true)
                } else {
                    channels.openIncoming(handle.id, by: .otherSide, of: dispatch)
                }
            }
        }
        return dispatch == nil ? nil : .answer(id, result)
    }

    // MARK: What it says

    /// Answers a dispatch. A body that follows, and a whole one that is too large, is written to the channel of the same
    /// id.
    /// - Returns: whether it could be said: the dispatch is there and not answered, and there is room.
    public mutating func respond(
        _ id: UInt32, _ answer: AnswerDescription, into buffer: inout ByteBuffer
    ) -> Bool {
        guard let dispatch = dispatches[id], dispatch.kind == .dispatch, dispatch.answer == .none else { return false }
        let follows = answer.body == .follows
        guard !follows || channels.hasRoom(1, by: .thisSide, of: id),
            (try? buffer.writeFrame(.response, id: id) { answer.write(into: &$0) }) != nil
        else { return false }
        dispatches[id]?.answer = follows ? .streaming : .given
        if follows { channels.openOutgoing(id, by: .thisSide, of: id) }
        return true
    }

    /// Says that there is no answer.
    /// - Returns: what remained, where the dispatch is over with that.
    @discardableResult public mutating func refuse(
        _ id: UInt32, _ refusal: DispatchRefusal, into buffer: inout ByteBuffer
    ) -> DispatchRemains? {
        guard let dispatch = dispatches[id], dispatch.kind == .dispatch, dispatch.answer == .none else { return nil }
        dispatches[id]?.answer = .given
        try? ShardMessage.refused(id, refusal).encode(into: &buffer)
        if case .failed = refusal { return nil }
        return end(id)
    }

    /// Says that a dispatch is over.
    /// - Returns: what remained; `nil` where its socket goes on with it.
    public mutating func end(
        _ id: UInt32, _ report: DispatchReport, into buffer: inout ByteBuffer
    ) -> DispatchRemains? {
        guard let dispatch = dispatches[id], dispatch.kind == .dispatch else { return nil }
        if let socket = sockets[id] {
            guard !socket.hasDispatchEnded else { return nil }
            sockets.handOver(id)
        }
        try? buffer.writeFrame(.ended, id: id) { report.write(into: &$0) }
        return sockets[id] == nil ? end(id) : nil
    }

    /// Takes up the WebSocket of a dispatch's client: the channels of the same id have its messages, in both directions.
    /// - Returns: whether it could be said: it is offered, the dispatch is not answered, and there is room.
    public mutating func openSocket(_ id: UInt32, _ answer: SocketAnswer, into buffer: inout ByteBuffer) -> Bool {
        guard let dispatch = dispatches[id], dispatch.answer == .none, dispatch.webSocketProtocols != nil,
            sockets.count < limits.mostSockets,
            (try? ShardMessage.socketOpened(id, answer).encode(into: &buffer)) != nil
        else { return false }
        dispatches[id]?.answer = .given
        sockets[id] = SocketState()
        channels.openOutgoing(id, by: nil, of: id)
        channels.openIncoming(id, by: nil, of: id)
        return true
    }

    /// Says that a worker has the next message of a socket, or hears of its end: it may use as much again.
    public mutating func takeMessage(_ id: UInt32, into buffer: inout ByteBuffer) {
        guard sockets[id] != nil else { return }
        dispatches[id]?.renewLines()
        try? ShardMessage.messageTaken(id).encode(into: &buffer)
    }

    /// Has a socket closed once all that was written is out; what is not written does not count. Only the first time
    /// counts.
    public mutating func closeSocket(_ id: UInt32, _ end: SocketEnd, into buffer: inout ByteBuffer) {
        guard let socket = sockets[id], !socket.isClosing else { return }
        sockets[id]?.isClosing = true
        channels.reset(id, HostError(.cancelled, "the socket is closed"), into: &buffer)
        try? ShardMessage.closeSocket(id, end).encode(into: &buffer)
    }

    /// Says that a socket is over, once it was closed by either side.
    /// - Returns: what remained, and whether its dispatch is over with it.
    public mutating func endSocket(
        _ id: UInt32, _ report: DispatchReport, into buffer: inout ByteBuffer
    ) -> (remains: DispatchRemains, isLast: Bool)? {
        guard let socket = sockets[id], socket.mayEnd else { return nil }
        sockets.end(id)
        try? ShardMessage.socketEnded(id, report).encode(into: &buffer)
        return socket.hasDispatchEnded ? (end(id), true) : (channels.endSocket(id), false)
    }

    /// Says that a run is over.
    /// - Returns: what remained.
    public mutating func finish(
        _ id: UInt32, _ answer: RunAnswer, into buffer: inout ByteBuffer
    ) -> DispatchRemains? {
        guard let run = dispatches[id], run.kind == .run else { return nil }
        if (try? ShardMessage.ran(id, answer).encode(into: &buffer)) == nil {
            try? ShardMessage.ran(id, .refused(.host, "the run's report is too large")).encode(into: &buffer)
        }
        return end(id)
    }

    /// Says what is wrong with a version that was tried.
    public mutating func finishCheck(_ id: UInt32, _ faults: [FaultDescription], into buffer: inout ByteBuffer) {
        guard checks.remove(id) != nil else { return }
        try? ShardMessage.checked(id, faults).encode(into: &buffer)
    }

    /// Says that an isolate of an installation will call the host outside of dispatches.
    /// - Returns: its id, which its calls have in the place of a dispatch's.
    /// - Throws: `exhausted` where too many do.
    public mutating func start(_ serial: Int, into buffer: inout ByteBuffer) throws(HostError) -> UInt32 {
        guard starts < limits.mostStarts, let id = own.next() else {
            throw HostError(.exhausted, "too many isolates call the host outside of requests")
        }
        try? ShardMessage.start(id, serial).encode(into: &buffer)
        starts += 1
        dispatches[id] = DispatchState(.start, limits)
        return id
    }

    /// Says that the isolate is no more.
    /// - Returns: what remained.
    public mutating func endStart(_ id: UInt32, into buffer: inout ByteBuffer) -> DispatchRemains? {
        guard dispatches[id]?.kind == .start else { return nil }
        try? ShardMessage.endStart(id).encode(into: &buffer)
        starts -= 1
        return end(id)
    }

    /// Calls the host.
    /// - Returns: the call's id, and the streams among the arguments.
    /// - Throws: `cancelled` where the dispatch is over, `exhausted` where too much is under way, `invalidArgument` for
    ///   what cannot be passed.
    public mutating func call(
        _ operation: Int, on binding: Int, of dispatch: UInt32, version: Int = 0, _ arguments: [HostValue],
        into buffer: inout ByteBuffer
    ) throws(HostError) -> (id: UInt32, streams: [(id: UInt32, stream: any ByteStream)]) {
        guard let state = dispatches[dispatch] else {
            throw HostError(.cancelled, "the host is called after the dispatch ended")
        }
        guard calls.count < limits.mostCalls, state.calls.count < limits.mostCallsPerDispatch else {
            throw HostError(.exhausted, "too many calls wait for their answers: wait for some of them first")
        }
        guard arguments.count <= HostValueCoding.mostArguments else {
            throw HostError(.invalidArgument, "more than \(HostValueCoding.mostArguments) arguments")
        }
        var ids = own
        guard let id = ids.next() else { throw HostError(.exhausted, "this connection has no ids left") }
        var handles = ValueHandles()
        var values: [WireValue] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try handles.wireValue(of: argument, &ids)) }
        guard handles.sinks.isEmpty, values.allSatisfy(\.isEncodable) else {
            throw HostError(.invalidArgument, "an argument cannot be passed to the host")
        }
        let streams = handles.streams
        guard channels.hasRoom(streams.count, by: .thisSide, of: dispatch) else {
            throw HostError(.exhausted, "too many streams are open: end some of them first")
        }
        var call = CallDescription(dispatch: dispatch, binding: binding, operation: operation, arguments: values)
        call.version = version
        guard (try? buffer.writeFrame(.call, id: id) { call.write(into: &$0) }) != nil else {
            throw HostError(.invalidArgument, "the arguments are too large")
        }
        own = ids
        calls[id] = dispatch
        dispatches[dispatch]?.calls.insert(id)
        for (id, _) in streams { channels.openOutgoing(id, by: .thisSide, of: dispatch) }
        return (id, streams)
    }

    /// Waits no longer for a call. Its place is free again with the answer, which comes all the same.
    public mutating func cancelCall(_ id: UInt32, into buffer: inout ByteBuffer) {
        if calls[id] != nil { try? ShardMessage.cancelCall(id).encode(into: &buffer) }
    }

    /// Passes a line on, as far as there is room; one of a dispatch that is over as of none.
    /// - Returns: whether there was room.
    public mutating func log(_ line: LineDescription, into buffer: inout ByteBuffer) -> Bool {
        var line = line
        if var dispatch = dispatches[line.dispatch] {
            guard dispatch.takeLine(line.cost) else { return false }
            dispatches[line.dispatch] = dispatch
        } else {
            line.dispatch = 0
            guard allowance.takeLine(line.cost) else { return false }
        }
        return (try? ShardMessage.log(line).encode(into: &buffer)) != nil
    }

    /// Says that a dispatch came near to a limit, once of each.
    public mutating func approach(_ id: UInt32, _ limit: ApproachedLimit, into buffer: inout ByteBuffer) {
        guard var dispatch = dispatches[id], dispatch.takeApproach(limit) else { return }
        dispatches[id] = dispatch
        try? ShardMessage.approached(id, limit).encode(into: &buffer)
    }

    /// Says how it is, if it may.
    public mutating func beat(_ figures: ShardFigures, into buffer: inout ByteBuffer) {
        if allowance.takeNotice() { try? ShardMessage.heartbeat(figures).encode(into: &buffer) }
    }

    /// Says that a thread was lost, if it may.
    public mutating func loseThread(_ notice: LostThreadNotice, into buffer: inout ByteBuffer) {
        if allowance.takeNotice() { try? ShardMessage.lostThread(notice).encode(into: &buffer) }
    }

    /// Answers how workers are, those that were asked for, in their order.
    public mutating func answer(_ id: UInt32, _ figures: [WorkerLoad], into buffer: inout ByteBuffer) {
        guard questions[id] == figures.count else { return }
        questions[id] = nil
        try? ShardMessage.figures(id, figures).encode(into: &buffer)
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
