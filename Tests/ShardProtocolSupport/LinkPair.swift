// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
package import HostAPI
package import NIOCore
package import ShardProtocol
package import Synchronization
internal import WorkerTypes

/// Says when there are bytes; nothing else.
package final class TestTransport: LinkTransport {
    private let onReady = Mutex<(@Sendable () -> Void)?>(nil)
    private let closed = Atomic(false)

    package init() {}
    package var isClosed: Bool { closed.load(ordering: .acquiring) }
    package func onReady(_ handler: @escaping @Sendable () -> Void) { onReady.withLock { $0 = handler } }
    package func outputIsReady() { onReady.withLock { $0 }?() }
    package func close() { closed.store(true, ordering: .releasing) }
}

/// A supervisor and a shard in one process.
package final class LinkPair: Sendable {
    package let supervisorHandler = TestSupervisor()
    package let shardHandler: TestShard
    package let supervisor: SupervisorLink
    package let shard: ShardLink
    private let supervisorTransport = TestTransport()
    private let shardTransport = TestTransport()
    private let network = DispatchQueue(label: "network")
    private let inFlight = Mutex<(down: [UInt8], up: [UInt8])>(([], []))
    private let moved = Atomic(0)

    /// Bytes that crossed.
    package var bytesMoved: Int { moved.load(ordering: .relaxed) }

    /// - Parameter isLive: whether bytes move by themselves, on a thread of their own.
    package init(
        _ limits: SessionLimits = SessionLimits(), isLive: Bool = true,
        _ onDispatch: @escaping @Sendable (ShardDispatch, TestShard) -> Void = { dispatch, _ in dispatch.answer("hello")
        }
    ) {
        var settings = ShardSettings()
        settings.session = limits
        shardHandler = TestShard(onDispatch)
        supervisor = SupervisorLink(supervisorTransport, settings, supervisorHandler)
        shard = ShardLink(shardTransport, ShardGreeting(process: 1, engine: "test"), shardHandler)
        shardHandler.attach(shard)
        if isLive {
            for transport in [supervisorTransport, shardTransport] {
                transport.onReady { [weak self] in
                    guard let self else { return }
                    network.async { self.move() }
                }
            }
        }
        // Both have said hello already.
        if isLive { network.sync { move() } } else { move() }
    }

    /// Moves all that there is, until nothing more comes.
    package func move() {
        while true {
            take()
            let (down, up) = inFlight.withLock { inFlight in
                defer { inFlight = ([], []) }
                return (inFlight.down, inFlight.up)
            }
            guard !down.isEmpty || !up.isEmpty else { return }
            if !down.isEmpty { shard.receive(ByteBuffer(bytes: down)) }
            if !up.isEmpty { supervisor.receive(ByteBuffer(bytes: up)) }
        }
    }

    /// Moves so many bytes in one direction.
    package func move(atMost count: Int, down isDown: Bool) {
        take()
        let bytes = inFlight.withLock { inFlight -> [UInt8] in
            let bytes = Array((isDown ? inFlight.down : inFlight.up).prefix(count))
            if isDown { inFlight.down.removeFirst(bytes.count) } else { inFlight.up.removeFirst(bytes.count) }
            return bytes
        }
        guard !bytes.isEmpty else { return }
        if isDown { shard.receive(ByteBuffer(bytes: bytes)) } else { supervisor.receive(ByteBuffer(bytes: bytes)) }
    }

    /// Puts something between what was said.
    package func inject(_ bytes: ByteBuffer, down isDown: Bool) {
        take()
        inFlight.withLock { inFlight in
            if isDown {
                inFlight.down += Array(bytes.readableBytesView)
            } else {
                inFlight.up += Array(bytes.readableBytesView)
            }
        }
    }

    /// Changes a bit of what is under way.
    package func spoil(_ choice: Int, down isDown: Bool) {
        inFlight.withLock { inFlight in
            let place = isDown ? \(down: [UInt8], up: [UInt8]).down : \.up
            guard !inFlight[keyPath: place].isEmpty else { return }
            inFlight[keyPath: place][choice / 8 % inFlight[keyPath: place].count] ^= 1 << UInt8(choice % 8)
        }
    }

    private func take() {
        let down = supervisor.takeOutput()
        let up = shard.takeOutput()
        moved.add((down?.readableBytes ?? 0) + (up?.readableBytes ?? 0), ordering: .relaxed)
        inFlight.withLock { inFlight in
            if let down { inFlight.down += Array(down.readableBytesView) }
            if let up { inFlight.up += Array(up.readableBytesView) }
        }
    }

    /// Waits until all that was said was heard.
    package func settle() async {
        await withCheckedContinuation { continuation in
            network.async {
                self.move()
                continuation.resume()
            }
        }
    }

    /// The connection breaks.
    package func breakOff() {
        supervisor.transportClosed()
        shard.transportClosed()
    }
}

