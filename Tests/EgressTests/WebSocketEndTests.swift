// SPDX-License-Identifier: Apache-2.0
import EgressSupport
import HostAPI
import NIOCore
import NIOWebSocket
import Testing

@testable import Egress

@Suite("WebSockets: how connections end", .timeLimit(.minutes(2)))
struct WebSocketEndTests {
    /// Sends bytes when the connection is open.
    private static func server(_ bytes: [UInt8]) async throws -> WebSocketTestServer {
        try await WebSocketTestServer { event, peer in if event == nil { peer.sendRaw(bytes) } }
    }

    @Test(
        "A peer that breaks the protocol is told the code, and the script sees 1006",
        arguments: [
            (rawFrame(1, [0x41], reserved: 0x40), 1002, "reserved bits"),
            (rawFrame(1, [0x41], mask: [1, 2, 3, 4]), 1002, "masked"),
            (rawFrame(3, []), 1002, "unknown kind"),
            (rawFrame(11, []), 1002, "unknown kind"),
            (rawFrame(0, [0x41]), 1002, "in its middle"),
            (rawFrame(1, [0x41], isLast: false) + rawFrame(2, [1]), 1002, "within another"),
            (rawFrame(9, [1], isLast: false), 1002, "in parts"),
            (rawFrame(9, [UInt8](repeating: 0, count: 126)), 1002, "125 bytes"),
            (rawFrame(8, [3]), 1002, "half a code"),
            (rawFrame(8, .init(closing: 999)), 1002, "999"),
            (rawFrame(8, .init(closing: 1005)), 1002, "1005"),
            (rawFrame(8, .init(closing: 1006)), 1002, "1006"),
            (rawFrame(8, .init(closing: 1015)), 1002, "1015"),
            (rawFrame(8, .init(closing: 2999)), 1002, "2999"),
            (rawFrame(8, .init(closing: 5000)), 1002, "5000"),
            (rawFrame(8, .init(closing: 1000) + [0xff]), 1007, "UTF-8"),
            (rawFrame(1, [0xc3, 0x28]), 1007, "UTF-8"),
            (rawFrame(1, [0xed, 0xa0, 0x80]), 1007, "UTF-8"),
            (rawFrame(1, [0xc3], isLast: false) + rawFrame(0, []), 1007, "UTF-8"),
            ([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0], 1009, "more than 1048576"),
            ([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 1009, "more than 1048576"),
            (
                rawFrame(2, [UInt8](repeating: 0, count: 600_000), isLast: false)
                    + rawFrame(0, [UInt8](repeating: 0, count: 600_000)), 1009, "more than 1048576"
            ),
        ] as [([UInt8], UInt16, String)])
    func violations(bytes: [UInt8], code: UInt16, message: String) async throws {
        let server = try await Self.server(bytes)
        var options = WebSockets.Options()
        options.mostMessageBytes = 1 << 20
        options.lingerTimeout = .milliseconds(20)
        let host = try WebSocketTestHost(options: options)
        let number = try await host.connect(server.port)
        let (messages, ending) = try await host.receiveAll(number)
        #expect(messages.isEmpty)
        #expect(ending.code == 1006 && !ending.wasClean && ending.reason.isEmpty)
        #expect(ending.message.contains(message), "\(ending)")
        _ = await server.next()
        #expect(await server.next() == .frame(.connectionClose, .init(closing: code), isMasked: true))
        #expect(await server.next() == .closed)
        // The connection's number means nothing now.
        #expect(await host.failure("receive", number)?.code == .notFound)
        await server.stop()
    }

    @Test(
        "A peer that closes gets its code back, and the script sees code and reason",
        arguments: [
            ([], WebSocketTestEnding(code: 1005, reason: "", wasClean: true)),
            (.init(closing: 1000), WebSocketTestEnding(code: 1000, reason: "", wasClean: true)),
            (.init(closing: 1011, "köln"), WebSocketTestEnding(code: 1011, reason: "köln", wasClean: true)),
            (.init(closing: 4999), WebSocketTestEnding(code: 4999, reason: "", wasClean: true)),
        ] as [([UInt8], WebSocketTestEnding)])
    func peerCloses(payload: [UInt8], ending: WebSocketTestEnding) async throws {
        let server = try await Self.server(rawFrame(1, [0x41]) + rawFrame(8, payload) + rawFrame(1, [0x42]))
        var options = WebSockets.Options()
        options.lingerTimeout = .milliseconds(20)
        let host = try WebSocketTestHost(options: options)
        let number = try await host.connect(server.port)
        let (messages, seen) = try await host.receiveAll(number)
        // What follows a Close frame does not count.
        #expect(messages == [.string("A")])
        #expect(seen == ending)
        _ = await server.next()
        #expect(await server.next() == .frame(.connectionClose, Array(payload.prefix(2)), isMasked: true))
        #expect(await server.next() == .closed)
        await server.stop()
    }

    @Test("A connection that is lost is no clean end")
    func lost() async throws {
        let server = try await WebSocketTestServer { event, peer in
            if event == nil { peer.close(promise: nil) }
        }
        let host = try WebSocketTestHost()
        let ending = try await host.receiveAll(host.connect(server.port)).1
        #expect(ending.code == 1006 && !ending.wasClean && ending.message == "the connection was lost")
        await server.stop()
    }

    @Test("A peer that does not answer a closing is given up after a while")
    func closingTimesOut() async throws {
        let server = try await WebSocketTestServer()
        var options = WebSockets.Options()
        options.closeTimeout = .milliseconds(20)
        options.lingerTimeout = .milliseconds(20)
        let host = try WebSocketTestHost(options: options)
        let number = try await host.connect(server.port)
        _ = try await host.call("close", [number, .number(1000), .string("bye")])
        let failure = await host.failure("send", number, .string("too late"))
        #expect(failure?.code == .conflict)
        let ending = try await host.receiveAll(number).1
        #expect(ending.code == 1006 && !ending.wasClean)
        _ = await server.next()
        #expect(await server.next() == .frame(.connectionClose, .init(closing: 1000, "bye"), isMasked: true))
        #expect(await server.next() == .closed)
        await server.stop()
    }

    @Test("What was sent before a closing arrives before it")
    func sentBeforeClosing() async throws {
        let server = try await WebSocketTestServer()
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        host.begin("send", [number, .bytes([UInt8](repeating: 1, count: 100_000))]) { _ in }
        host.begin("close", [number, .number(4000), .undefined]) { _ in }
        _ = await server.next()
        #expect(
            await server.next() == .frame(.binary, [UInt8](repeating: 1, count: 100_000), isMasked: true))
        #expect(await server.next() == .frame(.connectionClose, .init(closing: 4000), isMasked: true))
        host.scope.end()
        await server.stop()
    }

    @Test("The end of a dispatch closes its connections, and those that are being opened")
    func scopeEnds() async throws {
        let server = try await WebSocketTestServer()
        let silent = try await WebSocketTestServer(answer: { _ in [] })
        let host = try WebSocketTestHost()
        let number = try await host.connect(server.port)
        let received = AsyncStream.makeStream(of: HostError.Code?.self)
        host.begin("receive", [number]) { result in
            if case .failure(let error) = result { received.continuation.yield(error.code) }
        }
        host.begin("connect", WebSocketTestHost.target(silent.port)) { result in
            if case .failure(let error) = result { received.continuation.yield(error.code) }
        }
        // Its request has arrived, its answer never comes.
        _ = await silent.next()
        host.scope.end()
        var codes = received.stream.makeAsyncIterator()
        #expect(await codes.next() == .cancelled)
        #expect(await codes.next() == .cancelled)
        _ = await server.next()
        #expect(await server.next() == .closed)
        #expect(await silent.next() == .closed)
        #expect(await host.failure("connect", .string("ws"))?.code == .cancelled)
        await server.stop()
        await silent.stop()
    }
}
