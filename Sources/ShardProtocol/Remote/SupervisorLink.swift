// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore
internal import Synchronization
internal import WorkerTypes

/// Hears of a shard. From the thread that calls `receive`: return soon.
public protocol SupervisorLinkHandler: AnyObject, Sendable {
    /// Dispatches may be sent.
    func shardIsReady(_ greeting: ShardGreeting)
    /// A line of no dispatch.
    func log(_ line: LineDescription)
    /// How the shard is.
    func heartbeat(_ figures: ShardFigures)
    /// A thread was lost.
    func lostThread(_ notice: LostThreadNotice)
    /// Whose the calls to the host are that an isolate of an installation makes outside of dispatches; `nil`: there is no
    /// such installation any more.
    func makeScope(of serial: Int) -> CallScope?
    /// The connection is at its end, and what was under way has been told; with what the shard did wrong, if anything.
    func linkEnded(_ error: ProtocolError?)
}

/// Hears of one dispatch in a shard. One of `respond`, `start`, `open`, `refuse` and `lose` comes, once, for a request;
/// `end` is last, but for a WebSocket: then `end` or `handOver` comes, and `endSocket`, which is last after `handOver`.
public protocol RemoteDispatchObserver: AnyObject, Sendable {
    /// Whose the dispatch's calls to the host are: asked once, with the first call.
    /// - Parameter version: the worker's that calls; `nil` where there can be none of this one.
    func makeScope(version: Int) -> CallScope?
    /// The whole answer; its body is none or whole.
    func respond(_ answer: AnswerDescription)
    /// The answer's head; its body is read from the stream, which fails where something ended the worker.
    func start(_ answer: AnswerDescription, body: any ByteStream)
    /// Its client's WebSocket is taken up: the socket is told when it is open, and of its end.
    func open(_ answer: SocketAnswer, _ socket: RemoteSocket)
    /// There is no answer.
    func refuse(_ refusal: DispatchRefusal)
    /// The shard is gone, and had not answered: nobody else has either, and it may be tried elsewhere.
    func lose()
    /// It came near to a limit.
    func approach(_ limit: ApproachedLimit)
    /// A line of it.
    func log(_ line: LineDescription)
    /// It is over; `nil`: the connection ended before, or nothing was begun.
    /// - Parameter scope: the one that was made, which has ended.
    func end(_ report: DispatchReport?, _ scope: CallScope?)
    /// It is over, but for its WebSocket, which goes on with the scope.
    func handOver(_ report: DispatchReport, _ scope: CallScope?)
    /// The worker has another message of the socket: it may use as much again.
    func renewSocket(_ scope: CallScope)
    /// The socket is about to call the host.
    func useSocket(_ scope: CallScope)
    /// The socket is over; `nil`: the connection ended before.
    /// - Parameter scope: the one that was made, which has ended; `nil` while the dispatch goes on with it.
    func endSocket(_ report: DispatchReport?, _ scope: CallScope?)
}

extension RemoteDispatchObserver {
    /// For dispatches that offer no WebSocket.
    public func open(_ answer: SocketAnswer, _ socket: RemoteSocket) { socket.closed(code: 1006, reason: "") }
    /// For dispatches that offer no WebSocket.
    public func handOver(_ report: DispatchReport, _ scope: CallScope?) {}
    /// For dispatches that offer no WebSocket.
    public func renewSocket(_ scope: CallScope) {}
    /// For dispatches that offer no WebSocket.
    public func useSocket(_ scope: CallScope) {}
    /// For dispatches that offer no WebSocket.
    public func endSocket(_ report: DispatchReport?, _ scope: CallScope?) {}
}

/// A supervisor's connection to one shard: dispatches go in, and calls to the host come out and are performed with the
/// scope of their dispatch, by the same checks and at the same cost as in one process.
public final class SupervisorLink: Sendable {
    private struct State {
        var dispatches: [UInt32: RemoteDispatch] = [:]
        var runs: [UInt32: @Sendable (RunAnswer?) -> Void] = [:]
        var checks: [UInt32: @Sendable ([FaultDescription]?) -> Void] = [:]
        var questions: [UInt32: @Sendable ([WorkerLoad]?) -> Void] = [:]
        var calls: [UInt32: PendingCall?] = [:]
        var heldBytes = 0
    }

