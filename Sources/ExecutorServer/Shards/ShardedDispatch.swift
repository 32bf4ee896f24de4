// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// A request or a scheduled run on a shard: who is answered, who pays, and its record.
final class ShardedDispatch: RemoteDispatchObserver {
    let request: DispatchRequest
    let worker: ShardedWorker
    /// Whether it was tried before.
    let isSecond: Bool
    private let host: ShardedHost
    private struct State {
        var status = 0
        var isAnswered = false
        var failure: DispatchFailure?
        /// Its shard died before it had answered.
        var isLost = false
        /// Its shard took nothing more when it came, since another takes its place.
        var isTurnedAway = false
        var shard: Shard?
        var socket: ShardedSocket?
    }
    private let state = Mutex(State())

    init(_ request: DispatchRequest, to worker: ShardedWorker, on host: ShardedHost, isSecond: Bool) {
        self.request = request
        self.worker = worker
        self.host = host
        self.isSecond = isSecond
    }

    /// The request as a shard gets it, and what of its body follows.
    func description() -> (DispatchDescription, body: (any ByteStream)?) {
        var description = DispatchDescription(worker: worker.deployment.name, head: request.head)
        description.kind = request.kind
        description.scheduledTime = request.scheduledTime
        description.age = request.age
        description.trace = request.trace?.traceText
        description.logBytes = worker.deployment.logBytes
        description.webSocketProtocols = request.webSocketProtocols
        switch request.body {
        case .none: return (description, nil)
        case .bytes(let bytes):
            description.body = .whole(bytes)
            return (description, nil)
        case .stream(let stream):
            description.body = .follows
            return (description, stream)
        }
    }

    /// Sends it to a shard.
    /// - Returns: whether this was its end, or its end will come: no other shard is to be tried.
    func send(to shard: Shard, _ description: WorkerDescription, _ libraries: [Library]) -> Bool {
        state.withLock { $0.shard = shard }
        switch shard.send(self, description, libraries) {
        case .gone: return false
        case .refused: return true
        case .sent(let cancel):
            request.cancellation?.onCancel(cancel)
            return true
        }
    }

    /// No shard gets it.
    func refuse(as failure: DispatchFailure) {
        host.ended(self, nil)
        request.responder.fail(failure)
    }

    /// Whether it may be sent again where the first shard died before it answered: nothing is lost, and nothing is done
    /// twice that should be done once (RFC 9110, section 9.2.2).
    var isRepeatable: Bool {
        guard request.kind == .fetch, mayBeSentAgain else { return false }
        let method = request.head.prefix { $0 != 10 }
        return ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains { method.elementsEqual($0.utf8) }
    }

    /// It was not, and all of its body is still there.
    private var mayBeSentAgain: Bool {
        if case .stream = request.body { return false }
        return !isSecond
    }

    // MARK: What the shard says

    func makeScope(version: Int) -> CallScope? {
        guard let deployment = worker.version(version)?.deployment else { return nil }
        return CallScope(
            caller: deployment.name, bindings: deployment.bindings, limits: deployment.hostLimits,
            observer: host.hostObserver, chain: request.chain, dispatch: request.id, trace: request.trace,
            traces: host.traces)
    }

    func respond(_ answer: AnswerDescription) {
        settle(answer.status)
        request.responder.respond(DispatchAnswer(answer, to: request.responder))
    }

    func start(_ answer: AnswerDescription, body: any ByteStream) {
        settle(answer.status)
        let responder = request.responder
        let sink = responder.start(DispatchAnswer(answer, to: responder))
        Pump.run(body, into: sink) { if $0 != nil { responder.abort() } }
    }

    func open(_ answer: SocketAnswer, _ socket: RemoteSocket) {
        settle(101)
        state.withLock { $0.socket = ShardedSocket(socket) }
        host.opened(self, socket)
        let responder = request.responder
        responder.open(DispatchAnswer(responder: responder, status: 101, headers: answer.headers), socket)
    }

