// SPDX-License-Identifier: Apache-2.0
// TransformStream: its interface, backpressure, flushing, terminating, failing and canceling.
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
const settled = (...promises) => Promise.allSettled(promises).then((list) =>
  list.map(({ reason, status }) => (status === 'rejected' ? `rejected ${reason?.name ?? reason}` : status)).join(', '));
const read = async (stream) => {
  let text = '';
  for await (const chunk of stream) text += `${chunk} `;
  return text;
};

console.log('# interfaces');
for (const Class of [TransformStream, TransformStreamDefaultController]) {
  const { prototype, length, name } = Class;
  const members = Reflect.ownKeys(prototype).filter((key) => typeof key === 'string' && key !== 'constructor').map((key) => {
    const { enumerable, get, value } = Object.getOwnPropertyDescriptor(prototype, key);
    return `${key}${get ? '' : `/${value.length}`}${enumerable ? '' : '-'}`;
  });
  console.log(`${name}/${length} ${Object.prototype.toString.call(prototype)} ${members.sort().join(' ')}`);
  for (const [key, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key !== 'constructor') await attempt(`${key} of another`, () => (get ?? value).call({}));
  }
}
for (const args of [[null], [{ readableType: 'x' }], [{ writableType: null }], [{ transform: 1 }], [{}, { highWaterMark: -1 }],
  [{}, {}, { size: 1 }], [{ start() { throw new EvalError('x'); } }]]) {
  await attempt(JSON.stringify(args), () => typeof new TransformStream(...args));
}
await attempt('new controller', () => new TransformStreamDefaultController());

console.log('# identity');
const identity = new TransformStream();
const writer = identity.writable.getWriter();
console.log(identity.readable === identity.readable, writer.desiredSize);
const writes = ['a', 'b'].map((chunk) => writer.write(chunk));
writer.close();
console.log(await read(identity.readable), await settled(...writes, writer.closed));

console.log('# a transformer');
const events = [];
const transformer = {
  start(...args) { events.push(`start ${this === transformer} ${args.length} ${args[0].desiredSize}`); },
  transform(chunk, ...args) {
    events.push(`transform ${chunk} ${args.length}`);
    args[0].enqueue(chunk + chunk);
    if (chunk === 'y') args[0].enqueue('!');
  },
  async flush(...args) {
    await turn();
    events.push(`flush ${args.length}`);
    args[0].enqueue('end');
  },
};
const doubled = new TransformStream(transformer);
const doubling = doubled.writable.getWriter();
doubling.write('x');
doubling.write('y');
doubling.close();
await turn();
console.log(events.join('; '));
console.log(await read(doubled.readable), events.join('; '));

console.log('# backpressure');
const log = [];
const pressed = new TransformStream({ transform(chunk, controller) { log.push(chunk); controller.enqueue(chunk); } },
  { highWaterMark: 2 }, { highWaterMark: 1 });
const pressing = pressed.writable.getWriter();
for (let i = 0; i < 4; i++) pressing.write(i);
await turn();
const reader = pressed.readable.getReader();
console.log(log.join(), pressing.desiredSize);
await reader.read();
await turn();
console.log(log.join(), pressing.desiredSize);

console.log('# failing');
const failures = {
  'transform throws': { transform() { throw new RangeError('x'); } },
  'transform rejects': { transform: async () => { throw new RangeError('x'); } },
  'controller.error': { transform(chunk, controller) { controller.error('own'); } },
  'flush throws': { flush() { throw new RangeError('x'); } },
  'start rejects': { start: async () => { throw new RangeError('x'); } },
  'terminate': { transform(chunk, controller) { controller.terminate(); } },
  'terminate at the start': { start(controller) { controller.terminate(); } },
  'enqueue after terminate': { transform(chunk, controller) { controller.terminate(); controller.enqueue(1); } },
};
for (const [name, cause] of Object.entries(failures)) {
  const failing = new TransformStream(cause, undefined, { highWaterMark: 1 });
  const other = failing.writable.getWriter();
  console.log(`${name}: ${await settled(other.write('a'), other.close(), other.closed, failing.readable.getReader().closed)}`);
}
await attempt('a size that throws', async () => {
  const failing = new TransformStream({}, undefined, { size() { throw new RangeError('x'); }, highWaterMark: 1 });
  return settled(failing.writable.getWriter().write(1), failing.readable.getReader().closed);
});

console.log('# canceling and aborting');
const ends = {
  cancel: (stream) => [stream.readable.cancel('why'), stream.writable.getWriter().closed],
  abort: (stream) => [stream.writable.abort('why'), stream.readable.getReader().closed],
  'cancel then abort': (stream) => [stream.readable.cancel('one'), stream.writable.abort('two')],
  'abort then cancel': (stream) => [stream.writable.abort('one'), stream.readable.cancel('two')],
  'cancel then close': (stream) => [stream.readable.cancel('one'), stream.writable.close()],
  'close then cancel': (stream) => [stream.writable.close(), stream.readable.cancel('two')],
};
for (const [name, end] of Object.entries(ends)) {
  for (const fails of [false, true]) {
    const calls = [];
    const ending = new TransformStream({
      flush() { calls.push('flush'); if (fails) throw new RangeError('x'); },
      cancel(reason) { calls.push(`cancel ${reason}`); if (fails) throw new RangeError('x'); },
    });
    await turn();
    console.log(`${name}: ${await settled(...end(ending))}; ${calls.join('; ')}`);
  }
}
let controller;
const immediate = new TransformStream({ start(given) { controller = given; } });
const canceling = immediate.readable.cancel('reason');
controller.error('own');
console.log(await settled(canceling, immediate.writable.getWriter().closed));
const within = new TransformStream({ start(given) { controller = given; } }, undefined, { size() { within.writable.abort('in size'); return 1; }, highWaterMark: 1 });
await turn();
controller.enqueue('a');
const last = within.readable.getReader();
console.log(await settled(last.read(), last.closed));
