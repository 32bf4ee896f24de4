// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing

@Suite("Bindings of kv", .leavesNoIsolates) struct KeyValueBindingTests {
    private let host: BindingHost

    init() throws { host = try BindingHost(KeyValue(MemoryKeyValueStore()), as: "KV", grant: .namespace("links")) }

    @Test("A value comes back in the form that is asked for")
    func forms() async throws {
        let seen = try await host.value(
            """
            await env.KV.put('a', '{"b":[1,"é"]}');
            const { KV } = env;
            return [
              await KV.get('a'), await KV.get('a', 'text'), await KV.get('a', 'json'), await KV.get('a', { type: 'json' }),
              (await KV.get('a', 'arrayBuffer')).byteLength, (await KV.get('a', 'bytes'))[0],
              await new Response(await KV.get('a', 'stream')).text(), await KV.get('none'), await KV.get('none', 'json'),
              await show(() => KV.get('a', 'xml')),
            ];
            """)
        let text = #""{\"b\":[1,\"é\"]}""#
        let object = #"{"b":[1,"é"]}"#
        #expect(
            seen
                == """
                [\(text),\(text),\(object),\(object),14,123,\(text),null,null,\
                "TypeError -: KVNamespace.get: argument 2: 'xml' is none of its values"]
                """)
    }

    @Test("A value is set from text, bytes, streams, blobs and bodies, and from nothing else")
    func values() async throws {
        let seen = try await host.value(
            """
            const set = (value) => show(async () => { await env.KV.put('a', value); return env.KV.get('a'); });
            const bytes = new Uint8Array([97, 98, 99]);
            const locked = new ReadableStream();
            locked.getReader();
            return [
              await set(''), await set('x\\ud800y'), await set(bytes), await set(bytes.buffer), await set(new DataView(bytes.buffer, 1)),
              await set(new Blob(['b', 'c'])), await set(new Response('r')), await set(new Response(null)),
              await set(new Response(new Blob(['x']).stream())),
              await set(new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([65])); c.close() } })),
              await set(new ReadableStream({ pull(c) { c.error(new Error('broken')) } })),
              await set(new ReadableStream({ start(c) { c.enqueue('text') } })),
              await set(locked), await set(5), await set({}), await set(null),
            ];
            """)
        let other =
            "KVNamespace.put: argument 2 is none of what can be written: a string, an ArrayBuffer or a view of one, a "
            + "ReadableStream, a Blob, a Request or Response; JSON.stringify makes a string of other values"
        #expect(
            seen
                == """
                ["","x\u{fffd}y","abc","abc","bc","bc","r","","x","A","Error -: broken",\
                "TypeError -: The stream gave something else than a Uint8Array",\
                "TypeError -: The stream is locked to a reader",\
                "TypeError -: \(other)","TypeError -: \(other)","TypeError -: \(other)"]
                """)
    }

    @Test("A version guards against changes by others")
    func versions() async throws {
        let seen = try await host.value(
            """
            const { KV } = env;
            const first = await KV.put('n', '1', { ifVersion: 0 });
            const taken = await show(() => KV.put('n', '2', { ifVersion: 0 }));
            const found = await KV.getWithMetadata('n');
            const second = await KV.put('n', '2', { ifVersion: found.version, metadata: { by: 'me' } });
            const late = await show(() => KV.delete('n', { ifVersion: first }));
            return [
              found.version === first, second > first, taken.split(':')[0], late.split(':')[0],
              await KV.getWithMetadata('n', 'json').then(({ value, metadata }) => [value, metadata]),
              await KV.delete('n', { ifVersion: second }), await KV.delete('n'), await KV.getWithMetadata('n'),
            ];
            """)
        #expect(
            seen
                == """
                [true,true,"CapabilityError conflict","CapabilityError conflict",[2,{"by":"me"}],true,false,\
                {"value":null,"metadata":null,"version":0}]
                """)
    }

    @Test("Keys are listed by prefix, page by page, with what was set with them")
    func lists() async throws {
        let seen = try await host.value(
            """
            const { KV } = env;
            const soon = Math.round(Date.now() / 1000) + 1000;
            await KV.put('a/1', 'x', { metadata: [1], expiration: soon });
            await KV.put('a/2', 'x', { expirationTtl: 60 });
            await KV.put('b', 'x');
            const all = await KV.list();
            const page = await KV.list({ prefix: 'a/', limit: 1 });
            const rest = await KV.list({ prefix: 'a/', limit: 1, cursor: page.cursor });
            const names = (list) => [list.keys.map((key) => key.name), list.list_complete, 'cursor' in list];
            return [
              names(all), names(page), names(rest), names(await KV.list({ prefix: 'c' })),
              page.keys[0].expiration === soon, page.keys[0].metadata, Object.keys(all.keys[2]).sort(),
              await show(() => KV.list({ limit: 1001 })), await show(() => KV.list(5)),
            ];
            """)
        #expect(
            seen
                == """
                [[["a/1","a/2","b"],true,false],[["a/1"],false,true],[["a/2"],true,false],[[],true,false],\
                true,[1],["name","version"],\
                "CapabilityError invalidArgument: argument 2 of kv.list has the limit 1001; it may be 1 to 1000",\
                "TypeError -: KVNamespace.list: argument 1 is not an object"]
                """)
    }

    @Test("What is wrong with an argument is said by a rejection")
    func badInput() async throws {
        let seen = try await host.value(
            """
            const { KV } = env;
            const other = Object.create(Object.getPrototypeOf(KV));
            return [
              await show(() => KV.get()), await show(() => KV.get('')), await show(() => KV.get(Symbol('s'))),
              await show(() => KV.put('a')), await show(() => KV.put('a', 'b', { expiration: NaN })),
              await show(() => KV.put('a', 'b', { expirationTtl: -1 })), await show(() => KV.put('a', 'b', { ifVersion: 1.5e300 })),
              await show(() => KV.put('a', 'b', { metadata: () => {} })),
              await show(() => KV.put('a', 'b', { metadata: 'x'.repeat(2000) })),
              await show(() => KV.put('x'.repeat(600), 'b')),
              await show(() => other.get('a')), await show(() => new KV.constructor()),
              await show(() => KV.put.call(undefined, 'a', 'b')),
              [Object.prototype.toString.call(KV), KV instanceof Promise, typeof KV.get('a').then],
            ];
            """)
        #expect(
            seen
                == """
                ["TypeError -: KVNamespace.get: 1 argument required, but only 0 present",\
                "CapabilityError invalidArgument: argument 2 of kv.get is empty; a key has at least one character",\
                "TypeError -: KVNamespace.get: argument 1 is a Symbol, which cannot become a string",\
                "TypeError -: KVNamespace.put: 2 arguments required, but only 1 present",\
                "TypeError -: KVNamespace.put: argument 3: 'expiration' is not a finite number",\
                "TypeError -: KVNamespace.put: argument 3: 'expirationTtl' is not a number of seconds above zero",\
                "TypeError -: KVNamespace.put: argument 3: 'ifVersion' is not an integer from 0 to 9007199254740991",\
                "TypeError -: KVNamespace.put: argument 3: 'metadata' is nothing that JSON can say",\
                "CapabilityError invalidArgument: argument 5 of kv.set has 2002 bytes of JSON; at most 1024 are taken",\
                "CapabilityError invalidArgument: argument 2 of kv.set has 600 bytes; at most 512 are taken",\
                "TypeError -: Illegal invocation","TypeError -: Illegal constructor","TypeError -: Illegal invocation",\
                ["[object KVNamespace]",false,"function"]]
                """)
    }

    @Test("A namespace, a key or a way that is not granted is refused with the grant that would allow it")
    func denied() async throws {
        let host = try BindingHost(
            KeyValue(MemoryKeyValueStore()), as: "KV",
            grant: KeyValueGrant(read: ["links", "notes"], write: ["notes"], prefixes: ["a/"]))
        let seen = try await host.value(
            """
            const notes = env.KV.namespace('notes');
            await notes.put('a/b', 'x');
            return [
              await notes.get('a/b'), await env.KV.namespace('links').get('a/b'),
              await show(() => env.KV.get('a/b')), await show(() => notes.get('b')),
              await show(() => env.KV.namespace('links').put('a/b', 'x')),
              await show(() => env.KV.namespace('other').get('a/b')), await show(() => notes.list()),
            ];
            """)
        #expect(
            seen
                == #"""
                ["x",null,"CapabilityError invalidArgument: argument 1 of kv.get must name one of the namespaces links, notes",\#
                "CapabilityError denied: reading \"b\" in the namespace \"notes\" is not granted; a kv grant of reading in \#
                the namespace \"notes\" with the prefix \"b\" would allow it",\#
                "CapabilityError denied: writing \"a/b\" in the namespace \"links\" is not granted; a kv grant of writing \#
                in the namespace \"links\" with the prefix \"a/b\" would allow it",\#
                "CapabilityError denied: reading \"a/b\" in the namespace \"other\" is not granted; a kv grant of reading \#
                in the namespace \"other\" with the prefix \"a/b\" would allow it",\#
                "CapabilityError denied: listing keys with the prefix \"\" in the namespace \"notes\" is not granted; a kv \#
                grant of reading in the namespace \"notes\" with the prefix \"\" would allow it"]
                """#)
    }
}