/// Notes what a supervisor hears.
package final class TestSupervisor: SupervisorLinkHandler {
    private struct State {
        var lines: [LineDescription] = []
        var isReady = false
        var heartbeats = 0
        var lost: [LostThreadNotice] = []
        var ends: [ProtocolError?] = []
    }
    private let state = Mutex(State())

    /// What the scopes of its isolates' own calls are bound to.
    package let startProbe = Probe()

    package init() {}
    package var lines: [LineDescription] { state.withLock { $0.lines } }
    package var isReady: Bool { state.withLock { $0.isReady } }
    package var heartbeats: Int { state.withLock { $0.heartbeats } }
    package var lost: [LostThreadNotice] { state.withLock { $0.lost } }
    /// How the connection ended, each time that it was said.
    package var ends: [ProtocolError?] { state.withLock { $0.ends } }

    package func shardIsReady(_ greeting: ShardGreeting) { state.withLock { $0.isReady = true } }
    package func log(_ line: LineDescription) { state.withLock { $0.lines.append(line) } }
    package func heartbeat(_ figures: ShardFigures) { state.withLock { $0.heartbeats += 1 } }
    package func lostThread(_ notice: LostThreadNotice) { state.withLock { $0.lost.append(notice) } }
    /// The installation 1 may call the host; there is no other.
    package func makeScope(of serial: Int) -> CallScope? {
        serial == 1 ? CallScope(caller: "w", bindings: (try? [Probe.binding(startProbe)]) ?? []) : nil
    }
    package func linkEnded(_ error: ProtocolError?) { state.withLock { $0.ends.append(error) } }
}

/// A shard whose workers are a closure.
package final class TestShard: ShardLinkHandler {
    private let onDispatch: @Sendable (ShardDispatch, TestShard) -> Void
    private let link = Mutex<ShardLink?>(nil)
    private let state = Mutex<(ends: [ProtocolError?], drains: Int, installed: [WorkerDescription])>(([], 0, []))
    /// What calls of dispatches are bound to.
    package let binding = Mutex<BindingDescription?>(nil)

    package init(_ onDispatch: @escaping @Sendable (ShardDispatch, TestShard) -> Void) { self.onDispatch = onDispatch }

    package func attach(_ link: ShardLink) { self.link.withLock { $0 = link } }
    package var ends: [ProtocolError?] { state.withLock { $0.ends } }
    package var drains: Int { state.withLock { $0.drains } }
    package var installed: [WorkerDescription] { state.withLock { $0.installed } }

    /// What makes bindings of descriptions.
    package func remote(mostWait: Duration = .seconds(5)) throws -> RemoteHost {
        guard let link = link.withLock({ $0 }) else { throw HostError(.failed, "no link") }
        return RemoteHost(link, local: try HostTable([]), mostWait: mostWait)
    }

    /// A scope as a shard makes it, whose one binding is the supervisor's probe.
    package func scope(
        of dispatch: UInt64, version: Int = 0, mostWait: Duration = .seconds(5), limits: HostLimits = .standard
    ) throws -> CallScope {
        let described = try BindingDescription(Probe.binding())
        return CallScope(
            caller: "w", bindings: try remote(mostWait: mostWait).bindings([described], version: version),
            limits: limits, dispatch: dispatch)
    }

    package func begin(_ settings: ShardSettings) { link.withLock { $0 }?.ready() }
    package func install(_ worker: WorkerDescription) { state.withLock { $0.installed.append(worker) } }
    package func share(_ modules: ModulesDescription) {}
    package func remove(_ name: String) {}
    package func check(_ worker: WorkerDescription, _ answer: @escaping @Sendable ([FaultDescription]) -> Void) {
        answer([FaultDescription(kind: "syntax", message: worker.modules.main)])
    }
    package func dispatch(_ dispatch: ShardDispatch) { onDispatch(dispatch, self) }
    package func run(
        _ run: RunDescription, _ number: UInt64, _ answer: @escaping @Sendable (RunAnswer) -> Void
    ) -> @Sendable () -> Void {
        guard run.arguments == ["wait"] else {
            answer(.report("\"outcome\":\"ok\"", Usage(cpuMicroseconds: 1, subrequests: 2)))
            return {}
        }
        return { answer(.refused(.busy, "ended")) }
    }
    package func drain() { state.withLock { $0.drains += 1 } }
    package var figures: ShardFigures {
        var figures = ShardFigures()
        figures.isolates = 3
        return figures
    }
    package func figures(of workers: [String]) -> [WorkerLoad] {
        workers.map { name in
            var load = WorkerLoad()
            load.isolates = name.utf8.count
            return load
        }
    }
    package func linkEnded(_ error: ProtocolError?) {
        state.withLock { $0.ends.append(error) }
        // It holds this.
        link.withLock { $0 = nil }
    }
}

