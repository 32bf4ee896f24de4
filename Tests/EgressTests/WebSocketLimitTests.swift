// SPDX-License-Identifier: Apache-2.0
import EgressSupport
import HostAPI
import NIOCore
import NIOWebSocket
import Testing

@testable import Egress

@Suite("WebSockets: what connections may use", .timeLimit(.minutes(2)))
struct WebSocketLimitTests {
    @Test("A connection is a request, and one at a time where no more are granted, until it is closed")
    func requests() async throws {
        let server = try await WebSocketTestServer { event, peer in
            if case .frame(.connectionClose, _, _)? = event { peer.close(promise: nil) }
            if event == nil { peer.sendFrame(1, [0x41]) }
        }
        var grant = WebSocketTestHost.loopback
        grant.limits = HostLimits([.subrequests: 2, .concurrentRequests: 1])
        let host = try WebSocketTestHost(grant)
        let target = WebSocketTestHost.target(server.port)
        let first = try await host.connect(server.port)
        #expect(await host.failure("connect", target)?.code == .exhausted)
        _ = try await host.receive(first)
        _ = try await host.call("close", [first])
        _ = try await host.receiveAll(first)
        #expect(await host.failure("connect", target)?.code == .exhausted)
        #expect(host.scope.meter.used(.subrequests) == 2)
        #expect(host.scope.meter.used(.concurrentRequests) == 0)
        await server.stop()
    }

    @Test("Connections of a dispatch are bounded even where no grant bounds them")
    func connections() async throws {
        let server = try await WebSocketTestServer()
        var options = WebSockets.Options()
        options.mostConnections = 2
        let host = try WebSocketTestHost(limits: .none, options: options)
        _ = try await host.connect(server.port)
        _ = try await host.connect(server.port)
        #expect(await host.failure("connect", WebSocketTestHost.target(server.port))?.code == .exhausted)
        _ = try await host.another().connect(server.port)
        host.scope.end()
        await server.stop()
    }

    @Test("Every frame that is sent is charged; the one that is too much ends the connection")
    func egress() async throws {
        let server = try await WebSocketTestServer()
        var options = WebSockets.Options()
        options.lingerTimeout = .milliseconds(20)
        let host = try WebSocketTestHost(limits: HostLimits([.egressBytes: 2000]), options: options)
        let number = try await host.connect(server.port)
        let opening = host.scope.meter.used(.egressBytes)
        #expect(opening > 100)
        _ = try await host.call("send", [number, .bytes([UInt8](repeating: 0, count: 1000))])
        #expect(host.scope.meter.used(.egressBytes) == opening + 1008)
        let failure = await host.failure("send", number, .bytes([UInt8](repeating: 0, count: 1000)))
        #expect(failure?.code == .exhausted)
        let ending = try await host.receiveAll(number).1
        #expect(ending.code == 1006 && ending.message.contains("2000 bytes sent"))
        await server.stop()
    }

    @Test("Pongs are charged too: a peer cannot make a script send more than it may")
    func pongs() async throws {
        let server = try await WebSocketTestServer { event, peer in
            switch event {
            case .frame(.pong, _, _)?, nil: peer.sendFrame(9, [UInt8](repeating: 0, count: 125))
            default: break
            }
        }
        let host = try WebSocketTestHost(limits: HostLimits([.egressBytes: 4000]))
        let ending = try await host.receiveAll(host.connect(server.port)).1
        #expect(ending.code == 1006 && ending.message.contains("4000 bytes sent"))
        #expect(host.scope.meter.used(.egressBytes) <= 4000)
        host.scope.end()
        await server.stop()
    }

    @Test("Every byte that is received is charged; the one that is too much ends the connection")
    func ingress() async throws {
        let server = try await WebSocketTestServer { event, peer in
            if event == nil { for _ in 0..<20 { peer.sendFrame(2, [UInt8](repeating: 0, count: 1000)) } }
        }
        let host = try WebSocketTestHost(limits: HostLimits([.ingressBytes: 10_000]))
        let (messages, ending) = try await host.receiveAll(host.connect(server.port))
        #expect(messages.count < 10)
        #expect(ending.code == 1006 && ending.message.contains("10000 bytes received"))
        await server.stop()
    }

    @Test("What is held for the script is bounded, of messages that are not whole too, and given back")
    func held() async throws {
        let server = try await WebSocketTestServer { event, peer in
            if event == nil {
                peer.sendFrame(2, [UInt8](repeating: 0, count: 300_000))
                peer.sendRaw(Array(rawFrame(2, [UInt8](repeating: 0, count: 2 << 20)).dropLast()))
            }
        }
        // Sixteen blocks of 64 KiB, and some bytes for the arguments of calls that wait.
        let host = try WebSocketTestHost(limits: HostLimits([.heldBytes: (1 << 20) + 1000]))
        let (messages, ending) = try await host.receiveAll(host.connect(server.port))
        #expect(messages.map(\.byteCount) == [300_000])
        #expect(ending.code == 1006 && ending.message.contains("bytes held by the host"))
        _ = await server.next()
        #expect(await server.next() == .closed)
        host.scope.end()
        await server.stop()
    }
}
