// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOSSL
internal import NIOWebSocket

/// Counts what arrives, before it is decoded, and bounds the answer that opens the connection.
final class WebSocketIntake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let mostHeadBytes = 64 << 10

    private let account: WebSocketAccount
    private var headBytes = 0
    private var hasFailed = false
    var part = Part.head

    enum Part {
        /// The answer, which is bounded.
        case head
        /// What came with it is counted by who keeps it.
        case rest
        /// Frames are held; the session releases them as they are decoded.
        case frames
    }

    init(_ account: WebSocketAccount) { self.account = account }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        let count = Self.unwrapInboundIn(data).readableBytes
        do throws(HostError) {
            try account.charge(count, of: .ingressBytes)
            switch part {
            case .head:
                headBytes += count
                guard headBytes <= Self.mostHeadBytes else {
                    throw HostError(
                        .unavailable, "the server's answer has more than \(Self.mostHeadBytes) bytes before it is over")
                }
            case .rest: break
            case .frames: try account.hold(count)
            }
        } catch {
            hasFailed = true
            return context.fireErrorCaught(error)
        }
        context.fireChannelRead(data)
    }
}

/// A call that waits for messages.
final class WebSocketReceiver: Sendable {
    /// Values for the script; whether the last of them says how the connection ended.
    typealias Batch = (values: HostValue, isLast: Bool)

    let answer: @Sendable (Result<Batch, HostError>) -> Void

    init(_ answer: @escaping @Sendable (Result<Batch, HostError>) -> Void) { self.answer = answer }
}

