// SPDX-License-Identifier: Apache-2.0
// ReadableStream: its interface, its default controller and reader, async iteration, from.
const show = (result) => (result.done ? `done ${String(result.value)}` : String(result.value));
const attempt = async (name, work) => {
  let found;
  try {
    found = await work();
  } catch (error) {
    found = error instanceof Error && error.name !== 'Error' ? `threw ${error.name}` : `threw ${error}`;
  }
  console.log(`${name}: ${found}`);
};
const turn = () => new Promise((done) => setTimeout(done, 0));
const read = async (stream) => {
  let text = '';
  for await (const chunk of stream) text += `${chunk} `;
  return text;
};

console.log('# interfaces');
for (const name of ['ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader', 'ReadableStreamDefaultController',
  'ReadableByteStreamController', 'ReadableStreamBYOBRequest', 'CountQueuingStrategy', 'ByteLengthQueuingStrategy']) {
  const { prototype, length } = globalThis[name];
  const global = Object.getOwnPropertyDescriptor(globalThis, name);
  const members = Reflect.ownKeys(prototype).filter((key) => key !== 'constructor').map((key) => {
    const { enumerable, get, value } = Object.getOwnPropertyDescriptor(prototype, key);
    return `${String(key)}${get ? '' : typeof value === 'function' ? `/${value.length}` : `=${value}`}${enumerable ? '' : '-'}`;
  });
  console.log(`${name}/${length} ${global.enumerable} ${Object.prototype.toString.call(prototype)} ${members.sort().join(' ')}`);
}
const stream = new ReadableStream();
console.log(ReadableStream.prototype[Symbol.asyncIterator] === ReadableStream.prototype.values, Object.keys(ReadableStream), stream);

console.log('# arguments');
for (const args of [[null], [1], [{}, 1], [{ type: 'other' }], [{ type: null }], [{ start: 1 }], [{ pull: null }], [{}, { highWaterMark: -1 }],
  [{}, { highWaterMark: NaN }], [{}, { size: 1 }], [{ type: 'bytes' }, { size() {} }], [{ type: 'bytes', autoAllocateChunkSize: 0 }],
  [{ start() { throw new RangeError('x'); } }]]) {
  await attempt(JSON.stringify(args), () => typeof new ReadableStream(...args));
}
for (const Class of [ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest,
  ReadableStreamDefaultReader, ReadableStreamBYOBReader]) await attempt(`new ${Class.name}`, () => new Class());
await attempt('without new', () => ReadableStream());
await attempt('a mode that is none', () => stream.getReader({ mode: 'x' }));
await attempt('byob of chunks', () => stream.getReader({ mode: 'byob' }));
const foreign = {};
for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(ReadableStream.prototype))) {
  if (name !== 'constructor') await attempt(`${name} of another`, () => (get ?? value).call(foreign, foreign));
}
const closed = Object.getOwnPropertyDescriptor(ReadableStreamDefaultReader.prototype, 'closed').get;
console.log(closed.call(foreign).catch(({ name }) => name) instanceof Promise, await closed.call(foreign).catch(({ name }) => name));

console.log('# strategies');
const count = new CountQueuingStrategy({ highWaterMark: '5' });
const length = new ByteLengthQueuingStrategy({ highWaterMark: NaN });
console.log(count.highWaterMark, count.size(), count.size.name, count.size.length, count.size === new CountQueuingStrategy({ highWaterMark: 1 }).size);
console.log(length.highWaterMark, length.size(new Uint8Array(3)), length.size.name, length.size.length, 'prototype' in length.size);
await attempt('no mark', () => new CountQueuingStrategy({}));
await attempt('no argument', () => new ByteLengthQueuingStrategy());

console.log('# order of members');
const order = [];
const spy = (name) => new Proxy({}, { get(_, key) { order.push(`${name}.${String(key)}`); } });
new ReadableStream(spy('source'), spy('strategy'));
console.log(order.join(' '));

console.log('# the default controller');
let controller;
const events = [];
const source = {
  start(given) {
    controller = given;
    events.push(`start ${this === source} ${given.desiredSize}`);
    given.enqueue('a');
    events.push(given.desiredSize);
  },
  pull(given) { events.push(`pull ${given === controller} ${this === source} ${arguments.length}`); },
  cancel(reason) { events.push(`cancel ${reason} ${arguments.length}`); },
};
const first = new ReadableStream(source, { highWaterMark: 2, size: (chunk) => chunk.length });
console.log(Object.prototype.toString.call(controller), first.locked);
const reader = first.getReader();
console.log(first.locked, show(await reader.read()));
const waiting = [reader.read(), reader.read()];
controller.enqueue('bcd');
controller.enqueue('e');
console.log((await Promise.all(waiting)).map(show).join(), controller.desiredSize);
controller.enqueue('fgh');
console.log(controller.desiredSize);
await attempt('cancel while locked', () => first.cancel());
await attempt('a second reader', () => first.getReader());
await attempt('cancel', () => reader.cancel('why'));
console.log(controller.desiredSize, show(await reader.read()), await reader.closed);
await attempt('enqueue after that', () => controller.enqueue('x'));
console.log(events.join('; '));

