// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOWebSocket

/// What a client of HTTP/2 sends first (RFC 9113, 3.4). No request of HTTP/1 begins so.
struct HTTP2Preface {
    static let length = 24
    private let bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Whether what there is may be the preface, or is.
    func begins(_ buffer: ByteBuffer) -> Bool {
        let count = min(buffer.readableBytes, Self.length)
        return count > 0 && buffer.readableBytesView.prefix(count).elementsEqual(bytes.prefix(count))
    }
}

/// From HTTP/1 to HTTP/2, for a client that knew without asking.
extension HTTP1Connection {
    func becomeHTTP2() {
        guard let context, current == nil else { return }
        let first = input
        input = ByteBuffer()
        inputState = .handedOn
        do {
            try HTTP2Connection.install(on: context.channel, loop: loop, site: site, peer: peer)
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(wrapInboundOut(first))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        context.read()
    }
}

/// From HTTP to WebSocket. The connection stays in front of the pipeline, for its deadline and the exchange's calls.
extension HTTP1Connection {
    func acceptWebSocket(
        _ exchange: Exchange, _ subprotocol: String?, _ headers: HeaderBlock, _ handler: any WebSocketHandler
    ) {
        guard let context, case .webSocket(let offered)? = exchange.state.upgrade,
            let key = exchange.state.webSocketKey, subprotocol.map(offered.contains) ?? true, later.isEmpty
        else {
            handler.closed(.abnormal, unread: [])
            closeNow()
            return
        }
        writeHandshake(key, subprotocol, headers)
        exchange.state.phase = .over
        exchange.observer = nil
        current = nil
        inputState = .handedOn
        flush(context)
        let socket = WebSocketConnection(handler, site.limits)
        do {
            let pipeline = context.pipeline.syncOperations
            let decoder = WebSocketFrameDecoder(maxFrameSize: min(site.limits.messageBytes, 1 << 30))
            let added: [any ChannelHandler] = [WebSocketFrameEncoder(), ByteToMessageHandler(decoder), socket]
            try pipeline.addHandlers(added, position: .after(self))
        } catch {
            handler.closed(.abnormal, unread: [])
            context.close(promise: nil)
            return
        }
        self.socket = socket
        socket.open(WebSocket(exchange))
        if loop.isDraining { socket.close(1001, "") }
        guard input.readableBytes > 0 else { return }
        let rest = input
        input = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(rest))
        context.fireChannelReadComplete()
    }

    private func writeHandshake(_ key: String, _ subprotocol: String?, _ headers: HeaderBlock) {
        let head = ResponseHead(status: 101, headers: headers)
        var own = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: "
        own += WebSocketHandshake.answer(to: key) + "\r\n"
        if let subprotocol { own += "sec-websocket-protocol: \(subprotocol)\r\n" }
        let lines = Array(own.utf8)
        withOut {
            ResponseEncoder.write(
                status: 101, head, ResponseFields(head), ResponseEncoder.Ending(), ownLines: lines, into: &$0)
        }
    }
}
