// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2

/// The place of an HTTP/2 connection in its loop's table. What HTTP/2 asks of a connection, NIOHTTP2's handlers do.
final class HTTP2Connection: ChannelInboundHandler, TimedConnection {
    typealias InboundIn = HTTP2Frame

    private let loop: FrontLoop
    private var context: ChannelHandlerContext?
    private var slot: Int?

    init(loop: FrontLoop) { self.loop = loop }

    /// Makes a connection one of HTTP/2.
    static func install(on channel: any Channel, loop: FrontLoop, site: FrontSite, peer: PeerAddress) throws {
        let pipeline = channel.pipeline.syncOperations
        let limits = site.limits
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: 65535),
        ]
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.outboundBufferSizeHighWatermark = 64 << 10
        stream.outboundBufferSizeLowWatermark = 32 << 10
        let manager = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: TimeAmount(limits.idleTime), maxAge: nil, maxGraceTime: nil,
                keepalive: .init(
                    pingInterval: TimeAmount(limits.idleTime), ackTimeout: TimeAmount(limits.progressTime))))
        let parts = NIOLoopBound((loop, peer), eventLoop: channel.eventLoop)
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection, streamConfiguration: stream,
            streamDelegate: manager.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let (loop, peer) = parts.value
                try stream.pipeline.syncOperations.addHandler(HTTP2Stream(loop: loop, site: site, peer: peer))
            }
        }
        try pipeline.addHandler(manager)
        try pipeline.addHandler(HTTP2Connection(loop: loop))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        slot = loop.add(self, deadline: .max)
        if loop.isDraining { drain() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func leave() {
        if let slot { loop.remove(slot) }
        slot = nil
    }

    func deadlinePassed(_ now: Int64) {}

    func closeIfIdle(since: Int64) {}

    /// GOAWAY, and the end once the last stream has ended.
    func drain() { context?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    func closeNow() { context?.close(promise: nil) }
}
