// SPDX-License-Identifier: Apache-2.0

internal import HostAPI
public import WorkerRuntime
internal import WorkerTypes

/// Brings requests of an HTTP front to the workers of a host, and their answers back.
public final class WorkerFront: RequestHandler, DispatchFront {
    private let host: any DeploymentHost
    private let domain: [UInt8]

    /// - Parameter domain: `NAME.DOMAIN` is the worker's host; without dots at its ends.
    public init(_ host: any DeploymentHost, domain: String) {
        self.host = host
        self.domain = Array(domain.lowercased().utf8)
    }

    /// Sends a request to the worker that it names.
    public func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        let head = request.head
        let route = WorkerRoute.find(
            authority: head.bytes[head.authorityRange], target: head.bytes[head.targetRange], domain: domain)
        guard let route else {
            exchange.respond(.failure(.unknownWorker), body: FailureAnswer.body(of: .unknownWorker))
            return nil
        }
        var routed = head.routed(route)
        // HTTP/1.0 may leave it out, and a URL may not: the worker's own host.
        if routed.authorityRange.isEmpty { routed = routed.naming(Array("\(route.name).".utf8) + domain) }
        return serve(request, exchange, by: route.name, head: routed.bytes)
    }

    /// Sends a request to a worker.
    /// - Parameters:
    ///   - head: what the worker sees of the request's.
    ///   - onFailure: whether it has answered in place of the standard words.
    package func serve(
        _ request: ServerRequest, _ exchange: Exchange, by name: String, head: [UInt8],
        onFailure: (@Sendable (DispatchFailure) -> Bool)? = nil
    ) -> (any ExchangeObserver)? {
        let body: DispatchRequest.Body
        switch request.body {
        case .none: body = .none
        case .collected(let bytes): body = .bytes(bytes)
        case .stream(let stream, _): body = .stream(stream)
        }
        let responder = ExchangeResponder(exchange, onFailure: onFailure)
        var dispatch = DispatchRequest(
            id: request.id, head: head, body: body, responder: responder, front: self)
        dispatch.cancellation = responder.cancellation
        if case .webSocket(let protocols)? = request.upgrade { dispatch.webSocketProtocols = protocols }
        // W3C Trace Context: what is malformed counts as none.
        dispatch.trace = TraceContext { request.head.headerValues($0) }
        host.dispatch(dispatch, to: name)
        return responder
    }

    /// Sends the answers of one turn of an isolate, with one waking for each event loop.
    public func respond(_ answers: [DispatchAnswer]) {
        var batch = AnswerBatch()
        for answer in answers {
            guard let responder = answer.responder as? ExchangeResponder else {
                answer.responder.respond(answer)
                continue
            }
            batch.respond(responder.exchange, ResponseHead(answer), WholeBody(answer))
        }
        batch.send()
    }
}

/// The way back to one client.
final class ExchangeResponder: DispatchResponder, ExchangeObserver, ByteSink {
    let exchange: Exchange
    let cancellation = DispatchCancellation()
    private let onFailure: (@Sendable (DispatchFailure) -> Bool)?

    init(_ exchange: Exchange, onFailure: (@Sendable (DispatchFailure) -> Bool)?) {
        self.exchange = exchange
        self.onFailure = onFailure
    }

    func respond(_ answer: DispatchAnswer) { exchange.respond(ResponseHead(answer), WholeBody(answer)) }

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        exchange.start(ResponseHead(answer))
        return self
    }

    func open(_ answer: DispatchAnswer, _ socket: any DispatchSocketHandler) {
        let (subprotocol, headers) = FrontSocket.handshake(HeaderBlock(bytes: answer.headers))
        exchange.acceptWebSocket(subprotocol: subprotocol, headers: headers, FrontSocket(socket))
    }

    func fail(_ failure: DispatchFailure) {
        if let onFailure, onFailure(failure) { return }
        exchange.respond(.failure(failure), body: FailureAnswer.body(of: failure))
    }

    func abort() { exchange.abort() }

    func clientLeft(_ exchange: Exchange, _ how: ClientDeparture) {
        // One that only sends nothing more may still read, and is sent what comes: most that do so have left, and a
        // handler that waits for that would hear of it no sooner.
        cancellation.cancel()
    }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        exchange.write(bytes) { result in
            switch result {
            case .ready: answer(.success(()))
            case .closed: answer(.failure(HostError(.unavailable, "the client of the response has left")))
            }
        }
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        exchange.finish()
        answer(.success(()))
    }

    func cancel() { exchange.abort() }
}

extension ResponseHead {
    init(_ answer: DispatchAnswer) {
        self.init(status: answer.status, headers: HeaderBlock(bytes: answer.headers))
    }

    /// What a client gets that has no answer of its worker.
    static func failure(_ failure: DispatchFailure) -> ResponseHead {
        var head = ResponseHead(
            status: FailureAnswer.status(of: failure), headers: ["content-type": "text/plain;charset=UTF-8"])
        if head.status == 503 { head.headers.append("retry-after", "1") }
        head.headers.append("x-rookery-outcome", FailureAnswer.outcome(of: failure))
        return head
    }
}

/// How a request without an answer is refused: what happened, and nothing of the worker's.
enum FailureAnswer {
    static func status(of failure: DispatchFailure) -> Int {
        switch failure {
        case .unknownWorker: 404
        case .overloaded, .shuttingDown, .lost: 503
        case .ended(.exception), .ended(.internalError), .ended(.ok): 500
        case .ended(.exceededCPU), .ended(.exceededWallTime), .ended(.exceededMemory): 503
        }
    }

    static func outcome(of failure: DispatchFailure) -> String {
        switch failure {
        case .unknownWorker: "unknownWorker"
        case .overloaded: "loadShed"
        case .shuttingDown: "shuttingDown"
        case .lost: "lost"
        case .ended(let outcome): outcome.rawValue
        }
    }

    static func body(of failure: DispatchFailure) -> [UInt8] {
        let text =
            switch failure {
            case .unknownWorker: "There is no such worker here."
            case .overloaded: "Too many requests wait here. Try again later."
            case .shuttingDown: "This server is about to end. Try again."
            case .lost: "The process that served this has ended. Try again."
            case .ended(.exceededCPU): "The worker took more CPU time than it may."
            case .ended(.exceededWallTime): "The worker took more time than it may."
            case .ended(.exceededMemory): "The worker took more memory than it may."
            case .ended: "The worker failed."
            }
        return Array("\(text)\n".utf8)
    }
}
