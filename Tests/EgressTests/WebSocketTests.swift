// SPDX-License-Identifier: Apache-2.0
import EgressSupport
import HostAPI
import NIOCore
import NIOWebSocket
import Testing

@testable import Egress

@Suite("WebSockets: messages", .timeLimit(.minutes(2)))
struct WebSocketTests {
    private static let echo: WebSocketTestServer.Script = { event, peer in
        switch event {
        case .frame(.text, let bytes, _)?: peer.sendFrame(1, bytes)
        case .frame(.binary, let bytes, _)?: peer.sendFrame(2, bytes)
        case .frame(.connectionClose, let bytes, _)?:
            peer.sendFrame(8, bytes)
            peer.close(promise: nil)
        default: break
        }
    }

    @Test("Text and bytes of every length class come back as they were sent, in order")
    func echoes() async throws {
        let server = try await WebSocketTestServer(script: Self.echo)
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        let sent: [HostValue] = [
            .string(""), .bytes([]), .string("Grüße, 世界 🎉"), .bytes([0, 255, 128]),
            .string(String(repeating: "x", count: 126)), .bytes([UInt8](repeating: 7, count: 65536)),
            .bytes((0..<300_000).map { UInt8(truncatingIfNeeded: $0) }),
        ]
        _ = try await host.call("send", [number] + sent)
        var received: [HostValue] = []
        while received.count < sent.count { received += try await host.receive(number) }
        #expect(received == sent)
        _ = try await host.call("close", [number, .number(3000), .string("done")])
        let (rest, ending) = try await host.receiveAll(number)
        #expect(rest.isEmpty)
        #expect(ending == WebSocketTestEnding(code: 3000, reason: "done", wasClean: true))
        await server.stop()
    }

    @Test("Everything that is sent is masked, each frame with a mask of its own")
    func masks() async throws {
        let server = try await WebSocketTestServer(script: Self.echo)
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        _ = await server.next()
        _ = try await host.call("send", [number, .string("one"), .bytes([1])])
        #expect(await server.next() == .frame(.text, Array("one".utf8), isMasked: true))
        #expect(await server.next() == .frame(.binary, [1], isMasked: true))
        _ = try await host.call("close", [number])
        #expect(await server.next() == .frame(.connectionClose, [], isMasked: true))
        #expect(try await host.receiveAll(number).1 == WebSocketTestEnding(code: 1005, reason: "", wasClean: true))
        await server.stop()
    }

    @Test("A message in parts is put together, and a ping between them is answered at once")
    func fragments() async throws {
        let server = try await WebSocketTestServer { event, peer in
            guard event == nil else { return }
            peer.sendFrame(1, Array("Gr\u{fc}".utf8.dropLast()), isLast: false)
            peer.sendFrame(9, [1, 2, 3])
            peer.sendFrame(0, [], isLast: false)
            peer.sendFrame(10, [9])
            peer.sendFrame(0, [0xbc] + Array("\u{df}e".utf8))
        }
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        #expect(try await host.receive(number) == [.string("Grüße")])
        _ = await server.next()
        #expect(await server.next() == .frame(.pong, [1, 2, 3], isMasked: true))
        host.scope.end()
        #expect(await server.next() == .closed)
        await server.stop()
    }

    @Test("What the server sends right behind its answer is not lost")
    func leftovers() async throws {
        let server = try await WebSocketTestServer(answer: { key in
            WebSocketTestServer.accept(key) + rawFrame(1, Array("early".utf8)) + rawFrame(2, [1])
        })
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        #expect(try await host.receive(number) == [.string("early"), .bytes([1])])
        host.scope.end()
        await server.stop()
    }

    @Test("A connection over TLS is made where the certificate is for the host, and refused where it is not")
    func secure() async throws {
        let server = try await WebSocketTestServer(isSecure: true, script: Self.echo)
        let host = try WebSocketTestHost(trusts: true)
        for name in ["localhost", "127.0.0.1"] {
            let target = WebSocketTestHost.target(server.port, scheme: "wss", host: name)
            let number = try await host.connect(target).number
            _ = try await host.call("send", [number, .string("secret")])
            #expect(try await host.receive(number) == [.string("secret")])
        }
        let other = WebSocketTestHost.target(server.port, scheme: "wss", host: "other.test")
        let refused = await host.failure("connect", other)
        #expect(refused?.code == .unavailable, "\(String(describing: refused))")
        let unknown = try WebSocketTestHost()
        let target = WebSocketTestHost.target(server.port, scheme: "wss")
        #expect(await unknown.failure("connect", target)?.code == .unavailable)
        host.scope.end()
        await server.stop()
    }

    @Test("A server that sends faster than the script reads has to wait, and nothing is lost")
    func slowReader() async throws {
        let total = 100
        let size = 64 << 10
        let (stalls, stalled) = AsyncStream.makeStream(of: Int.self)
        let server = try await WebSocketTestServer { event, peer in
            guard event == nil else { return }
            Flood(peer, total, size, stalled).go()
        }
        // If the connection were read on while nobody receives, it would end for want of memory.
        let host = try WebSocketTestHost(limits: HostLimits([.heldBytes: 1 << 20]))
        let number = try await host.connect(server.port)
        for await _ in stalls { break }
        var received = 0
        while received < total {
            for value in try await host.receive(number) {
                #expect(value.byteCount == size)
                received += 1
            }
        }
        host.scope.end()
        await server.stop()
    }

    @Test("The messages of a call are sent when it is answered; a peer that does not read keeps it waiting")
    func backPressure() async throws {
        let (peers, opened) = AsyncStream.makeStream(of: (any Channel).self)
        let server = try await WebSocketTestServer { event, peer in
            guard event == nil else { return }
            _ = peer.setOption(.autoRead, value: false)
            opened.yield(peer)
        }
        var limits = HostLimits.standard
        limits[.egressBytes] = 64 << 20
        let host = try WebSocketTestHost(limits: limits)
        let number = try await host.connect(server.port)
        let answers = AsyncStream.makeStream(of: Bool.self)
        host.begin("send", [number, .bytes([UInt8](repeating: 1, count: 8 << 20))]) { result in
            answers.continuation.yield((try? result.get()) != nil)
        }
        for await peer in peers {
            // Until the peer reads, the call stays open.
            #expect(host.scope.meter.used(.pendingCalls) == 1)
            _ = peer.setOption(.autoRead, value: true)
            break
        }
        for await wasSent in answers.stream {
            #expect(wasSent)
            break
        }
        host.scope.end()
        await server.stop()
    }
}

/// Writes messages for as long as the channel takes them, then reports how many it took.
private final class Flood: Sendable {
    private let state: NIOLoopBoundBox<Int>
    private let peer: any Channel
    private let total: Int
    private let size: Int
    private let stalled: AsyncStream<Int>.Continuation

    init(_ peer: any Channel, _ total: Int, _ size: Int, _ stalled: AsyncStream<Int>.Continuation) {
        state = NIOLoopBoundBox(0, eventLoop: peer.eventLoop)
        self.peer = peer
        self.total = total
        self.size = size
        self.stalled = stalled
    }

    func go() {
        while state.value < total, peer.isWritable {
            state.value += 1
            let last = peer.writeAndFlush(ByteBuffer(bytes: rawFrame(2, [UInt8](repeating: 5, count: size))))
            if !peer.isWritable {
                stalled.yield(state.value)
                last.whenSuccess { self.go() }
            }
        }
    }
}
