// SPDX-License-Identifier: Apache-2.0
// WritableStream: its interface, writers, backpressure, closing, aborting and failing.
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
const state = async (promise) => {
  const none = {};
  try {
    return await Promise.race([promise, none]) === none ? 'pending' : 'fulfilled';
  } catch (error) {
    return `rejected ${error}`;
  }
};

console.log('# interfaces');
for (const name of ['WritableStream', 'WritableStreamDefaultWriter', 'WritableStreamDefaultController']) {
  const { prototype, length } = globalThis[name];
  const members = Reflect.ownKeys(prototype).filter((key) => typeof key === 'string' && key !== 'constructor').map((key) => {
    const { enumerable, get, value } = Object.getOwnPropertyDescriptor(prototype, key);
    return `${key}${get ? '' : `/${value.length}`}${enumerable ? '' : '-'}`;
  });
  console.log(`${name}/${length} ${Object.prototype.toString.call(prototype)} ${members.sort().join(' ')}`);
}
for (const args of [[null], [{ type: 'x' }], [{ type: null }], [{ write: 1 }], [{}, { highWaterMark: -1 }], [{}, { size: {} }]]) {
  await attempt(JSON.stringify(args), () => typeof new WritableStream(...args));
}
await attempt('new controller', () => new WritableStreamDefaultController());
await attempt('a writer of another', () => new WritableStreamDefaultWriter({}));
for (const Class of [WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController]) {
  for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))) {
    if (name !== 'constructor') await attempt(`${name} of another`, () => (get ?? value).call({}));
  }
}

console.log('# writing');
const events = [];
let controller;
const sink = {
  start(given) { controller = given; events.push(`start ${this === sink} ${arguments.length}`); },
  write(chunk, given) { events.push(`write ${chunk} ${given === controller} ${arguments.length}`); },
  close() { events.push(`close ${arguments.length}`); },
  abort(reason) { events.push(`abort ${reason}`); },
};
const stream = new WritableStream(sink, { highWaterMark: 3, size: (chunk) => chunk.length });
const writer = stream.getWriter();
console.log(stream.locked, writer.desiredSize, writer.ready === writer.ready, await state(writer.ready), await state(writer.closed));
await attempt('a second writer', () => stream.getWriter());
await attempt('close while locked', () => stream.close());
await attempt('abort while locked', () => stream.abort());
const before = writer.ready;
const writes = [writer.write('ab'), writer.write('cd')];
console.log(writer.desiredSize, writer.ready === before, await state(writer.ready));
console.log(await Promise.all(writes), writer.desiredSize, await state(writer.ready));
const ends = [writer.write('e'), writer.close()];
await attempt('write after close', () => writer.write('f'));
await attempt('close after close', () => writer.close());
console.log(await Promise.all(ends), await writer.closed, writer.desiredSize, stream.locked);
console.log(events.join('; '));
const { closed } = writer;
writer.releaseLock();
writer.releaseLock();
console.log(stream.locked, writer.closed === closed, await state(writer.closed), await state(writer.ready));
await attempt('desiredSize of a released writer', () => writer.desiredSize);
await attempt('write of it', () => writer.write());
await attempt('close of a closed stream', () => stream.close());
await attempt('abort of it', () => stream.abort());

console.log('# one write at a time');
let active = 0;
let most = 0;
const slow = new WritableStream({ async write() { most = Math.max(most, ++active); await turn(); active--; } }, { highWaterMark: 4 }).getWriter();
for (let i = 0; i < 5; i++) slow.write(i);
await slow.close();
console.log(most);

console.log('# aborting');
const aborting = (more) => {
  const log = [];
  let signal;
  const target = new WritableStream({
    start(given) {
      signal = given.signal;
      signal.addEventListener('abort', () => log.push(`signal ${signal.reason}`));
    },
    abort(reason) { log.push(`abort ${reason}`); },
    ...more,
  });
  return { log, target, writer: target.getWriter() };
};
const first = aborting({ write: () => new Promise((done) => setTimeout(done, 5)) });
const pending = [first.writer.write('a'), first.writer.write('b')];
await turn();
const aborted = first.writer.abort('why');
console.log(aborted === first.writer.abort('again'), first.log.join('; '), first.writer.desiredSize);
console.log((await Promise.allSettled([...pending, aborted, first.writer.closed, first.writer.ready]))
  .map(({ reason, status }) => `${status} ${reason}`).join('; '));
console.log(first.log.join('; '));
await attempt('an abort that throws', () => new WritableStream({ abort() { throw new RangeError('x'); } }).abort());
await attempt('abort of a failed stream', async () => {
  const { target, writer: other } = aborting({ write() { throw new RangeError('x'); } });
  await other.write().catch(() => {});
  return other.abort().then(() => target.locked);
});
const late = new WritableStream({ start(given) { controller = given; } });
late.abort('late');
console.log(controller.signal.aborted, controller.signal.reason, controller.signal === controller.signal);

console.log('# failing');
const failing = new WritableStream({ write(chunk, given) { given.error(new RangeError('own')); } }).getWriter();
await attempt('a write that fails the stream', () => failing.write(1));
await attempt('the next', () => failing.write(2));
await attempt('closed', () => failing.closed);
await attempt('a write that rejects', () => new WritableStream({ write: async () => { throw new EvalError('x'); } }).getWriter().write());
await attempt('a close that throws', () => new WritableStream({ close() { throw new EvalError('x'); } }).close());
await attempt('a start that throws', () => new WritableStream({ start() { throw new EvalError('x'); } }));
await attempt('a start that rejects', () => new WritableStream({ start: async () => { throw new EvalError('x'); } }).getWriter().write());
await attempt('a size that throws', () => new WritableStream({}, { size() { throw new EvalError('x'); } }).getWriter().write());
await attempt('a size that is none', () => new WritableStream({}, { size: () => Infinity }).getWriter().write());
const unhandled = new WritableStream({ start(given) { given.error('nobody looks at this'); } }).getWriter();
unhandled.ready;
unhandled.closed;
await turn();
console.log(await state(unhandled.closed), unhandled.desiredSize);
