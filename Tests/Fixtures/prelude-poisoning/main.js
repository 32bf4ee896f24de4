// Everything a tenant can change is changed; what the runtime hands out must neither notice nor call it.
const { ownKeys, apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const { defineProperty, setPrototypeOf } = Object;
const hasOwn = Object.hasOwn;
const decode = getOwnPropertyDescriptor(TextDecoder.prototype, 'decode').value;
const encode = getOwnPropertyDescriptor(TextEncoder.prototype, 'encode').value;
const encodeInto = getOwnPropertyDescriptor(TextEncoder.prototype, 'encodeInto').value;
const now = getOwnPropertyDescriptor(Performance.prototype, 'now').value;
const log = console.log;
const { TextDecoder: Decoder, TextEncoder: Encoder, DOMException: Exception } = globalThis;
const { setTimeout: later, setInterval: every, clearTimeout: cancel, queueMicrotask: soon } = globalThis;
const { atob: fromBase64, btoa: toBase64, structuredClone: clone, performance: clock } = globalThis;
const TypedArray = getPrototypeOf(Uint8Array);
const iterators = [[][Symbol.iterator](), ''[Symbol.iterator](), new Map().keys(), new Set().keys()].map(getPrototypeOf);

const bytes = new Uint8Array([0xE2, 0x82, 0xAC, 0x41, 0xF0]);
const target = new Uint8Array(4);
const buffer = new ArrayBuffer(8);
const streaming = { __proto__: null, stream: true };
const transfer = { __proto__: null, transfer: {
  __proto__: null,
  [Symbol.iterator]() {
    let steps = 0;
    return { __proto__: null, next: () => ({ __proto__: null, done: steps++ === 1, value: buffer }) };
  },
} };
const classes = [Array, Object, String, Number, Boolean, Symbol, BigInt, RegExp, Map, Set, WeakMap, WeakSet, Function,
  ArrayBuffer, DataView, TypedArray, Uint8Array, Uint32Array, Error, TypeError, RangeError, Date];
const holders = { __proto__: null };
for (const { name, prototype } of classes) holders[`${name}.prototype`] = prototype;
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
for (const name of ['Object', 'Array', 'Reflect', 'JSON', 'Math', 'Number', 'String', 'ArrayBuffer', 'Symbol']) {
  holders[name] = globalThis[name];
}
const names = ['0', '1', '2', '3', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'id', 'callback', 'args',
  'delay', 'due', 'order', 'place', 'level', 'repeats', 'next', 'done', 'read', 'written', 'code', 'timeOrigin', 'index'];
const globals = ['Map', 'Set', 'Uint8Array', 'Uint32Array', 'TypeError', 'RangeError', 'Array', 'Object', 'Reflect', 'String',
  'Symbol', 'ArrayBuffer', 'Error', 'RegExp', 'Function', 'Math', 'JSON'];

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
const define = (holder, key, get) => defineProperty(holder, key, {
  __proto__: null, configurable: true, get,
  set(value) {
    touch(`set ${typeof key === 'symbol' ? 'symbol' : key}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
const holderNames = ownKeys(holders);
for (let i = 0; i < holderNames.length; i++) {
  const holder = holders[holderNames[i]];
  const keys = ownKeys(holder);
  for (let k = 0; k < keys.length; k++) {
    const key = keys[k];
    const old = setPrototypeOf(getOwnPropertyDescriptor(holder, key), null);
    if (!old.configurable || key === '__proto__') continue;
    if (typeof holder === 'function' && (key === 'name' || key === 'length')) continue;
    const what = `${holderNames[i]}.${typeof key === 'symbol' ? 'symbol' : key}`;
    define(holder, key, function () {
      touch(what);
      return old.get ? apply(old.get, this, []) : old.value;
    });
  }
}
for (let i = 0; i < names.length; i++) {
  for (const holder in { 'Object.prototype': 0, 'Array.prototype': 0 }) {
    if (!hasOwn(holders[holder], names[i])) define(holders[holder], names[i], () => touch(`${holder}.${names[i]}`));
  }
}
for (let i = 0; i < globals.length; i++) define(globalThis, globals[i], () => touch(globals[i]));

let calls = 0;
const count = () => { calls++; };
let summary = '';
const watch = (what, work) => {
  watching = true;
  let result;
  try {
    result = work();
  } catch (error) {
    watching = false;
    result = `threw ${error.name}`;
  }
  watching = false;
  summary += `${what}: ${result}${touched === '' ? '' : ` TOUCHED ${touched}`}\n`;
  touched = '';
};

watch('decode', () => apply(decode, new Decoder(), [bytes]));
watch('decode in chunks', () => {
  const decoder = new Decoder('utf-8');
  return apply(decode, decoder, [bytes, streaming]) + apply(decode, decoder, [bytes, streaming]) + apply(decode, decoder, []);
});
watch('utf-16', () => apply(decode, new Decoder('utf-16le'), [target]) === '\0\0');
watch('latin1', () => apply(decode, new Decoder('latin1'), [bytes]));
watch('encode', () => apply(encode, new Encoder(), ['\u20AC'])[0]);
watch('encodeInto', () => {
  const { read, written } = apply(encodeInto, new Encoder(), ['\u20AC', target]);
  return `${read} ${written} ${target[0]}`;
});
watch('unknown label', () => new Decoder('utf-7'));
watch('btoa', () => toBase64('abc'));
watch('atob', () => fromBase64('YWJj'));
watch('atob of nonsense', () => fromBase64('!'));
watch('exception', () => new Exception('m', 'AbortError').code);
watch('structuredClone', () => clone(5));
watch('transfer', () => clone(5, transfer));
watch('performance', () => typeof apply(now, clock, []));
watch('timers', () => {
  const once = later(count, 1, 'x');
  cancel(later(count, 2));
  later(count, 0);
  const again = every(count, 1000);
  cancel(again);
  return typeof once;
});
watch('microtask', () => soon(count));

// The timers run while everything is still changed; the last of them reports.
watching = true;
later(() => {
  watching = false;
  log(`${summary}callbacks: ${calls}${touched === '' ? '' : ` TOUCHED ${touched}`}`);
}, 20);
