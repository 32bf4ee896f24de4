// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing

@Suite("Bindings among changed built-ins", .leavesNoIsolates) struct PoisonedBindingTests {
    @Test("Objects of bindings neither notice nor call what a script put in the place of built-ins")
    func poisoned() async throws {
        let folder = try TestFolder()
        var host = try BindingHost(KeyValue(MemoryKeyValueStore()), as: "KV", grant: .namespace("links"))
        try host.add(Files(base: folder.path), as: "FILES", grant: FileGrant(read: ["."], write: ["."]))
        let network = ScriptedNetwork()
        try host.add(network, as: "fetch", grant: WholeGrant())
        try host.add(network, as: "API", grant: WholeGrant())
        try host.add(WallClock(now: { 1 }), as: "CLOCK", grant: ClockGrant())
        try host.add(Random(), as: "RANDOM", grant: RandomGrant(seed: 1))
        try host.add(Log(to: { _ in }), as: "LOG", grant: LogGrant())
        try host.add(Environment(["A": "1"]), as: "VARS", grant: EnvironmentGrant(names: nil))
        try host.add(ScriptedWorkers().services, as: "OTHER", grant: ServiceGrant(name: "other"))
        try host.add(Oddments(), as: "ODD", grant: WholeGrant())
        let seen = try await host.value(Self.traps + Self.uses)
        #expect(
            seen == #"["",["text",1,2,"a,b","text",1,"b","text","denied","http://a.test/b",9,"1",">ab",3,"{\"a\":1}"]]"#
        )
    }

    /// Changes every member of what a script can reach; `watched` is what was read of it while `watching`.
    private static let traps = """
        const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
        const { fetch, ReadableStream: Stream, Promise: Original } = globalThis;
        const { then } = Original.prototype;
        const { slice } = String.prototype;
        const holders = { __proto__: null, iterator: getPrototypeOf(getPrototypeOf([].values())), TypedArray: getPrototypeOf(Uint8Array) };
        for (const name of ['Array', 'ArrayBuffer', 'Object', 'String', 'Number', 'Boolean', 'Symbol', 'RegExp', 'Map', 'Set', 'WeakMap',
          'WeakSet', 'Function', 'Error', 'TypeError', 'Date', 'DataView', 'Promise', 'Uint8Array', 'ReadableStream', 'WritableStream',
          'Blob', 'Headers', 'Request', 'URL', 'AbortSignal', 'Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
        for (const name of ownKeys(holders)) {
          if (typeof holders[name] === 'function') holders[`${name}.prototype`] = holders[name].prototype;
        }
        let watched = '';
        let watching = false;
        // What the engine reads of promises, errors and classes, whoever uses them.
        const engines = { __proto__: null, constructor: 1, prototype: 1, name: 1, length: 1, stackTraceLimit: 1, prepareStackTrace: 1, then: 1 };
        const trap = (holder, key, what, old) => defineProperty(holder, key, {
          __proto__: null, configurable: true,
          get() {
            if (watching) watched += ` ${what}`;
            return old === undefined ? undefined : old.get !== undefined ? apply(old.get, this, []) : old.value;
          },
          set(value) {
            if (watching) watched += ` set ${what}`;
            defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
          },
        });
        for (const name of ownKeys(holders)) {
          for (const key of ownKeys(holders[name])) {
            const old = Object.setPrototypeOf(getOwnPropertyDescriptor(holders[name], key), null);
            if (!old.configurable || engines[key] || key === Symbol.species || key === '__proto__') continue;
            trap(holders[name], key, `${name}.${typeof key === 'symbol' ? 'a symbol' : key}`, old);
          }
        }
        for (const key of ['0', '1', '2', 'get', 'set', 'value', 'done', 'stream', 'sink', 'next', 'cursor', 'expiration', 'metadata', 'type',
          'position', 'recursive', 'code', 'cause', 'kind', 'entries', 'version', 'index', 'status', 'headers', 'url', 'capability']) {
          trap(Object.prototype, key, `Object.prototype.${key}`);
          if (key.length === 1) trap(Array.prototype, key, `Array.prototype.${key}`);
        }
        for (const key of ownKeys(holders)) if (key in globalThis) {
          trap(globalThis, key, `global ${key}`, { __proto__: null, value: globalThis[key] });
        }

        """

    private static let uses = """
        const results = [];
        const note = (value) => defineProperty(results, results.length, { __proto__: null, value, enumerable: true, writable: true });
        const settle = (promise) => new Original((resolve, reject) => { apply(then, promise, [resolve, reject]); });
        const own = (source) => ({ __proto__: null, ...source });
        const streamOf = (...chunks) => new Stream({ __proto__: null, pull(controller) { give(controller, chunks); } });
        const { enqueue, close } = ReadableStreamDefaultController.prototype;
        const give = (controller, chunks) => {
          for (let i = 0; i < chunks.length; i++) apply(enqueue, controller, [chunks[i]]);
          apply(close, controller, []);
        };
        const bytes = new Uint8Array([97, 98]);
        const { KV, FILES, API, CLOCK, RANDOM, LOG, VARS, OTHER, ODD } = (watching = true, env);
        await settle(KV.put('a', 'text', own({ metadata: { __proto__: null, b: 1 }, expirationTtl: 100 })));
        await settle(KV.put('b', streamOf(bytes)));
        note(await settle(KV.get('a')));
        note((await settle(KV.getWithMetadata('a'))).metadata.b);
        const { keys } = await settle(KV.list());
        note(keys.length);
        note(`${keys[0].name},${keys[1].name}`);
        await settle(KV.delete('b'));
        await settle(FILES.mkdir('t/u', own({ recursive: true })));
        await settle(FILES.write('t/u/a', 'text'));
        await settle(FILES.write('t/b', streamOf(bytes, 'x')));
        await settle(FILES.append('t/b', bytes));
        note(await settle(FILES.readText('t/u/a')));
        const entries = FILES.list('t/u');
        await settle(entries.next());
        note((await settle(entries.next())).done ? 1 : 0);
        await settle(FILES.stream('t/b'));
        note((await settle((FILES.list('t')).next())).value.name);
        await settle(FILES.remove('t', own({ recursive: true })));
        await settle(FILES.exists('t'));
        const response = await settle(fetch('http://a.test/echo', own({ method: 'POST', body: streamOf(bytes), duplex: 'half' })));
        await settle(response.text());
        const other = await settle(API.fetch('http://a.test/echo', own({ method: 'POST', body: 'text' })));
        const answer = await settle(other.json());
        note(answer.body);
        await apply(then, fetch('http://a.test/denied'), [undefined, (error) => note(error.code)]);
        const third = await settle(OTHER.fetch('http://a.test/303//b', own({ method: 'POST', body: streamOf(bytes), duplex: 'half' })));
        note((await settle(third.json())).url);
        CLOCK.now();
        note(RANDOM.bytes(9).length);
        LOG.info('x');
        note(VARS.get('A'));
        VARS.names();
        note(await settle(ODD.collect('>', streamOf(bytes))));
        note(ODD.add(1, 2));
        const described = await settle(ODD.describe({ __proto__: null, a: 1 }));
        watching = false;
        note(apply(slice, described, [5]));
        return [watched, results];
        """
}
