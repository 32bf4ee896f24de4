// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One request to an admin API over HTTP/1.1, on a connection of its own.
struct AdminTransport: Sendable {
    struct Request: Sendable {
        var method = "GET"
        /// Path and query.
        var target: String
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    /// What an answer begins with.
    struct Head: Sendable {
        let status: Int
        let contentType: String

        init(_ head: HTTPResponseHead) {
            status = Int(head.status.code)
            contentType = head.headers.first(name: "content-type")?.lowercased() ?? ""
        }
    }

    typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    let address: AdminAddress
    /// For a connection to be there.
    var connectTime = Duration.seconds(10)
    /// Without a byte in either direction.
    var silence = Duration.seconds(30)

    private static let chunk = 64 << 10

    /// Sends a request. `receive` gets the head, and then the body's pieces as it asks for them; what it does not read
    /// the server has to keep.
    /// - Throws: `ClientError`, or what `receive` throws.
    func exchange<Answer: Sendable>(
        _ request: Request, receive: @Sendable @escaping (Head, AnswerBody) async throws -> Answer
    ) async throws -> Answer {
        let connection = try await connect()
        do {
            return try await connection.executeThenClose { inbound, outbound in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // An answer may come before the request's end, and says why it is not read to it.
                    group.addTask { try? await send(request, outbound) }
                    defer { group.cancelAll() }
                    let body = AnswerBody(inbound.makeAsyncIterator(), address)
                    return try await receive(try await body.head(), body)
                }
            }
        } catch {
            throw translated(error)
        }
    }

    private func connect() async throws -> Connection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(connectTime))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
        do {
            switch address.place {
            case .tcp(let host, let port):
                return try await bootstrap.connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture { try configure(channel, host: host) }
                }
            case .unix(let path):
                return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(TimeAmount(connectTime))
                    .connect(unixDomainSocketPath: path) { channel in
                        channel.eventLoop.makeCompletedFuture { try configure(channel, host: path) }
                    }
            }
        } catch {
            throw translated(error)
        }
    }

    private func configure(_ channel: any Channel, host: String) throws -> Connection {
        let pipeline = channel.pipeline.syncOperations
        if address.isTLS {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            let name = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
            try pipeline.addHandler(try NIOSSLClientHandler(context: context, serverHostname: name))
        }
        try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(silence)))
        try pipeline.addHandler(SilenceHandler())
        try pipeline.addHTTPClientHandlers(position: .last)
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }

    private func send(
        _ request: Request, _ outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        var headers = HTTPHeaders([("host", address.authority), ("connection", "close"), ("user-agent", "rookery")])
        for (name, value) in request.headers { headers.add(name: name, value: value) }
        if !request.body.isEmpty || request.method == "POST" || request.method == "PUT" {
            headers.add(name: "content-length", value: String(request.body.count))
        }
        try await outbound.write(
            .head(
                .init(version: .http1_1, method: .init(rawValue: request.method), uri: request.target, headers: headers)
            ))
        var rest = request.body[...]
        while !rest.isEmpty {
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: rest.prefix(Self.chunk)))))
            rest = rest.dropFirst(Self.chunk)
        }
        try await outbound.write(.end(nil))
    }

    // MARK: - Errors

    private func translated(_ error: any Error) -> any Error {
        switch error {
        case is ClientError, is AdminRefusal, is CommandEnded, is CancellationError: error
        case let error as NIOConnectionError: translated(error)
        case let error as IOError: translated(number: error.errnoCode)
        case HTTPParserError.invalidEOFState: ClientError.cutOff(address)
        case is HTTPParserError: ClientError.noRookery(address, "it does not speak HTTP")
        case is NIOSSLError, is BoringSSLError: ClientError.unreachable(address, "TLS failed: \(error)")
        case ChannelError.connectTimeout: ClientError.timedOut(address, connectTime)
        case is SilenceHandler.Silence: ClientError.timedOut(address, silence)
        case is ChannelError: ClientError.cutOff(address)
        default: error
        }
    }

    private func translated(_ error: NIOConnectionError) -> ClientError {
        // Of several addresses of a name, the last one's error tells most.
        if let last = error.connectionErrors.last?.error {
            if let last = last as? IOError { return translated(number: last.errnoCode) }
            if case ChannelError.connectTimeout = last { return .timedOut(address, connectTime) }
        }
        return .unreachable(address, "there is no such host")
    }

    private func translated(number: Int32) -> ClientError {
        switch number {
        case ECONNREFUSED, ENOENT: .nobodyListens(address)
        case ECONNRESET, EPIPE: .cutOff(address)
        case ETIMEDOUT: .timedOut(address, connectTime)
        default: .unreachable(address, OperatorFile.systemMessage(number))
        }
    }
}

/// The body of an answer, in its pieces.
final class AnswerBody {
    private var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private let address: AdminAddress

    fileprivate init(
        _ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator, _ address: AdminAddress
    ) {
        self.parts = parts
        self.address = address
    }

    fileprivate func head() async throws -> AdminTransport.Head {
        while let part = try await parts.next() {
            // Informational answers come before it.
            if case .head(let head) = part, head.status.code >= 200 { return AdminTransport.Head(head) }
        }
        throw ClientError.cutOff(address)
    }

    /// The next piece; nil at the end.
    func next() async throws -> [UInt8]? {
        while let part = try await parts.next() {
            switch part {
            case .head: continue
            case .body(let buffer): return Array(buffer.readableBytesView)
            case .end: return nil
            }
        }
        throw ClientError.cutOff(address)
    }

    /// All of it.
    func collect(most: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard piece.count <= most - bytes.count else {
                throw ClientError.noRookery(address, "it answered with more than \(most >> 20) MiB")
            }
            bytes += piece
        }
        return bytes
    }
}

/// Ends a connection on which nothing moves.
private final class SilenceHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    struct Silence: Error {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.fireErrorCaught(Silence())
        context.close(promise: nil)
    }
}
