// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; clones, transfers and channels must neither notice nor call it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { iterator } = Symbol;
const { log } = console;
const { structuredClone: clone, setTimeout: later } = globalThis;
const { MessageChannel: Channel, MessagePort: Port, BroadcastChannel: Broadcast, ReadableStream: Readable } = globalThis;
const { DOMException: Exception, EventTarget: Target, MessageEvent: Message, ReadableStreamDefaultReader: Reader } = globalThis;
const member = ({ prototype }, name) => {
  const { get, set, value } = getOwnPropertyDescriptor(prototype, name);
  return set ?? get ?? value;
};
const port1 = member(Channel, 'port1');
const port2 = member(Channel, 'port2');
const post = member(Port, 'postMessage');
const onmessage = member(Port, 'onmessage');
const close = member(Port, 'close');
const broadcast = member(Broadcast, 'postMessage');
const onbroadcast = member(Broadcast, 'onmessage');
const data = member(Message, 'data');
const ports = member(Message, 'ports');
const nameOf = member(Exception, 'name');
const size = member(Map, 'size');
const mapGet = member(Map, 'get');
const has = member(Set, 'has');
const { getTime } = Date.prototype;
const { byteLength } = Object.getOwnPropertyDescriptors(ArrayBuffer.prototype);
const shownMap = new Map([['a', 1], ['b', 2]]);
const shownSet = new Set([5]);
const make = { Date, Error, RangeError, ArrayBuffer, Uint8Array, DataView, Object };
const getReader = member(Readable, 'getReader');
const read = member(Reader, 'read');
const { then } = Promise.prototype;
const enqueue = member(ReadableStreamDefaultController, 'enqueue');
// A promise asks for its constructor.
const own = (promise, callback) => {
  const was = watching;
  watching = false;
  apply(then, promise, [callback]);
  watching = was;
};

const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys()].map(getPrototypeOf);
const classes = [Array, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError,
  RangeError, Promise, ArrayBuffer, DataView, Date, Uint8Array, getPrototypeOf(Uint8Array), DOMException, Channel, Port, Broadcast, Target, Message, Readable, Reader];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
