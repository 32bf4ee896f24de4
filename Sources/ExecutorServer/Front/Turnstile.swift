// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOTLS

/// Says that there is no place, and closes.
final class TurnedAway: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isPlain: Bool

    init(isPlain: Bool) { self.isPlain = isPlain }

    func channelActive(context: ChannelHandlerContext) {
        if isPlain { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.response)), promise: nil) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    private static let response =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
}

/// Closes a connection that does not end its TLS handshake in time.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler, TimedConnection {
    typealias InboundIn = ByteBuffer

    private let loop: FrontLoop
    private let time: Duration
    private var context: ChannelHandlerContext?
    private var slot: Int?

    init(loop: FrontLoop, time: Duration) {
        self.loop = loop
        self.time = time
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        slot = loop.add(self, deadline: loop.clock.now() + time.nanoseconds)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        if let slot { loop.remove(slot) }
        slot = nil
    }

    func deadlinePassed(_ now: Int64) { closeNow() }
    func closeIfIdle(since: Int64) {}
    func drain() { closeNow() }
    func closeNow() { context?.close(promise: nil) }
}
