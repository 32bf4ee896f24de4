// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import HostAPI
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@Suite("TLS and HTTP/2", .timeLimit(.minutes(1)))
struct HTTP2Tests {
    @Test("A client of TLS that knows HTTP/2 gets it, with requests at once on one connection")
    func requests() async throws {
        let handler = Answering { request, exchange in
            #expect(request.version == .http2)
            let text = "\(request.head.method) \(request.head.url) \(request.head.firstHeader("cookie") ?? "-")"
            switch request.body {
            case .none: exchange.respond(ResponseHead(status: 200, headers: ["x-a": "b"]), body: Array(text.utf8))
            case .collected(let bytes): exchange.respond(ResponseHead(status: 201), body: bytes)
            case .stream(let body, _):
                collect(body) { bytes in
                    exchange.start(ResponseHead(status: 202))
                    exchange.write(bytes) { _ in exchange.finish() }
                }
            }
        }
        try await withTLSFront(handler) { client in
            let get = HPACKHeaders([
                (":method", "GET"), (":scheme", "https"), (":authority", "X.y"), (":path", "/p?q"), ("cookie", "a=b"),
                ("cookie", "c=d"),
            ])
            let post = HPACKHeaders([
                (":method", "POST"), (":scheme", "https"), (":authority", "x"), (":path", "/"), ("content-length", "3"),
            ])
            let stream = HPACKHeaders([(":method", "POST"), (":scheme", "https"), (":authority", "x"), (":path", "/")])
            async let one = client.ask(get)
            async let two = client.ask(post, body: Array("abc".utf8))
            async let three = client.ask(stream, body: [UInt8](repeating: 65, count: 1000))
            let answers = try await [one, two, three]
            #expect(answers[0].text == "GET https://x.y/p?q a=b; c=d")
            #expect(answers[0].headers.first(name: ":status") == "200" && answers[0].headers.first(name: "x-a") == "b")
            #expect(answers[0].headers.first(name: "date") != nil)
            #expect(answers[1].text == "abc" && answers[1].headers.first(name: ":status") == "201")
            #expect(answers[2].text.count == 1000 && answers[2].headers.first(name: ":status") == "202")
        }
    }

