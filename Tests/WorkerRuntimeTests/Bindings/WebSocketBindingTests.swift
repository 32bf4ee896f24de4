// SPDX-License-Identifier: Apache-2.0
import Egress
import EgressSupport
import HostAPI
import NIOCore
import NIOWebSocket
import Support
import Testing

@Suite("WebSocket", .leavesNoIsolates, .timeLimit(.minutes(2))) struct WebSocketBindingTests {
    private static let echo: WebSocketTestServer.Script = { event, peer in
        switch event {
        case .frame(.text, let bytes, _)?:
            if bytes == Array("bye".utf8) {
                peer.sendClose(3001, "ciao")
                peer.close(promise: nil)
            } else {
                peer.sendFrame(1, bytes)
            }
        case .frame(.binary, let bytes, _)?: peer.sendFrame(2, bytes)
        case .frame(.connectionClose, let bytes, _)?:
            peer.sendFrame(8, bytes)
            peer.close(promise: nil)
        default: break
        }
    }

    private static let egress = Result { try HTTPEgress() }

    private static func host(
        _ grant: NetworkGrant = NetworkGrant(
            rules: [.any], addresses: AddressPolicy(granted: [AddressBlock(IPAddress(v4: 0x7f00_0001))]))
    ) throws -> BindingHost {
        try BindingHost(WebSockets(egress.get()), as: "websocket", grant: grant)
    }

    /// What a script logs by `log`, line by line. `socket(…)` logs the events of a new WebSocket.
    private static func lines(_ body: String, port: Int, host: BindingHost? = nil) async throws -> String {
        try await (host ?? Self.host()).value(
            """
            const lines = [];
            const log = (...values) => { lines.push(values.join(' ')); };
            const url = 'ws://127.0.0.1:\(port)/';
            const socket = (...args) => {
              const made = new WebSocket(url, ...args);
              for (const type of ['open', 'error', 'close']) {
                made.addEventListener(type, (e) => log(e.type, made.readyState, e.code ?? '', e.reason ?? '', e.wasClean ?? '', e.message ?? ''));
              }
              return made;
            };
            const next = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
            \(body)
            return lines.join('\\n');
            """
        ).replacing("\\/", with: "/")
    }

    @Test("Messages go and come, in order, of every kind; events come one after another")
    func messages() async throws {
        let server = try await WebSocketTestServer(script: Self.echo)
        let seen = try await Self.lines(
            """
            const s = socket();
            s.binaryType = 'arraybuffer';
            log(s.readyState, s.url === url);
            await next(s, 'open');
            s.onmessage = async ({ data, origin, ports, lastEventId }) => {
              log(typeof data === 'string' ? data : data instanceof Blob ? 'blob ' + await data.text() : [...new Uint8Array(data)], origin === url.slice(0, -1), ports.length, lastEventId);
              await 0;
              log('microtask');
            };
            s.send('a\\ud800');
            s.send(new Uint8Array([1, 2, 3]).subarray(1));
            s.send(new DataView(new ArrayBuffer(2)));
            s.send(5);
            s.send('');
            log(s.bufferedAmount);
            for (let i = 0; i < 5; i++) await next(s, 'message');
            s.binaryType = 'blob';
            s.send(new Blob(['blo', 'b']));
            await next(s, 'message');
            log(s.bufferedAmount);
            s.close(3000, 'done');
            s.send('dropped');
            log(s.readyState, s.bufferedAmount);
            await next(s, 'close');
            log(s.readyState);
            """, port: server.port)
        #expect(
            seen
                == #""0 true\nopen 1    \n9\na\#u{fffd} true 0 \nmicrotask\n2,3 true 0 \nmicrotask\n0,0 true 0 \nmicrotask\n5 true 0 \nmicrotask\n true 0 \nmicrotask\nblob blob true 0 \n0\n2 7\nmicrotask\nclose 3 3000 done true \n3""#
        )
        await server.stop()
    }

    @Test("The peer's closing is seen with its code; a subprotocol is agreed on")
    func closing() async throws {
        let server = try await WebSocketTestServer(
            script: Self.echo, answer: { WebSocketTestServer.accept($0, "Sec-WebSocket-Protocol: b") })
        let seen = try await Self.lines(
            """
            const s = socket(['a', 'b']);
            await next(s, 'open');
            log(s.protocol, s.extensions === '');
            s.send('bye');
            await next(s, 'close');
            """, port: server.port)
        #expect(seen == #""open 1    \nb true\nclose 3 3001 ciao true ""#)
        await server.stop()
    }

    @Test("A connection that fails fires error, then close with 1006; so does one that is closed before it is open")
    func failing() async throws {
        let server = try await WebSocketTestServer(answer: { _ in Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8) })
        let silent = try await WebSocketTestServer(answer: { _ in [] })
        let seen = try await Self.lines(
            """
            await next(socket(), 'close');
            const early = new WebSocket('ws://127.0.0.1:\(silent.port)/');
            early.onerror = (e) => log(e.type, early.readyState);
            early.onclose = (e) => log(e.type, e.code, e.wasClean);
            early.close();
            log(early.readyState);
            await next(early, 'close');
            """, port: server.port)
        #expect(
            seen
                == #""error 3    WebSocket: the server at 127.0.0.1:\#(server.port) opened no WebSocket: it answered 404, not 101\nclose 3 1006  false \n2\nerror 3\nclose 1006 false""#
        )
        await server.stop()
        await silent.stop()
    }

    @Test("Many messages at once arrive, all of them, before the closing")
    func many() async throws {
        let server = try await WebSocketTestServer(script: Self.echo)
        let seen = try await Self.lines(
            """
            const s = socket();
            await next(s, 'open');
            let count = 0;
            s.onmessage = ({ data }) => { if (+data === count) count++; };
            for (let i = 0; i < 3000; i++) s.send(String(i));
            while (count < 3000) await next(s, 'message');
            for (let i = 0; i < 500; i++) s.send(new Uint8Array(1000));
            log(s.bufferedAmount);
            s.close();
            await next(s, 'close');
            log(s.bufferedAmount, count);
            """, port: server.port)
        #expect(seen == #""open 1    \n500000\nclose 3 1005  true \n0 3000""#)
        var frames = 0
        while let event = await server.next(), event != .closed {
            if case .frame = event { frames += 1 }
        }
        #expect(frames == 3501)
        await server.stop()
    }

    @Test("Without a grant, or beyond it, connecting is a failure that says which grant would help")
    func denied() async throws {
        let seen = try await Self.lines("await next(socket(), 'close');", port: 1, host: BindingHost())
        #expect(
            seen
                == #""error 3    WebSocket: connecting to ws://127.0.0.1:1/ is not granted; --allow-net=HOST, or a websocket binding with its host, would allow it\nclose 3 1006  false ""#
        )
        let refused = try await Self.lines("await next(socket(), 'close');", port: 1000, host: Self.host(.nothing))
        #expect(
            refused.contains("GET ws://127.0.0.1:1000 is not granted") && refused.hasSuffix(#"close 3 1006  false ""#))
    }

    @Test("A message that is more than may be sent ends the connection and is no silent loss")
    func tooMuch() async throws {
        let server = try await WebSocketTestServer(script: Self.echo)
        var host = try Self.host()
        host.limits[.egressBytes] = 10_000
        let seen = try await Self.lines(
            """
            const s = socket();
            await next(s, 'open');
            s.send('x'.repeat(20000));
            await next(s, 'close');
            """, port: server.port, host: host)
        #expect(seen.contains("error 3") && seen.contains("10000 bytes sent"))
        await server.stop()
    }
}
