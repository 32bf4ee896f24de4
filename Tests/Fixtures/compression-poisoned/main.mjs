// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed, before the streams are first named; they must neither notice nor call it.
// What the standards look up is expected: `then` of the result of a read.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { log } = console;
const { setTimeout: later, Uint8Array: Bytes } = globalThis;
const { then } = Promise.prototype;
const bag = (object) => setPrototypeOf(object, null);

const member = (prototype, name) => {
  const { get, value } = getOwnPropertyDescriptor(prototype, name);
  return get ?? value;
};
const [getReader, cancel] = ['getReader', 'cancel'].map((name) => member(ReadableStream.prototype, name));
const read = member(ReadableStreamDefaultReader.prototype, 'read');
const [getWriter, abort] = ['getWriter', 'abort'].map((name) => member(WritableStream.prototype, name));
const [write, close] = ['write', 'close'].map((name) => member(WritableStreamDefaultWriter.prototype, name));
const length = member(getPrototypeOf(Bytes.prototype), 'length');
const subarray = member(getPrototypeOf(Bytes.prototype), 'subarray');

const classes = [Array, ArrayBuffer, Boolean, DataView, Error, Function, Map, Number, Object, Promise, RangeError, RegExp, Set, String, Symbol, TypeError,
  Float64Array, Uint8Array, Uint32Array, getPrototypeOf(Uint8Array), DOMException, ReadableStream, ReadableStreamDefaultReader,
  ReadableStreamDefaultController, WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController, TransformStream,
  TransformStreamDefaultController];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
holders['iterator of arrays'] = getPrototypeOf([][Symbol.iterator]());

let watching = false;
let touched = '';
const trap = (holder, key, what, get) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    if (watching && what !== 'Object.prototype.then') touched += ` ${what}`;
    return apply(get, this, []);
  },
  set(value) {
    if (watching) touched += ` set ${what}`;
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
const names = ownKeys(holders);
for (let i = 0; i < names.length; i++) {
  const keys = ownKeys(holders[names[i]]);
  for (let j = 0; j < keys.length; j++) {
    const old = setPrototypeOf(getOwnPropertyDescriptor(holders[names[i]], keys[j]), null);
    if (!old.configurable || keys[j] === '__proto__' || keys[j] === 'name' || keys[j] === 'length') continue;
    trap(holders[names[i]], keys[j], `${names[i]}.${typeof keys[j] === 'symbol' ? 'symbol' : keys[j]}`, old.get ?? (() => old.value));
  }
}
const keys = ['0', '1', '2', '3', 'cancel', 'chunk', 'close', 'codec', 'controller', 'deflate', 'done', 'enumerable', 'error', 'first', 'flush', 'get', 'gzip',
  'highWaterMark', 'last', 'next', 'object', 'outcome', 'own', 'promise', 'queue', 'readable', 'reason', 'reject', 'resolve', 'set', 'shown', 'size', 'start',
  'state', 'then', 'transform', 'value', 'writable', 'zstd'];
const roots = ['Object.prototype', 'Array.prototype', 'Function.prototype', 'Promise.prototype', 'String.prototype'];
for (let i = 0; i < keys.length; i++) {
  for (let j = 0; j < roots.length; j++) {
    if (!hasOwn(holders[roots[j]], keys[i])) trap(holders[roots[j]], keys[i], `${roots[j]}.${keys[i]}`, () => undefined);
  }
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);

let notes = '';
// `then` looks for the constructor of the promise, and what is done here is not watched.
const observe = (promise, work) => {
  watching = false;
  const quietly = (what) => (value) => {
    watching = false;
    const message = what === 'failed' ? getOwnPropertyDescriptor(value, 'message')?.value : undefined;
    if (message !== undefined) notes += ` ${message};`;
    else work(value);
    watching = true;
  };
  apply(then, promise, [quietly('done'), quietly('failed')]);
  watching = true;
};
const nothing = () => {};
const source = new Bytes(200_000);
for (let i = 0; i < 200_000; i++) source[i] = i % 251;

const streams = (Class, format) => {
  const stream = new Class(format);
  const { prototype } = Class;
  watching = false;
  const readable = member(prototype, 'readable');
  const writable = member(prototype, 'writable');
  watching = true;
  return bag({ readable: apply(readable, stream, []), writable: apply(writable, stream, []) });
};
const expand = (format, chunks, isGood) => {
  watching = true;
  const { readable, writable } = streams(Decompression, format);
  const reader = apply(getReader, readable, []);
  const writer = apply(getWriter, writable, []);
  let total = 0;
  const step = () => observe(apply(read, reader, []), ({ done, value }) => {
    if (done) notes += ` ${format}: ${total} bytes;`;
    else {
      total += apply(length, value, []);
      step();
    }
  });
  step();
  for (let i = 0; i < chunks.count; i++) {
    watching = false;
    const chunk = isGood ? chunks[i] : apply(subarray, chunks[i], [3]);
    watching = true;
    observe(apply(write, writer, [chunk]), nothing);
  }
  observe(apply(close, writer, []), nothing);
};
const compress = (format) => {
  const { readable, writable } = streams(Compression, format);
  const reader = apply(getReader, readable, []);
  const writer = apply(getWriter, writable, []);
  const chunks = bag({ count: 0 });
  const step = () => observe(apply(read, reader, []), ({ done, value }) => {
    if (!done) {
      chunks[chunks.count++] = value;
      step();
      return;
    }
    expand(format, chunks, true);
    expand(format, chunks, false);
  });
  step();
  observe(apply(write, writer, [source]), nothing);
  observe(apply(write, writer, [source]), nothing);
  observe(apply(close, writer, []), nothing);
};

watching = true;
const { CompressionStream: Compression, DecompressionStream: Decompression } = globalThis;
compress('deflate');
compress('deflate-raw');
compress('gzip');
compress('brotli');
observe(apply(write, apply(getWriter, streams(Compression, 'gzip').writable, []), [1]), nothing);
observe(apply(cancel, streams(Compression, 'gzip').readable, []), () => { notes += ' canceled;'; });
observe(apply(abort, streams(Decompression, 'brotli').writable, []), () => { notes += ' aborted;'; });
try {
  new Decompression('lzma');
} catch (error) {
  notes += ` ${getOwnPropertyDescriptor(error, 'message').value};`;
}
later(() => {
  watching = false;
  log(notes);
  log(`touched:${touched}`);
}, 100);
