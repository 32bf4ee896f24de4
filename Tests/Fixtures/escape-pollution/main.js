// SPDX-License-Identifier: Apache-2.0
// Every method, accessor and symbol of the built-ins is replaced by one that writes down its call, and Object.prototype
// and Array.prototype get setters and getters, indices among them. What the prelude and the host do then must run none
// of it, and still give right answers.
const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { setPrototypeOf, hasOwn } = Object;
const string = String;
const api = { __proto__: null, console, structuredClone, atob, btoa, setTimeout, setInterval, clearTimeout, clearInterval,
  queueMicrotask, TextEncoder, TextDecoder, DOMException, performance, Error, Promise };
const { log, count, countReset, group, groupEnd, time, timeEnd, table, dir, assert, trace } = console;
const { decode } = TextDecoder.prototype;
const { encode, encodeInto } = TextEncoder.prototype;
const { now, toJSON } = Performance.prototype;
const resolve = import.meta.resolve;
const kinds = [getPrototypeOf(function* () {}), getPrototypeOf(async function* () {}), getPrototypeOf(async () => {})];
const iterators = [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), 'x'.matchAll(/x/g)].map(getPrototypeOf);

// Made before anything is changed, so that only the prelude and the host act afterwards.
const buffer = new ArrayBuffer(8);
const view = new Uint8Array([0xE2, 0x82, 0xAC, 0xF0]);
const room = new Uint8Array(8);
const shown = { __proto__: null, list: [1, 'two', [3]], map: new Map([[1, { a: 1 }]]), set: new Set(['x']), date: new Date(0),
  pattern: /x/g, error: new Error('shown'), promise: Promise.resolve(5), bytes: new Uint8Array(2), big: 5n, boxed: Object('s'),
  fn: function named() {}, class: class Named {}, symbol: Symbol('s'), iterator: new Map([[1, 2]]).entries(),
  weak: new WeakSet(), view: new DataView(new ArrayBuffer(2)), proxy: new Proxy({ a: 1 }, {}), getter: { get a() { return 1; } } };
shown.error.stack = 'Error: shown';
const rows = [{ a: 1, b: 2 }, { a: 3 }];
const transfer = { __proto__: null, transfer: { __proto__: null, [Symbol.iterator]: () => {
  let steps = 0;
  return { __proto__: null, next: () => ({ __proto__: null, done: steps++ === 1, value: buffer }) };
} } };
const fatal = { __proto__: null, fatal: true };
const stream = { __proto__: null, stream: true };
const asJSON = { __proto__: null, assert: { __proto__: null, type: 'json' } };
const lazy = { __proto__: null, get a() { return [1]; } };

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched = touched ? touched + ', ' + what : what; };
const nameOf = (key) => (typeof key === 'symbol' ? 'a symbol' : key);

const classes = { Object, Function, Array, String, Number, Boolean, Symbol, BigInt, RegExp, Map, Set, WeakMap, WeakSet, WeakRef,
  Date, Promise, Proxy, Error, TypeError, RangeError, SyntaxError, EvalError, ArrayBuffer, DataView, Uint8Array, Uint32Array,
  FinalizationRegistry, TypedArray: getPrototypeOf(Uint8Array) };
const holders = { __proto__: null, Reflect, JSON, Math, Intl };
for (const name in classes) {
  holders[name] = classes[name];
  if (classes[name].prototype) holders[name + '.prototype'] = classes[name].prototype;
}
iterators.forEach((prototype, i) => { holders['iterator ' + i] = prototype; });
kinds.forEach((prototype, i) => { holders['function ' + i] = prototype; });
// What inspection reads of the objects that it shows, as Node does, and the way to a text that a message has.
const read = ['constructor', 'name', 'message', 'stack', 'cause', 'errors', 'prototype', 'length', 'toString', 'code',
  'stackTraceLimit'];
