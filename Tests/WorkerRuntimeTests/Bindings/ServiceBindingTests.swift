// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing

@Suite("Bindings of other workers", .leavesNoIsolates) struct ServiceBindingTests {
    private let workers = ScriptedWorkers()
    private let host: BindingHost

    init() throws { host = try BindingHost(workers.services, as: "OTHER", grant: ServiceGrant(name: "other")) }

    @Test("A request goes to the worker as the script made it, and the response comes back")
    func exchange() async throws {
        let seen = try await host.value(
            """
            const { OTHER } = env;
            const response = await OTHER.fetch('https://any.test/echo?q#x', {
              method: 'POST', body: 'héllo', headers: { 'X-A': 'é', host: 'h' },
            });
            const told = async (from) => {
              const { worker, method, url, headers, body, depth } = await from.json();
              return [worker, method, url, headers, body, depth];
            };
            const { headers } = response;
            const { url, status, statusText, redirected, type } = response;
            const request = new Request('http://x/echo', { method: 'DELETE' });
            const second = await (await OTHER.fetch(request)).json();
            const empty = await OTHER.fetch('http://x/empty');
            return [
              await told(response), url, status, statusText, redirected, type, headers.get('x-b'), second.method, second.body,
              await empty.text(), (await OTHER.fetch('http://x/echo', { method: 'HEAD' })).body, String(OTHER),
              await show(() => OTHER.fetch('nonsense')).then((text) => text.split(':')[0]),
            ];
            """)
        #expect(
            seen
                == """
                [["other","POST","https://any.test/echo?q",[["x-a","é"],["host","h"],\
                ["content-type","text/plain;charset=UTF-8"],["content-length","6"]],"héllo",1],\
                "https://any.test/echo?q",200,"Fine",false,"basic","é","DELETE","none","",null,"[object Fetcher]","TypeError -"]
                """)
    }

    @Test("Bodies stream both ways, and nothing is read that nobody asks for")
    func streams() async throws {
        let seen = try await host.value(
            """
            const { OTHER } = env;
            let pulls = 0;
            const body = new ReadableStream({ pull(controller) {
              controller.enqueue(new TextEncoder().encode(`${pulls}`));
              if (++pulls === 5) controller.close();
            } });
            const sent = await (await OTHER.fetch('http://x/echo', { method: 'PUT', body, duplex: 'half' })).json();
            const reader = (await OTHER.fetch('http://x/numbers')).body.getReader();
            const read = async () => new TextDecoder().decode((await reader.read()).value);
            const got = [await read(), await read()];
            await reader.cancel();
            const broken = new ReadableStream({ pull(c) { c.error(new Error('broken')) } });
            return [
              sent.body, sent.headers, got,
              await show(() => OTHER.fetch('http://x/echo', { method: 'POST', body: broken, duplex: 'half' })),
            ];
            """)
        #expect(
            seen
                == #"["streamed 01234",[],["1","2"],"TypeError -: fetch: the stream of the body failed"]"#)
        #expect(
            workers.seen.filter { $0.hasPrefix("chunk") || $0.hasPrefix("resp") } == [
                "chunk", "chunk", "response cancelled",
            ])
    }

    @Test("An abort ends the other worker's request, and its response")
    func abort() async throws {
        let seen = try await host.value(
            """
            const { OTHER } = env;
            const note = (promise) => promise.then(() => 'done', (error) => error.name ?? error);
            const first = new AbortController();
            let reason;
            const body = new ReadableStream({ cancel(given) { reason = given; } });
            const stalled = note(OTHER.fetch('http://x/stall', { method: 'POST', body, duplex: 'half', signal: first.signal }));
            setTimeout(() => first.abort('why'), 1);
            const second = new AbortController();
            const response = await OTHER.fetch('http://x/numbers', { signal: second.signal });
            const reading = note(response.text());
            setTimeout(() => second.abort(), 1);
            return [await stalled, reason, await reading, await note(OTHER.fetch('http://x/', { signal: AbortSignal.abort() }))];
            """)
        #expect(seen == #"["why","why","AbortError","AbortError"]"#)
        let events = workers.seen.filter { $0 != "chunk" }
        #expect(events.contains("ended") && events.contains("response cancelled"), "\(events)")
        #expect(!events.contains("GET http://x/"))
    }

    @Test("A worker that fails is a network error; what is refused is a CapabilityError")
    func failures() async throws {
        let seen = try await host.value(
            """
            const { OTHER } = env;
            const fail = (path) => OTHER.fetch('http://x/' + path).then(() => 'no', (error) =>
              [error.name, error.message, error.code ?? error.cause?.code]);
            return [await fail('fails'), await fail('loops'), await show(() => fetch('http://x/'))];
            """)
        #expect(
            seen
                == """
                [["TypeError","fetch: the worker failed","unavailable"],\
                ["CapabilityError","too many workers wait","exhausted"],\
                "CapabilityError denied: fetching http://x/ is not granted; --allow-net=HOST, or a fetch binding with its \
                host, would allow it"]
                """)
    }

    @Test("Redirects are followed at the same worker, as the request says")
    func redirects() async throws {
        let seen = try await host.value(
            """
            const { OTHER } = env;
            const ask = async (url, init) => {
              const response = await OTHER.fetch(url, init);
              const { status, redirected } = response;
              if (status !== 200) return [status, response.headers.get('location')];
              const { method, body, url: at, headers } = await response.json();
              return [status, redirected, response.url === at, method, body, at, headers.map(([name]) => name).join()];
            };
            const post = (more) => ({ method: 'POST', body: 'x', headers: { authorization: 'a' }, ...more });
            const stream = () => ({ method: 'POST', duplex: 'half', body: new Blob(['s']).stream() });
            let far = 'http://x/echo';
            for (let i = 0; i < 21; i++) far = `http://x/302/${far}`;
            return [
              await ask('http://x/302/https://y/echo#f'), await ask('http://x/301//echo', post()), await ask('http://x/308/http://x/echo', post()),
              await ask('http://x/303/http://y/echo', stream()), await ask('http://x/302/echo', { redirect: 'manual' }),
              await ask('http://x/300/echo'), await ask('http://x/302/nowhere'),
              await show(() => ask('http://x/307/echo', stream())), await show(() => ask('http://x/302/echo', { redirect: 'error' })),
              await show(() => ask('http://x/302/data:,x')), await show(() => ask(far)),
            ];
            """)
        #expect(
            seen
                == """
                [[200,true,true,"GET","none","https://y/echo",""],[200,true,true,"GET","none","http://x/echo","authorization"],\
                [200,true,true,"POST","x","http://x/echo","authorization,content-type,content-length"],\
                [200,true,true,"GET","none","http://y/echo",""],[302,"echo"],[300,"echo"],[302,null],\
                "TypeError -: fetch: the worker redirected a request whose body was streamed, and cannot be sent again",\
                "TypeError -: fetch: the worker answered with a redirect, which the request does not allow",\
                "TypeError -: fetch: the worker redirects to 'data:,x', which cannot be fetched",\
                "TypeError -: fetch: the worker redirected 20 times"]
                """)
    }

    @Test("A binding of a worker named fetch is where the global fetch goes")
    func global() async throws {
        let host = try BindingHost(workers.services, as: "fetch", grant: ServiceGrant(name: "proxy"))
        let seen = try await host.value(
            "return [(await (await fetch('https://a.test/echo')).json()).worker, typeof env.fetch.fetch]")
        #expect(seen == #"["proxy","function"]"#)
    }
}
