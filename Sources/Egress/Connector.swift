// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS

/// Makes connections: to the address of a route, which is never looked up, through its tunnel, secured, and with the
/// version of HTTP that the other side wants.
struct Connector: Sendable {
    let group: any EventLoopGroup
    let tls: NIOSSLContext
    let timeouts: HTTPEgress.Timeouts

    /// The most that a response's head may have.
    private static let mostHeadBytes = 256 << 10
    private static let mostHeaders = 1024
    /// The most that is read from a socket at once.
    private static let mostReadBytes = 32 << 10

    /// What a connection tells its owner.
    struct Listeners: Sendable {
        /// An exchange of HTTP/1.1 is over, and whether another may follow.
        let onFree: @Sendable (Bool) -> Void
        /// What came over HTTP/2.
        let onNews: @Sendable (ConnectionObserver.News) -> Void
    }

    func connect(_ route: Route, _ listeners: Listeners) -> EventLoopFuture<Connection> {
        open(route, on: group.next()) { channel, version in
            try version == "h2" ? multiplexed(channel, route, listeners) : plain(channel, route, listeners)
        }
    }

    /// Connects, and adds handlers when the connection is secured where it must be; they are told the protocol that was
    /// agreed on, if any.
    func open<Opened: Sendable>(
        _ route: Route, on loop: any EventLoop,
        _ addHandlers: @escaping @Sendable (any Channel, String?) throws -> Opened
    ) -> EventLoopFuture<Opened> {
        let deadline = NIODeadline.now() + timeouts.connect
        let host = "\(route.host)"
        return loop.makeCompletedFuture { try SocketAddress(ipAddress: "\(route.address)", port: route.port) }
            .flatMap { address in
                ClientBootstrap(group: loop)
                    .connectTimeout(timeouts.connect)
                    .channelOption(.socketOption(.tcp_nodelay), value: 1)
                    .channelOption(.maxMessagesPerRead, value: 1)
                    .channelOption(
                        .recvAllocator,
                        value: AdaptiveRecvByteBufferAllocator(
                            minimum: 1 << 10, initial: 4 << 10, maximum: Self.mostReadBytes)
                    )
                    .connect(to: address)
            }
            .flatMap { channel in
                tunnel(channel, route, deadline).flatMap { secure(channel, route, deadline) }
                    .flatMapThrowing { version in try addHandlers(channel, version) }
                    .flatMapErrorThrowing { error in
                        channel.close(promise: nil)
                        throw error
                    }
            }
            .flatMapErrorThrowing { throw TransportError($0, to: host, .notBegun) }
    }

    private func tunnel(_ channel: any Channel, _ route: Route, _ deadline: NIODeadline) -> EventLoopFuture<Void> {
        guard let tunnel = route.tunnel else { return channel.eventLoop.makeSucceededVoidFuture() }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        do {
            try channel.pipeline.syncOperations.addHandler(
                TunnelHandler(tunnel, ReadyPromise(promise, channel.eventLoop, deadline)))
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    /// The protocol that was agreed on, if any.
    private func secure(_ channel: any Channel, _ route: Route, _ deadline: NIODeadline) -> EventLoopFuture<String?> {
        guard route.isSecure else { return channel.eventLoop.makeSucceededFuture(nil) }
        let promise = channel.eventLoop.makePromise(of: String?.self)
        do {
            let handlers = channel.pipeline.syncOperations
            // First, so that it hears what the handler before it has to say when it is added.
            let waiting = HandshakeHandler(route.host, ReadyPromise(promise, channel.eventLoop, deadline))
            try handlers.addHandler(waiting)
            try handlers.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: route.serverName), position: .before(waiting))
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    private func plain(_ channel: any Channel, _ route: Route, _ listeners: Listeners) throws -> Connection {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = Self.mostHeadBytes
        limits.maxHeaderFieldCount = Self.mostHeaders
        let decoder = ByteToMessageHandler(
            HTTPResponseDecoder(
                leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward, limitConfiguration: limits))
        let handler = ExchangeHandler(timeouts, onFree: listeners.onFree)
        let handlers = channel.pipeline.syncOperations
        try channel.syncOptions?.setOption(.autoRead, value: false)
        try handlers.addHandlers([RequestEncoder(), decoder, handler])
        return Connection(
            route, channel, .http1(NIOLoopBound(handler, eventLoop: channel.eventLoop)), timeouts)
    }

    private func multiplexed(_ channel: any Channel, _ route: Route, _ listeners: Listeners) throws -> Connection {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .maxHeaderListSize, value: Self.mostHeadBytes),
        ]
        // A stream whose body nobody reads does not hold up the others: each has a window of its own beneath this.
        connection.targetWindowSize = 1 << 20
        let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: .init()
        ) { stream in stream.eventLoop.makeFailedFuture(ChannelError.operationUnsupported) }
        let last = LastStream()
        try channel.pipeline.syncOperations.addHandler(ConnectionObserver(last, listeners.onNews))
        return Connection(route, channel, .http2(multiplexer, last), timeouts)
    }
}

