// SPDX-License-Identifier: Apache-2.0

internal import HostAPI
internal import NIOCore

/// Bytes out of responses.
extension HTTP1Connection {
    /// A larger body is not copied behind its head.
    static let mostCopied = 16 << 10

    func carryOut(_ command: ExchangeCommand, of exchange: Exchange) {
        switch command {
        case .readBody(let count, let answer):
            if let body = exchange.body { body.read(count, answer) } else { command.refuse() }
            continueIfDue()
        case .cancelBody: exchange.body?.drop()
        case .socket(let command):
            if let socket { socket.carryOut(command) } else { command.refuse() }
        default:
            if exchange.state.isSealed || exchange.state.phase == .over {
                command.refuse()
            } else if exchange === current {
                emit(command, exchange)
                replay()
            } else {
                exchange.waiting.append(command)
            }
        }
    }

    /// Carries out what waited until earlier requests were answered.
    func replay() {
        while let exchange = current, !exchange.waiting.isEmpty {
            let commands = exchange.waiting
            exchange.waiting = []
            for command in commands {
                if exchange === current { emit(command, exchange) } else { command.refuse() }
            }
        }
        continueIfDue()
    }

    private func emit(_ command: ExchangeCommand, _ exchange: Exchange) {
        switch (command, exchange.state.phase) {
        case (.respond(let head, let body), .unanswered): respond(exchange, head, body)
        case (.start(let head), .unanswered):
            exchange.state.phase = .streaming
            writeHead(exchange, head, body: nil)
        case (.write(let bytes, let answer), .streaming): write(exchange, bytes, answer)
        case (.finish, .streaming): finish(exchange)
        case (.inform(let head), .unanswered): inform(exchange, head)
        case (.acceptWebSocket(let subprotocol, let headers, let socket), .unanswered):
            acceptWebSocket(exchange, subprotocol, headers, socket)
        case (.abort, _): closeNow()
        default: command.refuse()
        }
    }

    private func respond(_ exchange: Exchange, _ head: ResponseHead, _ body: WholeBody) {
        if let incoming, incoming.exchange === exchange, !mayDiscardRest(exchange) {
            exchange.state.closesAfter = true
        }
        writeHead(exchange, head, body: body.count)
        if body.count > 0, exchange.state.framing != .absent {
            if case .bytes(let bytes) = body, bytes.count <= Self.mostCopied {
                withOut { $0.writeBytes(bytes) }
            } else {
                pass(body.buffer)
            }
        }
        complete(exchange)
    }

    /// Whether the rest of a body that nobody reads is small, and on its way.
    private func mayDiscardRest(_ exchange: Exchange) -> Bool {
        guard case .fixedBody(let remaining) = inputState else { return false }
        return remaining <= Self.mostDiscarded && !exchange.state.awaitsContinue
    }

    private func writeHead(_ exchange: Exchange, _ head: ResponseHead, body: Int?) {
        let status = (200...599).contains(head.status) ? head.status : 500
        let fields = ResponseFields(head)
        var ending = ResponseEncoder.Ending()
        exchange.state.framing = .absent
        if status == 204 {
            // Neither a body nor a length.
        } else if status == 304 {
            ending.length = fields.length
        } else if status == 205 {
            ending.length = 0
        } else if exchange.state.isHEAD {
            ending.length = body == 0 ? fields.length ?? 0 : body ?? fields.length
        } else if let body {
            ending.length = body
            exchange.state.framing = .length(body)
        } else if let length = fields.length {
            ending.length = length
            exchange.state.framing = .length(length)
        } else if exchange.state.version == .http11 {
            ending.isChunked = true
            exchange.state.framing = .chunked
        } else {
            exchange.state.framing = .untilClose
            exchange.state.closesAfter = true
        }
        if loop.isDraining, later.isEmpty { exchange.state.closesAfter = true }
        if exchange.state.closesAfter {
            ending.connection = .close
        } else if exchange.state.version == .http10 {
            ending.connection = .keepAlive
        }
        let dateLine = loop.clock.dateLine
        withOut {
            ResponseEncoder.write(status: status, head, fields, ending, ownLines: dateLine, into: &$0)
        }
    }

