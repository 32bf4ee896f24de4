// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; streams must neither notice nor call it. What the standards themselves
// look up is expected: `then` of the result of a read, and the constructor of a promise that a callback returns.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { asyncIterator, iterator } = Symbol;
const { log } = console;
const { setTimeout: later, Uint8Array: Bytes, Promise: Original, RangeError: Failure } = globalThis;
const { then } = Original.prototype;
const resolved = Original.resolve.bind(Original);
const names = ['ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader', 'ReadableStreamDefaultController',
  'ReadableByteStreamController', 'ReadableStreamBYOBRequest', 'WritableStream', 'WritableStreamDefaultWriter',
  'WritableStreamDefaultController', 'TransformStream', 'TransformStreamDefaultController', 'TextEncoderStream',
  'TextDecoderStream', 'CountQueuingStrategy', 'ByteLengthQueuingStrategy'];
const S = { __proto__: null }; // the interfaces
const M = { __proto__: null }; // their members
const iteratorPrototype = getPrototypeOf(new ReadableStream().values());
const collect = (name, prototype) => {
  M[name] = { __proto__: null };
  for (const key of ownKeys(prototype)) {
    const { get, value } = getOwnPropertyDescriptor(prototype, key);
    M[name][key] = get ?? value;
  }
};
for (const name of names) {
  S[name] = globalThis[name];
  collect(name, S[name].prototype);
}
collect('iterator', iteratorPrototype);
const { from } = S.ReadableStream;
const call = (name, member, target, ...args) => apply(M[name][member], target, args);
const abortController = new AbortController();
const signal = abortController.signal;
const abort = AbortController.prototype.abort.bind(abortController);
const { byteLength } = { byteLength: getOwnPropertyDescriptor(getPrototypeOf(Bytes.prototype), 'byteLength').get };
const bytes = (...list) => {
  const view = new Bytes(list.length);
  for (let i = 0; i < list.length; i++) view[i] = list[i];
  return view;
};
const bag = (object) => setPrototypeOf(object, null);

// ---- What is changed

const asyncFunction = getPrototypeOf(async () => {});
const holders = { __proto__: null };
const classes = [Array, ArrayBuffer, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error,
  TypeError, RangeError, Promise, DataView, getPrototypeOf(Uint8Array), Uint8Array, Uint16Array, AbortSignal, AbortController,
  EventTarget, Event, DOMException, TextDecoder, TextEncoder, ...names.map((name) => S[name])];
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
holders['iterator of streams'] = iteratorPrototype;
holders['async iterators'] = getPrototypeOf(iteratorPrototype);
holders['iterator of arrays'] = getPrototypeOf([][iterator]());
holders['async functions'] = asyncFunction;

let watching = false;
let touched = '';
const touch = (what) => { if (watching && !apply(includes, touched, [` ${what}`])) touched += ` ${what}`; };
const { includes } = String.prototype;
const trap = (holder, key, what, get) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(get, this, []);
  },
  set(value) {
    touch(`set ${what}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
for (const name of ownKeys(holders)) {
  for (const key of ownKeys(holders[name])) {
    const old = setPrototypeOf(getOwnPropertyDescriptor(holders[name], key), null);
    if (!old.configurable || key === '__proto__' || key === 'name' || key === 'length') continue;
    trap(holders[name], key, `${name}.${typeof key === 'symbol' ? 'symbol' : key}`, old.get ?? (() => old.value));
  }
}
const keys = ['0', '1', '2', '3', 'abort', 'abortAlgorithm', 'args', 'autoAllocateChunkSize', 'branches', 'buffer', 'byteLength', 'cancel',
  'capture', 'chunk', 'clones', 'close', 'closed', 'closeRequest', 'configurable', 'controller', 'deferred', 'done', 'enumerable', 'error',
  'first', 'flush', 'get', 'highWaterMark', 'isBYOB', 'isHandled', 'last', 'min', 'mode', 'next', 'object', 'offset', 'onEnd', 'onIdle', 'outcome',
  'own', 'pending', 'preventCancel', 'promise', 'pull', 'pullAlgorithm', 'queue', 'read', 'readable', 'readableType', 'reader', 'ready',
  'reason', 'reject', 'request', 'requests', 'resolve', 'return', 'set', 'shown', 'signal', 'size', 'start', 'state', 'steps', 'step', 'stream',
  'then', 'throw', 'total', 'transform', 'type', 'value', 'values', 'view', 'wasErroring', 'watcher', 'writable', 'writableType',
  'write', 'writer'];
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'Promise.prototype']) {
  for (const key of keys) if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name}.${key}`, () => undefined);
}
for (const Class of classes) trap(globalThis, Class.name, `global ${Class.name}`, () => undefined);
const evil = function () { touch('a parent of the tenant\'s'); };
for (const name of names) setPrototypeOf(S[name], evil);

// ---- What is done

