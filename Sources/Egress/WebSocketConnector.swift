// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket
internal import Synchronization

/// An open connection, for any thread. What is asked of it happens in the order of the calls.
final class WebSocketConnection: Sendable {
    private let loop: any EventLoop
    private let session: NIOLoopBound<WebSocketSession>

    /// On the loop.
    init(_ session: WebSocketSession, on loop: any EventLoop) {
        self.loop = loop
        self.session = NIOLoopBound(session, eventLoop: loop)
    }

    func receive(_ receiver: WebSocketReceiver) { loop.execute { self.session.value.receive(receiver) } }
    func forget(_ receiver: WebSocketReceiver) { loop.execute { self.session.value.forget(receiver) } }
    func close(_ close: WebSocketClose?) { loop.execute { self.session.value.close(close) } }
    func end() { loop.execute { self.session.value.end() } }

    func send(_ messages: [WebSocketMessage], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        loop.execute { self.session.value.send(messages, answer) }
    }
}

/// A connection that is being opened.
final class WebSocketAttempt: Sendable {
    typealias Opened = Result<(WebSocketConnection, WebSocketSelection), HostError>

    private struct State {
        var onOpen: (@Sendable (Opened) -> Void)?
        var channel: (any Channel)?
        var timer: Scheduled<Void>?
    }

    private let state: Mutex<State>

    init(_ onOpen: @escaping @Sendable (Opened) -> Void) { state = Mutex(State(onOpen: onOpen)) }

    var isOver: Bool { state.withLock { $0.onOpen == nil } }

    /// Keeps what is to be stopped when the attempt fails.
    func keep(_ timer: Scheduled<Void>) {
        let isLate = state.withLock { state in
            if state.onOpen != nil { state.timer = timer }
            return state.onOpen == nil
        }
        if isLate { timer.cancel() }
    }

    func keep(_ channel: any Channel) {
        let isLate = state.withLock { state in
            if state.onOpen != nil { state.channel = channel }
            return state.onOpen == nil
        }
        if isLate { channel.close(promise: nil) }
    }

    /// The first result counts. A connection that comes too late is closed.
    func finish(_ opened: Opened) {
        let (onOpen, channel, timer) = state.withLock { state in
            defer { state = State() }
            return (state.onOpen, state.channel, state.timer)
        }
        timer?.cancel()
        switch opened {
        case .success((let connection, _)): if onOpen == nil { connection.end() }
        case .failure: channel?.close(promise: nil)
        }
        onOpen?(opened)
    }

    func cancel() { finish(.failure(HostError(.cancelled, "the opening of a WebSocket was cancelled"))) }
}

/// Opens connections to the addresses that the grant allows, and to no others.
struct WebSocketConnector: Sendable {
    let egress: HTTPEgress
    let secrets: Secrets
    let options: WebSockets.Options

    /// - Parameter onOpen: called once, from any thread.
    /// - Throws: `unavailable`, where a secret that the grant sets is missing.
    func open(
        _ target: WebSocketTarget, _ permission: NetworkGrant.Permission, _ account: WebSocketAccount,
        onOpen: @escaping @Sendable (WebSocketAttempt.Opened) -> Void
    ) throws(HostError) -> WebSocketAttempt {
        var headers: [(name: String, value: String)] = []
        for (name, template) in permission.headers { headers.append((name, try secrets.fill(template))) }
        headers += account.traceFields(beside: headers.map(\.name))
        let handshake = WebSocketHandshake(
            target, key: NIOWebSocketClientUpgrader.randomRequestKey(), headers: headers)
        let connector = try upgrading()
        let attempt = WebSocketAttempt(onOpen)
        let loop = connector.group.next()
        attempt.keep(
            loop.scheduleTask(in: options.connectTimeout) {
                attempt.finish(
                    .failure(
                        HostError(.timedOut, "the server at \(target.authority) opened no WebSocket in time")))
            })
        let finder = RouteFinder(
            resolver: egress.resolver, secrets: secrets, grant: account.grant, caller: account.caller)
        finder.routes(to: target.request, isSecure: target.isSecure) { found in
            switch found {
            case .success(let routes):
                loop.execute { connect(routes[...], connector, handshake, account, attempt, on: loop) }
            case .failure(let error): attempt.finish(.failure(error))
            }
        }
        return attempt
    }

    private func upgrading() throws(HostError) -> Connector {
        do throws(GrantError) {
            return try egress.upgradingConnector()
        } catch {
            throw HostError(.failed, error.description)
        }
    }

    /// Tries one way after another until one can be connected by. On the loop.
    private func connect(
        _ routes: ArraySlice<Route>, _ connector: Connector, _ handshake: WebSocketHandshake,
        _ account: WebSocketAccount, _ attempt: WebSocketAttempt, on loop: any EventLoop,
        after failure: HostError? = nil
    ) {
        guard !attempt.isOver else { return }
        guard let route = routes.first else {
            return attempt.finish(
                .failure(failure ?? HostError(.unavailable, "there is no way to \(handshake.target.authority)")))
        }
        connector.open(route, on: loop) { channel, _ in
            attempt.keep(channel)
            try addHandlers(to: channel, handshake, account, attempt)
        }.whenFailure { cause in
            let error = (cause as? TransportError)?.error ?? HostError(.unavailable, "\(cause)")
            connect(routes.dropFirst(), connector, handshake, account, attempt, on: loop, after: error)
        }
    }

    private func addHandlers(
        to channel: any Channel, _ handshake: WebSocketHandshake, _ account: WebSocketAccount,
        _ attempt: WebSocketAttempt
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let loop = channel.eventLoop
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = WebSocketIntake.mostHeadBytes
        limits.maxHeaderListSize = WebSocketIntake.mostHeadBytes
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(
            HTTPResponseDecoder(
                leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop, limitConfiguration: limits))
        let intake = WebSocketIntake(account)
        let session = WebSocketSession(account, options)
        let opening = WebSocketOpening(handshake, account, intake, http: [encoder, decoder]) { result in
            attempt.finish(result.map { (WebSocketConnection(session, on: loop), $0) })
        }
        try pipeline.addHandlers([intake, encoder, decoder, opening])
        try pipeline.addHandler(WebSocketFrameEncoder())
        try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: options.mostMessageBytes)))
        try pipeline.addHandler(session)
        opening.begin()
    }
}