const second = new ReadableStream({ start(given) { controller = given; } });
const other = second.getReader();
const pending = other.read();
other.releaseLock();
await attempt('a read whose reader was released', () => pending);
await attempt('closed of it', () => other.closed);
await attempt('read of it', () => other.read());
controller.enqueue(1);
controller.close();
await attempt('close twice', () => controller.close());
console.log(await read(second), await read(new ReadableStream({ start(c) { c.close(); } })));
const failing = new ReadableStream({ start(given) { given.enqueue(1); given.error(new RangeError('own')); given.error('not this'); } });
await attempt('failed', () => failing.getReader().read());
await attempt('a size that throws', () => new ReadableStream({ start(given) { given.enqueue(1); } }, { size() { throw new SyntaxError('x'); } }));
await attempt('a size that is none', () => new ReadableStream({ start(given) { given.enqueue(1); } }, { size: () => -1 }));
await attempt('a pull that rejects', () => new ReadableStream({ pull: async () => { throw new EvalError('x'); } }).getReader().read());
await attempt('a start that rejects', () => new ReadableStream({ start: async () => { throw new EvalError('x'); } }).getReader().closed);
await attempt('a cancel that throws', () => new ReadableStream({ cancel() { throw new EvalError('x'); } }).cancel());
let pulls = 0;
new ReadableStream({ pull() { pulls++; return new Promise(() => {}); } }, { highWaterMark: 5 });
await turn();
console.log(`a pull that does not end: ${pulls}`);

console.log('# iteration');
const numbers = (n, log = []) => {
  let i = 0;
  return new ReadableStream({
    pull(c) { if (i < n) c.enqueue(i++); else c.close(); },
    cancel(reason) { log.push(`canceled ${reason}`); },
  }, { highWaterMark: 0 });
};
console.log(await read(numbers(4)));
const log = [];
const left = numbers(4, log);
for await (const chunk of left) if (chunk === 1) break;
console.log(log.join(), left.locked, show(await left.getReader().read()));
const kept = numbers(4, log);
for await (const chunk of kept.values({ preventCancel: true })) if (chunk === 1) break;
console.log(await read(kept), log.length);
const iterator = numbers(2).values();
const prototype = Object.getPrototypeOf(iterator);
console.log(Object.keys(prototype), prototype[Symbol.toStringTag], prototype.return.length, iterator[Symbol.asyncIterator]() === iterator);
console.log((await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next(), iterator.return(7)])).map(show).join());
console.log((await Promise.all([numbers(2).values().return('x'), (async () => {
  const steps = numbers(9).values();
  return (await Promise.all([steps.next(), steps.return('y'), steps.next()])).map(show);
})()])).map((result) => (Array.isArray(result) ? result.join() : show(result))).join(' | '));
await attempt('next of another', () => prototype.next.call({}));
const broken = new ReadableStream({ pull() { throw new RangeError('x'); } }).values();
await attempt('a stream that fails', () => broken.next());
console.log(show(await broken.next()));

console.log('# from');
console.log(await read(ReadableStream.from(['a', 'b'])), await read(ReadableStream.from('xyz')), await read(ReadableStream.from([Promise.resolve(1)])));
console.log(await read(ReadableStream.from((async function* () { yield 1; yield 2; })())), await read(ReadableStream.from(numbers(3))));
for (const value of [undefined, null, 5, {}, { [Symbol.iterator]: 1 }, { [Symbol.asyncIterator]: () => 1 }]) {
  await attempt(`from ${typeof value}`, () => ReadableStream.from(value));
}
const returned = [];
const iterable = (next, more) => ({ [Symbol.asyncIterator]: () => ({ next, ...more }) });
const canceled = ReadableStream.from(iterable(async () => ({ value: 1 }), { async return(value) { returned.push(value); return {}; } }));
await canceled.cancel('because');
console.log(returned.join());
await attempt('from a next that is no object', () => ReadableStream.from(iterable(async () => 5)).getReader().read());
await attempt('from a next that throws', () => ReadableStream.from(iterable(() => { throw new RangeError('x'); })).getReader().read());
await attempt('from without return', () => ReadableStream.from(iterable(async () => ({}))).cancel());
await attempt('from a return that is no object', () => ReadableStream.from(iterable(async () => ({}), { return: () => 1 })).cancel());
