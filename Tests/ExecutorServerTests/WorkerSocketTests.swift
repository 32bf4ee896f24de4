// SPDX-License-Identifier: Apache-2.0

import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

@Suite("WebSockets of workers behind a front", .leavesNoIsolates, .timeLimit(.minutes(2)))
struct WorkerSocketTests {
    private static let source = """
        const open = new Map();
        let ticks = 0;
        export default { fetch(request) {
          const { pathname } = new URL(request.url);
          if (request.headers.get('Upgrade') !== 'websocket') return new Response('an upgrade is needed', { status: 426 });
          if (pathname === '/ordinary') return new Response('no', { status: 403 });
          if (pathname === '/broken') return new Response(null, { status: 101 });
          const [client, server] = Object.values(new WebSocketPair());
          server.accept();
          open.set(pathname, server);
          server.addEventListener('message', ({ data }) => {
            if (data === 'tick') return void (ticks += 1);
            if (data === 'spin') for (;;);
            if (data === 'end') return server.close(4001, 'as asked');
            if (data === 'flood') {
              for (const [name, each] of open) {
                for (let i = 0; i < 3 && name !== pathname; i++) each.send('x'.repeat(1 << 20));
              }
              return server.send('flooded');
            }
            if (typeof data !== 'string') return server.send(data);
            for (const [name, each] of open) each.send(`${name} has ${data} of ${pathname}`);
          });
          server.addEventListener('close', ({ code, reason, wasClean }) => {
            open.delete(pathname);
            if (ticks > 0) console.log(`${ticks} ticks`);
            console.log(`closed ${code} ${reason} ${wasClean}`);
          });
          const headers = { 'sec-websocket-protocol': 'b', 'x-own': '1', 'sec-websocket-accept': 'mine', upgrade: 'h3' };
          return new Response(null, { status: 101, webSocket: client, headers });
        } }
        """

    /// A front with the worker `w`, whose lines of console are kept.
    private func serve(_ body: @Sendable (RawClient.Target, KeptLines, WorkerHost) async throws -> Void) async throws {
        let kept = KeptLines()
        let host = try WorkerHost(IsolateHost(try TestEngine.shared()), options: .init(cores: 2), observer: kept)
        host.install(
            WorkerDeployment(name: "w", version: 1, identity: "1", main: "main.js", modules: ["main.js": Self.source]))
        do {
            try await serving(WorkerFront(host, domain: "localhost")) { _, target in try await body(target, kept, host)
            }
        } catch {
            await host.stop()
            throw error
        }
        await host.stop()
    }

    private func connect(_ target: RawClient.Target, _ path: String) async throws -> RawClient {
        let client = try await RawClient.connect(target)
        try await client.send(
            WebSocketTests.request.replacing("/chat", with: path).replacing("Host: x", with: "Host: w.localhost"))
        return client
    }

    @Test("A handshake has the worker's fields and subprotocol; texts, bytes and other clients' messages come and go")
    func talk() async throws {
        try await serve { target, kept, _ in
            let ada = try await connect(target, "/ada")
            let head = await ada.until("\r\n\r\n")
            #expect(head.statuses == [101] && head.contains("x-own: 1\r\n"))
            #expect(head.count(of: "sec-websocket-accept") == 1 && head.count(of: "upgrade: ") == 1)
            #expect(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(head.contains("sec-websocket-protocol: b\r\n"))
            let bob = try await connect(target, "/bob")
            _ = await bob.until("\r\n\r\n")
            try await ada.send(clientFrame(0x81, "hello"))
            #expect(await bob.until("of /ada").hasSuffix("/bob has hello of /ada"))
            #expect(await ada.until("of /ada").hasSuffix("/ada has hello of /ada"))
            try await bob.send(clientFrame(0x82, [1, 2, 3, 65, 66]))
            #expect(await bob.until("AB").hasSuffix("\u{05}\u{01}\u{02}\u{03}AB"))
            try await ada.send(clientFrame(0x88, [0x03, 0xe8] + Array("bye".utf8)))
            _ = await ada.untilEnd()
            #expect(await kept.lines(1) == ["closed 1000 bye true"])
            try await bob.close()
            #expect(await kept.lines(2).last == "closed 1006  false")
        }
    }