    private let link: Link<SupervisorSession>
    private let handler: any SupervisorLinkHandler
    private let greeting = Mutex<ShardGreeting?>(nil)
    private let state = Mutex(State())
    private let mostCallBytes: Int
    private let mostOutputBytes: Int
    private let room = SocketRoom()

    /// A connection of which nothing was said.
    /// - Parameters:
    ///   - transport: where its bytes go.
    ///   - settings: what the shard is told; said with the first bytes.
    ///   - mostCallBytes: arguments of calls that are held at a time; more are refused.
    ///   - mostOutputBytes: bytes that may wait to be sent before dispatches are refused.
    public init(
        _ transport: any LinkTransport, _ settings: ShardSettings, _ handler: any SupervisorLinkHandler,
        mostCallBytes: Int = 256 << 20, mostOutputBytes: Int = 64 << 20
    ) {
        self.handler = handler
        self.mostCallBytes = mostCallBytes
        self.mostOutputBytes = mostOutputBytes
        link = Link(SupervisorSession(settings.session), FrameDecoder(for: .supervisor), transport)
        say(.hello(settings))
    }

    // MARK: Bytes

    /// What is to be sent; `nil`: nothing.
    public func takeOutput() -> ByteBuffer? { link.takeOutput() }

    /// Takes what has come. From one thread at a time. What is wrong with it ends the connection.
    public func receive(_ bytes: ByteBuffer) { if let error = link.receive(bytes, handle) { end(error) } }

    /// The transport has closed.
    public func transportClosed() { end(link.finish()) }

    /// Ends the connection.
    public func close() { end(nil) }

    // MARK: What it says

    /// Bytes that wait to be sent.
    public var outputBytes: Int { link.outputBytes }
    /// Dispatches and runs under way, those included that are over but for their WebSockets.
    public var dispatchCount: Int { link.with { $0.session.dispatchCount } }
    /// Versions that are being tried.
    public var checkCount: Int { state.withLock { $0.checks.count } }
    /// How many ids are left: a shard with few is to be replaced.
    public var idsLeft: Int { link.with { $0.session.idsLeft } }

    /// Takes a version into service.
    /// - Returns: whether it could be said: it may be too large.
    @discardableResult public func install(_ worker: WorkerDescription) -> Bool {
        // Requests that had begun to wait for isolates of the version before get others.
        link.with { $0.session.expectStarts(max(0, min(worker.concurrency, 1 << 20)) + 1) }
        return say(.install(worker))
    }

    /// Gives the shard modules that its workers import.
    @discardableResult public func share(_ modules: ModulesDescription) -> Bool { say(.library(modules)) }

    /// Takes a worker out of service.
    public func remove(_ name: String) { say(.remove(name)) }

    /// Lets the shard come to an end with what is under way.
    public func drain() { say(.drain) }

    @discardableResult private func say(_ message: SupervisorMessage) -> Bool {
        link.with { state in
            guard !state.isOver else { return false }
            return (try? message.encode(into: &state.output)) != nil
        }
    }

    /// Tries a version; answers `nil` where the shard did not.
    public func check(_ worker: WorkerDescription, _ answer: @escaping @Sendable ([FaultDescription]?) -> Void) {
        ask(answer, \.checks) { $0.check(worker, into: &$1) }
    }

    /// Asks how workers are, at most `WorkerLoad.most`; answers in their order, `nil` where the shard did not.
    public func askFigures(of workers: [String], _ answer: @escaping @Sendable ([WorkerLoad]?) -> Void) {
        ask(answer, \.questions) { $0.askFigures(of: workers, into: &$1) }
    }

    private func ask<Answer>(
        _ answer: @escaping @Sendable (Answer?) -> Void,
        _ place: any WritableKeyPath<State, [UInt32: @Sendable (Answer?) -> Void]> & Sendable,
        _ begin: (inout SupervisorSession, inout ByteBuffer) -> UInt32?
    ) {
        let isAsked = link.with { link in
            guard !link.isOver, let id = begin(&link.session, &link.output) else { return false }
            state.withLock { $0[keyPath: place][id] = answer }
            return true
        }
        if !isAsked { answer(nil) }
    }

