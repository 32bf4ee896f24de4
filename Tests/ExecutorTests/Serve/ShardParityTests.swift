// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

/// What clients, operators and scripts see of a worker is the same, be it in the server's process or in a shard.
@Suite("A worker in a shard is like one in the server", .timeLimit(.minutes(3)))
struct ShardParityTests {
    /// One request, and what its status and its outcome are.
    private struct Ask {
        let path: String
        var arguments = ""
        let expected: String

        init(_ path: String, _ arguments: String = "", _ expected: String = "200 ") {
            self.path = path
            self.arguments = arguments
            self.expected = expected
        }
    }

    private static let asks = [
        Ask("/@w/plain?a=1", "", "201 "), Ask("/@w/plain", "-I", "201 "), Ask("/@w/none", "", "204 "),
        Ask("/@w/throw", "", "500 exception"), Ask("/@w/stack", "", "500 exception"),
        Ask("/@w/number", "", "500 exception"), Ask("/@w/late"), Ask("/@w/never", "", "500 exception"),
        Ask("/@w/spin", "", "503 exceededCPU"), Ask("/@w/fill", "", "503 exceededMemory"),
        Ask("/@w/buffer", "", "503 exceededMemory"),
        Ask("/@slow/", "", "503 exceededWallTime"), Ask("/@w/kv"), Ask("/@w/start"), Ask("/@w/tick"),
        Ask("/@w/start-denied"),
        Ask("/@w/calls"), Ask("/@w/denied"), Ask("/@bare/"), Ask("/@w/env"), Ask("/@w/wait"), Ask("/@w/logs"),
        Ask("/@w/stream"), Ask("/@w/broken"), Ask("/@w/echo", "-d given"), Ask("/@w/echo", "--data-binary @large"),
        Ask("/@w/echo", "-H transfer-encoding:chunked --data-binary @large"), Ask("/@w/unread", "--data-binary @large"),
        Ask("/@w/big"), Ask("/@w/headers", "-H x-asked:yes"), Ask("/@w/other"), Ask("/@w/round", "", "200 "),
        Ask("/@w/local"), Ask("/@w/trace", "-H traceparent:00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        Ask("/@typed/", "", "500 exception"), Ask("/@fresh/"), Ask("/@fresh/"),
        Ask("/@nobody/", "", "404 unknownWorker"),
    ]

    private static let files = [
        "w.js": """
        import { front } from './front.js';
        const askOther = async (body, place = '') => (await fetch(front + place, { method: 'POST', body })).text();
        const started = await askOther('while modules are evaluated');
        const ticked = new Promise((done) => setTimeout(() => askOther('in a timer', '-timer').then(done, done), 5));
        let denied;
        try { denied = (await fetch('http://127.0.0.1:1/')).status; } catch (error) { denied = `${error.name} ${error.message} ${error.code}`; }
        const say = (error) => new Response(`${error.name}: ${error.message} ${error.code}`);
        const handlers = {
          plain: (request) => new Response('plain ' + request.url.split('/@w')[1], { status: 201 }),
          none: () => new Response(null, { status: 204 }),
          throw: () => { throw new TypeError('gone'); },
          stack: () => { const f = () => { null.x; }; f(); },
          number: () => 7,
          late: (request, env, ctx) => { ctx.waitUntil(Promise.reject(new Error('too late'))); return new Response('late'); },
          never: () => new Promise(() => {}),
          spin: () => { for (;;); },
          fill: () => { const all = []; for (;;) all.push([all.length, 1, 2, 3, 4, 5, 6, 7, 8]); },
          buffer: () => new Response(new Uint8Array(100 << 20)),
          async kv(request, env) {
            await env.KV.put('a', 'b');
            const list = await env.KV.list();
            return new Response(`${await env.KV.get('a')} ${await env.KV.get('c')} ${JSON.stringify(list)}`);
          },
          start: () => new Response(started),
          tick: async () => new Response(await ticked),
          'start-denied': () => new Response(denied),
          async calls(request, env) {
            let n = 0;
            try { for (; n < 30; n++) await askOther('again'); } catch (error) { return say(new Error(`${n} ${error.message}`)); }
            return new Response('all');
          },
          denied: () => fetch('http://10.0.0.1:9/').catch(say),
          env: (request, env) => new Response(`${Object.keys(env)} ${env.WHO} ${typeof env.TOKEN}`),
          wait(request, env, ctx) {
            ctx.waitUntil(new Promise((done) => setTimeout(done, 20)).then(() => env.KV.put('waited', '1')));
            return new Response('now');
          },
          logs() { for (let n = 0; n < 50; n++) console.log('line', n, 'x'.repeat(100)); console.error('end'); return new Response('said'); },
          stream: () => new Response(new ReadableStream({
            async start(c) {
              for (const n of [1, 2, 3]) {
                c.enqueue(new TextEncoder().encode(`${n},`));
                await new Promise((done) => setTimeout(done, 5));
              }
              c.close();
            },
          })),
          broken: () => new Response(new ReadableStream({
            async start(c) {
              c.enqueue(new TextEncoder().encode('half'));
              await new Promise((done) => setTimeout(done, 50));
              c.error(new Error('broken'));
            },
          })),
          echo: (request) => new Response(request.body, { headers: { 'content-type': 'x/y' } }),
          unread: () => new Response('not read'),
          big: () => new Response('x'.repeat(300_000)),
          headers(request) {
            const headers = new Headers({ 'x-back': request.headers.get('x-asked') });
            headers.append('set-cookie', 'a=1');
            headers.append('set-cookie', 'b=2');
            return new Response('headers', { headers, statusText: 'Fine' });
          },
          other: (request, env) => env.OTHER.fetch('http://other/path', { method: 'POST', body: 'to the other' }),
          async round(request, env) {
            const answer = await env.SELF.fetch('http://w/@w/round').catch((error) => error);
            return answer instanceof Response ? answer : say(answer);
          },
          local(request, env) {
            const now = env.CLOCK.now();
            return new Response(`${Math.abs(now - Date.now()) < 10_000} ${env.RANDOM.bytes(3).length} ${env.FROZEN.now()}`);
          },
          trace: () => new Response('traced'),
        };
        export default {
          fetch(request, env, ctx) {
            const name = new URL(request.url).pathname.split('/').pop();
            return handlers[name](request, env, ctx);
          },
        };
        """,
        "w.json": """
        {"KV":{"type":"kv","namespace":"n"},"WHO":{"type":"text","value":"you"},
         "TOKEN":{"type":"secret","value":"a-secret-of-the-test"},"OTHER":{"type":"worker","name":"other"},
         "SELF":{"type":"worker","name":"w"},"fetch":{"type":"fetch","hosts":["api.example.com","FRONT"]},
         "CLOCK":{"type":"clock"},"FROZEN":{"type":"clock","frozenAt":86400000},"RANDOM":{"type":"random"}}
        """,
        "other.js":
            "export default { fetch: async (r) => new Response(`${r.method} ${new URL(r.url).pathname} ${await r.text()}`) };",
        "bare.js":
            "export default { fetch: () => fetch('http://a.test/').catch((e) => new Response(`${e.name} ${e.message}`)) };",
        "typed.ts": """
        enum Kind { A = 'a' }
        export default { fetch(): Response { const kind: Kind = Kind.A; throw new Error(`typed ${kind}`); } };
        """,
        "slow.js": "export default { fetch: () => new Promise((done) => setTimeout(done, 60_000)) };",
        "fresh.js": "let n = 0; export default { fetch: () => new Response(`${++n}`) };",
    ]

    /// Versions that cannot be taken into service.
    private static let refused = [
        #"{"main":"a.js","modules":{"a.js":"export default {"}}"#,
        #"{"main":"a.ts","modules":{"a.ts":"const a: = 1;\nexport default {}"}}"#,
        #"{"main":"a.js","modules":{"a.js":"import './b.ts'; export default { fetch() {} }","b.ts":"let a = ;"}}"#,
        #"{"main":"a.js","modules":{"a.js":"import './none.js'; export default { fetch() {} }"}}"#,
        #"{"main":"a.js","modules":{"a.js":"throw new RangeError('at start')"}}"#,
        #"{"main":"a.js","modules":{"a.js":"export const a = 1"}}"#,
        #"{"main":"a.js","modules":{"a.js":"for (;;);"},"limits":{"startupMilliseconds":50}}"#,
        #"{"main":"a.js","modules":{"a.js":"await new Promise(() => {})"}}"#,
        #"{"main":"a.js","modules":{"a.js":"await fetch('http://a.test/')"}}"#,
        #"{"main":"a.js","modules":{"a.js":"import 'worker:nobody'"}}"#,
    ]

    /// Modules that are run once, and the status of the answer.
    private static let runs: [(json: String, expected: String)] = [
        (#"{"source":"console.log('hi'); export default { a: [1, 2.5] }"}"#, "200"),
        (#"{"source":"const a: number = 1; export default a","language":"ts"}"#, "200"),
        (#"{"source":"const a: = 1;","language":"ts"}"#, "200"),
        (#"{"source":"export default {"}"#, "200"),
        (#"{"source":"throw new TypeError('gone')"}"#, "200"),
        (#"{"source":"import './none.js'"}"#, "200"),
        (#"{"source":"for (;;);","limits":{"cpuMilliseconds":50}}"#, "200"),
        (
            #"{"source":"const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1));","limits":{"memoryMiB":32}}"#,
            "200"
        ),
        (#"{"source":"await new Promise(() => {})"}"#, "200"),
        (#"{"source":"await fetch('http://a.test/')"}"#, "200"),
        (
            #"{"source":"let n = 0; for (; n < 5; n++) await fetch('http://127.0.0.1:1/').catch(() => 0); export default n","grants":{"fetch":{"type":"fetch","hosts":["127.0.0.1:1"]}}}"#,
            "200"
        ),
        (#"{"source":"export default 1","limits":{"memoryMiB":1}}"#, "400"),
        (#"{"source":1}"#, "400"),
    ]

    private struct Answers {
        let asks: [String]
        let refused: [String]
        let runs: [JSON]
        let raw: String
        let records: [String]
    }

    /// What a server of so many shards says to all of it.
    private func answers(shards: Int) async throws -> Answers {
        var files = Self.files
        files["large"] = String(repeating: "0123456789", count: 30_000)
        for (place, json) in Self.refused.enumerated() { files["refused-\(place)"] = json }
        for (place, run) in Self.runs.enumerated() { files["run-\(place)"] = run.json }
        let folder = try ScriptFolder(files)
        let asks = Self.asks.map { ask in
            """
            echo "== $(curl -s -m 60 -H host:a.test -o body -w '%{http_code} %header{x-rookery-outcome} | %{content_type} %{exitcode} %header{x-back} %header{retry-after}' "$front\(ask.path)" \(ask.arguments))"
            head -c 300 body | grep -av ^date:; wc -c <body; rm -f body
            """
        }
        let refused = Self.refused.indices.map {
            "echo \"== $(admin /v1/workers/refused -X PUT --data-binary @refused-\($0) -w ' %{http_code}')\""
        }
        let runs = Self.runs.indices.map { "echo \"== $(admin /v1/run --data-binary @run-\($0) -w ' %{http_code}')\"" }
        let run = try await folder.serve(
            shards: shards,
            """
            deploy other.js --name other; deploy bare.js --name bare; deploy typed.ts --name typed
            deploy slow.js --name slow --limits wallMilliseconds=300
            deploy fresh.js --name fresh --limits mode=fresh
            echo "export const front = '$front/@other/at-start'" >front.js; sed -i "s/FRONT/${front#http://}/" w.json
            deploy w.js --name w --bindings w.json --limits memoryMiB=64,cpuMilliseconds=1000,subrequests=20,logBytes=2000
            \(asks.joined(separator: "\n"))
            sleep 0.3
            echo '#### refused'
            \(refused.joined(separator: "\n"))
            echo '#### runs'
            \(runs.joined(separator: "\n"))
            echo '#### raw'
            exec 3<>"/dev/tcp/127.0.0.1/${front##*:}"
            printf 'POST /@w/echo HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n' >&3
            grep -av ^date: <&3
            echo '#### end'
            """)
        let parts = run.output.split(separator: "####").map(String.init)
        try #require(parts.count == 5 && !run.output.contains("not deployed"), "\(run)")
        func sections(_ text: String) -> [String] {
            text.split(separator: "== ", omittingEmptySubsequences: false).dropFirst().map(String.init)
        }
        let reports = try sections(parts[2]).map { text in
            var text = text
            while text.last?.isWhitespace == true { text.removeLast() }
            return try Self.known(JSON(text: "[" + text.dropLast(4) + "," + text.suffix(3) + "]"))
        }
        let records = try folder.read("records").split(separator: "\n")
            .map { Self.record(try JSON(text: String($0))) }.sorted()
        return Answers(
            asks: sections(parts[0]), refused: sections(parts[1]), runs: reports, raw: parts[3], records: records)
    }

    /// A report of a run without what is never the same twice.
    private static func known(_ report: JSON) -> JSON {
        guard case .array(let parts) = report, case .object(var members)? = parts.first else { return report }
        if case .object(let usage)? = members["usage"] {
            members["usage"] = .object(usage.filter { ["subrequests", "egressBytes", "hostCalls"].contains($0.key) })
        }
        members["logs"] = members["logs"].map { logs in
            .array(logs.elements.map { .array([$0["level"] ?? .null, $0["message"] ?? .null]) })
        }
        return .array([.object(members), parts[1]])
    }

    /// A port that was free, and a trace that began here, are others each time.
    private static func known(_ value: JSON, in key: String) -> String {
        let text = value.text ?? "\(value)"
        if key == "trace" { return text.hasPrefix("4bf92f35") ? text : "a new one" }
        return text.hasPrefix("http://127.0.0.1:") ? "http://front/" + (text.split(separator: "/").last ?? "") : text
    }

    /// The same of a record or a line.
    private static func record(_ record: JSON) -> String {
        let keys = [
            "worker", "version", "kind", "method", "url", "status", "outcome", "trace", "error", "stack", "level",
            "message", "requestBytes", "responseBytes",
        ]
        let own = keys.compactMap { key in record[key].map { "\(key)=\(Self.known($0, in: key))" } }
        let used = ["subrequests", "egressBytes", "hostCalls"].compactMap { key in
            record["usage"]?[key].map { "\(key)=\($0)" }
        }
        return (own + used).joined(separator: " ")
    }

    @Test("Answers, outcomes, faults, reports, lines and records are the same")
    func parity() async throws {
        async let first = answers(shards: 0)
        async let second = answers(shards: 1)
        let (inside, sharded) = try await (first, second)
        for (place, ask) in Self.asks.enumerated() {
            let (one, other) = (inside.asks[place], sharded.asks[place])
            #expect(one.hasPrefix(ask.expected + " |"), "\(ask.path): \(one)")
            #expect(one == other, "\(ask.path)")
        }
        #expect(inside.raw.contains("200 OK") && inside.raw.contains("abc"), "\(inside.raw)")
        #expect(inside.raw == sharded.raw)
        for (place, version) in Self.refused.enumerated() {
            #expect(inside.refused[place].contains(" 422"), "\(version): \(inside.refused[place])")
            #expect(inside.refused[place] == sharded.refused[place], "\(version)")
        }
        for (place, run) in Self.runs.enumerated() {
            #expect(
                inside.runs[place].elements.last == .number(Double(run.expected) ?? 0),
                "\(run.json): \(inside.runs[place])")
            #expect(inside.runs[place] == sharded.runs[place], "\(run.json)")
        }
        #expect(inside.records.count > Self.asks.count)
        let (left, right) = (Self.counted(inside.records), Self.counted(sharded.records))
        #expect(left.subtracting(right).sorted() == right.subtracting(left).sorted())
    }

    /// The texts, each with how often it is there; an isolate that ends early may not come to its timers.
    private static func counted(_ texts: [String]) -> Set<String> {
        let texts = texts.filter { !$0.contains("-timer") }
        return Set(Dictionary(grouping: texts) { $0 }.map { "\($0.value.count) × \($0.key)" })
    }
}
