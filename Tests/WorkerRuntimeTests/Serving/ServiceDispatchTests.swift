// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("Workers that call each other", .leavesNoIsolates, .timeLimit(.minutes(5))) struct ServiceDispatchTests {
    /// Does not keep the host.
    private func services(of host: WorkerHost) -> Services {
        Services { [weak host] request, answer in host?.serve(request, answer) ?? {} }
    }

    /// Installs workers by name and source, each of which is granted all of them under their names in capitals.
    private func withWorkers(_ sources: [String: String], _ body: (TestWorkers) async throws -> Void) async throws {
        try await WorkerRuntimeTests.withWorkers { workers in
            let table = try HostTable([services(of: workers.host)])
            for (name, source) in sources {
                try workers.install(name, source) { deployment in
                    for other in sources.keys.sorted() + ["nobody"] {
                        let grant = ServiceGrant(name: other)
                        if let binding = try? table.bind(Services.self, as: other.uppercased(), grant: grant) {
                            deployment.bindings.append(binding)
                        }
                    }
                }
            }
            try await body(workers)
        }
    }

    @Test("A request goes through two workers, and the response comes back, whole and streamed")
    func through() async throws {
        let echo = """
            export default { async fetch(request) {
              const text = `${request.method} ${request.url} ${request.headers.get('x-a')} ${await request.text()}`;
              if (!request.url.endsWith('stream')) return new Response(text, { status: 203, headers: { 'x-b': 'é' } });
              return new Response(new ReadableStream({
                start(c) { for (const part of text) c.enqueue(new TextEncoder().encode(part)); c.close(); },
              }));
            } }
            """
        let forward = """
            export default { async fetch(request, { B }) {
              const streamed = new ReadableStream({
                async start(c) {
                  for (const part of ['a', 'b']) { await 0; c.enqueue(new TextEncoder().encode(part)); }
                  c.close();
                },
              });
              const init = { method: 'POST', headers: { 'x-a': 'ü' }, duplex: 'half' };
              const first = await B.fetch('http://any.test/x?y', { ...init, body: 'text' });
              const second = await B.fetch('http://any.test/stream', { ...init, body: streamed });
              return new Response([first.status, first.headers.get('x-b'), await first.text(), await second.text()].join());
            } }
            """
        try await withWorkers(["a": forward, "b": echo]) { workers in
            let seen = try await workers.ask("a")
            #expect(seen == "203,é,POST http://any.test/x?y ü text,POST http://any.test/stream ü ab")
            let record = await workers.seen.records(3).first { $0.worker == "a" }
            #expect(record?.usage.subrequests == 2 && record?.usage.egressBytes == 0)
        }
    }

    @Test("A worker may pass on the request it got and the response it gets")
    func passedOn() async throws {
        let proxy = "export default { fetch: (request, { B }) => B.fetch(request) }"
        let echo = "export default { fetch: async (request) => new Response(`${request.url} ${await request.text()}`) }"
        try await withWorkers(["a": proxy, "b": echo]) { workers in
            let seen = try await workers.ask("a", "/x", method: "PUT", body: "hé")
            #expect(seen == "http://a.test/x hé")
        }
    }

    @Test("A call goes on in its caller's trace, as a part of its own, unless the script says otherwise")
    func traces() async throws {
        let source = """
            export default { async fetch(request, { B }) {
              const own = new URL(request.url).searchParams.get('own');
              const init = own === null ? {} : { headers: { traceparent: own } };
              const answers = [await B.fetch('http://b/', init), await B.fetch('http://b/', init)];
              return new Response((await Promise.all(answers.map((answer) => answer.text()))).join('\\n'));
            } }
            """
        let callee = """
            export default { fetch: ({ headers }) => new Response(
              `${headers.get('traceparent')} ${headers.get('tracestate')}`) }
            """
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let other = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        try await withWorkers(["a": source, "b": callee]) { workers in
            var trace = try #require(TraceContext(text))
            trace.state = "x=1"
            let seen = try await workers.ask("a", trace: trace).split(separator: "\n").map { $0.split(separator: " ") }
            let contexts = seen.compactMap { TraceContext($0[0]) }
            #expect(contexts.count == 2 && seen.allSatisfy { $0[1] == "x=1" })
            #expect(contexts.allSatisfy { $0.trace == trace.trace && $0.isSampled })
            #expect(Set(contexts.map(\.parent) + [trace.parent]).count == 3)
            #expect(await workers.seen.records(3).allSatisfy { $0.trace == trace.traceText })

            // Without one it begins here.
            let begun = try await workers.ask("a").split(separator: "\n").compactMap {
                TraceContext($0.split(separator: " ")[0])
            }
            #expect(begun.count == 2 && begun[0].trace == begun[1].trace && begun[0].trace != trace.trace)
            #expect(await workers.seen.records(6)[3...].allSatisfy { $0.trace == begun[0].traceText })

            let kept = try await workers.ask("a", "/?own=\(other)", trace: trace)
            #expect(kept == "\(other) null\n\(other) null")
            let records = await workers.seen.records(9)[6...]
            let digits = String(other.dropFirst(3).prefix(32))
            #expect(records.filter { $0.worker == "b" }.map(\.trace) == [digits, digits])
        }
    }

    @Test("Workers that call each other in a circle are stopped")
    func circle() async throws {
        let source = """
            export default { async fetch(request, { A, B }) {
              const depth = +request.headers.get('depth') + 1;
              try {
                return await (depth % 2 ? B : A).fetch('http://x/', { headers: { depth } });
              } catch (error) {
                return new Response(`${depth} ${error.name} ${error.code}`);
              }
            } }
            """
        try await withWorkers(["a": source, "b": source]) { workers in
            let seen = try await workers.ask("a")
            #expect(seen == "17 CapabilityError exhausted")
        }
    }

    @Test("Calls do not multiply: those of called workers count for the first one too")
    func multiplied() async throws {
        let source = """
            export default { async fetch(request, { A }) {
              let count = 1;
              for (let i = 0; i < 10; i++) {
                try { count += +await (await A.fetch('http://x/')).text() } catch {}
              }
              return new Response(`${count}`);
            } }
            """
        try await withWorkers(["a": source]) { workers in
            // The first one, and as many as it may call.
            let seen = try await workers.ask("a")
            #expect(seen == "51")
        }
    }

    @Test("A worker that fails, or is not there, is a network error of the one that called it")
    func failures() async throws {
        let source = """
            const told = (work) => work.then(() => 'no', (error) => `${error.name}: ${error.message} ${error.cause?.code}`);
            export default { async fetch(request, { B, NOBODY }) {
              const broken = await B.fetch('http://x/late');
              return new Response([
                await told(B.fetch('http://x/')), await told(NOBODY.fetch('http://x/')), await told(broken.text()),
              ].join('\\n'));
            } }
            """
        let failing = """
            export default { fetch(request) {
              if (!request.url.endsWith('late')) throw new Error('secret');
              return new Response(new ReadableStream({
                start(c) { c.enqueue(new Uint8Array(1)); }, async pull(c) { await 0; c.error(new Error('late')); },
              }));
            } }
            """
        try await withWorkers(["a": source, "b": failing]) { workers in
            let lines = try await workers.ask("a").split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.first == "TypeError: fetch: the worker \"b\" did not answer: exception unavailable")
            #expect(
                lines.dropFirst().first
                    == "TypeError: fetch: there is no worker \"nobody\" unavailable")
            #expect(
                lines.last == "TypeError: fetch: the worker \"b\" did not send all of its answer unavailable")
        }
    }

    @Test("Who does not wait any more aborts the request that it made")
    func abort() async throws {
        let source = """
            export default { async fetch(request, { B }) {
              const name = (promise) => promise.then(() => 'no', (error) => error.name);
              const first = await name(B.fetch('http://x/wait', { signal: AbortSignal.timeout(20) }));
              const second = await B.fetch('http://x/stream');
              await second.body.cancel();
              let aborted;
              for (let i = 0; i < 100 && aborted !== '/stream,/wait'; i++) {
                await new Promise((resolve) => setTimeout(resolve, 5));
                aborted = await (await B.fetch('http://x/aborted')).text();
              }
              return new Response(`${first} ${aborted}`);
            } }
            """
        let waiting = """
            const aborted = new Set();
            export default { fetch({ url, signal }, env, ctx) {
              const { pathname } = new URL(url);
              if (pathname === '/aborted') return new Response([...aborted].sort().join());
              const over = new Promise((resolve) => {
                const waiting = setInterval(() => {}, 1000);
                signal.addEventListener('abort', () => {
                  clearInterval(waiting);
                  aborted.add(pathname);
                  resolve(new Response());
                });
              });
              if (pathname === '/wait') return over;
              ctx.waitUntil(over);
              return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)); } }));
            } }
            """
        try await WorkerRuntimeTests.withWorkers { workers in
            let binding = try HostTable([services(of: workers.host)]).bind(
                Services.self, as: "B", grant: ServiceGrant(name: "b"))
            try workers.install("a", source) { deployment in
                deployment.bindings = [binding]
                deployment.hostLimits[.subrequests] = nil
                deployment.limits.cpu = .seconds(5)
            }
            try workers.install("b", waiting)
            let seen = try await workers.ask("a")
            #expect(seen == "TimeoutError /stream,/wait")
        }
    }
}