    @Test(
        "What is no request in HTTP/1 is none in HTTP/2",
        arguments: [
            ("CONNECT", "/", "x", "501"), ("GET", "/a b", "x", "400"), ("GET", "/", "x/y", "400"),
            ("GET", "/", "u@x", "400"), ("GET", "/" + String(repeating: "a", count: 8192), "x", "414"),
            ("get", "/", "x", "400"),
        ])
    func refusals(method: String, path: String, authority: String, status: String) async throws {
        try await withTLSFront(.echo) { client in
            let answer = try? await client.ask(
                HPACKHeaders([(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]))
            // NIOHTTP2 refuses some itself, and resets the stream.
            #expect(answer == nil || answer?.headers.first(name: ":status") == status)
        }
    }

    @Test("Without TLS, HTTP/2 is taken from clients that begin with it, where the listener allows it, beside HTTP/1")
    func priorKnowledge() async throws {
        var options = FrontOptions(
            listeners: [.init(.tcp(host: "127.0.0.1", port: 0), takesPriorKnowledge: true)], loops: 1)
        options.limits = .quick
        let front = try await HTTPFront.start(options, Answering.echo)
        let client = try await HTTP2Client.connect(front, tls: false)
        let get = HPACKHeaders([(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/a")])
        #expect(try await client.ask(get).text == "GET /a")
        let old = try await RawClient.connect(RawClient.Target(front.addresses[0]))
        try await old.send("P")
        try await old.send("OST /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await old.until("POST /b").statuses == [200])
        await front.drain(within: .zero)
    }

    @Test("A body over the limit is refused on its stream, and the connection goes on")
    func bodyLimit() async throws {
        var limits = FrontLimits.quick
        limits.bodyBytes = 10
        try await withTLSFront(.echo, limits: limits) { client in
            let large = HPACKHeaders([
                (":method", "POST"), (":scheme", "https"), (":authority", "x"), (":path", "/"),
                ("content-length", "11"),
            ])
            let refused = try await client.ask(large, body: Array("01234567890".utf8))
            #expect(refused.headers.first(name: ":status") == "413")
            let get = HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")])
            let answer = try await client.ask(get)
            #expect(answer.text == "GET /")
        }
    }

    @Test("A client of TLS without HTTP/2 is served HTTP/1.1, and gets a whole large response before the end")
    func tlsWithoutHTTP2() async throws {
        let handler = Answering { request, exchange in
            let text = "[\(request.head.url)]"
            exchange.respond(
                ResponseHead(status: 200), body: [UInt8](repeating: 65, count: 3 << 20) + Array(text.utf8))
        }
        try await withTLSFront(handler) { client in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(testFile("Certificates/certificate.pem"))
            let raw = try await RawClient.connect(
                RawClient.Target(client.front.addresses[0]), tls: NIOSSLContext(configuration: configuration))
            try await raw.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await raw.count(reaching: 3 << 20)
            try await raw.send("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await raw.untilEnd().hasSuffix("[https://x/b]"))
        }
    }

    @Test("A stream that its client resets is noticed")
    func reset() async throws {
        let departures = Departures()
        let begun = Later<Bool>()
        let handler = Answering.observed { _, _ in
            begun.set(true)
            return departures
        }
        try await withTLSFront(handler) { client in
            let get = HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")])
            let stream = try await client.open(get)
            _ = await begun.get()
            try? await stream.close()
            #expect(await departures.left.get())
        }
    }

    @Test("Draining lets a stream have its answer and ends the connection")
    func drain() async throws {
        let begun = Later<Exchange>()
        let handler = Answering { _, exchange in begun.set(exchange) }
        try await withTLSFront(handler) { client in
            let get = HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")])
            async let answer = client.ask(get)
            let exchange = await begun.get()
            let drained = Task { await client.front.drain(within: .seconds(30)) }
            while await client.isOpen, !(await client.isGoingAway) { await Task.yield() }
            exchange.respond(ResponseHead(status: 200), body: Array("late".utf8))
            let text = try await answer.text
            #expect(text == "late")
            #expect(await drained.value)
        }
    }

    private func withTLSFront(
        _ handler: Answering, limits: FrontLimits = .quick, _ body: (HTTP2Client) async throws -> Void
    ) async throws {
        let identity = TLSIdentity(
            certificateFile: testFile("Certificates/certificate.pem"), keyFile: testFile("Certificates/key.pem"))
        var options = FrontOptions(
            listeners: [.init(.tcp(host: "127.0.0.1", port: 0), tls: identity)], loops: 2)
        options.limits = limits
        let front = try await HTTPFront.start(options, handler)
        do { try await body(try await HTTP2Client.connect(front)) } catch {
            await front.drain(within: .zero)
            throw error
        }
        await front.drain(within: .zero)
    }
}

/// A client of HTTP/2 over TLS.
private struct HTTP2Client: Sendable {
    struct Answer: Sendable {
        var headers = HPACKHeaders()
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let front: HTTPFront
    private let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let goingAway: Later<Bool>

    var isOpen: Bool { get async { channel.isActive } }
    var isGoingAway: Bool { get async { goingAway.isSet } }

    static func connect(_ front: HTTPFront, tls: Bool = true) async throws -> HTTP2Client {
        guard case .tcp(let host, let port) = front.addresses[0] else { throw FrontError("no port") }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(testFile("Certificates/certificate.pem"))
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let goingAway = Later<Bool>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    }
                    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
                    ) { $0.close() }
                    try channel.pipeline.syncOperations.addHandler(GoAwayNoter(goingAway))
                }
            }
            .connect(host: host, port: port).get()
        let multiplexer = try await channel.pipeline.handler(type: NIOHTTP2Handler.self).flatMap { $0.multiplexer }
            .get()
        return HTTP2Client(front: front, channel: channel, multiplexer: multiplexer, goingAway: goingAway)
    }

    func open(_ headers: HPACKHeaders, body: [UInt8]? = nil, _ answer: Collector = Collector()) async throws
        -> any Channel
    {
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: promise) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(StreamReceiver(answer))
            }
        }
        let stream = try await promise.futureResult.get()
        let head = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: body == nil))
        stream.write(head, promise: nil)
        if let body {
            let data = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer(bytes: body)), endStream: true))
            stream.write(data, promise: nil)
        }
        stream.flush()
        return stream
    }

    func ask(_ headers: HPACKHeaders, body: [UInt8]? = nil) async throws -> Answer {
        let answer = Collector()
        _ = try await open(headers, body: body, answer)
        guard let whole = await answer.whole.get() else { throw FrontError("the stream was reset") }
        return whole
    }

    final class Collector: Sendable {
        let whole = Later<Answer?>()
    }

    private final class StreamReceiver: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        private let collector: Collector
        private var answer = Answer()
        private var isWhole = false

        init(_ collector: Collector) { self.collector = collector }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let frame):
                answer.headers = frame.headers
                if frame.endStream { end() }
            case .data(let frame):
                if case .byteBuffer(let bytes) = frame.data { answer.body += bytes.readableBytesView }
                if frame.endStream { end() }
            default: break
            }
        }

        private func end() {
            isWhole = true
            collector.whole.set(answer)
        }

        func channelInactive(context: ChannelHandlerContext) { if !isWhole { collector.whole.set(nil) } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private final class GoAwayNoter: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        private let noted: Later<Bool>

        init(_ noted: Later<Bool>) { self.noted = noted }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .goAway = unwrapInboundIn(data).payload { noted.set(true) }
            context.fireChannelRead(data)
        }
    }
}
