// SPDX-License-Identifier: Apache-2.0
// What the host and the prelude throw: each error must be one of this realm, with nothing hung on it. What scripts
// throw through the host must come back as it is and be asked nothing.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};

const classes = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, DOMException];
const compiles = typeof WebAssembly === 'object';
if (compiles) classes.push(WebAssembly.CompileError, WebAssembly.LinkError, WebAssembly.RuntimeError);
// What is wrong with an error that was not made here.
const examine = (error) => {
  if (typeof error !== 'object' || error === null) return `thrown: ${String(error)}`;
  const of = classes.find((type) => Object.getPrototypeOf(error) === type.prototype);
  if (of === undefined || error.constructor !== of) return 'an error of another realm';
  if (of.constructor !== Function || Object.getPrototypeOf(Error) !== Function.prototype) return 'a foreign constructor';
  for (const key of Reflect.ownKeys(error)) {
    if (!['stack', 'message', 'code', 'name'].includes(key)) return `an own property ${String(key)}`;
    const { value, get, set } = Object.getOwnPropertyDescriptor(error, key);
    if (get || set || (typeof value !== 'string' && value !== undefined)) return `${key} is no plain text`;
  }
  if (typeof error.stack !== 'string') return 'a stack that is no text';
  for (const line of error.stack.slice(error.stack.indexOf('\n    at')).split('\n')) {
    if (/(\/Sources\/|\.cc|\.swift|0x[0-9a-f]{6,}|node:|libnode)/.test(line)) return `a frame of the host: ${line}`;
  }
  return undefined;
};
const thrown = async (fn) => {
  try {
    await fn();
  } catch (error) {
    return examine(error);
  }
  return 'nothing was thrown';
};
const refuse = { toString() { return {}; }, valueOf() { return {}; } };

await attempt('setTimeout of a string', () => thrown(() => setTimeout('1')));
await attempt('setTimeout of nothing', () => thrown(() => setTimeout()));
await attempt('queueMicrotask of an object', () => thrown(() => queueMicrotask({})));
await attempt('structuredClone of a function', () => thrown(() => structuredClone(() => {})));
await attempt('structuredClone of a symbol', () => thrown(() => structuredClone(Symbol('s'))));
await attempt('structuredClone of a proxy', () => thrown(() => structuredClone(new Proxy({}, {}))));
await attempt('structuredClone of a weak map', () => thrown(() => structuredClone(new WeakMap())));
await attempt('structuredClone with a wrong transfer', () => thrown(() => structuredClone(1, { transfer: [{}] })));
await attempt('atob of nonsense', () => thrown(() => atob('*')));
await attempt('btoa of too much', () => thrown(() => btoa('\u20AC')));
await attempt('an unknown encoding', () => thrown(() => new TextDecoder('x')));
await attempt('malformed bytes', () => thrown(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))));
await attempt('decode of text', () => thrown(() => new TextDecoder().decode('x')));
await attempt('encode of what has no text', () => thrown(() => new TextEncoder().encode(refuse)));
await attempt('a wrong receiver', () => thrown(() => TextEncoder.prototype.encode.call({})));
await attempt('a class without new', () => thrown(() => TextEncoder()));
await attempt('new Performance', () => thrown(() => new Performance()));
await attempt('new of a method', () => thrown(() => new console.log()));
await attempt('import.meta.resolve', () => thrown(() => import.meta.resolve({})));
await attempt('import of what is not there', () => thrown(() => import('./none.js')));
await attempt('import of another scheme', () => thrown(() => import('https://example.org/x.js')));
await attempt('import of no string', () => thrown(() => import(refuse)));
await attempt('import with a syntax error', () => thrown(() => import('./syntax.js')));
await attempt('import with a missing export', () => thrown(() => import('./missing.js')));
await attempt('import of wrong JSON', () => thrown(() => import('./wrong.json', { assert: { type: 'json' } })));
await attempt('import with an unknown type', () => thrown(() => import('./syntax.js', { assert: { type: 'none' } })));
await attempt('a stack overflow in the prelude', () => thrown(() => {
  const recurse = () => { structuredClone({ get a() { return recurse(); } }); };
  recurse();
}));
await attempt('a string that is too long', () => thrown(() => console.log('x'.repeat(2 ** 30))));
await attempt('a buffer that is too large', () => thrown(() => new ArrayBuffer(2 ** 40)));
await attempt('broken WebAssembly', () => (compiles ? thrown(() => WebAssembly.compile(new Uint8Array(3))) : undefined));

// Values that scripts throw through the host.
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
let asked;
const touchy = new Proxy({}, { get: (_, key) => { asked = key; }, has: (_, key) => { asked = key; }, getPrototypeOf: () => { asked = 'prototype'; return null; } });
const odd = { undefined: undefined, null: null, 'a symbol': Symbol('odd'), 'a number': 1, 'a function': () => {},
  'a null-prototype object': Object.create(null), 'a revoked proxy': proxy, 'a touchy proxy': touchy,
  'a getter of a stack': { get stack() { asked = 'stack'; return ''; } } };
for (const [name, value] of Object.entries(odd)) {
  const same = async (fn) => {
    asked = undefined;
    try {
      await fn();
    } catch (error) {
      if (asked !== undefined) return `${String(asked)} was asked for`;
      return Object.is(error, value) ? undefined : 'another value';
    }
    return 'it was not thrown';
  };
  const fail = () => { throw value; };
  globalThis.thrownValue = value;
  await attempt(`${name} through the host`, async () =>
    await same(() => structuredClone({ get a() { return fail(); } })) ??
    await same(() => btoa({ toString: fail })) ??
    await same(() => setTimeout(() => {}, { valueOf: fail })) ??
    await same(() => new TextDecoder('utf-8', { get fatal() { return fail(); } })) ??
    await same(() => structuredClone(1, { transfer: { [Symbol.iterator]: fail } })) ??
    await same(() => console.count({ toString: fail })) ??
    await same(() => import({ toString: fail })) ??
    await same(() => import(`./throws.js?${name}`)) ??
    await same(() => import(`./throws.js?${name}`)) ??
    await same(() => Promise.reject(value)));
}
