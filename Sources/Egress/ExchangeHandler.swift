// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1

/// Carries exchanges over a channel: one after another over a connection of HTTP/1.1, a single one over a stream of
/// HTTP/2. The channel does not read by itself.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What one exchange has come to.
    private struct Progress {
        let exchange: Exchange
        var isSent = false
        var isAnswered = false
        var staysOpen = true
        var interim = 0
        /// When the other side must have done something.
        var deadline: NIODeadline?
    }

    private let timeouts: HTTPEgress.Timeouts
    /// Told after each exchange whether the channel can carry another.
    private let onFree: @Sendable (Bool) -> Void
    /// Of a stream: what is known about those that the other side left out.
    private let last: LastStream?
    private var isStream: Bool { last != nil }
    private var context: ChannelHandlerContext?
    private var current: Progress?
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?

    /// Interim responses (1xx) before the final one, at most.
    private static let mostInterim = 16
    /// How much of the body is on its way at a time, in bytes.
    private static let chunk = 64 << 10

    init(_ timeouts: HTTPEgress.Timeouts, _ last: LastStream? = nil, onFree: @escaping @Sendable (Bool) -> Void) {
        self.timeouts = timeouts
        self.last = last
        self.onFree = onFree
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: The request

    func start(_ exchange: Exchange) {
        guard let context, current == nil, context.channel.isActive else {
            exchange.fail(TransportError(ChannelError.ioOnClosedChannel, to: exchange.host, .notBegun))
            return onFree(false)
        }
        let carrier = Carrier(loop: context.eventLoop, handler: NIOLoopBound(self, eventLoop: context.eventLoop))
        guard exchange.begin(carrier) else {
            // Nothing was sent: the next exchange may have the connection.
            if isStream { context.close(promise: nil) }
            return onFree(!isStream)
        }
        current = Progress(exchange: exchange)
        setDeadline(timeouts.head)
        var head = exchange.request
        if isStream {
            // HTTP/2 has frames of its own.
            head.headers = HTTPHeaders(head.headers.map { ($0.name, $0.value.decodingBytes) })
            head.headers.remove(name: "Transfer-Encoding")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        switch exchange.body {
        case .none: sent()
        case .bytes(let bytes): send(bytes[...], of: exchange)
        case .stream(let stream):
            context.flush()
            pump(stream, of: exchange)
        }
        context.read()
    }

    /// Sends bytes piece by piece, so that they are not all copied at once.
    private func send(_ bytes: ArraySlice<UInt8>, of exchange: Exchange) {
        guard let context else { return }
        let piece = bytes.prefix(Self.chunk)
        let rest = bytes.dropFirst(piece.count)
        guard !rest.isEmpty else {
            if !piece.isEmpty { write(piece, promise: nil) }
            return sent()
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        write(piece, promise: promise)
        context.flush()
        afterwards(promise.futureResult, of: exchange) { $0.send(rest, of: exchange) }
    }

    /// Asks the stream for the next chunk and sends it when it comes; one at a time.
    private func pump(_ stream: any ByteStream, of exchange: Exchange) {
        guard let context else { return }
        // The script may take as long as its limits allow.
        setDeadline(nil)
        let loop = context.eventLoop
        let me = NIOLoopBound(self, eventLoop: loop)
        stream.read(atMost: Self.chunk) { result in
            if loop.inEventLoop {
                me.value.pumped(result, from: stream, of: exchange)
            } else {
                loop.execute { me.value.pumped(result, from: stream, of: exchange) }
            }
        }
    }

    private func pumped(_ result: Result<[UInt8]?, HostError>, from stream: any ByteStream, of exchange: Exchange) {
        guard let context, isCurrent(exchange) else { return }
        do throws(HostError) {
            guard let chunk = try result.get() else { return sent() }
            try exchange.charge(sent: chunk.count)
            setDeadline(timeouts.head)
            let promise = context.eventLoop.makePromise(of: Void.self)
            write(chunk[...], promise: promise)
            context.flush()
            afterwards(promise.futureResult, of: exchange) { $0.pump(stream, of: exchange) }
        } catch {
            close(with: TransportError(error))
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, promise: EventLoopPromise<Void>?) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
    }

    /// Goes on after a write, never deeper in the stack. A failed write closes the channel by itself.
    private func afterwards(
        _ written: EventLoopFuture<Void>, of exchange: Exchange, _ next: @escaping @Sendable (ExchangeHandler) -> Void
    ) {
        let loop = written.eventLoop
        let me = NIOLoopBound(self, eventLoop: loop)
        written.whenSuccess {
            loop.execute { if me.value.isCurrent(exchange) { next(me.value) } }
        }
    }

    private func sent() {
        guard let context, current != nil else { return }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        current?.isSent = true
        if current?.isAnswered == false { setDeadline(timeouts.head) }
    }

    // MARK: The response

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let exchange = current?.exchange else {
            // Nobody asked: the other side is confused, or wants us to be.
            return context.close(promise: nil)
        }
        switch unwrapInboundIn(data) {
        case .head(let head) where (100..<200).contains(head.status.code):
            current?.interim += 1
            if head.status == .switchingProtocols || current?.interim == Self.mostInterim {
                fail(
                    "brought \(head.status == .switchingProtocols ? "another protocol" : "interim responses without end")"
                )
            }
        case .head(let head):
            current?.isAnswered = true
            current?.staysOpen = !isStream && head.isKeepAlive
            setDeadline(nil)
            exchange.receive(head: head)
        case .body(let chunk):
            exchange.receive(chunk)
        case .end:
            guard let done = current else { return }
            finish()
            let isFree = done.staysOpen && done.isSent
            if !isFree, !isStream || !done.isSent { context.close(promise: nil) }
            // First, so that who hears of the end and makes another request finds the connection.
            onFree(isFree)
            done.exchange.finish()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        readIfNeeded()
    }

    private func readIfNeeded() {
        guard let context else { return }
        if let current, current.isAnswered {
            let needsMore = current.exchange.hasRoom
            setDeadline(needsMore ? timeouts.idle : nil)
            if needsMore { context.read() }
        } else {
            // Between exchanges too, to hear of the end of the connection.
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let current else { return context.close(promise: nil) }
        let progress = last?.refused(error) == true ? .untouched : lost(current)
        close(with: TransportError(error, to: current.exchange.host, progress))
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.fireChannelInactive()
        guard let current else { return }
        close(
            with: TransportError(
                current.isAnswered ? HTTPParserError.invalidEOFState : ChannelError.ioOnClosedChannel,
                to: current.exchange.host, lost(current)))
    }

    private func lost(_ progress: Progress) -> TransportError.Progress { progress.isAnswered ? .answered : .unanswered }

    // MARK: The end

    private func isCurrent(_ exchange: Exchange) -> Bool { current?.exchange === exchange }

    private func fail(_ what: String) {
        guard let current else { return }
        close(
            with: TransportError(
                HostError(.unavailable, "the connection to \(HostError.quote(current.exchange.host)) \(what)")))
    }

    private func close(with error: TransportError) {
        guard let done = current else { return }
        finish()
        context?.close(promise: nil)
        onFree(false)
        done.exchange.fail(error)
    }

    private func finish() {
        guard let done = current else { return }
        // First, since a read under way is answered by the cancellation, and is none of the exchange any more.
        current = nil
        if !done.isSent, case .stream(let stream) = done.exchange.body { stream.cancel() }
        timer?.task.cancel()
        timer = nil
    }

    // MARK: Time

    /// A timer that is due before the deadline is left to run, and looks at it then: most deadlines are moved on.
    private func setDeadline(_ amount: TimeAmount?) {
        let deadline = amount.map { .now() + $0 } as NIODeadline?
        current?.deadline = deadline
        if let deadline, timer.map({ $0.due > deadline }) ?? true { schedule(for: deadline) }
    }

    private func schedule(for deadline: NIODeadline) {
        guard let loop = context?.eventLoop else { return }
        let me = NIOLoopBound(self, eventLoop: loop)
        timer?.task.cancel()
        timer = (loop.scheduleTask(deadline: deadline) { me.value.timeIsUp() }, deadline)
    }

    private func timeIsUp() {
        timer = nil
        guard let current, let deadline = current.deadline else { return }
        guard deadline <= .now() else { return schedule(for: deadline) }
        let amount = current.isAnswered ? timeouts.idle : timeouts.head
        let what = current.isAnswered ? "brought nothing more of the response" : "brought no response"
        close(
            with: TransportError(
                HostError(
                    .timedOut,
                    "the connection to \(HostError.quote(current.exchange.host)) \(what) for \(amount.nanoseconds / 1_000_000) ms"
                )))
    }

    // MARK: Requests of the exchange

    private final class Carrier: ExchangeCarrier {
        let loop: any EventLoop
        let handler: NIOLoopBound<ExchangeHandler>

        init(loop: any EventLoop, handler: NIOLoopBound<ExchangeHandler>) {
            self.loop = loop
            self.handler = handler
        }

        func afterwards(_ body: @escaping @Sendable () -> Void) { loop.execute(body) }

        func readMore(for exchange: Exchange) {
            loop.execute { [handler] in
                if handler.value.isCurrent(exchange) { handler.value.readIfNeeded() }
            }
        }

        func abort(_ exchange: Exchange) {
            loop.execute { [handler] in
                guard handler.value.isCurrent(exchange) else { return }
                handler.value.close(with: TransportError(HostError(.cancelled, "cancelled")))
            }
        }
    }
}

extension String {
    /// A text in isomorphic encoding as the text that its bytes are in UTF-8.
    fileprivate var decodingBytes: String {
        guard utf8.contains(where: { $0 >= 0x80 }) else { return self }
        return String(decoding: unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }, as: UTF8.self)
    }
}
