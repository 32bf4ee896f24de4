// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("WebSockets of workers", .leavesNoIsolates, .timeLimit(.minutes(2))) struct SocketTests {
    /// A worker that opens a socket for every request; `onMessage` is what is done with `data`.
    static func worker(_ onMessage: String, before: String = "", onClose: String = "") -> String {
        """
        const open = new Set();
        export default { fetch(request, env, ctx) {
          const [client, server] = Object.values(new WebSocketPair());
          server.accept();
          open.add(server);
          const path = new URL(request.url).pathname;
          server.addEventListener('message', async ({ data }) => { \(onMessage) });
          server.addEventListener('close', (event) => {
            open.delete(server);
            const { code, reason, wasClean } = event;
            console.log(`closed ${code} ${reason} ${wasClean} ${open.size}`);
            \(onClose)
          });
          server.addEventListener('error', ({ message }) => { console.log(`error ${message}`); });
          \(before)
          return new Response(null, { status: 101, webSocket: client, headers: { 'x-own': 'yes' } });
        } }
        """
    }

    @Test("Texts and bytes come back, what was sent before the answer comes first, and both records are written")
    func echo() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(data)", before: "server.send('welcome')"))
            let socket = TestSocket.open("a", of: workers)
            socket.say("hé")
            socket.say(.binary([0, 255]))
            #expect(
                await socket.seen(4) == [
                    .opened, .message(.text("welcome")), .message(.text("hé")), .message(.binary([0, 255])),
                ])
            #expect(socket.headers == "x-own\nyes\n")
            #expect(workers.host.status(of: "a")?.webSockets == 1)
            socket.leave(4321, "bye")
            let records = await workers.seen.records(2)
            #expect(records.map(\.kind) == [.fetch, .socket] && records.map(\.status) == [101, 4321])
            #expect(records[1].requestBytes == 5 && records[1].responseBytes == 12)
            #expect(records.allSatisfy { $0.outcome == .ok && $0.id == 7 && $0.url == "http://a.test/" })
            #expect(workers.seen.lines.map(\.message) == ["closed 4321 bye true 0"])
            #expect(workers.host.status(of: "a")?.webSockets == 0)
            #expect(workers.host.status(of: "a")?.requests == 1)
        }
    }

    @Test("A thousand messages keep their order, and one at a time is read")
    func order() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(data)"))
            let socket = TestSocket.open("a", of: workers)
            for number in 0..<1000 { socket.say("\(number)") }
            #expect(await socket.texts(1001) == (0..<1000).map(String.init))
            #expect(socket.readersAtOnce == 1)
            socket.leave()
            _ = await workers.seen.records(2)
        }
    }

    @Test("The worker closes after what it has sent; a client that vanishes is an error and 1006")
    func ends() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send('last'); server.close(4000, 'enough')"))
            let socket = TestSocket.open("a", of: workers)
            socket.say("go")
            #expect(await socket.seen(3) == [.opened, .message(.text("last")), .closed(4000, "enough")])
            let gone = TestSocket.open("a", of: workers)
            _ = await gone.seen(1)
            gone.leave()
            let records = await workers.seen.records(4)
            #expect(Set(records.map(\.status)) == [101, 4000, 1006])
            let lines = Set(workers.seen.lines.map(\.message))
            #expect(lines.contains("error the connection broke"))
            #expect(lines.contains { $0.hasPrefix("closed 4000 enough true") })
            #expect(lines.contains { $0.hasPrefix("closed 1006  false") })
        }
    }

    @Test("Sockets of one worker talk to each other through its module's state")
    func room() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("for (const each of open) each.send(`${path} ${data}`)"))
            let ada = TestSocket.open("a", of: workers, path: "/ada")
            let bob = TestSocket.open("a", of: workers, path: "/bob")
            (_, _) = (await ada.seen(1), await bob.seen(1))
            ada.say("hello")
            #expect(await bob.texts(2) == ["/ada hello"])
            bob.say("hi")
            #expect(await ada.texts(3) == ["/ada hello", "/bob hi"])
            ada.leave()
            bob.leave()
            _ = await workers.seen.records(4)
        }
    }

    @Test("A message that computes past the limit closes its socket with 1011, others of the isolate with 1012")
    func cpuLimit() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("if (data === 'spin') for (;;); server.send(data)"))
            let spinning = TestSocket.open("a", of: workers)
            let other = TestSocket.open("a", of: workers)
            (_, _) = (await spinning.seen(1), await other.seen(1))
            spinning.say("spin")
            #expect(await spinning.seen(2).last == .closed(1011, "the worker was ended: exceededCPU"))
            #expect(await other.seen(2).last == .closed(1012, "service restart"))
            let records = await workers.seen.records(4)
            let record = try #require(records.first { $0.outcome != .ok })
            #expect(record.outcome == .exceededCPU && record.kind == .socket && record.status == 1011)
            #expect(record.usage.cpuMicroseconds >= 45_000)
            #expect(workers.host.status(of: "a")?.errors == 1)
            // Another isolate serves what comes next.
            let next = TestSocket.open("a", of: workers)
            next.say("again")
            #expect(await next.texts(2) == ["again"])
            next.leave()
            _ = await workers.seen.records(6)
        }
    }

    @Test("A message that V8 cannot end takes its thread and the isolate's sockets with it, and nothing else")
    func lostThread() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a", Self.worker("if (data !== 'hang') return server.send(data); \(LostThreadTests.unresponsive)"))
            let hanging = TestSocket.open("a", of: workers)
            let other = TestSocket.open("a", of: workers)
            (_, _) = (await hanging.seen(1), await other.seen(1))
            hanging.say("hang")
            #expect(await hanging.seen(2).last == .closed(1011, "the worker was ended: exceededCPU"))
            #expect(await other.seen(2).last == .closed(1012, "service restart"))
            let records = await workers.seen.records(4)
            #expect(records.count { $0.outcome == .exceededCPU } == 1)
            let next = TestSocket.open("a", of: workers)
            next.say("again")
            #expect(await next.texts(2) == ["again"])
        }
    }

    @Test("What a dispatch has begun goes on for its socket: timers, what waitUntil got, and calls to the host")
    func goesOn() async throws {
        try await withWorkers { workers in
            let table = try HostTable([KeyValue(MemoryKeyValueStore())])
            let before = """
                const store = async (value) => { await env.KV.put('a', value); server.send(await env.KV.get('a')); };
                ctx.waitUntil(store('waited'));
                setTimeout(() => store('later'), 50);
                """
            try workers.install("a", Self.worker("server.close()", before: before)) { deployment in
                if let binding = try? table.bind(KeyValue.self, as: "KV", grant: .namespace("n")) {
                    deployment.bindings = [binding]
                }
            }
            let socket = TestSocket.open("a", of: workers)
            #expect(await socket.texts(3) == ["waited", "later"])
            socket.say("end")
            let records = await workers.seen.records(2)
            #expect(records.map(\.kind) == [.fetch, .socket] && records.map(\.usage.hostCalls) == [2, 2])
        }
    }

    @Test("Each message has the time of a dispatch, however many come; memory ends the isolate's sockets")
    func budgets() async throws {
        try await withWorkers { workers in
            let onMessage = """
                if (data === 'grow') { const kept = []; for (;;) kept.push(new Array(10000).fill(kept.length)); }
                const end = performance.now() + 20; while (performance.now() < end); server.send(data)
                """
            try workers.install("a", Self.worker(onMessage)) {
                $0.limits.cpu = .milliseconds(200)
                $0.limits.memory = 16 << 20
            }
            let socket = TestSocket.open("a", of: workers)
            for number in 0..<30 { socket.say("\(number)") }
            #expect(await socket.texts(31).count == 30)
            socket.say("grow")
            guard case .closed(1011, let reason)? = await socket.seen(32).last else { return #expect(Bool(false)) }
            #expect(reason.contains("exceededMemory") || reason.contains("exceededCPU"))
            _ = await workers.seen.records(2)
        }
    }

    @Test("Calls to the host in listeners are the socket's: each message may make as many as a dispatch")
    func hostCalls() async throws {
        try await withWorkers { workers in
            let table = try HostTable([KeyValue(MemoryKeyValueStore())])
            let onMessage = """
                try {
                  for (let i = 0; i < +data; i++) await env.KV.put('a', `${i}`);
                  server.send(await env.KV.get('a'));
                } catch (error) { server.send(error.code); }
                """
            try workers.install("a", Self.worker(onMessage)) { deployment in
                deployment.hostLimits[.calls] = 4
                if let binding = try? table.bind(KeyValue.self, as: "KV", grant: .namespace("n")) {
                    deployment.bindings = [binding]
                }
            }
            let socket = TestSocket.open("a", of: workers)
            for count in ["3", "3", "5", "2"] {
                let known = await socket.seen(1).count
                socket.say(count)
                _ = await socket.seen(known + 1)
            }
            #expect(await socket.texts(5) == ["2", "2", "exhausted", "1"])
            socket.leave(1000)
            let records = await workers.seen.records(2)
            #expect(records[0].usage.hostCalls == 0 && records[1].usage.hostCalls == 15)
        }
    }

    @Test("A new version takes new sockets; the old one keeps its own for as long as a request, then closes with 1012")
    func versions() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send('one')")) { $0.limits.wall = .seconds(3) }
            let old = TestSocket.open("a", of: workers)
            _ = await old.seen(1)
            try workers.install("a", Self.worker("server.send('two')"), version: 2)
            let new = TestSocket.open("a", of: workers)
            new.say("?")
            #expect(await new.texts(2) == ["two"])
            old.say("?")
            #expect(await old.texts(2) == ["one"])
            #expect(await old.seen(3).last == .closed(1012, "service restart"))
            #expect(await workers.seen.records(3).last?.status == 1012)
            new.leave()
            _ = await workers.seen.records(4)
        }
    }

    @Test("A fresh isolate lives until its socket is closed, shares nothing, and takes no request's place")
    func fresh() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(`${open.size}`)")) {
                $0.mode = .fresh
                $0.concurrency = 1
            }
            let first = TestSocket.open("a", of: workers)
            _ = await first.seen(1)
            let second = TestSocket.open("a", of: workers)
            second.say("?")
            first.say("?")
            #expect(await second.texts(2) == ["1"])
            #expect(await first.texts(2) == ["1"])
            #expect(workers.host.status(of: "a")?.isolates == 2)
            first.leave()
            second.leave()
            _ = await workers.seen.records(4)
        }
    }

    @Test("A client that takes nothing is closed with 1013 once too much waits, and others go on")
    func backlog() async throws {
        try await withWorkers { workers in
            let onMessage =
                "for (let i = 0; i < 6; i++) for (const each of open) each.send('x'.repeat(1 << 20)); server.send('end')"
            try workers.install("a", Self.worker(onMessage)) { $0.limits.cpu = .seconds(5) }
            let slow = TestSocket.open("a", of: workers, takesNothing: true)
            let good = TestSocket.open("a", of: workers)
            (_, _) = (await slow.seen(1), await good.seen(1))
            good.say("go")
            #expect(await slow.seen(2).last == .closed(1013, "too much waits to be sent"))
            #expect(await good.seen(8).last == .message(.text("end")))
            good.leave(1000)
            let records = await workers.seen.records(4)
            let record = try #require(records.first { $0.status == 1013 })
            #expect(record.error?.contains("too slowly") == true && record.outcome == .ok)
            #expect(workers.seen.lines.contains { $0.message.hasPrefix("closed 1013 too much waits to be sent false") })
        }
    }

    @Test(
        "What is no answer to this request is an exception of the worker's",
        arguments: [
            ("a request that is no upgrade", nil, "webSocket: client", "cannot become one"),
            (
                "an unknown subprotocol", ["a", "b"], "webSocket: client, headers: { 'sec-websocket-protocol': 'c' }",
                "none of"
            ),
            ("a socket of its own", [], "webSocket: (client.accept(), client)", "was accepted here"),
        ] as [(String, [String]?, String, String)])
    func refused(name: String, protocols: [String]?, initial: String, message: String) async throws {
        try await withWorkers { workers in
            let source =
                "export default { fetch() { const [client, server] = Object.values(new WebSocketPair()); server.accept(); "
                + "return new Response(null, { status: 101, \(initial) }) } }"
            try workers.install("a", source)
            let socket = TestSocket.open("a", of: workers, protocols: protocols)
            #expect(await socket.seen(1) == [.failed(.ended(.exception))])
            let record = try #require(await workers.seen.records(1).first)
            #expect(record.error?.contains(message) == true, "\(record.error ?? "")")
        }
    }

    @Test(
        "A socket goes with one response, a subprotocol that was offered is passed on, and upgrades may be answered as any request"
    )
    func others() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                const [client, server] = Object.values(new WebSocketPair());
                server.accept();
                export default { fetch(request) {
                  if (request.url.endsWith('plain')) return new Response(request.headers.get('Upgrade'));
                  return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': 'b' } });
                } }
                """)
            let first = TestSocket.open("a", of: workers, protocols: ["a", "b"])
            #expect(await first.seen(1) == [.opened] && first.headers == "sec-websocket-protocol\nb\n")
            let second = TestSocket.open("a", of: workers, protocols: ["b"])
            #expect(await second.seen(1) == [.failed(.ended(.exception))])
            #expect(await TestSocket.open("a", of: workers, path: "/plain").seen(1) == [.answered(200)])
            first.leave()
            let records = await workers.seen.records(4)
            #expect(records.contains { $0.error?.contains("another response already") == true })
        }
    }

    @Test("Past the limit of sockets a request for another is refused as an overload")
    func mostSockets() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(data)")) { $0.webSockets = 1 }
            let first = TestSocket.open("a", of: workers)
            _ = await first.seen(1)
            #expect(await TestSocket.open("a", of: workers).seen(1) == [.failed(.overloaded)])
            first.leave()
            _ = await workers.seen.records(2)
            let third = TestSocket.open("a", of: workers)
            #expect(await third.seen(1) == [.opened])
            third.leave()
        }
    }

    @Test("An isolate whose sockets are all that is under way makes room for a worker that waits, with 1012")
    func makesRoom() async throws {
        try await withWorkers(mostIsolates: 1) { workers in
            try workers.install("a", Self.worker("server.send(data)"))
            try workers.install("b", "export default { fetch: () => new Response('b') }")
            let socket = TestSocket.open("a", of: workers)
            _ = await socket.seen(1)
            #expect(try await workers.ask("b") == "b")
            #expect(await socket.seen(2).last == .closed(1012, "service restart"))
            #expect(workers.seen.lines.map(\.message) == ["closed 1012 service restart true 0"])
        }
    }

    @Test("A drain closes sockets with 1001, and their listeners are told")
    func drain() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(data)"))
            let socket = TestSocket.open("a", of: workers)
            _ = await socket.seen(1)
            #expect(await workers.host.drain(within: .seconds(60)))
            #expect(await socket.seen(2).last == .closed(1001, "going away"))
            #expect(workers.seen.lines.map(\.message) == ["closed 1001 going away true 0"])
        }
    }

    @Test("A worker that is called by another cannot answer with a WebSocket")
    func service() async throws {
        try await withWorkers { workers in
            try workers.install("a", Self.worker("server.send(data)"))
            let request = WorkerRequest("GET", "http://a.test/", headers: [HeaderField("upgrade", "websocket")])
            await #expect(throws: DispatchFailure.ended(.exception)) {
                try await workers.host.fetch(request, from: "a")
            }
            #expect(await workers.seen.records(1).first?.error?.contains("requests of other workers are not") == true)
        }
    }
}
