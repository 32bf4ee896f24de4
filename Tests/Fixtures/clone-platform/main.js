// SPDX-License-Identifier: Apache-2.0
// Objects of the platform are cloned as what they are, or refused; they are never taken for plain objects.
const attempt = (name, work) => {
  try {
    console.log(`${name}:`, work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};

const exception = new DOMException('it stopped', 'AbortError');
exception.extra = 1;
const copy = structuredClone({ exception, again: exception });
console.log(copy.exception instanceof DOMException, copy.exception !== exception, copy.exception === copy.again,
  copy.exception.name, copy.exception.message, copy.exception.code, copy.exception.stack === exception.stack,
  Object.hasOwn(copy.exception, 'extra'));
class Special extends DOMException { constructor() { super('s', 'DataError'); } }
const special = structuredClone(new Special());
console.log(Object.getPrototypeOf(special) === DOMException.prototype, special.name);
const hidden = Object.setPrototypeOf(new DOMException('m', 'n'), class {}.prototype);
console.log(structuredClone(hidden) instanceof DOMException);

// Refused, wherever they are.
const refused = {
  Event: new Event('x'), CustomEvent: new CustomEvent('x'), EventTarget: new EventTarget(),
  'a subclass of EventTarget': new (class Mine extends EventTarget { a = 1; })(),
  AbortController: new AbortController(), AbortSignal: AbortSignal.abort(), URL: new URL('x:y'),
  URLSearchParams: new URLSearchParams('a=b'), 'its iterator': new URLSearchParams('a=b').keys(), URLPattern: new URLPattern({}),
  TextDecoder: new TextDecoder(), TextEncoderStream: new TextEncoderStream(), ReadableStream: new ReadableStream(),
  'a reader': new ReadableStream().getReader(), 'a writer': new WritableStream().getWriter(),
  'a reader of bytes': new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' }),
  WritableStream: new WritableStream(), TransformStream: new TransformStream(), MessagePort: new MessageChannel().port1,
  MessageChannel: new MessageChannel(), BroadcastChannel: new BroadcastChannel('x'), performance, navigator,
  PerformanceMark: new PerformanceMark('x'), CountQueuingStrategy: new CountQueuingStrategy({ highWaterMark: 1 }),
  globalThis, console, 'import.meta': import.meta, 'a function': () => {}, 'a symbol': Symbol('s'), 'a proxy': new Proxy({}, {}),
};
for (const name of Object.keys(refused)) attempt(name, () => structuredClone([{ value: refused[name] }]));

// What only looks like one is a plain object, and what is plain is cloned as such.
for (const Class of [Event, EventTarget, URL, DOMException, MessagePort, ReadableStream]) {
  console.log(Class.name, Object.getPrototypeOf(structuredClone(Object.create(Class.prototype))) === Object.prototype);
}
attempt('instances of classes', () => structuredClone([new (class A { x = 1; })(), new (class B extends Array {})(1, 2), Object.create(null)]));
attempt('Object.prototype', () => Object.keys(structuredClone(Object.prototype)).length);
attempt('errors', () => {
  const error = new RangeError('far', { cause: { deep: [new DOMException('c', 'NotFoundError')] } });
  error.name = 'EvalError';
  error.more = true;
  const { cause, message, more } = structuredClone(error);
  const other = structuredClone(Object.assign(new Error('x'), { name: 'Unknown' }));
  return [structuredClone(error) instanceof EvalError, message, cause.deep[0].code, more, Object.keys(structuredClone(error)).length,
    Object.getPrototypeOf(other) === Error.prototype, Object.hasOwn(structuredClone(new Error()), 'message'),
    structuredClone(error).stack === error.stack].join();
});
attempt('a message that is a symbol', () => structuredClone(Object.defineProperty(new Error('x'), 'message', { value: Symbol('m') })));
attempt('a message that is a getter', () => Object.hasOwn(structuredClone(Object.defineProperty(new Error('x'), 'message', { get() { return 'y'; } })), 'message'));
attempt('wrappers and dates', () => structuredClone([Object(true), Object(5), Object('s'), Object(7n), new Date(NaN), /a(?<b>c)/dgimsuy]));
attempt('sparse arrays', () => {
  const sparse = [];
  sparse[1e6] = 1;
  sparse.extra = 'e';
  const { length, extra } = structuredClone(sparse);
  return [length, extra, structuredClone(new Array(5)).length, Object.keys(structuredClone(sparse)).length].join();
});
attempt('a nesting too deep', () => {
  let deep = {};
  for (let i = 0; i < 1e5; i++) deep = { deep };
  return structuredClone(deep);
});
attempt('views', () => {
  const buffer = new ArrayBuffer(16, 4);
  const [data, floats, whole] = structuredClone([new DataView(buffer, 2, 6), new Float32Array(buffer, 4, 2), buffer]);
  return [data.byteOffset, data.byteLength, floats.length, floats.buffer === whole, data.buffer === whole, whole !== buffer].join();
});
