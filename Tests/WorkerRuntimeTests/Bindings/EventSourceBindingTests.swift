// SPDX-License-Identifier: Apache-2.0
import Egress
import EgressSupport
import HostAPI
import NIOCore
import Support
import Synchronization
import Testing

@Suite("EventSource", .leavesNoIsolates, .timeLimit(.minutes(2))) struct EventSourceBindingTests {
    private static let egress = Result { try HTTPEgress() }

    private static func host() throws -> BindingHost {
        let grant = NetworkGrant(
            rules: [.any], addresses: AddressPolicy(granted: [AddressBlock(IPAddress(v4: 0x7f00_0001))]))
        return try BindingHost(Fetch(egress.get()), as: "fetch", grant: grant)
    }

    private static func head(_ status: String, _ type: String = "text/event-stream;charset=utf-8") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nConnection: close\r\n\r\n"
    }

    /// Answers the first requests with these texts, each sent in pieces, and later ones with the last.
    private static func server(_ answers: [[String]]) async throws -> WebSocketTestServer {
        let count = Mutex(0)
        return try await WebSocketTestServer(
            script: { event, peer in
                guard event == nil else { return }
                let index = count.withLock { count in
                    defer { count += 1 }
                    return min(count, answers.count - 1)
                }
                for piece in answers[index] { peer.sendRaw(Array(piece.utf8)) }
                peer.close(promise: nil)
            }, answer: { _ in [] })
    }

    @Test("A stream that ends is asked for again with the last event's id, until 204 ends it for good")
    func reconnects() async throws {
        let server = try await Self.server([
            [Self.head("200 OK"), "retry: 1\nid: 7\r", "\ndata: a", "b\r\n\r\n", "data: never"],
            [Self.head("200 OK"), "event: named\ndata: \u{fc}\n\n"],
            [Self.head("204 No Content")],
        ])
        let seen = try await Self.host().value(
            """
            const lines = [];
            const source = new EventSource('http://127.0.0.1:\(server.port)/events?x#y');
            source.onopen = () => lines.push(`open ${source.readyState}`);
            source.onmessage = (e) => lines.push(`${e.data} ${e.lastEventId} ${e.origin}`);
            source.addEventListener('named', (e) => lines.push(`named ${e.data} ${e.lastEventId}`));
            await new Promise((resolve) => {
              source.onerror = (e) => {
                lines.push(`${e.message} ${source.readyState}`);
                if (source.readyState === 2) resolve();
              };
            });
            return lines;
            """)
        let origin = "http://127.0.0.1:\(server.port)"
        #expect(
            seen == """
                ["open 1","ab 7 \(origin)","EventSource: the stream ended 0","open 1","named ü 7",\
                "EventSource: the stream ended 0","EventSource: the server answered 204, not 200 2"]
                """)
        var heads: [String] = []
        while heads.count < 3, let event = await server.next() {
            if case .request(let head) = event { heads.append(head.lowercased()) }
        }
        #expect(heads[0].hasPrefix("get /events?x http/1.1\r\n"))
        #expect(heads[0].contains("\r\naccept: text/event-stream\r\n") && !heads[0].contains("last-event-id"))
        #expect(heads[1].contains("\r\nlast-event-id: 7\r\n") && heads[2].contains("\r\nlast-event-id: 7\r\n"))
        await server.stop()
    }

    @Test("What is no event stream, and what was refused, fails for good", arguments: ["404 Not Found", "200 OK"])
    func fails(status: String) async throws {
        let server = try await Self.server([[Self.head(status, "text/html"), "data: x\n\n"]])
        let seen = try await Self.host().value(
            """
            const source = new EventSource('http://127.0.0.1:\(server.port)/');
            const { message } = await new Promise((resolve) => { source.onerror = resolve; });
            const denied = new EventSource('http://10.0.0.1/');
            const refused = await new Promise((resolve) => { denied.onerror = resolve; });
            return [source.readyState, message.length > 0, denied.readyState, refused.message.includes('not granted')];
            """)
        #expect(seen == "[2,true,2,true]")
        await server.stop()
    }

    @Test("A server that cannot be reached is tried again")
    func unreachable() async throws {
        let server = try await Self.server([[]])
        let seen = try await Self.host().value(
            """
            const source = new EventSource('http://127.0.0.1:\(server.port)/');
            await new Promise((resolve) => { source.onerror = resolve; });
            const state = source.readyState;
            source.close();
            return [state, source.readyState];
            """)
        #expect(seen == "[0,2]")
        await server.stop()
    }
}
