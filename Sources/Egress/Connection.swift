// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import Synchronization

/// Where a connection leads. Two requests may only share one if all of this is the same: the address too, which was
/// checked for each of them.
struct Route: Sendable, Hashable {
    let isSecure: Bool
    /// What a certificate must be for.
    let host: NetworkHost
    /// What is connected to: the proxy, where there is one and the tunnel leads to `address`.
    let address: IPAddress
    let port: Int
    var tunnel: Tunnel?

    /// A way through a proxy by its `CONNECT`.
    struct Tunnel: Sendable, Hashable {
        /// What the proxy connects to.
        let authority: String
        let authorization: String?
    }
}

/// A connection that is ready for requests. It closes when the pool says so, or the other side.
final class Connection: Sendable {
    enum Kind: Sendable {
        case http1(NIOLoopBound<ExchangeHandler>)
        case http2(NIOHTTP2Handler.StreamMultiplexer, LastStream)
    }

    let route: Route
    let channel: any Channel
    let kind: Kind
    private let timeouts: HTTPEgress.Timeouts

    init(_ route: Route, _ channel: any Channel, _ kind: Kind, _ timeouts: HTTPEgress.Timeouts) {
        self.route = route
        self.channel = channel
        self.kind = kind
        self.timeouts = timeouts
    }

    /// Carries an exchange. `onFree` is called once, when it is over: always for a stream; a connection of HTTP/1.1
    /// was given its own when it was made.
    func carry(_ exchange: Exchange, onFree: @escaping @Sendable () -> Void) {
        switch kind {
        case .http1(let handler):
            if channel.eventLoop.inEventLoop {
                handler.value.start(exchange)
            } else {
                channel.eventLoop.execute { handler.value.start(exchange) }
            }
        case .http2(let multiplexer, let last):
            let timeouts = timeouts
            multiplexer.createStreamChannel { stream in
                stream.eventLoop.makeCompletedFuture {
                    let handlers = stream.pipeline.syncOperations
                    try stream.syncOptions?.setOption(.autoRead, value: false)
                    try handlers.addHandler(HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https))
                    try handlers.addHandler(ExchangeHandler(timeouts, last) { _ in onFree() })
                }
            }.whenComplete { result in
                do {
                    let stream = try result.get()
                    try stream.pipeline.syncOperations.handler(type: ExchangeHandler.self).start(exchange)
                } catch {
                    onFree()
                    exchange.fail(TransportError(error, to: exchange.host, .notBegun))
                }
            }
        }
    }

    func close() { channel.close(promise: nil) }
}

/// The last stream that the other side of a connection of HTTP/2 has done anything with, once it goes away. To NIO the
/// streams after it are cancelled, like those that the server gave up in their middle.
final class LastStream: Sendable {
    private let last = Mutex<HTTP2StreamID?>(nil)

    func set(_ stream: HTTP2StreamID) { last.withLock { $0 = min($0 ?? stream, stream) } }

    /// Whether an error of a stream says that nothing was done with it.
    func refused(_ error: any Error) -> Bool {
        guard let closed = error as? NIOHTTP2Errors.StreamClosed else { return false }
        return closed.errorCode == .refusedStream || last.withLock { $0.map { closed.streamID > $0 } ?? false }
    }
}

/// Hears what the other side of a connection of HTTP/2 says about all of it.
final class ConnectionObserver: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    enum News: Sendable {
        case mostStreams(Int)
        case goingAway
    }

    private let last: LastStream
    private let tell: @Sendable (News) -> Void

    init(_ last: LastStream, _ tell: @escaping @Sendable (News) -> Void) {
        self.last = last
        self.tell = tell
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .settings(.settings(let settings)):
            if let most = settings.last(where: { $0.parameter == .maxConcurrentStreams }) {
                tell(.mostStreams(most.value))
            }
        case .goAway(let stream, _, _):
            last.set(stream)
            tell(.goingAway)
        default: break
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        tell(.goingAway)
        // An error of one stream is not one of the connection.
        if !(error is NIOHTTP2Errors.StreamError) { context.close(promise: nil) }
    }
}
