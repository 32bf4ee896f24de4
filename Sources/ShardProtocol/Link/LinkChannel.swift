// SPDX-License-Identifier: Apache-2.0
public import NIOCore

/// One side's link, as its transport sees it.
public protocol LinkEnd: AnyObject, Sendable {
    /// What is to be sent; `nil`: nothing.
    func takeOutput() -> ByteBuffer?
    /// Takes what has come. From one thread at a time.
    func receive(_ bytes: ByteBuffer)
    /// The transport has closed.
    func transportClosed()
}

extension ShardLink: LinkEnd {}
extension SupervisorLink: LinkEnd {}

/// Carries a link's bytes on a channel: what is said in one turn of the event loop goes out together, and nothing is
/// taken from the link while the socket is full.
public final class LinkChannel: LinkTransport {
    private let channel: any Channel

    /// A connected channel whose pipeline is empty, and which does not read by itself yet: what came before its link is
    /// there would be lost.
    public init(_ channel: any Channel) { self.channel = channel }

    /// Joins the link to the channel; what was said before goes out then.
    public func attach(_ link: any LinkEnd) -> EventLoopFuture<Void> {
        channel.pipeline.addHandler(LinkChannelHandler(link))
            .flatMap { self.channel.setOption(.autoRead, value: true) }
            .map { self.outputIsReady() }
    }

    /// There are bytes to be sent.
    public func outputIsReady() { channel.pipeline.fireUserInboundEventTriggered(LinkOutput.ready) }

    /// Closes the channel, after what was written.
    public func close() { channel.pipeline.fireUserInboundEventTriggered(LinkOutput.last) }
}

private enum LinkOutput: Sendable {
    case ready
    case last
}

private final class LinkChannelHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let link: any LinkEnd

    init(_ link: any LinkEnd) { self.link = link }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { link.receive(unwrapInboundIn(data)) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { send(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? LinkOutput {
        case .ready: send(context)
        case .last:
            send(context)
            context.close(promise: nil)
        case nil: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { link.transportClosed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func send(_ context: ChannelHandlerContext) {
        guard context.channel.isWritable, let bytes = link.takeOutput() else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}
