// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
public import NIOCore
internal import Synchronization
internal import WorkerTypes

/// Does what a supervisor says. From the thread that calls `receive`: return soon.
public protocol ShardLinkHandler: AnyObject, Sendable {
    /// How the shard is to be. Call `ready(_:)` when dispatches may come.
    func begin(_ settings: ShardSettings)
    /// Take a version into service.
    func install(_ worker: WorkerDescription)
    /// Keep modules for those that import them.
    func share(_ modules: ModulesDescription)
    /// Take a worker out of service.
    func remove(_ name: String)
    /// Try a version; answer once, from any thread.
    func check(_ worker: WorkerDescription, _ answer: @escaping @Sendable ([FaultDescription]) -> Void)
    /// A request or a scheduled run.
    func dispatch(_ dispatch: ShardDispatch)
    /// Run modules once; answer once, from any thread. The number is that of its calls to the host.
    /// - Returns: what ends it when nobody waits any more.
    func run(
        _ run: RunDescription, _ number: UInt64, _ answer: @escaping @Sendable (RunAnswer) -> Void
    ) -> @Sendable () -> Void
    /// Take nothing more, and come to an end.
    func drain()
    /// How the shard is.
    var figures: ShardFigures { get }
    /// How workers of it are, in the order of their names.
    func figures(of workers: [String]) -> [WorkerLoad]
    /// The connection is at its end: the process may go.
    func linkEnded(_ error: ProtocolError?)
}

/// A shard's connection to its supervisor.
public final class ShardLink: Sendable {
    private struct State {
        var dispatches: [UInt32: ShardDispatch] = [:]
        var runs: [UInt32: @Sendable () -> Void] = [:]
        var calls: [UInt32: @Sendable (Result<HostValue, HostError>) -> Void] = [:]
        /// Isolates by the numbers of their calls outside of dispatches; the ids of those that have made any.
        var starts: [UInt64: (serial: Int, id: UInt32?)] = [:]
        var lastStart = UInt64(UInt32.max)
    }

    let link: Link<ShardSession>
    private let handler: any ShardLinkHandler
    private let state = Mutex(State())
    private let room = SocketRoom()

    /// A connection on which nothing was said but the greeting.
    public init(_ transport: any LinkTransport, _ greeting: ShardGreeting, _ handler: any ShardLinkHandler) {
        self.handler = handler
        link = Link(ShardSession(), FrameDecoder(for: .shard), transport)
        say(.hello(greeting))
    }

    // MARK: Bytes

    /// What is to be sent; `nil`: nothing.
    public func takeOutput() -> ByteBuffer? { link.takeOutput() }

    /// Takes what has come. From one thread at a time. What is wrong with it ends the connection.
    public func receive(_ bytes: ByteBuffer) { if let error = link.receive(bytes, handle) { end(error) } }

    /// The transport has closed.
    public func transportClosed() { end(link.finish()) }

    // MARK: What it says

    /// Dispatches may come.
    public func ready() { say(.ready) }

    /// How the shard is, unasked.
    public func beat() { link.with { [figures = handler.figures] in $0.session.beat(figures, into: &$0.output) } }

    /// A thread was lost.
    public func loseThread(_ notice: LostThreadNotice) {
        link.with { $0.session.loseThread(notice, into: &$0.output) }
    }

    /// A dispatch came near to a limit.
    public func approach(_ id: UInt32, _ limit: ApproachedLimit) {
        link.with { $0.session.approach(id, limit, into: &$0.output) }
    }

    /// Passes a line on; `false`: there was no room for it.
    @discardableResult public func log(_ line: LineDescription) -> Bool {
        link.with { $0.session.log(line, into: &$0.output) }
    }

    /// Answers of many dispatches, which go out together. Not inside of what the handler is told.
    public func gather(_ answers: () -> Void) { link.gather(answers) }

    private func say(_ message: ShardMessage) { link.with { try? message.encode(into: &$0.output) } }

