// SPDX-License-Identifier: Apache-2.0

internal import HostAPI
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// One stream of an HTTP/2 connection: one request and its response, on the connection's event loop.
final class HTTP2Stream: ChannelDuplexHandler, ExchangeTransport, TimedConnection {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let loop: FrontLoop
    private let site: FrontSite
    private let peer: PeerAddress
    private var context: ChannelHandlerContext?
    private var slot: Int?
    private var exchange: Exchange?
    /// Until the body is whole, and handed over with it.
    private var collecting: (request: RequestHead, client: String, bytes: ByteBuffer)?
    private var isBodyWhole = false
    private var progressAt: Int64
    private var isReadHeld = false
    private var needsFlush = false
    var isTouched = false

    init(loop: FrontLoop, site: FrontSite, peer: PeerAddress) {
        self.loop = loop
        self.site = site
        self.peer = peer
        progressAt = loop.clock.now()
    }

    // MARK: Events of the stream

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        slot = loop.add(self, deadline: progressAt + site.times.head)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        if let slot { loop.remove(slot) }
        slot = nil
        guard let exchange else { return }
        self.exchange = nil
        exchange.lose()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        progressAt = loop.clock.now()
        do throws(Refusal) {
            switch unwrapInboundIn(data) {
            case .headers(let frame):
                // The second are trailers, which nobody asks for.
                if exchange == nil { try begin(frame.headers, isWhole: frame.endStream) }
                if frame.endStream { bodyEnded() }
            case .data(let frame):
                if case .byteBuffer(let bytes) = frame.data { try take(bytes) }
                if frame.endStream { bodyEnded() }
            default: break
            }
        } catch {
            refuse(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { settle() }

    func read(context: ChannelHandlerContext) {
        if let body = exchange?.body, !body.isCancelled, body.heldBytes >= site.limits.bodyWindow {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { settle() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: The request

    private func begin(_ headers: HPACKHeaders, isWhole: Bool) throws(Refusal) {
        let exchange = Exchange(id: loop.nextID(), loop: loop, transport: self)
        exchange.state.version = .http2
        exchange.state.startedAt = progressAt
        self.exchange = exchange
        let lines = try HTTP2Request.lines(headers)
        let bytes = lines.readableBytesUInt8Span
        guard let shape = try loop.parser.parse(bytes) else { throw Refusal(400, "a head that has no end") }
        exchange.state.isHEAD = bytes.equals(shape.method, "HEAD")
        exchange.state.awaitsContinue = shape.expectsContinue
        let origin = site.forwarding.origin(peer, bytes, loop.parser.fields, scheme: site.scheme)
        let head = RequestHead(
            shape, bytes, loop.parser.fields, scheme: origin.scheme.prefix, added: origin.fields)
        var length: Int?
        if case .length(let announced) = shape.framing {
            length = announced
            guard announced <= site.limits.bodyBytes else {
                throw Refusal(413, "a body of more than \(site.limits.bodyBytes) bytes")
            }
        }
        if isWhole {
            deliver(head, origin.client, .none)
        } else if let length, length <= site.limits.collectedBody {
            collecting = (head, origin.client, ByteBuffer())
            sendContinue()
        } else {
            let body = RequestBodyStream(exchange)
            exchange.body = body
            deliver(head, origin.client, .stream(body, length: length))
        }
    }

    private func deliver(_ head: RequestHead, _ client: String, _ body: RequestBody) {
        guard let exchange else { return }
        loop.deliver(
            ServerRequest(
                id: exchange.id, head: head, version: .http2, client: client, upgrade: nil, body: body), exchange)
    }

    private func take(_ bytes: ByteBuffer) throws(Refusal) {
        if collecting != nil {
            // NIOHTTP2 holds the bytes to the length that was announced.
            collecting?.bytes.writeImmutableBuffer(bytes)
            return
        }
        guard let body = exchange?.body else { return }
        guard body.received + bytes.readableBytes <= site.limits.bodyBytes else {
            throw Refusal(413, "a body of more than \(site.limits.bodyBytes) bytes")
        }
        body.offer(bytes)
    }

    private func bodyEnded() {
        isBodyWhole = true
        if let whole = collecting {
            collecting = nil
            deliver(whole.request, whole.client, .collected(Array(whole.bytes.readableBytesView)))
        }
        exchange?.body?.end(.success(()))
    }

    private func refuse(_ refusal: Refusal) {
        guard let exchange, exchange.state.phase == .unanswered else {
            context?.close(promise: nil)
            return
        }
        collecting = nil
        exchange.body?.end(.failure(refusal.hostError))
        let observer = exchange.observer
        exchange.observer = nil
        respond(exchange, refusal.head, .bytes(refusal.body))
        observer?.clientLeft(exchange, .disconnected)
    }

    private func sendContinue() {
        guard let exchange, exchange.state.awaitsContinue else { return }
        exchange.state.awaitsContinue = false
        write(HPACKHeaders([(":status", "100")]), endsStream: false)
    }

    // MARK: The response

    func carryOut(_ command: ExchangeCommand, of exchange: Exchange) {
        switch command {
        case .readBody(let count, let answer):
            guard let body = exchange.body else { return command.refuse() }
            sendContinue()
            body.read(count, answer)
            return
        case .cancelBody:
            exchange.body?.drop()
            return
        default: break
        }
        switch (command, exchange.state.phase) {
        case (.respond(let head, let body), .unanswered): respond(exchange, head, body)
        case (.start(let head), .unanswered):
            exchange.state.phase = .streaming
            writeHead(exchange, head, length: nil, endsStream: false)
        case (.write(let bytes, let answer), .streaming): write(exchange, bytes, answer)
        case (.finish, .streaming): finish(exchange)
        case (.inform(let head), .unanswered) where (102...199).contains(head.status):
            write(Self.fields(head, status: head.status), endsStream: false)
        case (.abort, .unanswered), (.abort, .streaming): reset(.internalError)
        default:
            command.refuse()
            if case .acceptWebSocket = command, exchange.state.phase == .unanswered { reset(.refusedStream) }
        }
    }

    private static func fields(_ head: ResponseHead, status: Int) -> HPACKHeaders {
        let parsed = ResponseFields(head)
        let bytes = head.headers.bytes.span
        var headers = HPACKHeaders([(":status", "\(status)")])
        for field in parsed.places {
            headers.add(name: bytes.text(field.name).lowercased(), value: bytes.text(field.value))
        }
        return headers
    }

    private func writeHead(_ exchange: Exchange, _ head: ResponseHead, length: Int?, endsStream: Bool) {
        let status = (200...599).contains(head.status) ? head.status : 500
        var headers = Self.fields(head, status: status)
        let announced = ResponseFields(head).length
        let isBodyless = exchange.state.isHEAD || status == 204 || status == 205 || status == 304
        exchange.state.framing = isBodyless ? .absent : announced.map { .length($0) } ?? .chunked
        let said: Int? =
            switch status {
            case 204: nil
            case 205: 0
            case 304: announced
            default: exchange.state.isHEAD && length == 0 ? announced ?? 0 : length ?? announced
            }
        if let said { headers.add(name: "content-length", value: "\(said)") }
        headers.add(name: "date", value: loop.clock.date)
        write(headers, endsStream: endsStream)
    }

    private func respond(_ exchange: Exchange, _ head: ResponseHead, _ body: WholeBody) {
        let isBodyless = exchange.state.isHEAD || [204, 205, 304].contains(head.status)
        let isEmpty = body.count == 0 || isBodyless
        writeHead(exchange, head, length: body.count, endsStream: isEmpty)
        if !isEmpty { write(body.buffer, endsStream: true) }
        complete(exchange)
    }

    private func write(_ exchange: Exchange, _ bytes: [UInt8], _ answer: @escaping @Sendable (WriteResult) -> Void) {
        guard exchange.state.writer == nil else { return answer(.closed) }
        if case .length(let remaining) = exchange.state.framing {
            guard bytes.count <= remaining else {
                answer(.closed)
                return reset(.internalError)
            }
            exchange.state.framing = .length(remaining - bytes.count)
        }
        if exchange.state.framing != .absent, !bytes.isEmpty { write(ByteBuffer(bytes: bytes), endsStream: false) }
        exchange.state.writer = answer
    }

    private func finish(_ exchange: Exchange) {
        if case .length(let remaining) = exchange.state.framing, remaining > 0 { return reset(.internalError) }
        write(ByteBuffer(), endsStream: true)
        complete(exchange)
    }

    private func complete(_ exchange: Exchange) {
        exchange.state.phase = .over
        exchange.observer = nil
        exchange.state.writer?(.ready)
        exchange.state.writer = nil
        if !isBodyWhole { exchange.body?.drop() }
    }

    /// Once a response is out, its client need not send the rest of the request (RFC 9113, 8.1).
    private func promise(endsStream: Bool) -> EventLoopPromise<Void>? {
        guard endsStream, !isBodyWhole, let context else { return nil }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { [self] in
            if !isBodyWhole { reset(.noError) }
        }
        return sent
    }

    private func write(_ headers: HPACKHeaders, endsStream: Bool) {
        let payload = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: endsStream))
        context?.write(wrapOutboundOut(payload), promise: promise(endsStream: endsStream))
        needsFlush = true
    }

    private func write(_ bytes: ByteBuffer, endsStream: Bool) {
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(bytes), endStream: endsStream)
        context?.write(wrapOutboundOut(.data(data)), promise: promise(endsStream: endsStream))
        needsFlush = true
    }

    private func reset(_ code: HTTP2ErrorCode) {
        context?.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
        needsFlush = false
    }

    func callsEnded() { settle() }

    private func settle() {
        guard let context else { return }
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        if context.channel.isWritable, let writer = exchange?.state.writer {
            exchange?.state.writer = nil
            progressAt = loop.clock.now()
            writer(.ready)
        }
        if isReadHeld, let body = exchange?.body, body.isCancelled || body.heldBytes < site.limits.bodyWindow {
            isReadHeld = false
            context.read()
        }
        if let slot { loop.setDeadline(slot, deadline) }
    }

    // MARK: Time

    /// The client is what is waited for: for a body, or to take the response.
    private var isWaiting: Bool {
        if collecting != nil { return true }
        if let body = exchange?.body, !isBodyWhole { return body.isWaitedFor }
        return exchange?.state.writer != nil
    }

    private var deadline: Int64 {
        guard let exchange else { return progressAt + site.times.head }
        let total = site.times.total.map { exchange.state.startedAt + $0 } ?? .max
        return isWaiting ? min(total, progressAt + site.times.progress) : total
    }

    func deadlinePassed(_ now: Int64) {
        guard deadline <= now else {
            if let slot { loop.setDeadline(slot, deadline) }
            return
        }
        reset(.cancel)
    }

    func closeIfIdle(since: Int64) {}

    func drain() {}

    func closeNow() { reset(.cancel) }
}
