// SPDX-License-Identifier: Apache-2.0
import Egress
import Foundation
import HostAPI
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("An operator's proxy")
struct ProxyTests {
    /// A proxy that makes tunnels, whatever they are asked for, to one port here.
    private final class TunnelServer: Sendable {
        let port: Int
        private let channel: any Channel
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

        init(to target: Int, answer: String = "HTTP/1.1 200 OK\r\n\r\n") async throws {
            let note = Note()
            channel = try await ServerBootstrap(group: group).childChannelInitializer { channel in
                channel.pipeline.addHandler(Relay(target, answer, note))
            }.bind(host: "127.0.0.1", port: 0).get()
            port = channel.localAddress?.port ?? 0
            self.note = note
        }

        private let note: Note
        var heads: [String] { note.heads.withLock { $0 } }

        func stop() async {
            try? await channel.close()
            try? await group.shutdownGracefully()
        }
    }

    private final class Note: Sendable {
        let heads = Mutex<[String]>([])
    }

    private final class Relay: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        let target: Int
        let answer: String
        let note: Note
        var other: (any Channel)?

        init(_ target: Int, _ answer: String, _ note: Note) {
            self.target = target
            self.answer = answer
            self.note = note
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            if let other { return other.writeAndFlush(bytes, promise: nil) }
            note.heads.withLock { $0.append(String(buffer: bytes)) }
            let channel = context.channel
            ClientBootstrap(group: context.eventLoop).channelInitializer { $0.pipeline.addHandler(Back(channel)) }
                .connect(host: "127.0.0.1", port: target).whenSuccess { [self] connected in
                    other = connected
                    channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
                }
        }

        func channelInactive(context: ChannelHandlerContext) { other?.close(promise: nil) }
    }

    private final class Back: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        let channel: any Channel
        init(_ channel: any Channel) { self.channel = channel }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            channel.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
        func channelInactive(context: ChannelHandlerContext) { channel.close(promise: nil) }
    }

    @Test("Names are resolved here, and the proxy is asked for the address that was checked", arguments: [false, true])
    func tunnel(isSecure: Bool) async throws {
        let options = testOptions(names: ["secure.test": ["127.0.0.9"]])
        try await withServer(isSecure ? .tls(offers: ["h2"]) : .plain, options) { _ in
            .ok("hello")
        } _: { server, egress in
            let proxy = try await TunnelServer(to: server.port)
            let secrets = try Secrets(["PROXY": "pw"])
            let grant = NetworkGrant(
                rules: [.any], addresses: AddressPolicy(granted: [try AddressBlock("127.0.0.9")]),
                proxy: try NetworkProxy(
                    "http://127.0.0.1:\(proxy.port)", authorization: try HeaderTemplate("Basic ${PROXY}")))
            let fetch = try TestFetch(egress, grant, secrets: secrets)
            let url = "\(isSecure ? "https" : "http")://secure.test:\(server.port)/"
            for _ in 0..<2 { #expect(try await fetch.get(url).text() == "hello") }
            #expect(
                proxy.heads == [
                    "CONNECT 127.0.0.9:\(server.port) HTTP/1.1\r\nHost: 127.0.0.9:\(server.port)\r\n"
                        + "Proxy-Authorization: Basic pw\r\n\r\n"
                ])
            #expect(server.requests.allSatisfy { $0.values("proxy-authorization").isEmpty })
            #expect(await fetch.failure("http://127.0.0.1:\(server.port)/")?.code == .denied)
            await proxy.stop()
        }
    }

    @Test("A proxy that resolves names gets them, with a tunnel for https and without for http")
    func names() async throws {
        let options = testOptions { $0.lookup = { name throws(HostError) in throw HostError(.failed, name) } }
        try await withServer(.tls(offers: ["http/1.1"]), options) { _ in
            .ok("hello")
        } _: { server, egress in
            let proxy = try await TunnelServer(to: server.port)
            func grant(_ port: Int) throws -> NetworkGrant {
                NetworkGrant(rules: [.any], proxy: try NetworkProxy("http://127.0.0.1:\(port)", resolvesNames: true))
            }
            let fetch = try TestFetch(egress, try grant(proxy.port))
            #expect(try await fetch.get("https://secure.test/").text() == "hello")
            #expect(proxy.heads == ["CONNECT secure.test:443 HTTP/1.1\r\nHost: secure.test:443\r\n\r\n"])
            await proxy.stop()
            let plain = try await TestServer { _ in .ok("by proxy") }
            let other = try TestFetch(egress, try grant(plain.port))
            #expect(try await other.get("http://a.test/x?y").text() == "by proxy")
            #expect(plain.requests.first?.target == "http://a.test/x?y")
            #expect(plain.requests.first?.values("host") == ["a.test"])
            // Addresses, and names of this machine, are checked all the same.
            for host in ["127.0.0.1", "localhost", "10.0.0.1", "[::1]"] {
                #expect(await other.failure("http://\(host)/")?.code == .denied, "\(host)")
            }
            await plain.stop()
        }
    }

    @Test("What a proxy refuses is an error that says so")
    func refused() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let proxy = try await TunnelServer(to: server.port, answer: "HTTP/1.1 403 Forbidden\r\n\r\n")
            let grant = NetworkGrant(
                rules: [.any], addresses: .everything, proxy: try NetworkProxy("http://127.0.0.1:\(proxy.port)"))
            let error = try await TestFetch(egress, grant).failure("http://a.test:\(server.port)/")
            #expect(error?.message.contains("403") == true, "\(String(describing: error))")
            await proxy.stop()
        }
    }

    @Test("Narrowing keeps the one proxy there is, never leaves names to it alone, and allows nothing through two")
    func narrowing() throws {
        let one = NetworkGrant(rules: [.any], proxy: try NetworkProxy("http://one.test:1", resolvesNames: true))
        let two = NetworkGrant(rules: [.any], proxy: try NetworkProxy("http://two.test"))
        let none = NetworkGrant(rules: [.any])
        #expect(one.narrowed(by: one).proxy?.resolvesNames == true)
        #expect(one.narrowed(by: none).proxy == (try NetworkProxy("http://one.test:1")))
        #expect(none.narrowed(by: one).proxy == (try NetworkProxy("http://one.test:1")))
        let request = try NetworkRequest(scheme: "https", host: "a.test")
        #expect(throws: HostError.self) { try one.narrowed(by: two).check(request) }
        let decoded = try JSONDecoder().decode(
            NetworkGrant.self, from: Data(#"{"hosts":["*"],"proxy":"http://two.test"}"#.utf8))
        #expect(decoded == two)
        #expect(try JSONDecoder().decode(NetworkGrant.self, from: JSONEncoder().encode(one)) == one)
        #expect(throws: GrantError.self) { try NetworkProxy("https://one.test") }
    }
}
