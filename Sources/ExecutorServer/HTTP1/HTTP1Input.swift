// SPDX-License-Identifier: Apache-2.0

internal import HostAPI
internal import NIOCore

/// Requests out of bytes.
extension HTTP1Connection {
    /// What a response leaves unread of a body may be read away if it is at most this, in bytes.
    static let mostDiscarded = 256 << 10

    /// Reads as much of `input` as there is room for.
    func advance() {
        do throws(Refusal) {
            while true {
                switch inputState {
                case .head:
                    guard input.readableBytes > 0, hasRoom, try readHead() else { return trim() }
                case .fixedBody(let remaining):
                    guard let piece = input.readSlice(length: min(remaining, input.readableBytes)),
                        piece.readableBytes > 0
                    else { return trim() }
                    inputState = .fixedBody(remaining - piece.readableBytes)
                    try take(piece)
                    if piece.readableBytes == remaining { bodyEnded() }
                case .chunkedBody(var decoder):
                    let step = try decoder.next(&input, site.limits)
                    inputState = .chunkedBody(decoder)
                    switch step {
                    case .needsMore: return trim()
                    case .data(let piece): try take(piece)
                    case .ended: bodyEnded()
                    }
                case .ended, .lingering:
                    input = ByteBuffer()
                    return
                case .handedOn: return
                }
            }
        } catch {
            refuse(error)
        }
    }

