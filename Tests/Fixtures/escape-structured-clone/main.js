// SPDX-License-Identifier: Apache-2.0
// Objects that change while they are cloned, buffers that leave meanwhile, values that the format has no place for: the
// clone is whole or refused, and what is read back is what was written.
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
// Undefined where each of them ends in a DataCloneError.
const refused = (...values) => {
  for (const value of values) {
    let clone;
    try {
      clone = structuredClone(value);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'DataCloneError') continue;
      return `threw ${error}`;
    }
    return `a clone of ${Object.prototype.toString.call(value)}: ${Object.prototype.toString.call(clone)}`;
  }
  return undefined;
};
const isOfThisRealm = (value, type) => Object.getPrototypeOf(value) === type.prototype;

attempt('a getter that adds and removes', () => {
  const source = { get a() { delete source.b; source.c = 3; return 1; }, b: 2 };
  const clone = structuredClone(source);
  return Object.keys(clone).join() === 'a' && clone.a === 1 ? undefined : Object.keys(clone).join();
});
attempt('a getter that shortens its array', () => {
  const source = [1, 2, 3, 4];
  Object.defineProperty(source, 0, { enumerable: true, get() { source.length = 1; return 'first'; } });
  const clone = structuredClone(source);
  return clone.length === 4 && clone[0] === 'first' && !(3 in clone) ? undefined : `a length of ${clone.length}`;
});
attempt('a getter that lengthens and fills its array', () => {
  const source = [{ get a() { for (let i = 0; i < 1e4; i++) source.push(i); return 1; } }, 2];
  const clone = structuredClone(source);
  return clone.length === 2 && clone[1] === 2 ? undefined : `a length of ${clone.length}`;
});
attempt('a getter that changes the kind of elements', () => {
  const source = [1.5, 2.5, { get a() { source[3] = 'text'; source[1e6] = 1; return 1; } }, 3.5, 4.5];
  const clone = structuredClone(source);
  return clone[4] === 4.5 || clone[4] === undefined ? undefined : 'another element';
});
attempt('a getter that fills a map', () => {
  const map = new Map([[1, { get a() { map.clear(); map.set(5, 6); return 1; } }], [2, 3]]);
  const clone = structuredClone(map);
  return isOfThisRealm(clone, Map) && clone.get(2) === 3 && clone.size === 2 ? undefined : `${clone.size} entries`;
});
attempt('a getter that swaps a prototype', () => {
  const source = [{ get a() { Object.setPrototypeOf(source[1], Map.prototype); return 1; } }, {}];
  return isOfThisRealm(structuredClone(source)[1], Object) ? undefined : 'another prototype';
});
attempt('setters of Object.prototype', () => {
  let seen;
  for (const key of ['a', '0', 'cause', 'message', 'stack', 'lastIndex']) {
    Object.defineProperty(Object.prototype, key, { configurable: true, set(value) { seen = `${key} ${typeof value}`; } });
  }
  const clone = structuredClone({ a: [{}], e: JSON.parse('{"0": 1}'), p: /x/g });
  for (const key of ['a', '0', 'cause', 'message', 'stack', 'lastIndex']) delete Object.prototype[key];
  return seen ?? (Object.hasOwn(clone, 'a') && Object.hasOwn(clone.a, '0') ? undefined : 'a missing property');
});
attempt('__proto__ as a key', () => {
  const clone = structuredClone(JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }'));
  return isOfThisRealm(clone, Object) && Object.hasOwn(clone, '__proto__') && {}.polluted === undefined ? undefined : 'a prototype';
});
attempt('a buffer that leaves while it is cloned', () => {
  const buffer = new ArrayBuffer(64);
  const source = [{ get a() { structuredClone(1, { transfer: [buffer] }); return 1; } }, buffer];
  return refused(source);
});
attempt('a view whose buffer leaves while it is cloned', () => {
  const view = new Uint8Array(64).subarray(8, 16);
  const source = [{ get a() { structuredClone(1, { transfer: [view.buffer] }); return 1; } }, view];
  return refused(source);
});
attempt('a transfer that leaves while it is cloned', () => {
  const buffer = new ArrayBuffer(64);
  try {
    structuredClone({ get a() { structuredClone(1, { transfer: [buffer] }); return 1; }, buffer }, { transfer: [buffer] });
  } catch (error) {
    return error instanceof DOMException && buffer.byteLength === 0 ? undefined : error;
  }
  return 'two owners';
});
attempt('a transfer twice', () => {
  const buffer = new ArrayBuffer(8);
  for (const transfer of [[buffer, buffer], [buffer, new ArrayBuffer(1), buffer]]) {
    try {
      structuredClone(buffer, { transfer });
    } catch (error) {
      if (error instanceof DOMException) continue;
    }
    return 'two owners';
  }
  return buffer.byteLength === 8 ? undefined : 'it left';
});
attempt('a transfer of a detached buffer', () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  try {
    structuredClone(1, { transfer: [buffer] });
  } catch (error) {
    return error instanceof DOMException ? undefined : error;
  }
  return 'it was transferred again';
});
attempt('views of a buffer that left', () => {
  const buffer = new ArrayBuffer(8);
  const bytes = new Uint8Array(buffer, 4);
  const view = new DataView(buffer, 4);
  const clone = structuredClone(bytes, { transfer: [buffer] });
  if (clone.length !== 4 || clone.byteOffset !== 4 || clone.buffer === buffer) return 'another view';
  try {
    view.getUint8(0);
    return 'memory that left';
  } catch (error) {
    return bytes.length === 0 && bytes[0] === undefined && error instanceof TypeError ? undefined : error;
  }
});
attempt('a failed clone with a transfer', () => {
  const buffer = new ArrayBuffer(8);
  try {
    structuredClone({ buffer, fail() {} }, { transfer: [buffer] });
  } catch {
    return buffer.byteLength === 8 ? undefined : 'it left';
  }
  return 'a clone';
});
attempt('an iteration that detaches what it gave', () => {
  const first = new ArrayBuffer(8);
  const transfer = { *[Symbol.iterator]() { yield first; structuredClone(1, { transfer: [first] }); yield new ArrayBuffer(1); } };
  try {
    structuredClone(first, { transfer });
  } catch (error) {
    return error instanceof DOMException ? undefined : error;
  }
  return 'a clone';
});
attempt('buffers beside the one that was transferred', () => {
  const buffers = [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer];
  const clone = structuredClone([buffers[1], buffers[0]], { transfer: buffers });
  return new Uint8Array(clone[0])[0] === 2 && new Uint8Array(clone[1])[0] === 1 && clone[0] !== buffers[1] ? undefined : 'another buffer';
});