let notes = '';
const note = (text) => { notes += ` ${text}`; };
const quietly = (work) => (value) => {
  const before = watching;
  watching = false;
  work(value);
  watching = before;
};
// `then` looks for the constructor of the promise, and texts of errors for their names.
const watchPromise = (promise, what, show) => quietly(() => apply(then, promise, [
  quietly((value) => note(`${what}=${show(value)}`)), quietly((error) => note(`${what}!${error}`))]))();
const observe = (promise, what) => watchPromise(promise, what, (value) => value);
const observeRead = (promise, what) => watchPromise(promise, what, ({ done, value }) => (done ? 'done' : value));
const DEFAULT = 'ReadableStreamDefaultController';
const source = (n, more = {}) => {
  let i = 0;
  return bag({
    pull(c) { if (i < n) call(DEFAULT, 'enqueue', c, i++); else call(DEFAULT, 'close', c); },
    cancel(reason) { note(`canceled ${reason}`); },
    ...more,
  });
};
const readable = (n, more) => new S.ReadableStream(source(n, more));
const sink = () => bag({ write(chunk) { note(`w${chunk}`); }, close() { note('closed'); }, abort(reason) { note(`aborted ${reason}`); } });
const writable = () => new S.WritableStream(sink());
const pipe = (stream, target, options) => observe(call('ReadableStream', 'pipeTo', stream, target, options && bag(options)), 'piped');
const readAll = (stream) => {
  const target = new S.WritableStream(bag({ write(chunk) { note(typeof chunk === 'object' ? `bytes ${apply(byteLength, chunk, [])}` : chunk); } }));
  pipe(stream, target);
};
const byteSource = (more = {}) => bag({ type: 'bytes', ...more });
const BYTES = 'ReadableByteStreamController';