    /// Sends a dispatch into the shard.
    /// - Parameters:
    ///   - body: what follows the head, where it does not go with it.
    ///   - observer: hears of everything that becomes of it. Where it could not be sent, that it was lost, if the shard is
    ///     gone, or `overloaded`; and of the end.
    /// - Returns: its id; `nil` where it could not be sent.
    @discardableResult public func dispatch(
        _ description: DispatchDescription, body: (any ByteStream)? = nil, _ observer: any RemoteDispatchObserver
    ) -> UInt32? {
        var description = description
        if body != nil { description.body = .follows }
        var rest: [UInt8]?
        if case .whole(let bytes) = description.body, bytes.count > DispatchDescription.mostWholeBody {
            rest = bytes
            description.body = .follows
        }
        let begun = link.with { link -> (UInt32, OutboundSink?)? in
            guard !link.isOver, link.session.isReady, link.output.readableBytes <= mostOutputBytes,
                let id = link.session.begin(description, into: &link.output)
            else { return nil }
            let dispatch = RemoteDispatch(observer, isFetch: description.kind == .fetch)
            state.withLock { $0.dispatches[id] = dispatch }
            return (id, description.body == .follows ? self.link.writer(id, &link) : nil)
        }
        guard let (id, sink) = begun else {
            body?.cancel()
            if link.isOver { observer.lose() } else { observer.refuse(.overloaded) }
            observer.end(nil, nil)
            return nil
        }
        if let sink, let body { Pump.run(body, into: sink) }
        if let sink, let rest { sink.finish(rest) { _ in } }
        return id
    }

    /// Nobody waits for a dispatch or a run any more. Its end is still to come.
    public func cancel(_ id: UInt32) { link.with { $0.session.cancel(id, into: &$0.output) } }

    /// Runs modules once; answers `nil` where the shard ended before.
    /// - Parameter scope: whose the run's calls to the host are.
    /// - Returns: its id; `nil` where it could not be sent.
    @discardableResult public func run(
        _ description: RunDescription, _ scope: CallScope, _ answer: @escaping @Sendable (RunAnswer?) -> Void
    ) -> UInt32? {
        let id = link.with { link -> UInt32? in
            guard !link.isOver, link.session.isReady, let id = link.session.begin(description, into: &link.output)
            else { return nil }
            state.withLock { state in
                state.runs[id] = answer
                state.dispatches[id] = RemoteDispatch(scope)
            }
            return id
        }
        if id == nil { answer(nil) }
        return id
    }

    // MARK: What it hears

    private func handle(_ event: SupervisorSession.Event) {
        switch event {
        case .hello(let greeting): self.greeting.withLock { $0 = greeting }
        case .ready: if let greeting = greeting.withLock({ $0 }) { handler.shardIsReady(greeting) }
        case .channel(let event): link.handle(event)
        case .checked(let id, let faults): state.withLock { $0.checks.removeValue(forKey: id) }?(faults)
        case .response(let id, let answer): respond(id, answer)
        case .refused(let id, let refusal, let remains):
            find(id)?.refuse(refusal)
            if let remains { end(id, remains)?.end(nil) }
        case .ended(let id, let report, let remains, _): end(id, remains)?.end(report)
        case .call(let id, let call): perform(id, call)
        case .cancelCall(let id): state.withLock { $0.calls[id] }??.cancel()
        case .log(let line): if let dispatch = find(line.dispatch) { dispatch.log(line) } else { handler.log(line) }
        case .approached(let id, let limit): find(id)?.approach(limit)
        case .heartbeat(let figures): handler.heartbeat(figures)
        case .lostThread(let notice): handler.lostThread(notice)
        case .figures(let id, let figures): state.withLock { $0.questions.removeValue(forKey: id) }?(figures)
        case .ran(let id, let answer, let remains):
            let then = state.withLock { $0.runs.removeValue(forKey: id) }
            end(id, remains)?.end(nil)
            then?(answer)
        case .start(let id, let serial):
            if let scope = handler.makeScope(of: serial) {
                state.withLock { $0.dispatches[id] = RemoteDispatch(scope) }
            }
        case .endStart(let id, let remains): end(id, remains)?.end(nil)
        case .socketOpened(let id, let answer): open(id, answer)
        case .handedOver(let id, let report): find(id)?.handOver(report)
        case .messageTaken(let id): find(id)?.takeMessage()
        case .closeSocket(let id, let end): find(id)?.closeSocket(end)
        case .socketEnded(let id, let report, let remains, let isLast):
            let dispatch = find(id)
            if isLast { end(id, remains) } else { link.end(remains) }
            dispatch?.endSocket(report)
        }
    }

