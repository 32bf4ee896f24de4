// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// A request as a server saw it.
struct SeenRequest: Sendable {
    var head: HTTPRequestHead
    var body: [UInt8] = []

    var method: String { head.method.rawValue }
    var headers: String { "\(head.headers)" }
    var target: String { head.uri }
    var majorVersion: Int { head.version.major }

    func values(_ name: String) -> [String] { head.headers[name] }
}

/// What a server answers.
enum Reply: Sendable {
    /// A response of HTTP.
    case response(Int, [(String, String)], [UInt8])
    /// Bytes on the connection as they are, of HTTP/1.1 only.
    case raw(String, After)
    /// A body of so many bytes, as fast as they are taken.
    case long(Int)
    /// The same piece over and over, until the connection is closed.
    case endless(String)
    /// The body of the request as it comes; decided when its head has come.
    case echo
    /// Nothing is answered; the body is read.
    case stall
    /// Nothing is answered, and nothing more is read.
    case deaf
    /// The connection, of HTTP/2 only, takes no more streams, and has done nothing with this one.
    case goAway

    enum After: Sendable {
        case keep
        case close
        case reset
    }

    static func ok(_ text: String, _ headers: [(String, String)] = []) -> Reply {
        .response(200, headers, Array(text.utf8))
    }
    static func redirect(_ status: Int, _ location: String) -> Reply { .response(status, [("Location", location)], []) }
}

/// A server on 127.0.0.1 that answers with what a test says.
final class TestServer: Sendable {
    typealias Respond = @Sendable (SeenRequest) -> Reply

    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let log = Log()

    /// What it saw, and what it is told of.
    final class Log: Sendable {
        struct State {
            var requests: [SeenRequest] = []
            var connections = 0
            var open = 0
            var waiters: [(@Sendable (borrowing State) -> Bool, CheckedContinuation<Void, Never>)] = []
        }
        let state = Mutex(State())

        func change(_ body: (inout State) -> Void) {
            let ready = state.withLock { state in
                body(&state)
                var ready: [CheckedContinuation<Void, Never>] = []
                var waiting: [(@Sendable (borrowing State) -> Bool, CheckedContinuation<Void, Never>)] = []
                for (condition, continuation) in state.waiters {
                    if condition(state) {
                        ready.append(continuation)
                    } else {
                        waiting.append((condition, continuation))
                    }
                }
                state.waiters = waiting
                return ready
            }
            for continuation in ready { continuation.resume() }
        }
    }

    enum Kind {
        case plain
        case tls(offers: [String])
    }

