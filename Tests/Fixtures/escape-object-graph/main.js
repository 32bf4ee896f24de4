// SPDX-License-Identifier: Apache-2.0
// A crawl of everything that a script can reach: prototypes, keys of all kinds, getters, setters and what getters
// answer. None of it may belong to another realm, to the host, or to the closed part of the prelude.
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};

const own = Reflect.ownKeys;
const sourceOf = (fn) => Function.prototype.toString.call(fn);
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const paths = new Map(); // object to the way on which it was found first

const add = (value, path) => {
  if (isObject(value) && !paths.has(value)) paths.set(value, path);
};

// What ECMAScript defines and has native code, and what this file brings itself.
const standard = new Set(('Object Function Array Number parseFloat parseInt Boolean String Symbol Date Promise RegExp Error ' +
  'AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Math Intl ArrayBuffer Uint8Array ' +
  'Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray BigUint64Array ' +
  'BigInt64Array DataView Map BigInt Set WeakMap WeakSet Proxy Reflect FinalizationRegistry WeakRef decodeURI ' +
  'decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN WebAssembly').split(' '));
const roots = { __proto__: null };
for (const name of standard) if (name in globalThis) roots[name] = globalThis[name];
Object.assign(roots, {
  generator: Object.getPrototypeOf(function* () {}),
  asyncGenerator: Object.getPrototypeOf(async function* () {}),
  asyncFunction: Object.getPrototypeOf(async () => {}),
  arguments: (function () { return arguments; })(),
  error: new Error('x'),
  match: 'x'.match(/(?<a>x)/),
  matches: 'x'.matchAll(/x/g),
  iterators: [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), [].values().__proto__.__proto__],
  promise: Promise.resolve(),
  proxy: Proxy.revocable({}, {}),
  intl: [new Intl.DateTimeFormat('en'), new Intl.NumberFormat('en'), new Intl.Segmenter('en').segment('x'),
    new Intl.Segmenter('en').segment('x')[Symbol.iterator](), new Intl.Locale('en')],
  template: ((strings) => strings)`x`,
});
const given = {
  meta: import.meta,
  namespace: await import('./leaf.js'),
  json: (await import('./leaf.json', { assert: { type: 'json' } })).default,
  bytes: new TextEncoder().encode('x'),
  progress: new TextEncoder().encodeInto('x', new Uint8Array(1)),
  decoder: new TextDecoder(),
  exception: new DOMException('x', 'AbortError'),
  url: [new URL('x:y').searchParams, new URLSearchParams('a=b').entries(), new URLSearchParams('a=b').getAll('a')],
  pattern: new URLPattern({ pathname: '/:a' }).exec({ pathname: '/b' }),
  clone: structuredClone([{}, new Map(), new Error('x'), new Uint8Array(1)]),
  globals: globalThis,
  bodies: [new Blob(['x']).stream(), new File([], 'x'), new FileReader(), new Headers({ a: 'b' }).entries(), new FormData().keys(),
    new Request('https://a/', { method: 'POST', body: 'x' }), new Response('x').clone(), new Response('x').blob(),
    new Headers([['set-cookie', 'x']]).getSetCookie(), fetch('data:,x'), new ProgressEvent('x')],
  channels: [new MessageChannel(), new BroadcastChannel('x'), new ErrorEvent('x'), new MessageEvent('x')],
  connections: [new WebSocket('ws://a.test'), new EventSource('https://a.test'), new CloseEvent('x')],
  timeline: [performance.mark('x', { detail: {} }), performance.measure('y', { start: 0 }), performance.getEntries()],
  iterators: [[].values().map(String), Iterator.from({ next() {} }), Iterator.concat()],
  stacks: [new DisposableStack(), new AsyncDisposableStack(), new AsyncDisposableStack().disposeAsync(), new SuppressedError()],
  streams: [],
};
for (const type of [undefined, 'bytes']) {
  const source = { type, autoAllocateChunkSize: type && 8, start(...args) { given.streams.push(this, args); }, pull(...args) {
    given.streams.push(args, args[0].byobRequest);
  } };
  const reader = new ReadableStream(source).getReader();
  const reading = reader.read();
  const branches = new ReadableStream(source).tee();
  given.streams.push(reader, reading, branches, branches[0].values(), branches[0].values);
}
const transform = new TransformStream({ start(...args) { given.streams.push(args); }, flush(...args) { given.streams.push(args); } });
const writer = transform.writable.getWriter();
given.streams.push(transform, writer, writer.write('x'), writer.close(), transform.readable.values().next(), [
  new TextEncoderStream(), new TextDecoderStream(), new CompressionStream('gzip'), new DecompressionStream('brotli'),
  new CountQueuingStrategy({ highWaterMark: 1 }),
  new ByteLengthQueuingStrategy({ highWaterMark: 1 }), ReadableStream.from([1]),
  new WritableStream({ start(...args) { given.streams.push(args); }, abort(...args) { given.streams.push(args); } }),
]);
new PerformanceObserver((...args) => given.timeline.push(args)).observe({ type: 'mark', buffered: true });
given.channels[0].port1.onmessage = (...args) => given.channels.push(args);
given.channels[0].port2.postMessage([{}], [new MessageChannel().port1]);
addEventListener('unhandledrejection', (...args) => {
  given.channels.push(args);
  args[0].preventDefault();
}, { once: true });
Promise.reject(given.channels);
await new Promise((resolve) => { setTimeout(resolve, 5); });
console.log({ [Symbol.for('nodejs.util.inspect.custom')](...args) {
  given.inspection = args;
  return 'an inspector ran';
} });