    // MARK: Calls to the host

    /// An isolate of an installation may call the host outside of dispatches from now on.
    /// - Returns: the number of such calls, which no dispatch has.
    public func beginStart(of serial: Int) -> UInt64 {
        state.withLock { state in
            state.lastStart += 1
            state.starts[state.lastStart] = (serial, nil)
            return state.lastStart
        }
    }

    /// The isolate is no more.
    public func endStart(_ number: UInt64) {
        // In one step: a call of another thread may be about to tell of it.
        let ended = link.with { link -> (UInt32, DispatchRemains)? in
            guard let id = state.withLock({ $0.starts.removeValue(forKey: number) })?.id,
                let remains = link.session.endStart(id, into: &link.output)
            else { return nil }
            return (id, remains)
        }
        if let (id, remains) = ended { forget(id, remains) }
    }

    /// The id of a dispatch on the wire. The supervisor hears of an isolate with the first such call of it.
    private func owner(
        _ number: UInt64, _ session: inout ShardSession, _ output: inout ByteBuffer
    ) throws(HostError) -> UInt32 {
        if let id = UInt32(exactly: number) { return id }
        guard let start = state.withLock({ $0.starts[number] }) else {
            throw HostError(.cancelled, "the host is called after the isolate ended")
        }
        if let id = start.id { return id }
        let id = try session.start(start.serial, into: &output)
        state.withLock { $0.starts[number]?.id = id }
        return id
    }

    /// Calls an operation of the supervisor's.
    /// - Parameter answer: called once, from any thread, unless this throws.
    /// - Returns: the call's id, to cancel it.
    func call(
        _ operation: Int, on binding: Int, of dispatch: UInt64, version: Int, _ arguments: [HostValue],
        _ answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) throws(HostError) -> UInt32 {
        typealias Begun = (id: UInt32, pumps: [(any ByteStream, OutboundSink)])
        let result = link.with { link -> Result<Begun, HostError> in
            do throws(HostError) {
                guard !link.isOver else { throw Self.gone }
                let owner = try owner(dispatch, &link.session, &link.output)
                let (id, streams) = try link.session.call(
                    operation, on: binding, of: owner, version: version, arguments, into: &link.output)
                state.withLock { $0.calls[id] = answer }
                return .success((id, streams.map { ($0.stream, self.link.writer($0.id, &link)) }))
            } catch {
                return .failure(error)
            }
        }
        do throws(HostError) {
            let (id, pumps) = try result.get()
            for (stream, writer) in pumps { Pump.run(stream, into: writer) }
            return id
        } catch {
            HostValue.list(arguments).discard()
            throw error
        }
    }

    private static let gone = HostError(.unavailable, "the server is about to end")

    /// Waits no longer for a call. It is answered all the same.
    func cancelCall(_ id: UInt32) { link.with { $0.session.cancelCall(id, into: &$0.output) } }

    private func answer(_ id: UInt32, _ result: Result<WireValue, HostError>) {
        let value = link.with { link in
            result.map { value in
                value.hostValue(
                    { self.link.reader($0, &link) }, { self.link.writer($0, &link, awaitsClose: true) })
            }
        }
        if let answer = state.withLock({ $0.calls.removeValue(forKey: id) }) {
            answer(value)
        } else if case .success(let value) = value {
            value.discard()
        }
    }

    // MARK: Dispatches

    func respond(
        _ id: UInt32, _ answer: AnswerDescription
    ) -> (isSaid: Bool, sink: OutboundSink?) {
        link.with { link in
            guard link.session.respond(id, answer, into: &link.output) else { return (false, nil) }
            return (true, answer.body == .follows ? self.link.writer(id, &link) : nil)
        }
    }

