// SPDX-License-Identifier: Apache-2.0

internal import HostAPI
internal import NIOCore

/// One connection of HTTP/1.0 or 1.1, on its event loop.
///
/// Requests are handed over as they come, up to a number at once; answers go out in the order of the requests, so that
/// calls of a later exchange wait in it until it is `current`. Nothing here is called back into while it works: calls
/// of exchanges come from the loop's inbox.
final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler, ExchangeTransport {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Input {
        case head
        case fixedBody(Int)
        case chunkedBody(ChunkDecoder)
        /// No further request is read.
        case ended
        /// The last response is out; what comes is thrown away until the client closes.
        case lingering
        /// The bytes are another protocol's.
        case handedOn
    }

    /// A body that is coming in.
    struct Incoming {
        let exchange: Exchange
        /// Until it is handed over.
        var request: RequestHead?
        var client: String
        var collected = ByteBuffer()
    }

    let loop: FrontLoop
    let site: FrontSite
    let peer: PeerAddress
    var context: ChannelHandlerContext?
    var slot: Int?

    var inputState = Input.head
    var input = ByteBuffer()
    /// How much of a head that is not whole was looked at.
    var scanned = 0
    var incoming: Incoming?
    var hasEnded = false
    private var isReadHeld = false

    var current: Exchange?
    var later: [Exchange] = []
    var out: ByteBuffer?
    var isTouched = false
    /// The last response is written: close after it is flushed.
    var isClosing = false
    var timing: HTTP1Timing
    /// What the connection became.
    var socket: WebSocketConnection?

    init(loop: FrontLoop, site: FrontSite, peer: PeerAddress) {
        self.loop = loop
        self.site = site
        self.peer = peer
        timing = HTTP1Timing(now: loop.clock.now())
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leaveTable()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    private func begin() {
        guard slot == nil else { return }
        slot = loop.add(self, deadline: 0)
        setDeadline()
    }

    private func leaveTable() {
        guard let slot else { return }
        self.slot = nil
        loop.remove(slot)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leaveTable()
        hasEnded = true
        inputState = .lingering
        input = ByteBuffer()
        let exchanges = (current.map { [$0] } ?? []) + later
        current = nil
        later = []
        for exchange in exchanges { exchange.lose() }
        incoming = nil
        socket?.ended()
        socket = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch inputState {
        case .lingering: return
        case .handedOn:
            timing.hasProgressed = true
            context.fireChannelRead(data)
            return
        default: break
        }
        if input.readableBytes == 0 {
            input = bytes
            scanned = 0
        } else {
            // A client that pipelines may never end with a whole request.
            input.discardReadBytes()
            input.writeBuffer(&bytes)
        }
        timing.hasProgressed = true
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .handedOn = inputState {
            context.fireChannelReadComplete()
            setDeadline()
            return
        }
        settle()
    }

    func read(context: ChannelHandlerContext) {
        if wantsInput { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { settle() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func inputClosed() {
        hasEnded = true
        if socket != nil {
            context?.close(promise: nil)
            return
        }
        switch inputState {
        case .lingering:
            context?.close(promise: nil)
            return
        case .head where current == nil:
            context?.close(promise: nil)
            return
        case .fixedBody, .chunkedBody:
            // The request is cut short: it has no answer.
            if let incoming { incoming.exchange.body?.end(.failure(.clientLeft)) }
            if incoming?.request != nil || current == nil { closeNow() } else { inputState = .ended }
        case .head, .ended, .handedOn: break
        }
        (later.last ?? current)?.state.closesAfter = true
        inputState = .ended
        for exchange in (current.map { [$0] } ?? []) + later where !exchange.state.hasEndedSending {
            exchange.state.hasEndedSending = true
            exchange.observer?.clientLeft(exchange, .endedSending)
        }
    }

    // MARK: The end of a turn

    /// Sends what was written, reads on if there is room, and says until when the client has time.
    func settle() {
        guard let context, context.channel.isActive else { return }
        flush(context)
        if let writer = current?.state.writer, context.channel.isWritable {
            current?.state.writer = nil
            writer(.ready)
        }
        if isReadHeld, wantsInput {
            isReadHeld = false
            context.read()
        }
        setDeadline()
    }

    func callsEnded() {
        advance()
        settle()
    }

    private var wantsInput: Bool {
        switch inputState {
        case .head: hasRoom
        case .fixedBody, .chunkedBody:
            if let body = incoming?.exchange.body, !body.isCancelled {
                body.heldBytes < site.limits.bodyWindow
            } else {
                true
            }
        case .ended: false
        case .lingering, .handedOn: true
        }
    }

    /// Whether another request may be begun.
    var hasRoom: Bool {
        guard let last = later.last ?? current else { return true }
        // What follows an upgrade is HTTP only if it is not accepted.
        return last.state.upgrade == nil && later.count + 1 < site.limits.requestsInFlight
            && context?.channel.isWritable ?? false
    }
}
