// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import Testing

@Suite("WebSockets", .timeLimit(.minutes(1)))
struct WebSocketTests {
    static let request =
        "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    @Test("A WebSocket is opened, echoes messages whole, answers pings, and is closed by its client")
    func echo() async throws {
        let echo = EchoSocket()
        try await withSocket(echo) { client in
            let head = await client.until("\r\n\r\n")
            #expect(head.statuses == [101])
            // RFC 6455, 1.3 has this key and its answer.
            #expect(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(head.contains("sec-websocket-protocol: b\r\n") && head.contains("x-own: 1\r\n"))
            try await client.send(frame(0x81, "hello"))
            #expect(await client.until("hello").hasSuffix("\u{81}\u{05}hello".replacing))
            try await client.send(frame(0x01, "wor") + frame(0x89, "ping") + frame(0x80, "ld"))
            let text = await client.until("world")
            #expect(text.contains("\u{04}ping") && text.hasSuffix("\u{05}world"))
            try await client.send(frame(0x88, [0x03, 0xe8] + Array("bye".utf8)))
            _ = await client.untilEnd()
            #expect(await echo.ended.get() == WebSocketClosure(code: 1000, reason: "bye"))
        }
    }

    @Test(
        "What breaks the protocol closes the socket, and its handler is told why",
        arguments: [
            ("not masked", [0x81, 0x01, 0x41], 1002), ("not UTF-8", frame(0x81, [0xff]), 1007),
            ("a continuation of nothing", frame(0x80, "a"), 1002), ("an unknown kind", frame(0x83, "a"), 1002),
            ("a long ping", frame(0x89, [UInt8](repeating: 65, count: 126)), 1002),
            ("too much in one frame", frame(0x82, [UInt8](repeating: 65, count: 1001)), 1009),
            (
                "too much in two frames",
                frame(0x02, [UInt8](repeating: 65, count: 600)) + frame(0x80, [UInt8](repeating: 65, count: 600)), 1009
            ),
            ("a reserved bit", frame(0xc1, "a"), 1002), ("a close of one byte", frame(0x88, [1]), 1002),
        ])
    func breaches(name: String, bytes: [UInt8], code: Int) async throws {
        let echo = EchoSocket()
        try await withSocket(echo) { client in
            _ = await client.until("\r\n\r\n")
            try await client.send(bytes)
            _ = await client.untilEnd()
            #expect(await echo.ended.get().code == code)
        }
    }

    @Test("A client that breaks off, or answers no ping, ends the socket with 1006")
    func brokenOff() async throws {
        let echo = EchoSocket()
        try await withSocket(echo) { client in
            _ = await client.until("\r\n\r\n")
            try await client.close()
            #expect(await echo.ended.get() == .abnormal)
        }
        var limits = FrontLimits.quick
        limits.idleTime = .milliseconds(30)
        let silent = EchoSocket()
        try await withSocket(silent, limits: limits) { client in
            #expect(await silent.ended.get() == .abnormal)
            _ = await client.untilEnd()
        }
    }

    @Test("A subprotocol with a long name is answered")
    func longName() async throws {
        let name = String(repeating: "n", count: 5000)
        let handler = Answering { _, exchange in exchange.acceptWebSocket(subprotocol: name, EchoSocket()) }
        try await withFront(handler) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(Self.request.replacing("a, b", with: "a, \(name)"))
            #expect(await client.until("\r\n\r\n").contains("sec-websocket-protocol: \(name)\r\n"))
        }
    }

    @Test("A handshake with a bad key or version is no request, and an upgrade may be answered as any request")
    func refusals() async throws {
        try await withFront(.echo) { _, target in
            for (old, new, status) in [
                ("dGhlIHNhbXBsZSBub25jZQ==", "short", 400), ("13", "8", 426), ("websocket", "h3", 200),
            ] {
                let client = try await RawClient.connect(target)
                try await client.send(Self.request.replacing(old, with: new))
                #expect(await client.until("\r\n\r\n").statuses == [status])
            }
            let plain = try await RawClient.connect(target)
            try await plain.send(Self.request)
            #expect(await plain.until("GET /chat").statuses == [200])
            try await plain.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await plain.until("GET /next").statuses == [200, 200])
        }
    }

    private func withSocket(
        _ socket: EchoSocket, limits: FrontLimits = .quick, _ body: (RawClient) async throws -> Void
    ) async throws {
        var limits = limits
        limits.messageBytes = 1000
        let handler = Answering { request, exchange in
            #expect(request.upgrade == .webSocket(protocols: ["a", "b"]))
            exchange.acceptWebSocket(subprotocol: "b", headers: ["x-own": "1"], socket)
        }
        try await withFront(handler, limits: limits) { _, target in
            let client = try await RawClient.connect(target)
            try await client.send(Self.request)
            try await body(client)
        }
    }
}

/// A frame as a client sends it.
private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let mask: [UInt8] = [1, 2, 3, 4]
    let count = UInt8(truncatingIfNeeded: payload.count)
    let length: [UInt8] = payload.count < 126 ? [0x80 | count] : [0xfe, UInt8(payload.count >> 8), count]
    return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
}

private func frame(_ first: UInt8, _ payload: String) -> [UInt8] { frame(first, Array(payload.utf8)) }

extension String {
    /// As bytes that are no UTF-8 are shown.
    fileprivate var replacing: String {
        String(decoding: unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }, as: UTF8.self)
    }
}

/// Sends back what comes.
private final class EchoSocket: WebSocketHandler {
    let ended = Later<WebSocketClosure>()

    func opened(_ socket: WebSocket) {
        socket.receive { message in
            guard let message else { return }
            socket.send(message) { if $0 == .ready { self.opened(socket) } }
        }
    }

    func closed(_ closure: WebSocketClosure, unread: [WebSocketMessage]) { ended.set(closure) }
}