extension ShardDispatch {
    /// A whole answer, and the end.
    package func answer(_ text: String) {
        respond(AnswerDescription(status: 200, headers: [], body: .whole(Array(text.utf8))))
        end(DispatchReport())
    }
}

extension CallScope {
    /// Calls an operation of its first binding.
    package func ask(_ operation: String, _ arguments: HostValue...) async throws(HostError) -> HostValue {
        try await withCheckedContinuation { continuation in
            call(
                Probe.index(operation), on: 0, argumentBytes: HostValue.list(arguments).byteCount,
                { () throws(HostError) in arguments }
            ) { continuation.resume(returning: $0) }
        }.get()
    }
}

/// Notes what becomes of a dispatch, and collects its answer.
package final class TestObserver: RemoteDispatchObserver {
    private struct State {
        var heads: [AnswerDescription] = []
        var refusals: [DispatchRefusal] = []
        var losses = 0
        var reports: [DispatchReport?] = []
        var lines: [LineDescription] = []
        var limits: [ApproachedLimit] = []
        var bodyEnd: HostError??
        var scopes = 0
        var version: Int?
        var sockets: [SocketAnswer] = []
        var socketReports: [DispatchReport?] = []
        var renewals = 0
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())
    private let probe: Probe
    /// What a streamed body is collected in.
    package let body: CollectingSink
    /// What a WebSocket is open to.
    package let client: TestClient

    package init(_ probe: Probe = Probe(), holdsBody: Bool = false) {
        self.probe = probe
        client = TestClient(holds: holdsBody)
        body = CollectingSink(holds: holdsBody)
    }

    package var heads: [AnswerDescription] { state.withLock { $0.heads } }
    package var refusals: [DispatchRefusal] { state.withLock { $0.refusals } }
    package var losses: Int { state.withLock { $0.losses } }
    package var reports: [DispatchReport?] { state.withLock { $0.reports } }
    package var lines: [LineDescription] { state.withLock { $0.lines } }
    package var limits: [ApproachedLimit] { state.withLock { $0.limits } }
    /// How often it was answered.
    package var answers: Int { state.withLock { $0.heads.count + $0.refusals.count + $0.losses + $0.sockets.count } }
    /// Why the streamed body has no end.
    package var bodyFailure: HostError? { state.withLock { $0.bodyEnd ?? nil } }
    package var scopes: Int { state.withLock { $0.scopes } }
    /// The version that called first.
    package var version: Int? { state.withLock { $0.version } }

    /// What took up the client's WebSocket.
    package var sockets: [SocketAnswer] { state.withLock { $0.sockets } }
    /// What became of the WebSocket.
    package var socketReports: [DispatchReport?] { state.withLock { $0.socketReports } }
    /// How often what may be used was renewed.
    package var renewals: Int { state.withLock { $0.renewals } }

    package func open(_ answer: SocketAnswer, _ socket: RemoteSocket) {
        state.withLock { $0.sockets.append(answer) }
        client.open(socket)
    }
    package func handOver(_ report: DispatchReport, _ scope: CallScope?) { end(report, scope) }
    package func renewSocket(_ scope: CallScope) { state.withLock { $0.renewals += 1 } }
    package func useSocket(_ scope: CallScope) {}
    package func endSocket(_ report: DispatchReport?, _ scope: CallScope?) {
        state.withLock { $0.socketReports.append(report) }
    }

    /// Its client takes all that there is, and goes.
    package func letGo() {
        body.release()
        client.leave()
    }

    package func makeScope(version: Int) -> CallScope? {
        state.withLock { state in
            state.scopes += 1
            state.version = version
        }
        return CallScope(caller: "w", bindings: (try? [Probe.binding(probe)]) ?? [])
    }
    package func respond(_ answer: AnswerDescription) { state.withLock { $0.heads.append(answer) } }
    package func start(_ answer: AnswerDescription, body stream: any ByteStream) {
        state.withLock { $0.heads.append(answer) }
        Pump.run(stream, into: body) { [self] error in
            state.withLock { $0.bodyEnd = .some(error) }
            wake()
        }
    }
    package func refuse(_ refusal: DispatchRefusal) { state.withLock { $0.refusals.append(refusal) } }
    package func lose() { state.withLock { $0.losses += 1 } }
    package func approach(_ limit: ApproachedLimit) { state.withLock { $0.limits.append(limit) } }
    package func log(_ line: LineDescription) { state.withLock { $0.lines.append(line) } }
    package func end(_ report: DispatchReport?, _ scope: CallScope?) {
        state.withLock { $0.reports.append(report) }
        wake()
    }

    private var isOver: Bool {
        state.withLock { state in
            !state.reports.isEmpty && (state.heads.first?.body != .follows || state.bodyEnd != nil)
        }
    }

    private func wake() {
        guard isOver else { return }
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits until the dispatch is over and its body is at its end.
    package func whenOver() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiter = continuation }
            wake()
        }
    }
}
