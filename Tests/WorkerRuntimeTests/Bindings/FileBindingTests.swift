// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Support
import Testing

@Suite("Bindings of files", .leavesNoIsolates) struct FileBindingTests {
    private let folder: TestFolder
    private let host: BindingHost

    init() throws {
        folder = try TestFolder()
        host = try BindingHost(Files(base: folder.path), as: "FILES", grant: FileGrant(read: ["."], write: ["."]))
    }

    @Test("What was written is read: whole, in parts, as text, JSON and streams")
    func reading() async throws {
        let seen = try await host.value(
            """
            const { FILES } = env;
            await FILES.write('a.json', '\\ufeff{"b":"é"}');
            await FILES.write('b.bin', new Uint8Array([1, 2, 3, 4, 5]));
            await FILES.append('b.bin', new Uint8Array([6]).buffer);
            await FILES.patch('b.bin', new Uint8Array([9, 9]), 1);
            return [
              await FILES.readText('a.json'), await FILES.readJSON('a.json'), [...await FILES.read('b.bin')],
              [...await FILES.read('b.bin', { position: 2 })], [...await FILES.read('b.bin', { position: 2, length: 2 })],
              [...await FILES.read('b.bin', { position: 99 })],
              [...new Uint8Array(await new Response(await FILES.stream('b.bin', { position: 4 })).arrayBuffer())],
              await FILES.stat('b.bin').then(({ kind, size, modified }) => [kind, size, modified > 1e12]),
              await FILES.exists('a.json'), await FILES.exists('nothing'), await show(() => FILES.read('nothing')),
              (await FILES.stat(new URL('file:///%62.bin?x#y'))).size, await show(() => FILES.stat(new URL('file:///%ff'))),
            ];
            """)
        #expect(
            seen
                == #"""
                ["{\"b\":\"é\"}",{"b":"é"},[1,9,9,4,5,6],[9,4,5,6],[9,4],[],[5,6],["file",6,true],true,false,\#
                "CapabilityError notFound: \"nothing\" is not there",6,"URIError -: URI malformed"]
                """#)
    }

    @Test("Streams are written whole or not at all; long ones piece by piece")
    func writing() async throws {
        let seen = try await host.value(
            """
            const { FILES } = env;
            const chunks = (...list) => new ReadableStream({ start(c) { for (const chunk of list) c.enqueue(chunk); c.close(); } });
            await FILES.write('a', chunks('text ', new Uint8Array([97]), '', new Uint8Array(0), new Uint8Array([98]).buffer));
            const failing = () => new ReadableStream({ pull(c) { c.error(new Error('broken')); } });
            const results = [
              await FILES.readText('a'), await show(() => FILES.write('a', failing())),
              await show(() => FILES.write('a', chunks('x', 5))), await FILES.readText('a'),
              await show(() => FILES.write('a', 'new', { createNew: true })),
              await show(() => FILES.write('a', chunks(), { createNew: true })),
            ];
            await FILES.write('long', chunks(new Uint8Array(3000000).fill(7), new Uint8Array(1)));
            await FILES.append('a', chunks(' and', ' more'));
            await FILES.write('empty', chunks());
            await FILES.write('body', new Response('body'));
            const writer = (await FILES.create('w')).getWriter();
            await writer.write('one ');
            writer.write(new TextEncoder().encode('two'));
            const before = await FILES.exists('w');
            await writer.close();
            const dropped = (await FILES.create('dropped')).getWriter();
            await dropped.write('x');
            await dropped.abort();
            await new Response('piped').body.pipeTo(await FILES.create('piped'));
            return [
              ...results, (await FILES.stat('long')).size, (await FILES.read('long', { position: 2999999 })).join(),
              await FILES.readText('a'), (await FILES.stat('empty')).size, await FILES.readText('body'), before,
              await FILES.readText('w'), await FILES.exists('dropped'), await FILES.readText('piped'),
              (await Array.fromAsync(await FILES.list())).length,
            ];
            """)
        #expect(
            seen
                == #"""
                ["text ab","Error -: broken","TypeError -: A chunk of what is written is neither text nor bytes","text ab",\#
                "CapabilityError conflict: \"a\" is there already",\#
                "TypeError -: Files.write: 'createNew' is for text and bytes, not for a stream",\#
                3000001,"7,0","text ab and more",0,"body",false,"one two",false,"piped",6]
                """#)
    }

    @Test("Folders are made, listed, renamed and removed with what is in them; links are not followed for that")
    func folders() async throws {
        try folder.link("tree-link", to: "outside")
        let seen = try await host.value(
            """
            const { FILES } = env;
            await FILES.mkdir('t/u/v', { recursive: true });
            await FILES.mkdir('outside');
            await FILES.write('outside/kept', 'kept');
            for (let i = 0; i < 5; i++) await FILES.write(`t/u/${i}`, `${i}`);
            await FILES.rename('t/u/0', 't/first');
            const names = [];
            for await (const { name, kind } of FILES.list('t/u')) names.push(`${name} ${kind}`);
            for await (const { name } of FILES.list('t')) { names.push(name); break; }
            await FILES.rename('tree-link', 't/link');
            const full = await show(() => FILES.remove('t'));
            await FILES.remove('t', { recursive: true });
            await FILES.write('single', '');
            await FILES.remove('single', { recursive: true });
            return [
              names, full, await FILES.exists('t'), await FILES.readText('outside/kept'),
              await show(async () => { for await (const entry of FILES.list('none')); }),
              await show(() => FILES.remove('none', { recursive: true })), await show(() => FILES.mkdir('outside')),
              await FILES.list('outside').next(), await FILES.exists('single'),
            ];
            """)
        #expect(
            seen
                == #"""
                [["1 file","2 file","3 file","4 file","v folder","first"],"CapabilityError conflict: the folder \"t\" is not \#
                empty; remove what is in it first",false,"kept","CapabilityError notFound: \"none\" is not there",\#
                "CapabilityError notFound: \"none\" is not there","CapabilityError conflict: \"outside\" is there already",\#
                {"value":{"name":"kept","kind":"file"},"done":false},false]
                """#)
    }

    @Test("What is not granted is refused with the grant that would allow it")
    func denied() async throws {
        _ = try await host.value("await env.FILES.mkdir('public'); await env.FILES.write('public/a', 'x')")
        let host = try BindingHost(Files(base: folder.path), as: "FILES", grant: FileGrant(read: ["public"]))
        let seen = try await host.value(
            """
            const { FILES } = env;
            return [
              await FILES.readText('public/a'), await show(() => FILES.read('secret')), await show(() => FILES.write('public/a', 'y')),
              await show(() => FILES.read('public/../a')), await show(() => FILES.remove('public', { recursive: true })),
              await show(() => FILES.list('.').next()), await show(() => FILES.exists('secret')),
            ].map((text) => text.slice(0, 60));
            """)
        #expect(!seen.contains("\"y\"") && seen.components(separatedBy: "CapabilityError denied").count == 7, "\(seen)")
        let nothing = try await BindingHost().value(
            "return [await show(() => files.read('a')), await show(() => files.list())]")
        let message =
            "CapabilityError denied: files are not granted; --allow-read=PATH or --allow-write=PATH, or a files binding, "
            + "would allow them"
        #expect(nothing == "[\"\(message)\",\"\(message)\"]")
    }

    @Test("What is wrong with an argument is said by a rejection")
    func badInput() async throws {
        let seen = try await host.value(
            """
            const { FILES } = env;
            return [
              await show(() => FILES.read()), await show(() => FILES.read('a', { position: -1 })), await show(() => FILES.read('a', 5)),
              await show(() => FILES.write('a')), await show(() => FILES.write('a', {})), await show(() => FILES.patch('a', 'x')),
              await show(() => FILES.patch('a', new ReadableStream(), 0)), await show(() => FILES.read('a\\0b')),
              await show(() => FILES.read('')), await show(() => FILES.read.call({}, 'a')),
              await show(() => FILES.read('x'.repeat(5000))), String(FILES), Object.keys(FILES),
            ].map((text) => String(text).slice(0, 100));
            """)
        #expect(
            seen
                == #"""
                ["TypeError -: Files.read: 1 argument required, but only 0 present",\#
                "TypeError -: Files.read: argument 2: 'position' is not an integer from 0 to 9007199254740991",\#
                "TypeError -: Files.read: argument 2 is not an object",\#
                "TypeError -: Files.write: 2 arguments required, but only 1 present",\#
                "TypeError -: Files.write: argument 2 is none of what can be written: a string, an ArrayBuffer or a v",\#
                "TypeError -: Files.patch: 3 arguments required, but only 2 present",\#
                "TypeError -: Files.patch: argument 2 is a stream; patch takes text or bytes",\#
                "CapabilityError invalidArgument: \"a\\u{0}b\" is no path here: it is empty or too long, has NUL in it, ",\#
                "CapabilityError invalidArgument: \"\" is no path here: it is empty or too long, has NUL in it, or lead","TypeError -: Illegal invocation",\#
                "CapabilityError invalidArgument: argument 1 of files.read has 5000 bytes; at most 4096 are taken",\#
                "[object Files]",""]
                """#)
    }
}