    /// `first` is told of each connection before it is used, and may take it over.
    init(_ kind: Kind = .plain, _ respond: @escaping Respond) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var context: NIOSSLContext?
        if case .tls(let offers) = kind {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(testCertificate.utf8)).map {
                    .certificate($0)
                },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(testKey.utf8), format: .pem)))
            configuration.applicationProtocols = offers
            context = try NIOSSLContext(configuration: configuration)
        }
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [log, context] channel in
                log.change {
                    $0.connections += 1
                    $0.open += 1
                }
                channel.closeFuture.whenComplete { _ in log.change { $0.open -= 1 } }
                return channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    guard let context else { return try Self.plain(handlers, respond, log) }
                    try handlers.addHandler(NIOSSLServerHandler(context: context))
                    try handlers.addHandler(
                        ApplicationProtocolChoice { isHTTP2, channel in
                            let handlers = channel.pipeline.syncOperations
                            guard isHTTP2 else { return try Self.plain(handlers, respond, log) }
                            _ = try handlers.configureHTTP2Pipeline(
                                mode: .server, connectionConfiguration: .init(), streamConfiguration: .init()
                            ) { stream in
                                stream.eventLoop.makeCompletedFuture {
                                    try stream.pipeline.syncOperations.addHandlers([
                                        HTTP2FramePayloadToHTTP1ServerCodec(),
                                        ServerHandler(respond, log, isStream: true),
                                    ])
                                }
                            }
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    private static func plain(
        _ handlers: ChannelPipeline.SynchronousOperations, _ respond: @escaping Respond, _ log: Log
    ) throws {
        try handlers.addHandlers([
            ByteToMessageHandler(HTTPRequestDecoder()), ServerHandler(respond, log, isStream: false),
        ])
    }

    var requests: [SeenRequest] { log.state.withLock { $0.requests } }
    var connections: Int { log.state.withLock { $0.connections } }

    /// Waits until the server has seen what is wanted.
    func wait(_ condition: @escaping @Sendable (_ requests: Int, _ open: Int) -> Bool) async {
        await withCheckedContinuation { continuation in
            log.change { $0.waiters.append(({ condition($0.requests.count, $0.open) }, continuation)) }
        }
    }

    func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

private final class ApplicationProtocolChoice: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    let choose: (Bool, any Channel) throws -> Void

    init(_ choose: @escaping (Bool, any Channel) throws -> Void) { self.choose = choose }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard "\(event)".contains("handshakeCompleted") else { return context.fireUserInboundEventTriggered(event) }
        try? choose("\(event)".contains("\"h2\""), context.channel)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

private final class ServerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    let respond: TestServer.Respond
    let log: TestServer.Log
    let isStream: Bool
    var seen: SeenRequest?
    var isEcho = false

    init(_ respond: @escaping TestServer.Respond, _ log: TestServer.Log, isStream: Bool) {
        self.respond = respond
        self.log = log
        self.isStream = isStream
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            seen = SeenRequest(head: head)
            // What is decided when the head has come.
            guard ["/echo", "/stall", "/deaf"].contains(head.uri) else { return }
            log.change { $0.requests.append(SeenRequest(head: head)) }
            seen = nil
            switch respond(SeenRequest(head: head)) {
            case .echo:
                isEcho = true
                send(context, .head(200, [("transfer-encoding", "chunked")]))
            case .deaf: _ = context.channel.setOption(.autoRead, value: false)
            default: break
            }
        case .body(let chunk):
            if isEcho { send(context, .chunk(chunk)) } else { seen?.body += Array(chunk.readableBytesView) }
        case .end:
            if isEcho {
                isEcho = false
                return send(context, .end)
            }
            guard let request = seen else { return }
            seen = nil
            log.change { $0.requests.append(request) }
            answer(context, respond(request))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ context: ChannelHandlerContext, _ reply: Reply) {
        switch reply {
        case .response(let status, let headers, let body):
            let hasBody = ![204, 304].contains(status)
            send(context, .head(status, headers + (hasBody ? [("content-length", "\(body.count)")] : [])))
            if hasBody { send(context, .chunk(ByteBuffer(bytes: body)), isFramed: false) }
            send(context, .end, isFramed: false)
        case .raw(let text, let after):
            let promise = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: promise)
            let channel = context.channel
            if case .keep = after { return }
            promise.futureResult.whenComplete { _ in
                guard case .reset = after else { return channel.close(promise: nil) }
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in channel.close(promise: nil) }
            }
        case .long(let count):
            send(context, .head(200, [("content-length", "\(count)")]))
            more(context.channel, ByteBuffer(repeating: 0x61, count: min(count, 64 << 10)), count)
        case .endless(let piece):
            more(context.channel, ByteBuffer(string: piece), .max)
        case .goAway:
            context.channel.parent?.writeAndFlush(
                HTTP2Frame(
                    streamID: .rootStream,
                    payload: .goAway(lastStreamID: .rootStream, errorCode: .noError, opaqueData: nil)), promise: nil)
        case .echo, .stall, .deaf: break
        }
    }

    /// Writes until so many bytes are written, or the connection closes.
    private func more(_ channel: any Channel, _ piece: ByteBuffer, _ left: Int) {
        guard left > 0 else {
            if isStream { channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil) }
            return
        }
        var piece = piece
        if piece.readableBytes > left { piece = piece.getSlice(at: 0, length: left) ?? piece }
        let written =
            isStream
            ? channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))) : channel.writeAndFlush(piece)
        let next = left == .max ? left : left - piece.readableBytes
        let me = NIOLoopBound(self, eventLoop: channel.eventLoop)
        written.whenSuccess { [piece] in channel.eventLoop.execute { me.value.more(channel, piece, next) } }
    }

    private enum Part {
        case head(Int, [(String, String)])
        case chunk(ByteBuffer)
        case end
    }

    private func send(_ context: ChannelHandlerContext, _ part: Part, isFramed: Bool = true) {
        if isStream {
            switch part {
            case .head(let status, let headers):
                context.writeAndFlush(
                    wrapOutboundOut(
                        .head(
                            HTTPResponseHead(
                                version: .http2, status: HTTPResponseStatus(statusCode: status),
                                headers: HTTPHeaders(headers.filter { $0.0 != "transfer-encoding" })))), promise: nil)
            case .chunk(let chunk): context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil)
            case .end: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
            return
        }
        var out = ByteBuffer()
        switch part {
        case .head(let status, let headers):
            out.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
            for (name, value) in headers { out.writeString("\(name): \(value)\r\n") }
            out.writeString("\r\n")
        case .chunk(let chunk):
            if isFramed { out.writeString("\(String(chunk.readableBytes, radix: 16))\r\n") }
            out.writeImmutableBuffer(chunk)
            if isFramed { out.writeString("\r\n") }
        case .end: if isFramed { out.writeString("0\r\n\r\n") }
        }
        context.writeAndFlush(NIOAny(out), promise: nil)
    }
}
