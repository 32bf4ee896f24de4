// SPDX-License-Identifier: Apache-2.0
import Crypto
import FoundationEssentials
package import NIOCore
import NIOPosix
import NIOSSL
package import NIOWebSocket
import Synchronization

/// A server on loopback that answers as a test says, and reports what it sees.
package struct WebSocketTestServer {
    package enum Event: Sendable, Equatable {
        /// The head of the request that opens the connection.
        case request(String)
        case frame(WebSocketOpcode, [UInt8], isMasked: Bool)
        case closed
    }

    /// The answer to a request with this key; nil closes the connection.
    package typealias Answer = @Sendable (_ key: String) -> [UInt8]?
    /// What is done with a connection: when it is open, and for each frame.
    package typealias Script = @Sendable (_ frame: Event?, _ peer: any Channel) -> Void

    package let port: Int
    private let channel: any Channel
    private let events: AsyncStream<Event>

    package init(
        isSecure: Bool = false, script: @escaping Script = { _, _ in },
        answer: @escaping Answer = { accept($0) }
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let tls = isSecure ? try Self.tls() : nil
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(Accepting(continuation, answer, script))
                    try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 64 << 20)))
                    try pipeline.addHandler(Watching(continuation, script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.events = events
    }

    /// What it sees next.
    package func next() async -> Event? {
        for await event in events { return event }
        return nil
    }

    package func stop() async { try? await channel.close() }

    /// The answer that opens a connection.
    package static func accept(_ key: String, _ fields: String...) -> [UInt8] {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        let head = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())",
        ]
        return Array(((head + fields).joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func tls() throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(NIOSSLCertificate(bytes: Array(SocketCertificate.pem.utf8), format: .pem))
                ],
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(SocketCertificate.key.utf8), format: .pem))))
    }
}

/// Reads the request, answers, and lets frames through.
private final class Accepting: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let events: AsyncStream<WebSocketTestServer.Event>.Continuation
    private let answer: WebSocketTestServer.Answer
    private let script: WebSocketTestServer.Script
    private var head = ""
    private var isOpen = false

    init(
        _ events: AsyncStream<WebSocketTestServer.Event>.Continuation, _ answer: @escaping WebSocketTestServer.Answer,
        _ script: @escaping WebSocketTestServer.Script
    ) {
        self.events = events
        self.answer = answer
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOpen else { return context.fireChannelRead(data) }
        head += String(buffer: Self.unwrapInboundIn(data))
        guard head.hasSuffix("\r\n\r\n") else { return }
        isOpen = true
        events.yield(.request(head))
        let key = head.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
        guard let bytes = answer(String(key)) else { return context.close(promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        script(nil, context.channel)
    }
}

private final class Watching: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let events: AsyncStream<WebSocketTestServer.Event>.Continuation
    private let script: WebSocketTestServer.Script

    init(
        _ events: AsyncStream<WebSocketTestServer.Event>.Continuation, _ script: @escaping WebSocketTestServer.Script
    ) {
        self.events = events
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        let event = WebSocketTestServer.Event.frame(
            frame.opcode, Array(frame.unmaskedData.readableBytesView), isMasked: frame.maskKey != nil)
        events.yield(event)
        script(event, context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) { events.yield(.closed) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Channel {
    /// Sends bytes as they are.
    package func sendRaw(_ bytes: [UInt8]) { writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// Sends a frame, perhaps one that is not allowed.
    package func sendFrame(
        _ opcode: UInt8, _ payload: [UInt8] = [], isLast: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = nil
    ) {
        sendRaw(rawFrame(opcode, payload, isLast: isLast, reserved: reserved, mask: mask))
    }

    package func sendClose(_ code: UInt16, _ reason: String = "") {
        sendFrame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8))
    }
}

/// A frame's bytes.
package func rawFrame(
    _ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = nil
) -> [UInt8] {
    var bytes = [(isLast ? 0x80 : 0) | reserved | opcode]
    let marked: UInt8 = mask == nil ? 0 : 0x80
    switch payload.count {
    case ...125: bytes.append(marked | UInt8(payload.count))
    case ...65535: bytes += [marked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default: bytes += [marked | 127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 255) }
    }
    guard let mask else { return bytes + payload }
    return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
}

/// A certificate for localhost and 127.0.0.1, its own authority, until 2120. Its key is no secret.
package enum SocketCertificate {
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqjGFU3TsoBMLb2Hj
        ntx1owMXwS//3iUBOljhNUhSskGhRANCAASS3OHsuhDT3yUTtXhC4xs5yrfU3Rew
        DLPqhWmEKkPQF4n2kM9yc7VdveBEDtFyV/4hE5xcDSQO4FFP1Pm/8uQ8
        -----END PRIVATE KEY-----
        """
    package static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJLc4ey6ENPfJRO1
        eELjGznKt9TdF7AMs+qFaYQqQ9AXifaQz3JztV294EQO0XJX/iETnFwNJA7gUU/U
        +b/y5DyjTjBMMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0
        hwR/AAABMB0GA1UdDgQWBBQdgRnLcghh1EU6u7MoGIPFiqw7GTAKBggqhkjOPQQD
        AgNJADBGAiEAihFvQFTVY5iAGglfL6RvhN28t7LigC5dTdvexvhb8oECIQD94ZMg
        Sl0hGtQ28zLkuVcVIl+fcfsPuU0UtCuMG2Y6Pw==
        -----END CERTIFICATE-----
        """
}
