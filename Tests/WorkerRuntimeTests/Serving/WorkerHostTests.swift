// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("A host of workers", .leavesNoIsolates) struct WorkerHostTests {
    @Test("A worker answers, and keeps its state from one request to the next")
    func persistent() async throws {
        try await withWorkers { workers in
            try workers.install("a", "let n = 0; export default { fetch: () => new Response(`${++n}`) }")
            #expect(try await workers.ask("a") == "1")
            #expect(try await workers.ask("a") == "2")
            let records = await workers.seen.records(2)
            #expect(records.map(\.outcome) == [.ok, .ok])
            #expect(records.count { $0.start == .cold } == 1)
            #expect(records.map(\.status) == [200, 200])
            #expect(records[0].url == "http://a.test/")
            #expect(records[0].method == "GET")
        }
    }

    @Test("A fresh worker has no state of an earlier request")
    func fresh() async throws {
        try await withWorkers { workers in
            try workers.install("a", "let n = 0; export default { fetch: () => new Response(`${++n}`) }") {
                $0.mode = .fresh
            }
            for _ in 0..<3 { #expect(try await workers.ask("a") == "1") }
        }
    }

    @Test("Method, URL, headers and body reach the worker, and status, headers and body come back")
    func wholeRequest() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  const body = await request.text();
                  return new Response([request.method, request.url, request.headers.get('x-test'), body].join(' '), {
                    status: 201, headers: { 'X-Answer': 'é' } });
                } }
                """)
            let response = try await workers.host.fetch(
                WorkerRequest("POST", "http://a.test/x?y=1", headers: [.init("X-Test", "yes")], body: Array("hé".utf8)),
                from: "a")
            #expect(String(decoding: response.body, as: UTF8.self) == "POST http://a.test/x?y=1 yes hé")
            #expect(response.head.status == 201)
            #expect(response.head.headers.contains(HeaderField("x-answer", "é")))
            let record = await workers.seen.records(1)[0]
            #expect(record.requestBytes == 3)
            #expect(record.responseBytes == response.body.count)
        }
    }

    @Test("Requests that wait for timers are answered beside each other, each with its own answer")
    func concurrent() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  const path = new URL(request.url).pathname;
                  await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 5));
                  return new Response(path);
                } }
                """)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<50 {
                    group.addTask { try await workers.ask("a", "/\(number)") == "/\(number)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("A handler that throws fails its own request, and is recorded with its place")
    func throwing() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  if (request.url.endsWith('bad')) throw new RangeError('too far');
                  return new Response('good');
                } }
                """)
            await #expect(throws: DispatchFailure.ended(.exception)) { try await workers.ask("a", "/bad") }
            #expect(try await workers.ask("a") == "good")
            let records = await workers.seen.records(2)
            let record = try #require(records.first { $0.outcome == .exception })
            #expect(record.error == "RangeError: too far")
            #expect(record.stack?.contains("/a.js:2") == true, "\(record.stack ?? "")")
            #expect(workers.seen.lines.contains { $0.level == "error" && $0.message.contains("too far") })
        }
    }

    @Test("waitUntil goes on after the answer, and the record comes at its end")
    func waitUntil() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { fetch(request, env, ctx) {
                  ctx.waitUntil((async () => {
                    await new Promise((resolve) => setTimeout(resolve, 10));
                    console.log('later');
                  })());
                  return new Response('now');
                } }
                """)
            #expect(try await workers.ask("a") == "now")
            let record = await workers.seen.records(1)[0]
            #expect(record.usage.wallMicroseconds >= 10_000)
            #expect(workers.seen.lines.map(\.message) == ["later"])
            #expect(workers.seen.lines.first?.id == record.id)
        }
    }

    @Test("Lines of console belong to the dispatch that wrote them, after awaits and timers too")
    func logAttribution() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  const path = new URL(request.url).pathname;
                  await null;
                  console.log(path, 1);
                  await new Promise((resolve) => setTimeout(() => { console.log(path, 2); resolve(); }, 5));
                  console.log(path, 3);
                  queueMicrotask(() => console.log(path, 4));
                  return new Response('');
                } }
                """)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 { group.addTask { _ = try await workers.ask("a", "/\(number)") } }
                try await group.waitForAll()
            }
            let records = await workers.seen.records(8)
            for record in records {
                let path = record.url.replacing("http://a.test", with: "")
                let lines = workers.seen.lines.filter { $0.id == record.id }.map(\.message)
                #expect(lines == (1...4).map { "\(path) \($0)" })
            }
        }
    }

    @Test("A new version serves the next request; what is under way ends on the one before")
    func versions() async throws {
        try await withWorkers { workers in
            let source = """
                export default { async fetch(request) {
                  if (request.url.endsWith('slow')) {
                    console.log('begun');
                    await new Promise((resolve) => setTimeout(resolve, 30));
                  }
                  return new Response('VERSION');
                } }
                """
            try workers.install("a", source.replacing("VERSION", with: "one"))
            #expect(try await workers.ask("a") == "one")
            async let slow = workers.ask("a", "/slow")
            while workers.seen.lines.isEmpty { await Task.yield() }
            try workers.install("a", source.replacing("VERSION", with: "two"), version: 2)
            #expect(try await workers.ask("a") == "two")
            #expect(try await slow == "one")
        }
    }

    @Test("A worker that waits for room when its next version comes is answered by that")
    func versionWhileWaiting() async throws {
        try await withWorkers(mostIsolates: 1) { workers in
            try workers.install(
                "busy",
                """
                export default { async fetch() {
                  await new Promise((resolve) => setTimeout(resolve, 100));
                  return new Response('busy');
                } }
                """)
            async let busy = workers.ask("busy")
            while workers.host.status(of: "busy")?.inFlight != 1 { await Task.yield() }
            try workers.install("a", "export default { fetch: () => new Response('one') }")
            async let answer = workers.ask("a")
            while workers.host.status(of: "a")?.queued != 1 { await Task.yield() }
            try workers.install("a", "export default { fetch: () => new Response('two') }", version: 2)
            #expect(try await answer == "two")
            #expect(try await busy == "busy")
        }
    }

    @Test("Workers that begin with an isolate from the stock have nothing of each other, and their own limits")
    func blanks() async throws {
        try await withWorkers { workers in
            let source = """
                globalThis.seen = (globalThis.seen ?? 0) + 1;
                export default { fetch: () => new Response(`${seen} ${typeof WebAssembly}`) }
                """
            for number in 0..<12 {
                try workers.install("w\(number)", source) { $0.limits.webAssembly = number % 2 == 1 }
                #expect(try await workers.ask("w\(number)") == (number % 2 == 1 ? "1 object" : "1 undefined"))
                while workers.host.status.blankIsolates == 0, number % 4 == 0 { await Task.yield() }
            }
            #expect(workers.seen.records.allSatisfy { $0.start == .cold && $0.outcome == .ok })
        }
    }

    @Test("Workers that are not there, or were removed, are unknown")
    func unknown() async throws {
        try await withWorkers { workers in
            await #expect(throws: DispatchFailure.unknownWorker) { try await workers.ask("nobody") }
            try workers.install("a", "export default { fetch: () => new Response('') }")
            _ = try await workers.ask("a")
            workers.host.remove("a")
            await #expect(throws: DispatchFailure.unknownWorker) { try await workers.ask("a") }
        }
    }

    @Test("A scheduled handler hears its cron and time, and ends with what it began")
    func scheduled() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async scheduled(event, env, ctx) {
                  await new Promise((resolve) => setTimeout(resolve, 5));
                  console.log(event.cron, event.scheduledTime);
                  if (event.cron === 'bad') throw new Error('no');
                } }
                """)
            #expect(try await workers.host.runScheduled("a", cron: "* * * * *", scheduledTime: 60_000) == .ok)
            #expect(try await workers.host.runScheduled("a", cron: "bad", scheduledTime: 0) == .exception)
            #expect(workers.seen.lines.first?.message == "* * * * * 60000")
            #expect(await workers.seen.records(2).map(\.kind) == [.scheduled, .scheduled])
        }
    }

    @Test("A streamed body comes as it was written")
    func streams() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { fetch() {
                  let n = 0;
                  return new Response(new ReadableStream({
                    async pull(controller) {
                      await new Promise((resolve) => setTimeout(resolve, 1));
                      controller.enqueue(new TextEncoder().encode(`${n++} `));
                      if (n === 5) controller.close();
                    },
                  }));
                } }
                """)
            #expect(try await workers.ask("a") == "0 1 2 3 4 ")
            #expect(await workers.seen.records(1)[0].responseBytes == 10)
        }
    }

    @Test("A stream that waits for another request's word goes on until it comes")
    func roomOfStreams() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                let writer;
                export default { fetch(request) {
                  if (request.url.endsWith('say')) {
                    writer.enqueue(new TextEncoder().encode('said'));
                    writer.close();
                    return new Response('');
                  }
                  return new Response(new ReadableStream({ start(controller) { writer = controller; } }));
                } }
                """)
            async let listener = workers.ask("a", "/listen")
            while workers.host.status(of: "a")?.inFlight != 1 { await Task.yield() }
            #expect(try await workers.ask("a", "/say") == "")
            #expect(try await listener == "said")
        }
    }
}
