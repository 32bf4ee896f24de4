// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("rookery serve --shards", .timeLimit(.minutes(2)))
struct ShardTests {
    /// Starts a server of two shards in the folder, runs the lines of shell, and ends it. `$front` and `$admin` are its
    /// addresses, `$rookery` deploys, `shards` lists the processes.
    /// - Parameter age: seconds after which shards are replaced.
    private func serve(_ folder: ScriptFolder, age: Int = 0, _ lines: String) async throws -> ProgramRun {
        try await folder.serve(shards: 2, age: age, lines)
    }

    @Test("Workers answer from child processes, with their bindings, their errors and their limits")
    func answers() async throws {
        let folder = try ScriptFolder([
            "counter.js": """
            export default {
              async fetch(request, env) {
                const { pathname } = new URL(request.url);
                if (pathname === '/throw') throw new TypeError('gone');
                if (pathname === '/spin') for (;;);
                if (pathname === '/big') return new Response('x'.repeat(3_000_000));
                if (pathname === '/back') return new Response(request.body);
                if (pathname === '/stream') {
                  return new Response(new ReadableStream({
                    start(c) { for (const n of [1, 2, 3]) c.enqueue(new TextEncoder().encode(`${n},`)); c.close(); },
                  }));
                }
                if (pathname === '/other') return env.OTHER.fetch(request);
                await env.KV.put('asked', String(1 + Number(await env.KV.get('asked') ?? 0)));
                return new Response(`${env.WHO} ${await env.KV.get('asked')} ${await request.text()}`);
              },
            };
            """,
            "bindings.json": """
            {"WHO":{"type":"text","value":"you"},"KV":{"type":"kv","namespace":"n"},
             "OTHER":{"type":"worker","name":"other"}}
            """,
            "other.js": "export default { fetch: () => new Response('from the other') };",
        ])
        let run = try await serve(
            folder,
            """
            deploy other.js --name other
            deploy counter.js --name counter --bindings bindings.json
            ask /@counter/ -d one; ask /@counter/ -d two
            ask /@counter/stream; ask /@counter/other
            ask /@counter/throw -o /dev/null -w '%{http_code} %header{x-rookery-outcome}'
            ask /@counter/spin -o /dev/null -w '%{http_code} %header{x-rookery-outcome}'
            ask /@counter/big | wc -c
            head -c 2000000 /dev/zero | curl -s "$front/@counter/back" --data-binary @- | wc -c
            ask /@nobody/ -o /dev/null -w '%{http_code}'
            shards | wc -l
            curl -s "$ROOKERY_ADMIN/v1/run" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" \\
              -d '{"source":"export default 6 * 7"}' | grep -o '"value":42'
            """)
        #expect(
            run.output == """
                you 1 one
                you 2 two
                1,2,3,
                from the other
                500 exception
                503 exceededCPU
                3000001
                2000000
                404
                3
                "value":42
                status 0

                """, "\(run)")
    }

    @Test("A shard that dies is replaced; requests that may be sent again are answered by another, others are told")
    func death() async throws {
        let folder = try ScriptFolder([
            "slow.js": """
            export default {
              async fetch(request, env) {
                const first = await env.KV.get(request.method);
                if (!first) {
                  await env.KV.put(request.method, 'was here');
                  await new Promise((done) => setTimeout(done, 60_000));
                }
                return new Response(`${request.method} ${first}`);
              },
            };
            """,
            "look.js": """
            export default { fetch: async (request, env) => new Response(await env.KV.get(await request.text())) };
            """,
            "bindings.json": #"{"KV":{"type":"kv","namespace":"n"}}"#,
        ])
        let run = try await serve(
            folder,
            """
            deploy slow.js --name slow --bindings bindings.json; deploy look.js --name look --bindings bindings.json
            hit() {
              rm -f answer; ask /@slow/ -X "$@" >answer & asked=$!
              for try in $(seq 1 600); do
                [ "$(curl -s "$ROOKERY_ADMIN/v1/workers/slow" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" |
                  grep -o '"inFlight":1')" ] && break; sleep 0.1
              done
              until [ "$(ask /@look/ -d "$1")" ]; do sleep 0.1; done
              until [ -s answer ]; do
                for shard in $(shards); do
                  [ -s answer ] || kill -9 $shard
                  for try in $(seq 1 50); do [ -s answer ] && break; sleep 0.1; done
                done
              done
              wait $asked; cat answer
            }
            hit GET; hit POST -o /dev/null -w '%{http_code} %header{x-rookery-outcome}'
            ask /@slow/
            grep -c 'has ended, with these inside: slow' log
            """)
        #expect(run.output.hasPrefix("GET was here\n503 lost\nGET was here\n"), "\(run)")
        #expect(run.output.hasSuffix("status 0\n"), "\(run)")
    }

    @Test("Shards are replaced when they are old, and no request is lost over it, with or without a body")
    func age() async throws {
        let folder = try ScriptFolder([
            "slow.js": """
            export default {
              async fetch(request) {
                const text = await request.text();
                await new Promise((done) => setTimeout(done, 50));
                return new Response(`${request.method} ${text}`);
              },
            };
            """
        ])
        let run = try await serve(
            folder, age: 1,
            """
            deploy slow.js --name one; deploy slow.js --name two; deploy slow.js --name three
            first=$(shards | sort)
            again() { while [ ! -e enough ]; do ask "$@" >>answers.$BASHPID; done; }
            for worker in one two three; do again /@$worker/ & again /@$worker/ -d body & done
            # Three times each: nobody who serves at the end was there before.
            for try in $(seq 1 900); do
              [ $(grep -c 'shard low-. is replaced: it is 1 s old' log) -ge 6 ] && [ $(cat answers.* | wc -l) -ge 90 ] && break
              sleep 0.1
            done
            touch enough; wait $(jobs -p | grep -v "^$server$")
            sort answers.* | uniq -c | awk '{ print ($1 >= 10 ? "many" : $1), $2, $3 }'
            for shard in $first; do
              for try in $(seq 1 100); do kill -0 $shard 2>/dev/null || break; sleep 0.1; done
              kill -0 $shard 2>/dev/null && echo "$shard is still there"
            done
            grep -c 'has ended' log
            """)
        #expect(run.output == "many GET \nmany POST body\n0\nstatus 0\n", "\(run)")
    }

    @Test("A worker that loses a thread gets a shard of its own, which ends with the worker; the one it was on is new")
    func quarantine() async throws {
        let folder = try ScriptFolder([
            "bad.js": "export default { fetch: () => new Response(String(new Array(1e9).fill(1).length)) };",
            "good.js": "export default { fetch: () => new Response('good') };",
        ])
        let run = try await serve(
            folder,
            """
            deploy bad.js --name bad; deploy good.js --name good
            of() { curl -s "$ROOKERY_ADMIN/v1/workers/$1" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" | grep -o '"shard":"[^"]*"'; }
            until_count() { for try in $(seq 1 600); do [ $(shards | wc -l) = $1 ] && break; sleep 0.1; done; shards | wc -l; }
            ask /@good/
            of bad | grep -c '"low-[01]"'
            first=$(shards)
            ask /@bad/ -o /dev/null -w '%{http_code}'
            for try in $(seq 1 600); do [ "$(of bad)" = '"shard":"quarantine-bad"' ] && break; sleep 0.1; done; of bad
            for try in $(seq 1 600); do grep -q 'is replaced: it has lost a thread' log && break; sleep 0.1; done
            still() { still=0; for shard in $first; do kill -0 $shard 2>/dev/null && still=$((still + 1)); done; echo $still; }
            for try in $(seq 1 600); do [ $(still) = 2 ] && break; sleep 0.1; done; echo "$(still) of the first"
            until_count 4
            ask /@good/; of good | grep -c '"low-[01]"'
            "$rookery" delete bad --yes >>deployed 2>&1 || cat deployed
            until_count 3
            ask /@good/
            """)
        #expect(
            run.output == """
                good
                1
                503
                "shard":"quarantine-bad"
                2 of the first
                4
                good
                1
                3
                good
                status 0

                """, "\(run)")
    }
}