extension Route {
    /// What TLS names the server by; an address is compared with the certificate's addresses instead.
    fileprivate var serverName: String? {
        guard case .name(let name) = host else { return nil }
        return name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name
    }
}

/// Fulfilled once, at the latest at a deadline.
struct ReadyPromise<Value: Sendable> {
    private let promise: EventLoopPromise<Value>
    private let timer: Scheduled<Void>

    init(_ promise: EventLoopPromise<Value>, _ loop: any EventLoop, _ deadline: NIODeadline) {
        self.promise = promise
        let begin = NIODeadline.now()
        timer = loop.scheduleTask(deadline: deadline) { promise.fail(ChannelError.connectTimeout(deadline - begin)) }
    }

    func succeed(_ value: Value) {
        timer.cancel()
        promise.succeed(value)
    }

    func fail(_ error: any Error) {
        timer.cancel()
        promise.fail(error)
    }
}

/// Waits for the end of TLS's handshake, and looks whom the certificate is for.
private final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let host: NetworkHost
    private let ready: ReadyPromise<String?>

    init(_ host: NetworkHost, _ ready: ReadyPromise<String?>) {
        self.host = host
        self.ready = ready
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let version)? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let certificate, certificate.isFor(host) else {
            return ready.fail(NIOSSLExtraError.failedToValidateHostname)
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        ready.succeed(version)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { ready.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { ready.fail(ChannelError.eof) }
}

/// Asks a proxy for a tunnel and waits for its answer.
private final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tunnel: Route.Tunnel
    private let ready: ReadyPromise<Void>
    private var answer: [UInt8] = []

    init(_ tunnel: Route.Tunnel, _ ready: ReadyPromise<Void>) {
        self.tunnel = tunnel
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) {
        var text = "CONNECT \(tunnel.authority) HTTP/1.1\r\nHost: \(tunnel.authority)\r\n"
        if let authorization = tunnel.authorization { text += "Proxy-Authorization: \(authorization)\r\n" }
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(string: text + "\r\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += Array(unwrapInboundIn(data).readableBytesView)
        let end = Array("\r\n\r\n".utf8)
        guard answer.count <= 16 << 10 else { return fail("brought too long an answer") }
        guard answer.count >= 12 else { return }
        let status = String(decoding: answer.prefix(12), as: UTF8.self)
        guard status.hasPrefix("HTTP/1."), status.dropFirst(8).first == " " else { return fail("is no proxy of HTTP") }
        guard status.dropFirst(9).first == "2" else {
            return fail("refused a tunnel to \(tunnel.authority) with the status \(status.dropFirst(9))")
        }
        guard answer.count >= end.count, answer.suffix(end.count).elementsEqual(end) else { return }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        ready.succeed(())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { ready.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { ready.fail(ChannelError.eof) }

    private func fail(_ what: String) {
        ready.fail(TransportError(HostError(.unavailable, "the proxy \(what)"), .notBegun))
    }
}