    func refuse(_ refusal: DispatchRefusal) {
        switch refusal {
        case .unknownWorker:
            // The worker was moved from there while it waited.
            state.withLock { $0.shard }?.forget(worker.deployment.name)
            fallthrough
        case .shuttingDown:
            if mayBeSentAgain, !host.isDraining { return state.withLock { $0.isTurnedAway = true } }
        case .overloaded, .failed: break
        }
        let failure: DispatchFailure =
            switch refusal {
            case .unknownWorker, .overloaded: .overloaded
            case .shuttingDown: .shuttingDown
            case .failed(let outcome): .ended(outcome)
            }
        state.withLock { state in
            state.isAnswered = true
            state.failure = failure
        }
        request.responder.fail(failure)
    }

    func lose() { state.withLock { $0.isLost = true } }

    // The script itself is told in its shard.
    func approach(_ limit: ApproachedLimit) {}

    func log(_ line: LineDescription) {
        host.observer.observe(
            WorkerLogLine(
                id: request.id, worker: worker.deployment.name, version: worker.deployment.version, level: line.level,
                message: line.message, time: line.time))
    }

    func end(_ report: DispatchReport?, _ scope: CallScope?) {
        let now = state.withLock { $0 }
        // Nothing of it was begun.
        if now.isTurnedAway { return host.sendAgain(self) }
        if now.isLost {
            lose(in: now.shard)
            guard !isRepeatable else { return host.sendAgain(self) }
            request.responder.fail(.lost)
        } else if report == nil, now.failure == nil {
            // What was begun has no end.
            lose(in: now.shard)
        }
        switch now.failure {
        case .overloaded, .shuttingDown, .unknownWorker, .lost: return host.ended(self, nil)
        case .ended, nil: break
        }
        host.ended(self, record(report, now.status, scope))
    }

    private func record(_ report: DispatchReport?, _ status: Int, _ scope: CallScope?) -> RequestRecord {
        var record = request.makeRecord(of: worker.deployment, time: host.wallClock(request.age))
        scope?.add(to: &record.usage)
        if record.trace == nil { record.trace = scope?.trace?.traceText }
        if let report { report.complete(&record) } else { record.outcome = .internalError }
        if record.status == 0 { record.status = status }
        return record
    }

    // MARK: With a socket

    func handOver(_ report: DispatchReport, _ scope: CallScope?) {
        let (socket, status) = state.withLock { ($0.socket, $0.status) }
        host.ended(self, record(report, status, scope))
        if let scope { socket?.take(scope) }
    }

    func renewSocket(_ scope: CallScope) { state.withLock { $0.socket }?.renew(scope) }

    func useSocket(_ scope: CallScope) {
        state.withLock { $0.socket }?.renew(scope, every: worker.deployment.limits.wall)
    }

    func endSocket(_ report: DispatchReport?, _ scope: CallScope?) {
        let (socket, shard) = state.withLock { ($0.socket, $0.shard) }
        guard let socket else { return }
        if report == nil { lose(in: shard) }
        let base = request.makeRecord(of: worker.deployment, time: host.wallClock(socket.age))
        host.ended(self, socket.socket, socket.record(base, report, scope))
    }

    /// It was inside when its shard ended.
    private func lose(in shard: Shard?) {
        let figures = worker.figures.now
        shard?.lose(worker.deployment.name, completed: figures.requests - figures.errors)
    }

    private func settle(_ status: Int) {
        state.withLock { state in
            state.isAnswered = true
            state.status = status
        }
    }
}

extension DispatchAnswer {
    fileprivate init(_ answer: AnswerDescription, to responder: any DispatchResponder) {
        self.init(responder: responder, status: answer.status, headers: answer.headers)
        statusText = answer.statusText
        if case .whole(let body) = answer.body { bytes = body }
    }
}
