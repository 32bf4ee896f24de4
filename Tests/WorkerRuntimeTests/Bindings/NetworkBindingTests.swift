// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing

@Suite("Bindings of fetch", .leavesNoIsolates) struct NetworkBindingTests {
    private let network = ScriptedNetwork()
    private let host: BindingHost

    init() throws { host = try BindingHost(network, as: "fetch", grant: WholeGrant()) }

    @Test("A request goes to the host as the script made it, and the response comes back")
    func exchange() async throws {
        let seen = try await host.value(
            """
            const response = await fetch('http://a.test/echo#x', {
              method: 'post', body: 'héllo', headers: { 'X-A': 'b' }, cache: 'no-cache',
            });
            const { method, url, headers, redirect, body } = await response.json();
            return [
              method, url, headers, redirect, body, response.status, response.statusText, response.ok, response.type,
              response.url, response.redirected, [...response.headers], response.headers.getSetCookie(),
              await show(() => response.headers.set('a', 'b')), 'fetch' in env,
            ];
            """)
        #expect(
            seen
                == """
                ["POST","http://a.test/echo",[["x-a","b"],["content-type","text/plain;charset=UTF-8"],\
                ["accept-language","*"],["cache-control","max-age=0"]],"follow","héllo",200,"Fine",true,"basic",\
                "http://a.test/echo",false,[["content-type","text/plain"],["set-cookie","a=1"],["set-cookie","b=2"]],\
                ["a=1","b=2"],"TypeError -: These headers cannot be changed: make new Headers of them",false]
                """)
    }

    @Test("Bodies of any kind arrive whole, long ones and streams in pieces")
    func bodies() async throws {
        let seen = try await host.value(
            """
            const send = async (body, more) => {
              const response = await fetch('http://a.test/echo', { method: 'PUT', body, ...more });
              const { body: text, headers } = await response.json();
              return [text.length, text.slice(0, 3), text.slice(-3), headers.some(([name]) => name === 'content-type')];
            };
            const count = async (body) => {
              const response = await fetch('http://a.test/count', { method: 'POST', body, duplex: 'half' });
              return (await response.json()).body;
            };
            const long = 'abc'.repeat(400000);
            let chunks = 0;
            const stream = new ReadableStream({ pull(controller) {
              controller.enqueue(new Uint8Array(chunks % 3 === 0 ? 0 : 700).fill(97 + chunks % 26));
              if (++chunks === 30) controller.close();
            } });
            return [
              await send(undefined), await send(''), await send(long), await send(new TextEncoder().encode(long)),
              await send(new Blob([long, 'z'], { type: 'a/b' })), await send(new URLSearchParams('a=b')),
              await send(stream, { duplex: 'half' }),
              await count(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1500000)); c.close() } })),
              await count('x'.repeat(16777216)), await count('x'.repeat(16777217)),
            ];
            """)
        #expect(
            seen
                == #"""
                [[0,"","",false],[0,"","",true],[1200000,"abc","abc",true],[1200000,"abc","abc",false],\#
                [1200001,"abc","bcz",true],[3,"a=b","a=b",true],[14000,"bbb","ddd",false],\#
                "streamed 1500000","16777216","streamed 16777217"]
                """#)
    }

    @Test("A network error is a TypeError with its cause; what was refused is a CapabilityError")
    func errors() async throws {
        let seen = try await host.value(
            """
            const fail = (path) => fetch('https://a.test/' + path).then(() => 'no', (error) =>
              [error.name, error.message, error.code ?? null, error.cause?.name ?? null, error.cause?.code ?? null]);
            return [
              await fail('unavailable'), await fail('denied'), await fail('exhausted'), await show(() => fetch('ftp://a/')),
            ];
            """)
        #expect(
            seen
                == """
                [["TypeError","fetch: nobody listens",null,"CapabilityError","unavailable"],\
                ["CapabilityError","fetching it is not granted; a fetch grant of it would allow it","denied",null,null],\
                ["CapabilityError","too many","exhausted",null,null],\
                "TypeError -: fetch: the scheme 'ftp:' cannot be fetched"]
                """)
    }

    @Test("Without a binding nothing is fetched, and the error says what would allow it")
    func noBinding() async throws {
        let seen = try await BindingHost().value("return show(() => fetch('https://a.test/b?c#d'))")
        #expect(
            seen
                == """
                "CapabilityError denied: fetching https://a.test/b?c is not granted; --allow-net=HOST, or a fetch binding \
                with its host, would allow it"
                """)
    }

    @Test("A binding with another name has a fetch of its own")
    func named() async throws {
        var host = BindingHost()
        try host.add(network, as: "API", grant: WholeGrant())
        let seen = try await host.value(
            """
            const { API } = env;
            const response = await API.fetch(new Request('http://a.test/echo', { method: 'DELETE' }));
            return [
              (await response.json()).method, (await show(() => fetch('http://a.test/echo'))).split(':')[0],
              await (await API.fetch('data:,local')).text(), await show(() => API.fetch()),
              await show(() => API.fetch.call({}, 'http://a.test/')), String(API), API === env.API,
            ];
            """)
        #expect(
            seen
                == """
                ["DELETE","CapabilityError denied","local","TypeError -: fetch: 1 argument required, but only 0 present",\
                "TypeError -: Illegal invocation","[object Fetcher]",true]
                """)
    }

    @Test("Statuses and methods without a body have none; redirections are shown as the host tells them")
    func withoutBody() async throws {
        let seen = try await host.value(
            """
            const ask = async (path, init) => {
              const response = await fetch('http://a.test/' + path, init);
              return [response.status, response.body === null, await response.text().then((text) => text.length > 0),
                response.redirected, response.url, response.type];
            };
            return [
              await ask('204'), await ask('304'), await ask('echo', { method: 'HEAD' }), await ask('nothing'),
              await ask('redirected'), await ask('moved', { redirect: 'manual' }),
            ];
            """)
        #expect(
            seen
                == """
                [[204,true,false,false,"http://a.test/204","basic"],[304,true,false,false,"http://a.test/304","basic"],\
                [200,true,false,false,"http://a.test/echo","basic"],[200,false,false,false,"http://a.test/nothing","basic"],\
                [200,false,true,true,"http://other.test/","basic"],[302,false,true,false,"http://a.test/moved","basic"]]
                """)
        #expect(network.seen.filter { $0 == "response cancelled" }.count == 3)
    }

    @Test("A response is read as fast as the script reads, and no further once it is cancelled")
    func backPressure() async throws {
        let seen = try await host.value(
            """
            const { body } = await fetch('http://a.test/endless');
            const reader = body.getReader();
            const { value } = await reader.read();
            await reader.read();
            await reader.cancel();
            const broken = await fetch('http://a.test/breaks');
            const byob = (await fetch('http://a.test/endless')).body.getReader({ mode: 'byob' });
            const part = await byob.read(new Uint8Array(10));
            byob.cancel();
            return [
              value.constructor.name, value.length, await show(() => broken.text()), part.value.length,
              (await reader.read()).done,
            ];
            """)
        #expect(seen == #"["Uint8Array",1000,"TypeError -: fetch: the connection was lost",10,true]"#)
        #expect(
            network.seen == [
                "GET endless", "chunk", "chunk", "response cancelled", "GET breaks", "GET endless", "chunk",
                "response cancelled", "chunk", "chunk", "chunk",
            ])
    }

    @Test("A body that is not the one that integrity stands for is a network error")
    func integrity() async throws {
        let seen = try await host.value(
            """
            const abc = 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';
            const ask = (url, integrity, init) => show(async () => (await fetch(url, { integrity, ...init })).text());
            const { length } = await ask('http://a.test/echo', 'md5-x unknown');
            return [
              await ask('data:,abc', abc), await ask('data:,abc', abc.replaceAll('+', '-').replaceAll('/', '_') + '?option'),
              await ask('data:,abd', abc), await ask('data:,abc', `sha384-AAAA ${abc}`), await ask('data:,abc', `SHA256-AAAA ${abc}`),
              length > 0, (await ask('http://a.test/echo', abc)).split(':')[0], (await ask('http://a.test/204', abc)).split(':')[0],
              await ask('http://a.test/endless', abc, { signal: AbortSignal.timeout(5) }).then((text) => text.split(' ')[0]),
            ];
            """)
        #expect(
            seen
                == """
                ["abc","abc","TypeError -: fetch: the body of 'data:,abd' is not the one that integrity \
                'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' stands for",\
                "TypeError -: fetch: the body of 'data:,abc' is not the one that integrity 'sha384-AAAA \
                sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' stands for","abc",true,"TypeError -","TypeError -",\
                "TimeoutError"]
                """)
    }

    @Test("An abort ends the call, the request's body and the response's body")
    func abort() async throws {
        let seen = try await host.value(
            """
            const results = [];
            const note = (promise) => promise.then(() => 'done', (error) => error.name ?? error);
            {
              const controller = new AbortController();
              let reason;
              const body = new ReadableStream({ cancel(given) { reason = given; } });
              const promise = note(fetch('http://a.test/stall', { method: 'POST', body, duplex: 'half', signal: controller.signal }));
              setTimeout(() => controller.abort('why'), 1);
              results.push(await promise, reason);
            }
            {
              const controller = new AbortController();
              const response = await fetch('http://a.test/endless', { signal: controller.signal });
              const other = response.clone();
              const reading = note(response.text());
              setTimeout(() => controller.abort(), 1);
              results.push(await reading, await note(other.text()));
            }
            {
              const controller = new AbortController();
              const response = await fetch('http://a.test/echo', { signal: controller.signal });
              await response.text();
              controller.abort();
              results.push(response.bodyUsed);
            }
            return results;
            """)
        #expect(seen == #"["why","why","AbortError","AbortError",true]"#)
        let events = network.seen.filter { $0 != "chunk" }
        #expect(events.prefix(4) == ["POST stall", "cancelled", "GET endless", "response cancelled"])
    }

    @Test(
        "A request's stream that fails, or gives no bytes, fails the fetch; a server may answer before it has read it")
    func uploads() async throws {
        let seen = try await host.value(
            """
            const send = (path, source) => fetch('http://a.test/' + path, {
              method: 'POST', duplex: 'half', body: new ReadableStream(source),
            }).then(({ status }) => status, (error) => [error.name, error.message, String(error.cause)]);
            let cancelled;
            return [
              await send('echo', { pull(c) { c.error(new Error('broken')) } }),
              await send('echo', { start(c) { c.enqueue('text') }, cancel(reason) { cancelled = reason.name; } }), cancelled,
              await send('early', { pull(c) { c.enqueue(new Uint8Array(10)) } }),
            ];
            """)
        #expect(
            seen
                == """
                [["TypeError","fetch: the stream of the body failed","Error: broken"],\
                ["TypeError","fetch: the stream of the body failed",\
                "TypeError: The stream of the body gave something else than a Uint8Array"],"TypeError",200]
                """)
    }
}