for (const name of ['Reflect', 'Math']) holders[name] = globalThis[name];
const names = ['0', '1', '2', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'handleEvent', 'a', 'key', 'cause', 'stack', 'message', 'clone', 'transfer', 'has', 'getter', 'memory', 'later', 'port', 'other', 'first', 'last', 'next', 'object', 'onMessage', 'data', 'ports', 'type', 'received', 'name', 'isClosed'];

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
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
    trap(holders[name], key, `${name}.${String(key)}`, old.get ?? (() => old.value));
  }
}
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'Error.prototype']) {
  for (let i = 0; i < names.length; i++) {
    const key = names[i];
    if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name}.${key}`, () => undefined);
  }
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
const evil = function () { touch('a tenant\'s parent'); };
for (const Class of [Port, Broadcast, Message]) setPrototypeOf(Class, evil);
const global = globalThis;
global.globalThis = undefined;

const bag = (object) => setPrototypeOf(object, null);
let summary = '';
const watch = (what, work) => {
  watching = true;
  let result;
  try {
    result = work();
  } catch (error) {
    watching = false;
    result = `threw ${error}`;
  }
  watching = false;
  summary += `${what}: ${result}${touched === '' ? '' : ` TOUCHED ${touched}`}\n`;
  touched = '';
};

watch('plain', () => {
  const value = { a: { key: [1, , 'x'] }, b: [[2]] };
  const made = clone(value);
  return `${made !== value} ${made.a.key.length} ${made.a.key[2]} ${hasOwn(made.a.key, 1)} ${made.b[0][0]} ` +
    `${getPrototypeOf(made) === classes[1].prototype} ${getPrototypeOf(made.b) === classes[0].prototype}`;
});
watch('keys that are changed', () => {
  const made = clone({ 0: 'zero', get: 1, value: 2, constructor: 3, cause: 4 });
  return `${made[0]} ${made.get} ${made.value} ${made.constructor} ${made.cause}`;
});
watch('collections', () => {
  const made = clone([shownMap, shownSet]);
  return `${apply(size, made[0], [])} ${apply(mapGet, made[0], ['b'])} ${apply(has, made[1], [5])}`;
});
watch('dates, patterns, wrappers', () => {
  const made = clone([new make.Date(7), /a+/gi, make.Object(5n)]);
  return `${apply(getTime, made[0], [])} ${typeof made[2]}`;
});
watch('errors', () => {
  const error = new make.RangeError('far');
  defineProperty(error, 'cause', bag({ value: 3 }));
  defineProperty(error, 'name', bag({ value: 'RangeError' }));
  const made = clone(error);
  return `${hasOwn(made, 'message')} ${made.message} ${made.cause} ${getPrototypeOf(made) === make.RangeError.prototype}`;
});
watch('an exception', () => apply(nameOf, clone(new Exception('m', 'AbortError')), []));
watch('buffers', () => {
  const buffer = new make.ArrayBuffer(8);
  const made = clone([buffer, new make.Uint8Array(buffer, 2, 3), new make.DataView(buffer, 1)]);
  return `${apply(byteLength.get, made[0], [])} ${made[0] !== buffer}`;
});
watch('refused', () => {
  let result = '';
  const values = bag([() => {}, new Target()]);
  for (let i = 0; i < 2; i++) {
    try {
      clone(values[i]);
    } catch (error) {
      result += `${apply(nameOf, error, [])} `;
    }
  }
  return result;
});
const sequence = (...items) => bag({ [iterator]() {
  let index = 0;
  return bag({ next: () => bag({ done: index === items.length, value: index < items.length ? items[index++] : undefined }) });
} });
watch('a transfer', () => {
  const buffer = new make.ArrayBuffer(8);
  const made = clone(bag({ a: buffer, b: [buffer] }), bag({ transfer: sequence(buffer) }));
  return `${apply(byteLength.get, buffer, [])} ${apply(byteLength.get, made.a, [])} ${made.b[0] === made.a}`;
});
watch('parts that load now', () => {
  const early = bag(['URL', 'URLPattern', 'PerformanceMark', 'Navigator', 'Performance']);
  let result = '';
  for (let i = 0; i < 5; i++) result += `${typeof global[early[i]]} `;
  return result;
});
let arrived = '';
watch('channels', () => {
  const channel = new Channel();
  const inner = new Channel();
  apply(onmessage, apply(port2, channel, []), [(event) => {
    arrived += `message ${apply(data, event, []).a} ${apply(ports, event, []).length} `;
    const received = apply(ports, event, [])[0];
    apply(onmessage, received, [(next) => { arrived += `inner ${apply(data, next, [])} `; }]);
  }]);
  const moved = apply(port1, inner, []);
  apply(post, apply(port1, channel, []), [bag({ a: 1 }), sequence(moved)]);
  apply(post, apply(port2, inner, []), ['hello']);
  apply(close, apply(port1, channel, []), []);
  const receiver = new Broadcast('x');
  apply(onbroadcast, receiver, [(event) => { arrived += `broadcast ${apply(data, event, [])} `; }]);
  apply(broadcast, new Broadcast('x'), [5]);
});
watch('a stream', () => {
  const source = new Readable(bag({ start(controller) { apply(enqueue, controller, [7]); } }));
  const reader = apply(getReader, clone(source, bag({ transfer: sequence(source) })), []);
  watching = false;
  touched = '';
  const promise = apply(read, reader, []);
  watching = true;
  own(promise, (step) => { arrived += `chunk ${step.value} `; });
});

// The rest happens while everything is still changed.
watching = true;
let rounds = 0;
const end = () => {
  if (rounds++ < 20) {
    later(end, 0);
    return;
  }
  watching = false;
  log(`${summary}later: ${arrived}${touched === '' ? '' : `TOUCHED ${touched}`}`);
};
later(end, 0);