    /// Gives an empty buffer's storage back, for idle connections to have none.
    private func trim() {
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    /// False if the head goes on past the bytes there are.
    private func readHead() throws(Refusal) -> Bool {
        let count = input.readableBytes
        if scanned > 0, count < site.limits.headBytes {
            // Only a line that has become whole can change anything.
            guard input.readableBytesUInt8Span.firstLineEnd(from: scanned) != nil else {
                scanned = count
                return false
            }
        }
        if site.takesPriorKnowledge, loop.preface.begins(input) {
            if input.readableBytes >= HTTP2Preface.length { becomeHTTP2() }
            return false
        }
        let buffer = input
        guard let shape = try loop.parser.parse(buffer.readableBytesUInt8Span) else {
            if timing.headBegan == nil { timing.headBegan = loop.clock.now() }
            scanned = count
            return false
        }
        scanned = 0
        try begin(shape, admit(shape, buffer), buffer)
        return true
    }

    private func admit(_ shape: RequestShape, _ buffer: ByteBuffer) -> Exchange {
        let exchange = Exchange(id: loop.nextID(), loop: loop, transport: self)
        exchange.state.isHEAD = buffer.readableBytesUInt8Span.equals(shape.method, "HEAD")
        exchange.state.version = shape.version
        exchange.state.closesAfter = !shape.keepsAlive || loop.isDraining || hasEnded
        exchange.state.awaitsContinue = shape.expectsContinue
        exchange.state.startedAt = loop.clock.now()
        exchange.state.upgrade = shape.upgrade
        timing.headBegan = nil
        append(exchange)
        return exchange
    }

    private func append(_ exchange: Exchange) {
        if current == nil { current = exchange } else { later.append(exchange) }
    }

    private func begin(_ shape: RequestShape, _ exchange: Exchange, _ buffer: ByteBuffer) throws(Refusal) {
        if case .length(let length) = shape.framing, length > site.limits.bodyBytes {
            incoming = Incoming(exchange: exchange, request: nil, client: "")
            throw Refusal(413, "a body of more than \(site.limits.bodyBytes) bytes")
        }
        let bytes = buffer.readableBytesUInt8Span
        let origin = site.forwarding.origin(peer, bytes, loop.parser.fields, scheme: site.scheme)
        let head = RequestHead(
            shape, bytes, loop.parser.fields, scheme: origin.scheme.prefix, added: origin.fields)
        if shape.upgrade != nil {
            exchange.state.webSocketKey = String(decoding: shape.webSocketKey.map { bytes[$0] }, as: UTF8.self)
        }
        input.moveReaderIndex(forwardBy: shape.length)
        switch shape.framing {
        case .none:
            inputState = exchange.state.closesAfter ? .ended : .head
            deliver(exchange, head, origin.client, .none)
        case .length(let length):
            inputState = .fixedBody(length)
            incoming = Incoming(exchange: exchange, request: head, client: origin.client)
            if length > site.limits.collectedBody { deliverStream(length: length) }
        case .chunked:
            inputState = .chunkedBody(ChunkDecoder())
            incoming = Incoming(exchange: exchange, request: head, client: origin.client)
            deliverStream(length: nil)
        }
        continueIfDue()
    }

    private func deliverStream(length: Int?) {
        guard let head = incoming?.request, let client = incoming?.client, let exchange = incoming?.exchange
        else { return }
        incoming?.request = nil
        let body = RequestBodyStream(exchange)
        exchange.body = body
        deliver(exchange, head, client, .stream(body, length: length))
    }

    private func deliver(_ exchange: Exchange, _ head: RequestHead, _ client: String, _ body: RequestBody) {
        let request = ServerRequest(
            id: exchange.id, head: head, version: exchange.state.version, client: client,
            upgrade: exchange.state.upgrade, body: body)
        loop.deliver(request, exchange)
    }

    private func take(_ piece: ByteBuffer) throws(Refusal) {
        incoming?.exchange.state.awaitsContinue = false
        guard let body = incoming?.exchange.body else {
            incoming?.collected.writeImmutableBuffer(piece)
            return
        }
        guard body.received + piece.readableBytes <= site.limits.bodyBytes else {
            throw Refusal(413, "a body of more than \(site.limits.bodyBytes) bytes")
        }
        body.offer(piece)
        // What nobody reads is read away up to a size, to keep the connection.
        if body.isCancelled, body.received > Self.mostDiscarded, incoming?.exchange.state.phase == .over {
            throw Refusal(413, "a body that nobody reads")
        }
    }

    private func bodyEnded() {
        guard let ended = incoming else { return }
        incoming = nil
        inputState = ended.exchange.state.closesAfter ? .ended : .head
        if let request = ended.request {
            deliver(ended.exchange, request, ended.client, .collected(Array(ended.collected.readableBytesView)))
        } else {
            ended.exchange.body?.end(.success(()))
        }
    }

    /// Answers what is no request, after the answers before it, and reads no further.
    func refuse(_ refusal: Refusal) {
        input = ByteBuffer()
        inputState = .ended
        let exchange: Exchange
        if let incoming {
            exchange = incoming.exchange
            self.incoming = nil
        } else {
            exchange = Exchange(id: loop.nextID(), loop: loop, transport: self)
            append(exchange)
        }
        exchange.state.closesAfter = true
        exchange.body?.end(.failure(refusal.hostError))
        let observer = exchange.observer
        exchange.observer = nil
        switch exchange.state.phase {
        case .unanswered:
            exchange.state.isSealed = true
            for command in exchange.waiting { command.refuse() }
            exchange.waiting = [.respond(refusal.head, .bytes(refusal.body))]
            replay()
        case .streaming: closeNow()
        case .over: beginClosing()
        }
        observer?.clientLeft(exchange, .disconnected)
    }

    /// Tells a client that waits for it to go on, once its body is wanted and it is its turn.
    func continueIfDue() {
        guard let current, current.state.awaitsContinue, current.state.phase == .unanswered,
            incoming?.exchange === current, incoming?.request != nil || current.body?.isWaitedFor == true
        else { return }
        current.state.awaitsContinue = false
        withOut { $0.writeBytes(Self.continueLine) }
    }

    private static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

extension Refusal {
    var head: ResponseHead {
        var headers = ["content-type": "text/plain; charset=utf-8"] as HeaderBlock
        if status == 426 { headers.append("sec-websocket-version", "13") }
        return ResponseHead(status: status, headers: headers)
    }

    var body: [UInt8] { Array("\(status) \(StatusLine.reason(status)): \(reason)\n".utf8) }

    var hostError: HostError {
        switch status {
        case 413: HostError(.exhausted, reason)
        case 408: HostError(.timedOut, reason)
        default: HostError(.invalidArgument, reason)
        }
    }
}
