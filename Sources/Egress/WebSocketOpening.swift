// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Where a script wants to connect to, in the parts of its parsed URL.
struct WebSocketTarget: Sendable {
    let request: NetworkRequest
    /// The query with its question mark, or nothing.
    let query: String
    /// The value of the header of this name: user name and password of the URL.
    let authorization: String?
    let protocols: [String]

    static let mostProtocols = 64

    init(_ arguments: HostArguments) throws(HostError) {
        let scheme = try arguments.string(0, most: 8)
        guard scheme == "ws" || scheme == "wss" else {
            throw arguments.invalid(0, "must be \"ws\" or \"wss\", not \(HostError.quote(scheme))")
        }
        request = try NetworkRequest(
            scheme: scheme, host: try arguments.string(1, most: 512),
            port: arguments.isAbsent(2) ? nil : try arguments.integer(2, in: 1...65535),
            path: try arguments.string(3, most: 32 << 10))
        guard !RequestURL.badPorts.contains(request.port) else {
            throw HostError(.denied, "port \(request.port) belongs to another protocol: no request may go there")
        }
        query = arguments.isAbsent(4) ? "" : try arguments.string(4, most: 32 << 10)
        guard query.isEmpty || query.utf8.first == UInt8(ascii: "?"),
            query.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw arguments.invalid(4, "must be the query of a parsed URL, with its question mark") }
        authorization = arguments.isAbsent(5) ? nil : try arguments.string(5, most: 8 << 10)
        guard authorization.map(Self.isBasic) ?? true else {
            throw arguments.invalid(5, "must be \"Basic \" and user name and password in base64")
        }
        var protocols: [String] = []
        for index in arguments.values.indices.dropFirst(6) {
            let name = try arguments.string(index, most: 256)
            guard Self.isToken(name), !protocols.contains(name), protocols.count < Self.mostProtocols else {
                throw arguments.invalid(
                    index, "must be the name of a subprotocol, each once and at most \(Self.mostProtocols) of them")
            }
            protocols.append(name)
        }
        self.protocols = protocols
    }

    private static func isBasic(_ text: String) -> Bool {
        text.hasPrefix("Basic ")
            && text.utf8.dropFirst(6).allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || "+/=".utf8.contains($0)
            }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    var isSecure: Bool { request.scheme == "wss" }

    /// The host and, unless it is the scheme's own, the port.
    var authority: String {
        request.port == NetworkRequest.ports[request.scheme] ? "\(request.host)" : "\(request.host):\(request.port)"
    }
}

/// What was agreed on when a connection was opened.
struct WebSocketSelection: Sendable, Encodable, Equatable {
    let `protocol`: String
    /// None is ever offered.
    let extensions: String
}

/// The request that opens a connection, and what its answer must be.
struct WebSocketHandshake: Sendable {
    let target: WebSocketTarget
    let key: String
    /// What the grant sets.
    let headers: [(name: String, value: String)]

    init(_ target: WebSocketTarget, key: String, headers: [(name: String, value: String)] = []) {
        self.target = target
        self.key = key
        self.headers = headers
    }

    var head: HTTPRequestHead {
        var fields = HTTPHeaders([
            ("Host", target.authority), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key),
        ])
        if let authorization = target.authorization { fields.add(name: "Authorization", value: authorization) }
        if !target.protocols.isEmpty {
            fields.add(name: "Sec-WebSocket-Protocol", value: target.protocols.joined(separator: ", "))
        }
        for (name, value) in headers where !Self.isOfHandshake(name) { fields.replaceOrAdd(name: name, value: value) }
        return HTTPRequestHead(
            version: .http1_1, method: .GET, uri: target.request.path + target.query, headers: fields)
    }

    /// Headers that no grant may change here.
    private static func isOfHandshake(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("sec-websocket-") || ["host", "connection", "upgrade"].contains(name)
    }

    /// - Throws: `unavailable`, where the server did not open a connection as RFC 6455 says.
    func check(_ response: HTTPResponseHead) throws(HostError) -> WebSocketSelection {
        guard response.status == .switchingProtocols else {
            let hint = (300...399).contains(response.status.code) ? "; redirects are not followed" : ""
            throw refusal("it answered \(response.status.code), not 101\(hint)")
        }
        guard response.version == .http1_1 else { throw refusal("it answered in \(response.version)") }
        let headers = response.headers
        guard headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { throw refusal("its answer is no upgrade to a WebSocket") }
        guard hasRightKey(response) else { throw refusal("its Sec-WebSocket-Accept is missing or wrong") }
        guard headers["sec-websocket-extensions"].allSatisfy(\.isEmpty) else {
            throw refusal("it chose an extension, and none was offered")
        }
        let chosen = headers["sec-websocket-protocol"]
        guard chosen.count <= 1, chosen.allSatisfy(target.protocols.contains) else {
            throw refusal("it chose a subprotocol that was not offered")
        }
        guard !chosen.isEmpty || target.protocols.isEmpty else {
            throw refusal("it chose none of the subprotocols that were offered")
        }
        return WebSocketSelection(protocol: chosen.first ?? "", extensions: "")
    }

    private func hasRightKey(_ response: HTTPResponseHead) -> Bool {
        NIOWebSocketClientUpgrader(requestKey: key) { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
            .shouldAllowUpgrade(upgradeResponse: response)
    }

    private func refusal(_ why: String) -> HostError {
        HostError(.unavailable, "the server at \(target.authority) opened no WebSocket: \(why)")
    }
}

