// SPDX-License-Identifier: Apache-2.0
import EgressSupport
import HostAPI
import NIOCore
import NIOPosix
import NIOWebSocket
import Testing

@testable import Egress

@Suite("WebSockets: how connections are opened", .timeLimit(.minutes(2)))
struct WebSocketOpeningTests {
    private static func answer(_ text: String) -> WebSocketTestServer.Answer { { _ in Array(text.utf8) } }

    private static let refusals: [(WebSocketTestServer.Answer, String)] = [
        (answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "answered 200"),
        (answer("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\n\r\n"), "redirects are not followed"),
        (answer("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n"), "answered 401"),
        (answer("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "no upgrade"),
        (
            answer(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"), "Sec-WebSocket-Accept"
        ),
        (
            answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
            "Sec-WebSocket-Accept"
        ),
        (
            { key in
                [UInt8](
                    String(decoding: WebSocketTestServer.accept(key), as: UTF8.self)
                        .replacing("HTTP/1.1", with: "HTTP/1.0").utf8)
            }, "HTTP/1.0"
        ),
        ({ WebSocketTestServer.accept($0, "Sec-WebSocket-Extensions: permessage-deflate") }, "extension"),
        ({ WebSocketTestServer.accept($0, "Sec-WebSocket-Protocol: other") }, "not offered"),
        (
            { WebSocketTestServer.accept($0, "Sec-WebSocket-Protocol: one", "Sec-WebSocket-Protocol: two") },
            "not offered"
        ),
        ({ WebSocketTestServer.accept($0) }, "none of the subprotocols"),
        (answer("SSH-2.0-OpenSSH_9.2\r\n"), "no WebSocket could be opened"),
        (answer("HTTP/1.1 101 \r\nA: " + String(repeating: "x", count: 70_000)), "65536 bytes"),
        (
            answer(String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", count: 3000)), "65536 bytes"
        ),
        ({ _ in nil }, "closed before"),
    ]

    @Test("A server that does not open the connection as it must is refused", arguments: refusals.indices)
    func refused(index: Int) async throws {
        let (answer, message) = Self.refusals[index]
        let server = try await WebSocketTestServer(answer: answer)
        let host = try WebSocketTestHost()
        let target = WebSocketTestHost.target(server.port, protocols: ["one", "two"])
        let failure = await host.failure("connect", target)
        #expect(failure?.code == .unavailable)
        #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "opened")")
        _ = await server.next()
        #expect(await server.next() == .closed)
        #expect(host.scope.meter.used(.concurrentRequests) == 0)
        await server.stop()
    }

    @Test("The request names host, path, query and subprotocols, and nothing that was not asked for")
    func request() async throws {
        let server = try await WebSocketTestServer(answer: { key in
            WebSocketTestServer.accept(key, "Sec-WebSocket-Protocol: two")
        })
        let host = try WebSocketTestHost()
        let target: [HostValue] = [
            .string("ws"), .string("localhost"), .number(Double(server.port)), .string("/a%20b"), .string("?q=1"),
            .string("Basic YTpi"), .string("one"), .string("two"),
        ]
        let (_, selection) = try await host.connect(target)
        #expect(
            selection == #"{"protocol":"two","extensions":""}"# || selection == #"{"extensions":"","protocol":"two"}"#)
        guard case .request(let head)? = await server.next() else {
            Issue.record("no request")
            return
        }
        let lines = head.split(separator: "\r\n").filter { !$0.hasPrefix("Sec-WebSocket-Key: ") }
        #expect(
            lines == [
                "GET /a%20b?q=1 HTTP/1.1", "Host: localhost:\(server.port)", "Connection: Upgrade",
                "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Authorization: Basic YTpi",
                "Sec-WebSocket-Protocol: one, two",
            ])
        host.scope.end()
        await server.stop()
    }

    @Test("A grant sets headers with secrets, but none of the handshake")
    func headers() async throws {
        let server = try await WebSocketTestServer()
        let rule = try NetworkRule(
            hosts: [.any],
            headers: [
                "Authorization": HeaderTemplate("Bearer ${TOKEN}"), "sec-websocket-key": HeaderTemplate("mine"),
            ])
        let grant = NetworkGrant(rules: [rule], addresses: .everything)
        let host = try WebSocketTestHost(grant, secrets: try Secrets(["TOKEN": "s3cret"]))
        _ = try await host.connect(server.port)
        guard case .request(let head)? = await server.next() else {
            Issue.record("no request")
            return
        }
        #expect(head.contains("\r\nAuthorization: Bearer s3cret\r\n"))
        #expect(!head.contains("mine"))
        let without = try WebSocketTestHost(grant)
        #expect(await without.failure("connect", WebSocketTestHost.target(server.port))?.code == .unavailable)
        host.scope.end()
        await server.stop()
    }

    @Test("A server that never answers is given up after a while")
    func timesOut() async throws {
        let server = try await WebSocketTestServer(answer: { _ in [] })
        var options = WebSockets.Options()
        options.connectTimeout = .milliseconds(30)
        let host = try WebSocketTestHost(options: options)
        #expect(await host.failure("connect", WebSocketTestHost.target(server.port))?.code == .timedOut)
        await server.stop()
    }

    @Test("Where nothing listens, the next address is tried, and then the connection fails")
    func nextAddress() async throws {
        let server = try await WebSocketTestServer()
        let port = server.port
        let host = try WebSocketTestHost(NetworkGrant(rules: [.any], addresses: .everything))
        _ = try await host.connect(WebSocketTestHost.target(port, host: "two.test"))
        host.scope.end()
        await server.stop()
        let late = try WebSocketTestHost()
        #expect(await late.failure("connect", WebSocketTestHost.target(port))?.code == .unavailable)
    }

    @Test("Where the grant has a proxy, the connection goes through a tunnel to the address that was checked")
    func proxy() async throws {
        let server = try await WebSocketTestServer()
        let (lines, told) = AsyncStream.makeStream(of: String.self)
        let proxy = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Tunnelling(told))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = proxy.localAddress?.port ?? 0
        let grant = NetworkGrant(
            rules: [.any], addresses: .everything, proxy: try NetworkProxy("http://127.0.0.1:\(port)"))
        let host = try WebSocketTestHost(grant)
        let number = try await host.connect(WebSocketTestHost.target(server.port, host: "named.test")).number
        for await line in lines {
            #expect(line == "CONNECT 127.0.0.1:\(server.port) HTTP/1.1")
            break
        }
        _ = await server.next()
        _ = try await host.call("send", [number, .string("through")])
        #expect(await server.next() == .frame(.text, Array("through".utf8), isMasked: true))
        host.scope.end()
        try await proxy.close()
        await server.stop()
    }

    // MARK: Denied

    @Test("Connecting is denied to hosts, ports, schemes, paths and addresses that are not granted")
    func denied() async throws {
        let server = try await WebSocketTestServer()
        func grant(_ rule: NetworkRule) -> NetworkGrant { NetworkGrant(rules: [rule], addresses: .everything) }
        let grants = [
            NetworkGrant.nothing,
            grant(try NetworkRule(hosts: [HostPattern("other.test")])),
            grant(try NetworkRule(hosts: [HostPattern("localhost:1")])),
            grant(try NetworkRule(hosts: [.any], schemes: ["http", "https", "wss"])),
            grant(try NetworkRule(hosts: [.any], methods: ["POST"])),
            grant(try NetworkRule(hosts: [.any], paths: [PathPattern("/other")])),
            // A name that leads to loopback, which is no public address.
            NetworkGrant(rules: [.any]),
        ]
        for grant in grants {
            let host = try WebSocketTestHost(grant)
            let target = WebSocketTestHost.target(server.port, host: "rebound.test")
            #expect(await host.failure("connect", target)?.code == .denied)
            #expect(host.scope.meter.used(.concurrentRequests) == 0)
        }
        let all = try WebSocketTestHost(.everything)
        #expect(await all.failure("connect", WebSocketTestHost.target(25))?.code == .denied)
        await server.stop()
    }

    @Test("A dispatch cannot use the connections of another")
    func foreignNumbers() async throws {
        let server = try await WebSocketTestServer()
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        let other = host.another()
        #expect(await other.failure("receive", number)?.code == .notFound)
        #expect(await other.failure("send", number, .string("mine"))?.code == .notFound)
        #expect(await other.failure("close", number)?.code == .notFound)
        host.scope.end()
        await server.stop()
    }

    @Test(
        "Malformed arguments are refused",
        arguments: [
            ("connect", []),
            ("connect", [.string("http"), .string("a.test"), .undefined, .string("/")]),
            ("connect", [.string("ws"), .string("a test"), .undefined, .string("/")]),
            ("connect", [.string("ws"), .string("A.TEST"), .undefined, .string("/")]),
            ("connect", [.string("ws"), .string("a.test"), .number(0), .string("/")]),
            ("connect", [.string("ws"), .string("a.test"), .number(65536), .string("/")]),
            ("connect", [.string("ws"), .string("a.test"), .undefined, .string("/ HTTP/1.1\r\nHost: b")]),
            ("connect", [.string("ws"), .string("a.test"), .undefined, .string("/"), .string("q")]),
            ("connect", [.string("ws"), .string("a.test"), .undefined, .string("/"), .string("?q\r\nX: y")]),
            (
                "connect",
                [.string("ws"), .string("a.test"), .undefined, .string("/"), .undefined, .undefined, .string("a b")]
            ),
            (
                "connect",
                [.string("ws"), .string("a.test"), .undefined, .string("/"), .undefined, .undefined, .string("")]
            ),
            (
                "connect",
                [
                    .string("ws"), .string("a.test"), .undefined, .string("/"), .undefined, .undefined, .string("a"),
                    .string("a"),
                ]
            ),
            (
                "connect",
                [
                    .string("ws"), .string("a.test"), .undefined, .string("/"), .undefined,
                    .string("Basic YTpi\r\nX: y"),
                ]
            ),
            ("receive", [.string("1")]), ("receive", [.number(-1)]), ("receive", [.number(.nan)]),
            ("send", [.undefined]), ("close", []),
        ] as [(String, [HostValue])])
    func malformed(operation: String, arguments: [HostValue]) async throws {
        let host = try WebSocketTestHost()
        #expect(await host.failure(operation, arguments)?.code == .invalidArgument)
    }

    @Test("Codes and reasons that may not be sent are refused, and what is no message")
    func malformedLater() async throws {
        let server = try await WebSocketTestServer()
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        for code in [-1, 0, 999, 1001, 2999, 5000, 1000.5] {
            #expect(await host.failure("close", number, .number(code))?.code == .invalidArgument)
        }
        let long = String(repeating: "x", count: 124)
        #expect(await host.failure("close", number, .number(1000), .string(long))?.code == .invalidArgument)
        #expect(await host.failure("send", number, .number(1))?.code == .invalidArgument)
        host.begin("receive", [number]) { _ in }
        #expect(await host.failure("receive", number)?.code == .conflict)
        host.scope.end()
        await server.stop()
    }
}

/// A proxy that tells the request line of each `CONNECT` and carries the bytes to where it says.
private final class Tunnelling: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let told: AsyncStream<String>.Continuation
    private var far: (any Channel)?

    init(_ told: AsyncStream<String>.Continuation) { self.told = told }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        if let far { return far.writeAndFlush(bytes, promise: nil) }
        let line = String(buffer: bytes).prefix { $0 != "\r\n" }
        told.yield(String(line))
        let port = Int(line.split(separator: ":").last?.prefix { $0.isNumber } ?? "") ?? 0
        let near = context.channel
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { far in
                far.eventLoop.makeCompletedFuture { try far.pipeline.syncOperations.addHandler(Carrying(to: near)) }
            }
            .connect(host: "127.0.0.1", port: port).whenSuccess { far in
                bound.value.far = far
                near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
            }
    }

    func channelInactive(context: ChannelHandlerContext) { far?.close(promise: nil) }
}

private final class Carrying: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let near: any Channel

    init(to near: any Channel) { self.near = near }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        near.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
    }
}