    func open(
        _ id: UInt32, _ answer: SocketAnswer, _ handler: any DispatchSocketHandler, _ onOpened: (ShardSocket) -> Void
    ) -> ShardSocket? {
        link.with { link -> ShardSocket? in
            guard link.session.openSocket(id, answer, into: &link.output) else { return nil }
            let reader = SocketReader(self.link.reader(id, &link), room)
            let socket = ShardSocket(handler, reader, self.link.writer(id, &link)) { [weak self] in self?.say($0, id) }
            onOpened(socket)
            return socket
        }
    }

    private func say(_ word: ShardSocket.Word, _ id: UInt32) {
        switch word {
        case .taken: link.with { $0.session.takeMessage(id, into: &$0.output) }
        case .close(let end): link.with { $0.session.closeSocket(id, end, into: &$0.output) }
        case .end(let report): endSocket(id, report)
        }
    }

    private func endSocket(_ id: UInt32, _ report: DispatchReport) {
        guard let (remains, isLast) = link.with({ $0.session.endSocket(id, report, into: &$0.output) }) else { return }
        if isLast { forget(id, remains) } else { link.end(remains) }
    }

    func refuse(_ id: UInt32, _ refusal: DispatchRefusal) {
        if let remains = link.with({ $0.session.refuse(id, refusal, into: &$0.output) }) { forget(id, remains) }
    }

    func end(_ id: UInt32, _ report: DispatchReport) {
        if let remains = link.with({ $0.session.end(id, report, into: &$0.output) }) { forget(id, remains) }
    }

    private func forget(_ id: UInt32, _ remains: DispatchRemains) {
        let calls = state.withLock { state in
            state.dispatches[id] = nil
            return remains.calls.compactMap { state.calls.removeValue(forKey: $0) }
        }
        link.end(remains)
        for answer in calls { answer(.failure(HostError(.cancelled, "the dispatch is over"))) }
    }

    // MARK: What it hears

    private func handle(_ event: ShardSession.Event) {
        switch event {
        case .hello(let settings): handler.begin(settings)
        case .channel(let event): link.handle(event)
        case .install(let worker): handler.install(worker)
        case .library(let modules): handler.share(modules)
        case .remove(let name): handler.remove(name)
        case .check(let id, let worker):
            handler.check(worker) { [weak self] faults in
                self?.link.with { $0.session.finishCheck(id, faults, into: &$0.output) }
            }
        case .dispatch(let id, let description):
            let body = description.body == .follows ? link.with { link.reader(id, &$0) } : nil
            let dispatch = ShardDispatch(id, description, body, self)
            state.withLock { $0.dispatches[id] = dispatch }
            handler.dispatch(dispatch)
        case .cancel(let id): state.withLock { $0.dispatches[id] }?.cancel()
        case .answer(let id, let result): answer(id, result)
        case .drain: handler.drain()
        case .askFigures(let id, let workers):
            link.with { [figures = handler.figures(of: workers)] in
                $0.session.answer(id, figures, into: &$0.output)
            }
        case .run(let id, let run):
            let end = handler.run(run, UInt64(id)) { [weak self] in self?.finish(id, $0) }
            // It may be over already.
            link.with { link in
                if link.session.isUnderWay(id) { state.withLock { $0.runs[id] = end } }
            }
        case .endRun(let id): state.withLock { $0.runs[id] }?()
        case .socketClosed(let id, let end): state.withLock { $0.dispatches[id] }?.socketClosed(end)
        }
    }

    private func finish(_ id: UInt32, _ answer: RunAnswer) {
        guard let remains = link.with({ $0.session.finish(id, answer, into: &$0.output) }) else { return }
        state.withLock { $0.runs[id] = nil }
        forget(id, remains)
    }

    // MARK: The end

    private func end(_ error: ProtocolError?) {
        guard link.end(Self.gone) else { return }
        let left = state.withLock { state in
            defer { state = State() }
            return state
        }
        for answer in left.calls.values { answer(.failure(Self.gone)) }
        for dispatch in left.dispatches.values { dispatch.lose() }
        for end in left.runs.values { end() }
        handler.linkEnded(error)
    }
}