attempt('functions, symbols and what is weak', () => refused(() => {}, class {}, Symbol('s'), Object(Symbol('s')), new WeakMap(),
  new WeakSet(), new WeakRef({}), new Proxy({}, {}), new Proxy(() => {}, {}), Promise.resolve(), (function* () {})(), [].values(),
  new Map().entries(), new Intl.NumberFormat('en'), new FinalizationRegistry(() => {}), globalThis, import.meta));
if (typeof WebAssembly === 'object') {
  const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]));
  attempt('WebAssembly', () => refused(new WebAssembly.Memory({ initial: 1 }), new WebAssembly.Table({ initial: 1, element: 'anyfunc' }),
    new WebAssembly.Global({ value: 'i32' }, 1), new WebAssembly.Instance(module)));
  attempt('a module of WebAssembly', () => refused(module, [module], { a: module, b: 1 }, new Map([[module, 1]]), [, module, , 's']));
  // A value that is written as nothing shifts what follows: the text of the stack would be read as the cause.
  attempt('a module of WebAssembly as a cause', () => refused(new Error('m', { cause: module })));
} else {
  for (const name of ['WebAssembly', 'a module of WebAssembly', 'a module of WebAssembly as a cause']) console.log(`${name}: nothing`);
}
attempt('forged brands', () => {
  const forged = [Object.create(Date.prototype), Object.create(Map.prototype), Object.create(RegExp.prototype), Object.create(Error.prototype),
    Object.create(ArrayBuffer.prototype), { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 9 }, Object.create(DOMException.prototype)];
  for (const value of forged) if (!isOfThisRealm(structuredClone(value), Object)) return Object.prototype.toString.call(value);
  return undefined;
});
attempt('forged serialised forms', () => {
  const texts = ['\xFF\x0F', '\xFF\x0Fo"\x01a\x5C\x00{\x01', '\xFF\x0DI\x02', '\u0FFF\u0000', '{"$type":"Function"}', '__proto__'];
  for (const text of texts) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const clone = structuredClone({ text, bytes, [text]: text, buffer: bytes.buffer });
    if (clone.text !== text || clone[text] !== text || clone.bytes.length !== bytes.length || clone.bytes.buffer !== clone.buffer) return text;
  }
  return undefined;
});
attempt('errors that lie', () => {
  const error = new RangeError('m');
  Object.defineProperties(error, { name: { get: () => 'Function' }, stack: { get: () => ({ toString: () => 'x' }) }, constructor: { value: Function } });
  const clone = structuredClone(error);
  if (!isOfThisRealm(clone, Error) && !isOfThisRealm(clone, RangeError)) return 'another class';
  return clone.message === 'm' && typeof clone.stack !== 'object' ? undefined : 'an object as the stack';
});
attempt('an error that is thrown by the cloned', () => {
  const thrown = Object.create(null);
  try {
    structuredClone([new Map([[{ get a() { throw thrown; } }, 1]])]);
  } catch (error) {
    return error === thrown ? undefined : 'another error';
  }
  return 'a clone';
});
attempt('cycles and deep chains', () => {
  const cycle = {};
  cycle.self = [cycle, new Map([[cycle, cycle]])];
  const clone = structuredClone(cycle);
  if (clone.self[0] !== clone || clone.self[1].get(clone) !== clone || clone === cycle) return 'another cycle';
  let deep = {};
  for (let i = 0; i < 1e5; i++) deep = { deep };
  try {
    structuredClone(deep);
  } catch (error) {
    return error instanceof RangeError || error instanceof DOMException ? undefined : error;
  }
  return undefined;
});
attempt('lengths that lie', () => {
  const sparse = [];
  sparse[4294967294] = 1;
  const clone = structuredClone(sparse);
  return clone.length === 4294967295 && Object.keys(clone).length === 1 ? undefined : `a length of ${clone.length}`;
});