    private func open(_ id: UInt32, _ answer: SocketAnswer) {
        guard let dispatch = find(id) else { return }
        let (stream, sink) = link.with { (link.reader(id, &$0), link.writer(id, &$0)) }
        let socket = RemoteSocket(SocketReader(stream, room), sink) { [weak self] word in
            self?.link.with { link in
                switch word {
                case .message: link.session.sendMessage(id)
                case .closed(let end): link.session.closeSocket(id, end, into: &link.output)
                }
            }
        }
        dispatch.open(answer, socket)
    }

    private func find(_ id: UInt32) -> RemoteDispatch? { state.withLock { $0.dispatches[id] } }

    private func respond(_ id: UInt32, _ answer: AnswerDescription) {
        guard let dispatch = find(id) else { return }
        guard answer.body == .follows else { return dispatch.respond(answer) }
        dispatch.start(answer, link.with { link.reader(id, &$0) })
    }

    @discardableResult private func end(_ id: UInt32, _ remains: DispatchRemains) -> RemoteDispatch? {
        link.end(remains)
        return state.withLock { $0.dispatches.removeValue(forKey: id) }
    }

    // MARK: Calls to the host

    private func perform(_ id: UInt32, _ call: CallDescription) {
        let size = call.argumentBytes
        let values = link.with { state in
            call.arguments.map { argument in
                // The session lets no sink pass.
                argument.hostValue({ link.reader($0, &state) }, { link.writer($0, &state) })
            }
        }
        var isTaken = false
        defer { if !isTaken { HostValue.list(values).discard() } }
        let hasRoom = state.withLock { state in
            state.calls[id] = .some(nil)
            state.heldBytes += size
            return state.heldBytes <= mostCallBytes
        }
        let answer: @Sendable (Result<HostValue, HostError>) -> Void = { [weak self] result in
            guard let self else {
                if case .success(let value) = result { value.discard() }
                return
            }
            self.answer(id, size, result)
        }
        guard hasRoom else {
            return answer(.failure(HostError(.exhausted, "too much is passed to the host at a time")))
        }
        guard let scope = find(call.dispatch)?.scope(version: call.version) else {
            return answer(.failure(HostError(.cancelled, "the host is called for what is not in service any more")))
        }
        let pending = scope.call(
            call.operation, on: call.binding, argumentBytes: size,
            { () throws(HostError) in
                isTaken = true
                return values
            }, answer: answer)
        guard let pending else { return }
        state.withLock { if $0.calls[id] != nil { $0.calls[id] = .some(pending) } }
    }

    private func answer(_ id: UInt32, _ size: Int, _ result: Result<HostValue, HostError>) {
        state.withLock { state in
            state.calls[id] = nil
            state.heldBytes -= size
        }
        let opened = link.with {
            link -> (pumps: [(any ByteStream, OutboundSink)], sinks: [(InboundStream, any ByteSink)])? in
            guard !link.isOver, let (streams, sinks) = link.session.answer(id, result, into: &link.output) else {
                return nil
            }
            return (
                streams.map { ($0.stream, self.link.writer($0.id, &link)) },
                sinks.map { (self.link.reader($0.id, &link), $0.sink) }
            )
        }
        guard let opened else {
            if case .success(let value) = result { value.discard() }
            return
        }
        for (stream, writer) in opened.pumps { Pump.run(stream, into: writer) }
        for (reader, sink) in opened.sinks { Pump.run(reader, into: sink) { reader.close($0) } }
    }

    // MARK: The end

    private func end(_ error: ProtocolError?) {
        guard link.end(HostError(.unavailable, "the shard has ended")) else { return }
        let left = state.withLock { state in
            defer { state = State() }
            return state
        }
        for dispatch in left.dispatches.values { dispatch.lose() }
        for answer in left.runs.values { answer(nil) }
        for answer in left.checks.values { answer(nil) }
        for answer in left.questions.values { answer(nil) }
        handler.linkEnded(error)
    }
}