const scenarios = bag({
  'reads'() {
    const stream = readable(2);
    const reader = call('ReadableStream', 'getReader', stream);
    observe(call('ReadableStreamDefaultReader', 'closed', reader), 'closed');
    for (let i = 0; i < 3; i++) observeRead(call('ReadableStreamDefaultReader', 'read', reader), i);
  },
  'cancel'() {
    const stream = readable(9);
    observe(call('ReadableStream', 'cancel', stream, 'why'), 'cancel');
    const other = call('ReadableStream', 'getReader', readable(9));
    observe(call('ReadableStreamDefaultReader', 'cancel', other, 'too'), 'cancel');
    call('ReadableStreamDefaultReader', 'releaseLock', other);
    observe(call('ReadableStreamDefaultReader', 'closed', other), 'closed');
  },
  'a failing source'() {
    const reader = call('ReadableStream', 'getReader', readable(1, { pull() { throw new Failure('x'); } }));
    observeRead(call('ReadableStreamDefaultReader', 'read', reader), 'read');
    observe(call('ReadableStreamDefaultReader', 'closed', reader), 'closed');
  },
  'iteration'() {
    const values = call('ReadableStream', 'values', readable(2));
    for (let i = 0; i < 4; i++) observeRead(call('iterator', 'next', values), i);
    const left = call('ReadableStream', asyncIterator, readable(2));
    observeRead(call('iterator', 'next', left), 'next');
    observeRead(call('iterator', 'return', left, 'r'), 'return');
  },
  'from'() {
    let i = 0;
    readAll(from(bag({ [iterator]: () => bag({ next: () => bag({ done: i === 3, value: i++ }) }) })));
    const kept = from(bag({ [asyncIterator]: () => bag({ next() {}, return: (reason) => bag({ then(done) { note(`return ${reason}`); done(bag({})); } }) }) }));
    observe(call('ReadableStream', 'cancel', kept, 'why'), 'cancel');
  },
  'bytes'() {
    let i = 0;
    const stream = new S.ReadableStream(byteSource({ autoAllocateChunkSize: 4, pull(c) {
      const request = call(BYTES, 'byobRequest', c);
      if (i++ === 2) call(BYTES, 'close', c);
      call('ReadableStreamBYOBRequest', 'view', request)[0] = i;
      call('ReadableStreamBYOBRequest', 'respond', request, i === 3 ? 0 : i);
    } }));
    readAll(stream);
  },
  'byob'() {
    let controller;
    const stream = new S.ReadableStream(byteSource({ start(c) { controller = c; } }));
    const reader = call('ReadableStream', 'getReader', stream, bag({ mode: 'byob' }));
    observeRead(call('ReadableStreamBYOBReader', 'read', reader, bytes(0, 0)), 'first');
    observeRead(call('ReadableStreamBYOBReader', 'read', reader, bytes(0, 0, 0), bag({ min: 2 })), 'second');
    call(BYTES, 'enqueue', controller, bytes(1, 2, 3));
    const request = call(BYTES, 'byobRequest', controller);
    call('ReadableStreamBYOBRequest', 'respondWithNewView', request, call('ReadableStreamBYOBRequest', 'view', request));
    observeRead(call('ReadableStreamBYOBReader', 'read', reader, bytes(0)), 'third');
    observe(call('ReadableStreamBYOBReader', 'cancel', reader, 'x'), 'cancel');
  },
  'writes'() {
    const writer = call('WritableStream', 'getWriter', writable());
    observe(call('WritableStreamDefaultWriter', 'ready', writer), 'ready');
    observe(call('WritableStreamDefaultWriter', 'write', writer, 1), 'write');
    observe(call('WritableStreamDefaultWriter', 'ready', writer), 'ready');
    observe(call('WritableStreamDefaultWriter', 'close', writer), 'close');
    observe(call('WritableStreamDefaultWriter', 'closed', writer), 'closed');
  },
  'abort'() {
    const writer = call('WritableStream', 'getWriter', writable());
    observe(call('WritableStreamDefaultWriter', 'write', writer, 1), 'write');
    observe(call('WritableStreamDefaultWriter', 'abort', writer, 'why'), 'abort');
    observe(call('WritableStreamDefaultWriter', 'closed', writer), 'closed');
    call('WritableStreamDefaultWriter', 'releaseLock', writer);
  },
  'pipe'() { pipe(readable(3), writable()); },
  'pipe with a signal'() {
    pipe(readable(0, { pull() {} }), writable(), { signal });
    abort('stop');
  },
  'pipe of failures'() {
    pipe(readable(1, { pull(c) { call(DEFAULT, 'error', c, 'source'); } }), writable());
    pipe(readable(1), new S.WritableStream(bag({ write() { throw 'target'; } })));
  },
  'transform'() {
    const doubled = new S.TransformStream(bag({
      transform(chunk, c) { call('TransformStreamDefaultController', 'enqueue', c, chunk * 2); },
      flush(c) { call('TransformStreamDefaultController', 'enqueue', c, 'end'); },
    }));
    const same = new S.TransformStream();
    const pair = (stream) => bag({
      readable: call('TransformStream', 'readable', stream), writable: call('TransformStream', 'writable', stream),
    });
    pipe(call('ReadableStream', 'pipeThrough', call('ReadableStream', 'pipeThrough', readable(3), pair(doubled)), pair(same)), writable());
  },
  'canceled transform'() {
    const stream = new S.TransformStream(bag({ cancel(reason) { note(`cancel ${reason}`); } }));
    observe(call('ReadableStream', 'cancel', call('TransformStream', 'readable', stream), 'why'), 'cancel');
    observe(call('WritableStream', 'abort', call('TransformStream', 'writable', stream), 'too'), 'abort');
  },
  'tee'() {
    const branches = call('ReadableStream', 'tee', readable(2));
    readAll(branches[0]);
    readAll(branches[1]);
  },
  'tee of bytes'() {
    let i = 0;
    const branches = call('ReadableStream', 'tee', new S.ReadableStream(byteSource({ pull(c) {
      if (i++ === 2) call(BYTES, 'close', c);
      else call(BYTES, 'enqueue', c, bytes(1, 2));
    } })));
    readAll(branches[0]);
    const reader = call('ReadableStream', 'getReader', branches[1], bag({ mode: 'byob' }));
    observeRead(call('ReadableStreamBYOBReader', 'read', reader, bytes(0, 0)), 'byob');
    observe(call('ReadableStreamBYOBReader', 'cancel', reader, 'x'), 'cancel');
  },
  'text'() {
    const encoder = new S.TextEncoderStream();
    const decoder = new S.TextDecoderStream('utf-8', bag({ fatal: true }));
    pipe(call('TextEncoderStream', 'readable', encoder), call('TextDecoderStream', 'writable', decoder));
    readAll(call('TextDecoderStream', 'readable', decoder));
    pipe(readable(2), call('TextEncoderStream', 'writable', encoder));
  },
  'strategies'() {
    const mark = bag({ highWaterMark: 3 });
    const count = new S.CountQueuingStrategy(mark);
    const length = new S.ByteLengthQueuingStrategy(mark);
    let controller;
    new S.ReadableStream(bag({ start(c) { controller = c; } }), bag({ highWaterMark: 9, size: call('ByteLengthQueuingStrategy', 'size', length) }));
    call(DEFAULT, 'enqueue', controller, bag({ byteLength: 4 }));
    note(`${call(DEFAULT, 'desiredSize', controller)} ${call('CountQueuingStrategy', 'highWaterMark', count)}`);
  },
  'callbacks with promises'() {
    pipe(readable(1, { start: () => resolved(1) }), new S.WritableStream(bag({ write: () => resolved(2), close: async () => {} })));
  },
});

const list = ownKeys(scenarios);
let index = 0;
const next = () => {
  if (index > 0) {
    watching = false;
    log(`${list[index - 1]}:${notes}${touched === '' ? '' : ` TOUCHED${touched}`}`);
    notes = touched = '';
  }
  if (index === list.length) return;
  const work = scenarios[list[index++]];
  later(next, 5);
  watching = true;
  try {
    work();
  } catch (error) {
    watching = false;
    note(`threw ${error.stack}`);
  }
};
later(next, 0);