const spy = (holder, key, what, old) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return old === undefined ? undefined : old.get ? apply(old.get, this, []) : old.value;
  },
  set(value) {
    touch('set ' + what);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
for (const name in holders) {
  const holder = holders[name];
  for (const key of ownKeys(holder)) {
    const old = setPrototypeOf(getOwnPropertyDescriptor(holder, key), null);
    // A pattern is shown by its own toString, which reads `source` and `flags` of it.
    if (name === 'RegExp.prototype' && old.get !== undefined) continue;
    if (!old.configurable || key === '__proto__' || read.includes(key) || key === Symbol.toStringTag) continue;
    spy(holder, key, name + '.' + nameOf(key), old);
  }
}
const planted = ['0', '1', '2', '7', '-1', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'id', 'callback', 'args',
  'delay', 'due', 'order', 'place', 'level', 'repeats', 'next', 'done', 'transfer', 'stream', 'fatal', 'ignoreBOM', 'read',
  'written', 'index', 'groups', 'input', 'lastIndex', 'flags', 'then', 'toJSON', 'return', 'throw', 'proxy', 'resolve', 'reject',
  'promise', 'type', 'with', 'assert', 'default', 'base', 'open', 'close', 'entries', 'keys', 'brand', 'depth', 'showHidden', 'compact',
  'cells', 'width', 'rows', 'size', 'argv', 'env', 'url', 'filename', 'uninitialized', 'raw'];
for (const key of planted) {
  for (const holder in { 'Object.prototype': 0, 'Array.prototype': 0, 'Function.prototype': 0 }) {
    if (!hasOwn(holders[holder], key)) spy(holders[holder], key, holder + '.' + key);
  }
}
for (const key of ownKeys(globalThis)) {
  const old = setPrototypeOf(getOwnPropertyDescriptor(globalThis, key), null);
  if (old.configurable && !('get' in old)) spy(globalThis, key, 'global ' + key, old);
}

let report = '';
const note = (name, right) => {
  watching = false;
  report += name + ': ' + (touched || (right === true ? 'nothing' : 'answered ' + string(right))) + '\n';
  touched = '';
};
const watch = (name, work) => {
  let right;
  watching = true;
  try {
    right = work();
  } catch (error) {
    right = error;
  }
  note(name, right);
};
const thrown = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
};

for (const key of ownKeys(shown)) watch('console.log of ' + key, () => { apply(log, undefined, [shown[key]]); return true; });
watch('console.log with directives', () => { log('%s %d %i %f %o %O %c%%', 'a', 1, 2, 3.5, shown.list, rows, ''); return true; });
watch('console.dir', () => { dir(shown.list, { __proto__: null, showHidden: true, depth: null, compact: 1 }); return true; });
watch('console.table', () => { table(rows); return true; });
watch('console.group', () => { group('a\nb'); log('inside\ninside'); groupEnd(); return true; });
watch('console.count', () => { count('a'); countReset('a'); assert(true); return true; });
watch('structuredClone', () => {
  const clone = api.structuredClone(shown.list);
  return clone[0] === 1 && clone[2][0] === 3;
});
watch('structuredClone of a map', () => api.structuredClone(shown.map) !== shown.map);
watch('structuredClone of a getter', () => api.structuredClone(lazy).a[0] === 1);
watch('structuredClone with a transfer', () => api.structuredClone(5, transfer) === 5);
watch('structuredClone that fails', () => thrown(() => api.structuredClone(log)) instanceof api.DOMException);
watch('atob and btoa', () => api.atob(api.btoa('abc')) === 'abc' && thrown(() => api.atob('!')) instanceof api.DOMException);
watch('TextEncoder', () => apply(encode, new api.TextEncoder(), ['\u20AC'])[1] === 0x82);
watch('encodeInto', () => apply(encodeInto, new api.TextEncoder(), ['\u20AC', room]).written === 3);
watch('TextDecoder', () => apply(decode, new api.TextDecoder('utf-8'), [view]) === '\u20AC\uFFFD');
watch('TextDecoder in chunks', () => {
  const decoder = new api.TextDecoder('utf-16le', fatal);
  return apply(decode, decoder, [room, stream]) !== 5 && apply(decode, decoder, []) === '';
});
watch('TextDecoder that fails', () => thrown(() => apply(decode, new api.TextDecoder('utf-8', fatal), [view])) !== undefined);
watch('performance', () => typeof apply(now, api.performance, []) === 'number' && apply(toJSON, api.performance, []) !== 5);
watch('import.meta.resolve', () => resolve('rookery:process') === 'rookery:process');
watch('the stack of an error', () => typeof new api.Error('x').stack === 'string');
watch('console.trace', () => { trace('on standard error'); return true; });
watch('timers', () => {
  const repeated = api.setInterval(log, 1000);
  api.clearInterval(repeated);
  api.clearTimeout(api.setTimeout(log, 1, 1, 2));
  return typeof repeated === 'number';
});

// What the host does by itself, in the end. A script's own await and import() read what they are given.
let phase = 0;
api.queueMicrotask(() => { phase++; });
watching = true;
api.setTimeout((a, b) => {
  note('a microtask and a timer', phase === 1 && a === 1 && b === 2);
  log(report);
}, 1, 1, 2);