    @Test("The worker has all that came before its client's close, however fast that followed, or before it broke off")
    func burst() async throws {
        try await serve { target, kept, _ in
            let ticks = (0..<300).flatMap { _ in clientFrame(0x81, "tick") }
            let polite = try await connect(target, "/polite")
            _ = await polite.until("\r\n\r\n")
            try await polite.send(ticks + clientFrame(0x88, [0x03, 0xe8] + Array("bye".utf8)))
            _ = await polite.untilEnd()
            #expect(await kept.lines(2) == ["300 ticks", "closed 1000 bye true"])
            let rude = try await connect(target, "/rude")
            _ = await rude.until("\r\n\r\n")
            try await rude.send(ticks)
            try await rude.close()
            #expect(await kept.lines(4).suffix(2) == ["600 ticks", "closed 1006  false"])
        }
    }

    @Test("The worker's close goes out with its code and reason, a limit's with 1011")
    func closes() async throws {
        try await serve { target, kept, _ in
            let client = try await connect(target, "/a")
            _ = await client.until("\r\n\r\n")
            try await client.send(clientFrame(0x81, "end"))
            #expect(await client.until("as asked").hasSuffix("as asked"))
            try await client.send(clientFrame(0x88, [0x0f, 0xa1]))
            _ = await client.untilEnd()
            #expect(await kept.lines(1) == ["closed 4001  true"])
            let spinning = try await connect(target, "/b")
            _ = await spinning.until("\r\n\r\n")
            try await spinning.send(clientFrame(0x81, "spin"))
            #expect(await spinning.until("exceededCPU").hasSuffix("the worker was ended: exceededCPU"))
        }
    }

    @Test(
        "An upgrade may be answered as any request, and the connection goes on; a 101 without a socket is an exception")
    func answers() async throws {
        try await serve { target, _, _ in
            let client = try await connect(target, "/ordinary")
            #expect(await client.until("\r\n\r\nno").statuses == [403])
            try await client.send("GET / HTTP/1.1\r\nHost: w.localhost\r\n\r\n")
            #expect(await client.until("an upgrade is needed").statuses == [403, 426])
            let broken = try await connect(target, "/broken")
            let text = await broken.until("failed.\n")
            #expect(text.statuses == [500] && text.contains("x-rookery-outcome: exception\r\n"))
            let unknown = try await RawClient.connect(target)
            try await unknown.send(WebSocketTests.request)
            #expect(await unknown.until("\r\n\r\n").statuses == [404])
        }
    }

    @Test("A client that says 'Upgrade' without 'Connection: Upgrade' gets an error where the worker opens a socket")
    func noUpgrade() async throws {
        try await serve { target, _, _ in
            let client = try await RawClient.connect(target)
            try await client.send("GET /x HTTP/1.1\r\nHost: w.localhost\r\nUpgrade: websocket\r\n\r\n")
            #expect(await client.until("failed.\n").statuses == [500])
        }
    }

    @Test("A client that does not read is waited for, and closed once too much waits")
    func slowClient() async throws {
        try await serve { target, kept, host in
            let slow = try await RawClient.connect(target, reads: false, receiveBuffer: 4096)
            try await slow.send(
                WebSocketTests.request.replacing("/chat", with: "/slow").replacing("Host: x", with: "Host: w.localhost")
            )
            let busy = try await connect(target, "/busy")
            _ = await busy.until("\r\n\r\n")
            // What the system holds of a connection is bounded, and so is what the worker's host does.
            for count in 1...100 where kept.all.isEmpty {
                try await busy.send(clientFrame(0x81, "flood"))
                _ = await busy.until("flooded", times: count)
            }
            #expect(await kept.lines(1).first == "closed 1013 too much waits to be sent false")
            #expect(host.status(of: "w")?.webSockets == 1)
        }
    }
}

/// A frame as a client sends it.
private func clientFrame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let mask: [UInt8] = [1, 2, 3, 4]
    let count = UInt8(truncatingIfNeeded: payload.count)
    let length: [UInt8] = payload.count < 126 ? [0x80 | count] : [0xfe, UInt8(payload.count >> 8), count]
    return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
}

private func clientFrame(_ first: UInt8, _ payload: String) -> [UInt8] { clientFrame(first, Array(payload.utf8)) }

/// Keeps what a worker gives to console.
private final class KeptLines: WorkerObserver {
    private let inbox = Inbox()

    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }

    func observe(_ line: WorkerLogLine) {
        guard line.level == "log" else { return }
        kept.withLock { $0.append(line.message) }
        inbox.add([0])
    }

    func observe(_ record: RequestRecord) {}

    /// All, once there are so many.
    func lines(_ count: Int) async -> [String] {
        await inbox.wait { [self] in $0.bytes.count >= count ? all : nil }
    }
}