    private func write(_ exchange: Exchange, _ bytes: [UInt8], _ answer: @escaping @Sendable (WriteResult) -> Void) {
        guard exchange.state.writer == nil else {
            answer(.closed)
            return
        }
        switch exchange.state.framing {
        case .absent: break
        case .untilClose: send(bytes)
        case .length(let remaining):
            guard bytes.count <= remaining else {
                // More than was announced would be read as the next response.
                answer(.closed)
                closeNow()
                return
            }
            exchange.state.framing = .length(remaining - bytes.count)
            send(bytes)
        case .chunked where bytes.isEmpty: break
        case .chunked:
            withOut {
                $0.writeString(String(bytes.count, radix: 16))
                $0.writeBytes(Self.lineEnd)
            }
            send(bytes)
            withOut { $0.writeBytes(Self.lineEnd) }
        }
        exchange.state.writer = answer
    }

    private func finish(_ exchange: Exchange) {
        switch exchange.state.framing {
        case .length(let remaining) where remaining > 0:
            closeNow()
            return
        case .chunked: withOut { $0.writeBytes(Self.lastChunk) }
        case .absent, .untilClose, .length: break
        }
        complete(exchange)
    }

    private func inform(_ exchange: Exchange, _ head: ResponseHead) {
        guard exchange.state.version == .http11, (102...199).contains(head.status) else { return }
        withOut {
            ResponseEncoder.write(
                status: head.status, head, ResponseFields(head), ResponseEncoder.Ending(), ownLines: [], into: &$0)
        }
    }

    /// The response is written: it is the next exchange's turn, or the connection's end.
    private func complete(_ exchange: Exchange) {
        exchange.state.phase = .over
        exchange.observer = nil
        exchange.state.writer?(.ready)
        exchange.state.writer = nil
        if let body = exchange.body, incoming?.exchange === exchange {
            if !mayDiscardRest(exchange) { exchange.state.closesAfter = true }
            body.drop()
        }
        timing.idleSince = loop.clock.now()
        if exchange.state.closesAfter {
            current = nil
            beginClosing()
            return
        }
        current = later.isEmpty ? nil : later.removeFirst()
    }

    // MARK: Closing

    /// No further response: what follows the last is thrown away until the client has it and closes.
    func beginClosing() {
        for exchange in later { exchange.lose() }
        later = []
        incoming = nil
        input = ByteBuffer()
        inputState = .lingering
        isClosing = true
        timing.lingersUntil = loop.clock.now() + site.times.linger
    }

    func closeNow() {
        guard let context else { return }
        flush(context)
        context.close(promise: nil)
    }

    // MARK: Bytes

    private static let lineEnd: [UInt8] = [Octet.cr, Octet.lf]
    private static let lastChunk = Array("0\r\n\r\n".utf8)

    func withOut(_ body: (inout ByteBuffer) -> Void) {
        if out == nil { out = loop.takeBuffer() }
        guard var buffer = out.take() else { return }
        body(&buffer)
        out = buffer
    }

    private func send(_ bytes: [UInt8]) {
        if bytes.count > Self.mostCopied {
            pass(ByteBuffer(bytes: bytes))
        } else {
            withOut { $0.writeBytes(bytes) }
        }
    }

    /// Writes a buffer behind what is gathered.
    private func pass(_ buffer: ByteBuffer) {
        guard let context else { return }
        if let gathered = out.take() { context.write(wrapOutboundOut(gathered), promise: nil) }
        context.write(wrapOutboundOut(buffer), promise: nil)
        timing.needsFlush = true
    }

    func flush(_ context: ChannelHandlerContext) {
        if let gathered = out.take() {
            context.writeAndFlush(wrapOutboundOut(gathered), promise: nil)
            loop.giveBack(gathered)
        } else if timing.needsFlush {
            context.flush()
        }
        timing.needsFlush = false
        guard isClosing else { return }
        isClosing = false
        if hasEnded {
            context.close(promise: nil)
        } else {
            // Bytes that are still unsent go out first.
            let closed = context.eventLoop.makePromise(of: Void.self)
            closed.futureResult.assumeIsolated().whenFailure { _ in context.close(promise: nil) }
            context.close(mode: .output, promise: closed)
        }
    }
}