/// An open connection, on its event loop.
final class WebSocketSession: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame
    private enum Phase {
        case open
        /// The script's Close frame was sent.
        case closing
        /// Nothing of the peer's counts any more.
        case over
    }

    private static let mostQueuedBytes = 256 << 10
    private static let mostQueued = 256
    /// With one answer.
    private static let mostDelivered = 16
    /// What a message in the queue takes beside its bytes.
    private static let messageOverhead = 64

    private let account: WebSocketAccount
    private let options: WebSockets.Options
    private var assembler: WebSocketAssembler
    private var context: ChannelHandlerContext?
    private var phase = Phase.open
    private var queue: [HostValue] = []
    private var queuedBytes = 0
    private var ending: WebSocketEnding?
    private var receiver: WebSocketReceiver?
    /// Answers the ping that came last, once the peer reads again.
    private var pong: ByteBuffer?
    private var isPaused = false
    /// Of the message that is being put together.
    private var partBytes = 0
    private var timer: Scheduled<Void>?

    init(_ account: WebSocketAccount, _ options: WebSockets.Options) {
        self.account = account
        self.options = options
        assembler = WebSocketAssembler(mostMessageBytes: options.mostMessageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: What the script asks

    func receive(_ receiver: WebSocketReceiver) {
        guard self.receiver == nil else {
            return receiver.answer(
                .failure(HostError(.conflict, "the connection is being received from already; one call at a time")))
        }
        self.receiver = receiver
        deliver()
    }

    func forget(_ receiver: WebSocketReceiver) {
        if self.receiver === receiver { self.receiver = nil }
    }

    func send(_ messages: [WebSocketMessage], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        guard phase == .open, let context else {
            return answer(.failure(HostError(.conflict, "the connection is closing or over; nothing is sent any more")))
        }
        guard !messages.isEmpty else { return answer(.success(())) }
        let size = messages.reduce(0) { $0 + WebSocketFrame.wireBytes(ofPayload: $1.bytes.count, isMasked: true) }
        do throws(HostError) {
            try account.charge(size, of: .egressBytes)
        } catch {
            answer(.failure(error))
            return fail(error.message)
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            answer(
                result.mapError { _ in HostError(.unavailable, "the connection ended before the messages were sent") })
        }
        for (index, message) in messages.enumerated() {
            let frame = WebSocketFrame(
                fin: true, opcode: message.isText ? .text : .binary, maskKey: .random(),
                data: ByteBuffer(bytes: message.bytes))
            context.write(Self.wrapOutboundOut(frame), promise: index == messages.count - 1 ? promise : nil)
        }
        context.flush()
    }

    func close(_ close: WebSocketClose?) {
        guard phase == .open else { return }
        phase = .closing
        sendClose(close)
        // The peer's answer may stand behind messages, which nobody waits for any more.
        forgetQueue()
        resume()
        schedule(options.closeTimeout) { $0.fail("the peer did not answer the closing of the connection in time") }
    }

    /// The dispatch is over.
    func end() {
        receiver = nil
        forgetQueue()
        phase = .over
        context?.close(promise: nil)
    }

    // MARK: What arrives

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        let size = WebSocketFrame.wireBytes(ofPayload: frame.data.readableBytes, isMasked: frame.maskKey != nil)
        guard phase != .over else { return account.release(size) }
        do throws(WebSocketViolation) {
            switch try assembler.take(frame) {
            case .part: partBytes += size
            case .message(let value, let bytes):
                account.release(partBytes + size)
                partBytes = 0
                enqueue(value, bytes)
            case .ping(let payload):
                account.release(size)
                pong = payload
                answerPing()
            case .pong: account.release(size)
            case .close(let close):
                account.release(size)
                peerCloses(close)
            }
        } catch {
            violate(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        answerPing()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        // First, so that whoever hears of the end and opens another has the place.
        account.end()
        finish(WebSocketEnding(failure: "the connection was lost"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: violate(.tooLarge(options.mostMessageBytes))
        case NIOWebSocketError.fragmentedControlFrame: violate(.malformed("a control frame is in parts"))
        case NIOWebSocketError.multiByteControlFrameLength:
            violate(.malformed("a control frame has more than 125 bytes"))
        // The connection ends, and says so, next.
        case NIOSSLError.uncleanShutdown: break
        default:
            fail((error as? HostError)?.message ?? "the connection failed: \(error)")
            context.close(promise: nil)
        }
    }

    private func enqueue(_ value: HostValue, _ bytes: Int) {
        guard phase == .open else { return }
        do throws(HostError) {
            try account.hold(bytes + Self.messageOverhead)
        } catch {
            return fail(error.message)
        }
        queue.append(value)
        queuedBytes += bytes
        if queuedBytes >= Self.mostQueuedBytes || queue.count >= Self.mostQueued { pause() }
    }

    private func forgetQueue() { _ = takeQueued(atMost: queue.count) }

    private func takeQueued(atMost most: Int) -> [HostValue] {
        let taken = Array(queue.prefix(most))
        queue.removeFirst(taken.count)
        let bytes = taken.reduce(0) { $0 + $1.payloadBytes }
        queuedBytes -= bytes
        account.release(bytes + taken.count * Self.messageOverhead)
        return taken
    }

    private func deliver() {
        guard let receiver, !queue.isEmpty || ending != nil else { return }
        self.receiver = nil
        var values = takeQueued(atMost: Self.mostDelivered)
        let isLast = ending != nil && queue.isEmpty
        if isLast, let ending, let value = try? HostValue(encoding: ending) { values.append(value) }
        if queue.isEmpty { resume() }
        receiver.answer(.success((.list(values), isLast)))
    }

    private func pause() {
        isPaused = true
        setReading(false)
    }

    private func resume() {
        guard isPaused else { return }
        isPaused = false
        setReading(true)
    }

    private func setReading(_ reads: Bool) {
        try? context?.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    private func answerPing() {
        guard phase != .over, let context, context.channel.isWritable, let payload = pong else { return }
        pong = nil
        write(.pong, payload, context)
    }

    // MARK: The end

    private func peerCloses(_ close: WebSocketClose?) {
        if phase == .open { sendClose(close.map { WebSocketClose(code: $0.code, reason: "") }) }
        phase = .over
        closed = WebSocketEnding(close)
        schedule(options.lingerTimeout) { session in
            session.context?.close(promise: nil)
            session.finish(WebSocketEnding(failure: "the connection was lost"))
        }
    }

    private func violate(_ violation: WebSocketViolation) {
        guard phase != .over else { return }
        if phase == .open { sendClose(WebSocketClose(code: violation.code, reason: "")) }
        fail("the peer broke the protocol: \(violation.message)")
    }

    /// Ends without a handshake. The peer has a while to read what was sent: closing at once could take it back.
    func fail(_ message: String) {
        guard phase != .over else { return }
        phase = .over
        finish(WebSocketEnding(failure: message))
        resume()
        schedule(options.lingerTimeout) { $0.context?.close(promise: nil) }
    }

    /// How both sides agreed to end, once the connection is closed.
    private var closed: WebSocketEnding?

    private func finish(_ ending: WebSocketEnding) {
        guard self.ending == nil else { return }
        self.ending = closed ?? ending
        phase = .over
        deliver()
    }

    private func sendClose(_ close: WebSocketClose?) {
        guard let context else { return }
        write(.connectionClose, close?.payload ?? ByteBuffer(), context)
    }

    /// A control frame, charged like every other.
    private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        let size = WebSocketFrame.wireBytes(ofPayload: payload.readableBytes, isMasked: true)
        do throws(HostError) {
            try account.charge(size, of: .egressBytes)
        } catch {
            return fail(error.message)
        }
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil)
    }

    private func schedule(_ delay: TimeAmount, _ body: @escaping (WebSocketSession) -> Void) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            if let self { body(self) }
        }
    }
}

extension HostValue {
    /// Of a message, in bytes.
    fileprivate var payloadBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        default: 0
        }
    }
}
