// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// Messages out of frames and frames out of messages, on the connection's event loop.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let handler: any WebSocketHandler
    private let limits: FrontLimits
    private var context: ChannelHandlerContext?

    private var partial: (isText: Bool, bytes: ByteBuffer)?
    private var held: [WebSocketMessage] = []
    private var reader: (@Sendable (WebSocketMessage?) -> Void)?
    private var writer: (@Sendable (WriteResult) -> Void)?
    private var isReadHeld = false
    private var hasSentClose = false
    private var awaitsPong = false
    private var closure: WebSocketClosure?
    private var isOver = false

    init(_ handler: any WebSocketHandler, _ limits: FrontLimits) {
        self.handler = handler
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        awaitsPong = false
        if isOver { return }
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            fail(1002, "a frame that is not masked, or has reserved bits")
            return
        }
        let data = frame.unmaskedData
        switch frame.opcode {
        case .ping:
            context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: data)), promise: nil)
        case .pong: break
        case .connectionClose: receiveClose(data)
        case .text, .binary:
            guard partial == nil else { return fail(1002, "a message within a message") }
            take(frame.fin, isText: frame.opcode == .text, data)
        case .continuation:
            guard var bytes = partial?.bytes, let isText = partial?.isText else {
                return fail(1002, "a continuation of nothing")
            }
            partial = nil
            guard bytes.readableBytes + data.readableBytes <= limits.messageBytes else {
                return fail(1009, "a message of more than \(limits.messageBytes) bytes")
            }
            bytes.writeImmutableBuffer(data)
            take(frame.fin, isText: isText, bytes)
        default: fail(1002, "a frame of an unknown kind")
        }
        frame.data.clear()
    }

    private func take(_ isLast: Bool, isText: Bool, _ bytes: ByteBuffer) {
        guard bytes.readableBytes <= limits.messageBytes else {
            return fail(1009, "a message of more than \(limits.messageBytes) bytes")
        }
        guard isLast else {
            partial = (isText, bytes)
            return
        }
        let message: WebSocketMessage
        if isText {
            guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
                return fail(1007, "text that is not UTF-8")
            }
            message = .text(text)
        } else {
            message = .binary(Array(bytes.readableBytesView))
        }
        guard let answer = reader else {
            held.append(message)
            return
        }
        reader = nil
        answer(message)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .invalidFrameLength? = error as? NIOWebSocketError {
            fail(1009, "a frame of more than \(limits.messageBytes) bytes")
        } else {
            fail(1002, "a malformed frame")
        }
    }

    /// While messages wait for a reader, the client waits.
    func read(context: ChannelHandlerContext) {
        if held.isEmpty || isOver { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { answerWriter() }
        context.fireChannelWritabilityChanged()
    }

    private func answerWriter() {
        let answer = writer
        writer = nil
        answer?(.ready)
    }

    // MARK: Calls from the handler

    func open(_ socket: WebSocket) { handler.opened(socket) }

    func carryOut(_ command: WebSocketCommand) {
        switch command {
        case .receive(let answer): receive(answer)
        case .send(let message, let answer): send(message, answer)
        case .close(let code, let reason): close(code, reason)
        }
    }

    private func receive(_ answer: @escaping @Sendable (WebSocketMessage?) -> Void) {
        guard held.isEmpty else {
            answer(held.removeFirst())
            if held.isEmpty, isReadHeld {
                isReadHeld = false
                context?.read()
            }
            return
        }
        guard !isOver, reader == nil else { return answer(nil) }
        reader = answer
    }

    private func send(_ message: WebSocketMessage, _ answer: @escaping @Sendable (WriteResult) -> Void) {
        guard let context, !isOver, !hasSentClose, writer == nil else { return answer(.closed) }
        let frame =
            switch message {
            case .text(let text): WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
            case .binary(let bytes): WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes))
            }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        writer = answer
        if context.channel.isWritable { answerWriter() }
    }

    func close(_ code: Int, _ reason: String) {
        guard let context, !isOver, !hasSentClose else { return }
        hasSentClose = true
        let sent = Self.maySend(code) ? code : 1011
        var data = context.channel.allocator.buffer(capacity: 128)
        data.writeInteger(UInt16(sent))
        var text = reason
        while text.utf8.count > 123 { text.removeLast() }
        data.writeString(text)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// False if the ping before was not answered.
    func ping() -> Bool {
        guard let context, !awaitsPong, !hasSentClose else { return false }
        awaitsPong = true
        let frame = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        return true
    }

    // MARK: The end

    private static func maySend(_ code: Int) -> Bool {
        (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
    }

    private func receiveClose(_ data: ByteBuffer) {
        var data = data
        guard data.readableBytes != 1, data.readableBytes <= 125 else { return fail(1002, "a malformed close") }
        let code = data.readInteger(as: UInt16.self).map(Int.init)
        guard code.map(Self.maySend) ?? true,
            let reason = String(validating: data.readableBytesView, as: UTF8.self)
        else { return fail(1002, "a malformed close") }
        closure = WebSocketClosure(code: code ?? 1005, reason: reason)
        close(code ?? 1000, "")
        end()
    }

    private func fail(_ code: Int, _ reason: String) {
        if isOver { return }
        closure = WebSocketClosure(code: code, reason: reason)
        close(code, reason)
        end()
    }

    private func end() {
        ended()
        context?.close(promise: nil)
    }

    /// The connection is gone.
    func ended() {
        if isOver { return }
        isOver = true
        partial = nil
        let (answer, write, unread) = (reader, writer, held)
        (reader, writer, held) = (nil, nil, [])
        write?(.closed)
        answer?(nil)
        handler.closed(closure ?? .abnormal, unread: unread)
    }
}