// The standard first, so that a native function which is found later is none of its own.
for (const name of own(roots)) add(roots[name], name);
const crawl = () => {
  for (const [value, path] of paths) {
    add(Reflect.getPrototypeOf(value), `${path}.__proto__`);
    for (const key of own(value)) {
      const where = `${path}.${String(key)}`;
      const { get, set, value: held } = Reflect.getOwnPropertyDescriptor(value, key);
      add(held, where);
      add(get, `get ${where}`);
      add(set, `set ${where}`);
      if (get === undefined) continue;
      try {
        const answer = Reflect.apply(get, value, []);
        if (answer instanceof Promise) answer.catch(() => {}); // so refuses the getter of a promise
        add(answer, where);
      } catch {
        // Not its kind of object.
      }
    }
  }
};
crawl();
// Without what the prelude has put on them.
const native = new Set([...paths.keys()].filter((value) => typeof value !== 'function' || sourceOf(value).includes('[native code]')));
for (const name of own(given)) add(given[name], name);
add(given, 'given');
crawl();
paths.delete(given);

const find = (test) => {
  for (const [value, path] of paths) if (test(value, path)) return path;
  return undefined;
};
const isNative = (fn) => sourceOf(fn).includes('[native code]');
const preludes = () => [...paths].filter(([value]) => typeof value === 'function' && !native.has(value));

attempt('an object of another realm', () => find((value) => {
  let end = value;
  for (let next; (next = Reflect.getPrototypeOf(end)) !== null;) end = next;
  return end !== Object.prototype && Reflect.getPrototypeOf(value) !== null;
}));
attempt('a function of another realm', () => find((value) => typeof value === 'function' &&
  value !== Function.prototype && !(value instanceof Function)));
attempt('a second Function, Object, Array or Error', () => find((value) => typeof value === 'function' &&
  ['Function', 'Object', 'Array', 'Error', 'Promise', 'Symbol'].includes(value.name) && isNative(value) &&
  value !== globalThis[value.name]));
attempt('a native function of the host', () => find((value, path) => typeof value === 'function' && !native.has(value) &&
  isNative(value) && path !== 'meta.resolve'));
attempt('a function named like an operation of the host', () => {
  const operations = ('utf8Encode utf8EncodeInto utf8Decode base64Encode base64Decode enqueueMicrotask runMicrotasks ' +
    'reportException urlParse urlCanParse urlSet formEncode formDecode promiseDetails proxyDetails previewEntries classOf constructorName ownNonIndexKeys armTimer runTimers ' +
    'setProcess inspectError transferArrayBuffer randomBytes readModule uncurryThis cloneKind prototypeOf bufferState ' +
    'encodeBytes decodeBytes enumerableKeys copyRegExp describeException promiseRejected rejectionHandled queueTask ' +
    'cloneWithTransfer').split(' ');
  return find((value) => typeof value === 'function' && operations.includes(value.name));
});
attempt('a bound function', () => find((value) => typeof value === 'function' && /^bound /.test(value.name)));
attempt('a key of the prelude', () => {
  const keys = ['primordials', 'internals', 'host', 'internalBinding', 'binding', 'webidl', 'inspection', 'builtInNames', 'kinds',
    'runTimers', 'setProcess', 'inspectError', 'makeError', 'stream', 'pullAlgorithm', 'onPulled', 'requests'];
  return find((value) => own(value).some((key) => keys.includes(key) && !(key === 'host' && value === URL.prototype) &&
    !(key === 'stream' && value === Blob.prototype)));
});
attempt('a null-prototype object besides the known', () => find((value, path) => Reflect.getPrototypeOf(value) === null &&
  value !== Object.prototype && value !== given.meta && value !== given.namespace && value !== Array.prototype[Symbol.unscopables] &&
  !/groups$/.test(path)));
attempt('a function of the prelude with caller or arguments', () => preludes().find(([value]) =>
  Object.hasOwn(value, 'caller') || Object.hasOwn(value, 'arguments'))?.[1]);
attempt('a caller or arguments that answer', () => preludes().find(([value]) => ['caller', 'arguments'].some((key) => {
  try {
    return value[key] !== undefined || true;
  } catch (error) {
    return !(error instanceof TypeError);
  }
}))?.[1]);
attempt('a method of the prelude that is a constructor', () => preludes().find(([value]) =>
  !/^class\b/.test(sourceOf(value)) && value !== Iterator && value !== SuppressedError && Object.hasOwn(value, 'prototype'))?.[1]);
attempt('a writable prototype of an interface', () => preludes().find(([value]) => Object.hasOwn(value, 'prototype') &&
  Reflect.getOwnPropertyDescriptor(value, 'prototype').writable)?.[1]);
attempt('shared memory', () => find((value) => /Shared|Atomics/.test(Object.prototype.toString.call(value)) ||
  (typeof value === 'function' && /Shared|Atomics/.test(value.name))));
attempt('a crawl that saw little', () => (paths.size > 700 && preludes().length > 40 ? undefined : `${paths.size} objects`));
