// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("WebSockets of workers in shards", .timeLimit(.minutes(2)))
struct ShardSocketTests {
    @Test("WebSockets talk to workers in shards both ways; their ends, records and the death of a shard are told")
    func sockets() async throws {
        let folder = try ScriptFolder([
            "talk.js": """
            const open = new Map(), closed = [];
            let counted = 0;
            export default {
              async fetch(request, env) {
                const name = new URL(request.url).pathname.slice(1);
                if (request.headers.get('upgrade') !== 'websocket') {
                  return Response.json(closed);
                }
                const [client, server] = Object.values(new WebSocketPair());
                server.accept();
                open.set(name, server);
                server.addEventListener('message', async ({ data }) => {
                  if (data === 'close') return server.close(4001, 'as asked');
                  if (data === 'big') return server.send(new Uint8Array(3_000_000).fill(7));
                  if (data === 'all') for (const each of open.values()) each.send(`to all from ${name}`);
                  else if (data === 'count') {
                    await env.KV.put('count', String(++counted));
                    server.send(await env.KV.get('count'));
                  } else server.send(data);
                });
                server.addEventListener('close', ({ code, reason, wasClean }) => {
                  open.delete(name);
                  closed.push(`${name} ${code} ${reason} ${wasClean}`);
                });
                return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'b' } });
              },
            };
            """,
            "bindings.json": #"{"KV":{"type":"kv","namespace":"n"}}"#,
            "client.js": """
            const base = process.argv[2].replace('http', 'ws');
            const connect = (name) => new Promise((done, failed) => {
              const socket = new WebSocket(`${base}/@talk/${name}`, ['a', 'b']);
              socket.binaryType = 'arraybuffer';
              const waiting = [], come = [];
              const hear = (value) => waiting.length ? waiting.shift()(value) : come.push(value);
              socket.next = () => new Promise((got) => come.length ? got(come.shift()) : waiting.push(got));
              socket.onmessage = ({ data }) => hear(data);
              socket.onclose = ({ code, reason }) => hear(`closed ${code} ${reason}`);
              socket.onopen = () => done(socket);
              socket.onerror = failed;
            });
            const ada = await connect('ada'), bob = await connect('bob');
            console.log(ada.protocol);
            ada.send('hé');
            console.log(await ada.next());
            const large = new Uint8Array(1_000_000).map((_, place) => place % 251);
            ada.send(large);
            const back = new Uint8Array(await ada.next());
            console.log(back.length, back.every((byte, place) => byte === place % 251));
            ada.send('big');
            console.log((await ada.next()).byteLength);
            ada.send('all');
            console.log(await ada.next(), '/', await bob.next());
            for (let i = 0; i < 120; i++) bob.send('count');
            for (let i = 0; i < 119; i++) await bob.next();
            console.log(await bob.next());
            bob.send('close');
            console.log(await bob.next());
            ada.close(4000, 'bye');
            console.log(await ada.next());
            const eve = await connect('eve');
            console.log('eve is there');
            console.log(await eve.next());
            """,
        ])
        let run = try await folder.serve(
            shards: 2,
            """
            deploy talk.js --name talk --bindings bindings.json
            "$rookery" logs talk >told 2>/dev/null & logs=$!
            "$rookery" run --allow-net --wall-limit 60000 client.js -- "$front" >said & client=$!
            for try in $(seq 1 600); do grep -q 'eve is there' said && break; sleep 0.1; done
            for try in $(seq 1 100); do ask /@talk/ >now; grep -q bob now && grep -q ada now && break; sleep 0.1; done
            cat now
            curl -s "$ROOKERY_ADMIN/v1/workers/talk" -H "authorization: Bearer $ROOKERY_ADMIN_TOKEN" | grep -o '"webSockets":1,"shard"'
            kill -9 $(shards)
            wait $client; cat said
            for try in $(seq 1 100); do [ $(grep -c ' socket GET' told) = 3 ] && break; sleep 0.1; done
            kill $logs; cat told >&2
            grep -o ' socket GET.*/[a-z]* [0-9]* [a-zA-Z]*' told | sed 's/.*[/]//' | sort
            grep -c 'has ended, with these inside: talk' log
            """)
        #expect(
            run.output == """
                ["bob 4001  true","ada 4000 bye true"]
                "webSockets":1,"shard"
                b
                hé
                1000000 true
                3000000
                to all from ada / to all from ada
                120
                closed 4001 as asked
                closed 4000 
                eve is there
                closed 1011 the worker's process has ended
                ada 4000 ok
                bob 4001 ok
                eve 1011 internalError
                1
                status 0

                """, "\(run)")
    }
}