/// Sends the request, checks the answer, and makes way for the protocol.
final class WebSocketOpening: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let handshake: WebSocketHandshake
    private let account: WebSocketAccount
    private let intake: WebSocketIntake
    private let http: [any RemovableChannelHandler]
    private let onOpen: (Result<WebSocketSelection, HostError>) -> Void
    private var context: ChannelHandlerContext?
    private var selection: WebSocketSelection?
    private var phase = Phase.waiting
    /// What came behind the answer. Frames wait until HTTP's handlers are gone, which take no other answers.
    private var rest: [ByteBuffer] = []

    private enum Phase {
        case waiting
        case refused
        case open
    }

    /// - Parameters:
    ///   - intake: is told where the answer ends.
    ///   - http: what is removed when the connection is open.
    ///   - onOpen: called once, on the event loop.
    init(
        _ handshake: WebSocketHandshake, _ account: WebSocketAccount, _ intake: WebSocketIntake,
        http: [any RemovableChannelHandler], onOpen: @escaping (Result<WebSocketSelection, HostError>) -> Void
    ) {
        self.handshake = handshake
        self.account = account
        self.intake = intake
        self.http = http
        self.onOpen = onOpen
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends the request, when all handlers are there.
    func begin() {
        guard let context else { return }
        let head = handshake.head
        let size = head.headers.reduce(head.uri.utf8.count + 16) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        do throws(HostError) {
            try account.charge(size, of: .egressBytes)
        } catch {
            return finish(.failure(error), context)
        }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .waiting: read(Self.unwrapInboundIn(data), context)
        case .refused: break
        case .open: rest.append(WebSocketIntake.unwrapInboundIn(data))
        }
    }

    private func read(_ part: HTTPClientResponsePart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let response):
            do throws(HostError) {
                selection = try handshake.check(response)
            } catch {
                finish(.failure(error), context)
            }
        case .body: break
        case .end:
            guard let selection else { return }
            phase = .open
            intake.part = .rest
            let removals = http.map { context.pipeline.syncOperations.removeHandler($0) }
            EventLoopFuture.andAllComplete(removals, on: context.eventLoop).assumeIsolated().whenComplete { _ in
                self.makeWay(context, for: selection)
            }
        }
    }

    private func makeWay(_ context: ChannelHandlerContext, for selection: WebSocketSelection) {
        intake.part = .frames
        onOpen(.success(selection))
        do throws(HostError) {
            for bytes in rest {
                try account.hold(bytes.readableBytes)
                context.fireChannelRead(WebSocketIntake.wrapInboundOut(bytes))
            }
        } catch {
            context.fireErrorCaught(error)
        }
        context.fireChannelReadComplete()
        rest = []
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(
            .failure(
                HostError(
                    .unavailable, "the server at \(handshake.target.authority) closed before a WebSocket was open")),
            context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase == .waiting else { return context.fireErrorCaught(error) }
        let failure = HostError(.unavailable, "no WebSocket could be opened at \(handshake.target.authority): \(error)")
        finish(.failure(error as? HostError ?? failure), context)
    }

    private func finish(_ result: Result<WebSocketSelection, HostError>, _ context: ChannelHandlerContext) {
        guard phase == .waiting else { return }
        phase = .refused
        onOpen(result)
        context.close(promise: nil)
    }
}
