// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("What an operator sees of shards", .timeLimit(.minutes(3)))
struct ShardFigureTests {
    @Test("Figures of workers and of shards: isolates, memory, requests, states")
    func figures() async throws {
        let folder = try ScriptFolder([
            "a.js":
                "const kept = new Uint8Array(5 << 20).fill(1); export default { fetch: () => new Response(kept.length) };"
        ])
        let run = try await folder.serve(
            shards: 2,
            """
            deploy a.js --name a; deploy a.js --name idle
            ask /@a/; ask /@a/
            for try in $(seq 1 100); do
              admin /v1/workers/a >details
              [ "$(grep -o '"memoryBytes":[0-9]*' details | cut -d: -f2)" -gt 5000000 ] && break; sleep 0.1
            done
            grep -o '"isolates":[0-9]*' details
            admin /v1/workers | grep -o '"isolates":[0-9]*' | tr '\\n' ' '; echo
            admin /metrics >metrics
            grep '^rookery_shards{' metrics
            # A busy machine may take longer to start one than it may.
            grep -o '^rookery_shard_restarts_total[^ ]*' metrics
            grep '^rookery_shard_requests_total' metrics | cut -d' ' -f2 | sort
            grep '^rookery_shard_resident_memory_bytes' metrics | grep -c ' [0-9]\\{7,\\}$'
            """)
        #expect(
            run.output == """
                5242880
                5242880
                "isolates":1
                "isolates":1 "isolates":0 
                rookery_shards{state="waiting"} 0
                rookery_shards{state="starting"} 0
                rookery_shards{state="serving"} 3
                rookery_shards{state="leaving"} 0
                rookery_shard_restarts_total{reason="died"}
                rookery_shard_restarts_total{reason="hung"}
                rookery_shard_restarts_total{reason="replaced"}
                0
                0
                2
                3
                status 0

                """, "\(run)")
    }

    @Test("A worker that costs a shard a thread has a shard of its own from then on, and no other worker is suspected")
    func lostThread() async throws {
        let folder = try ScriptFolder([
            // Looks at no interrupt for minutes.
            "stuck.js": """
            export default {
              fetch(request) {
                if (!request.url.endsWith('/stick')) return new Response('stuck answers');
                const a = [];
                a.length = 2 ** 32 - 1;
                a[0] = 1;
                a.reverse();
              },
            };
            """,
            "other.js": "export default { fetch: () => new Response('other answers') };",
        ])
        let run = try await folder.serve(
            shards: 1,
            """
            deploy stuck.js --name stuck; deploy other.js --name other
            ask /@stuck/; ask /@other/
            ask /@stuck/stick -o /dev/null -w '%{http_code} %header{x-rookery-outcome}'
            for try in $(seq 1 100); do grep -q 'has one of its own' log && break; sleep 0.1; done
            grep -o 'the worker .* has harmed shards, and has one of its own' log
            ask /@stuck/; ask /@other/
            admin /metrics | grep -o '^rookery_shard_requests_total{shard="[^"]*"}'
            """)
        #expect(
            run.output == """
                stuck answers
                other answers
                503 exceededCPU
                the worker stuck has harmed shards, and has one of its own
                stuck answers
                other answers
                rookery_shard_requests_total{shard="low-0"}
                rookery_shard_requests_total{shard="quarantine-stuck"}
                rookery_shard_requests_total{shard="trial-low"}
                status 0

                """, "\(run)")
    }
}
