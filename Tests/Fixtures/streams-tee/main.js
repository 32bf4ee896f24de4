// SPDX-License-Identifier: Apache-2.0
// tee, of streams of chunks and of bytes.
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
const show = ({ done, value }) => (ArrayBuffer.isView(value)
  ? `${done} ${value.constructor.name} [${new Uint8Array(value.buffer, value.byteOffset, value.byteLength)}]` : `${done} ${value}`);
const read = async (stream) => {
  let text = '';
  for await (const chunk of stream) text += `${chunk} `;
  return text;
};
const numbers = (n, events) => {
  let i = 0;
  return new ReadableStream({
    pull(c) { events?.push(`pull ${i}`); if (i < n) c.enqueue(i++); else c.close(); },
    cancel(reason) { events?.push(`cancel ${JSON.stringify(reason)} ${Array.isArray(reason)}`); },
  }, { highWaterMark: 0 });
};

console.log('# chunks');
const whole = numbers(3);
const branches = whole.tee();
console.log(Array.isArray(branches), branches.length, whole.locked, branches[0] instanceof ReadableStream);
await attempt('tee of a locked stream', () => whole.tee());
console.log(await Promise.all(branches.map(read)));
const object = {};
const same = new ReadableStream({ start(c) { c.enqueue(object); } }).tee().map((branch) => branch.getReader());
const chunks = await Promise.all(same.map((reader) => reader.read()));
console.log(chunks.every(({ value }) => value === object));
const events = [];
const [one, two] = numbers(9, events).tee();
const first = one.getReader();
for (let i = 0; i < 3; i++) await first.read();
await turn();
console.log(events.join('; '));
const canceled = [first.cancel('a'), two.cancel('b')];
console.log(await Promise.all(canceled), events.at(-1));
const [left, right] = numbers(3).tee();
left.cancel();
console.log(await read(right));
const failing = new ReadableStream({ pull(c) { c.error('own'); } }).tee();
for (const branch of failing) await attempt('failed', () => branch.getReader().read());
const refusing = new ReadableStream({ cancel() { throw new RangeError('x'); } }).tee();
console.log((await Promise.allSettled([refusing[0].cancel(), refusing[1].cancel()])).map(({ reason }) => reason.name));
const closing = new ReadableStream({ start(c) { c.close(); } }).tee();
console.log(await Promise.all(closing.map((branch) => branch.getReader().closed)));

console.log('# bytes');
const make = (list, log) => new ReadableStream({
  type: 'bytes',
  pull(c) {
    const { byobRequest } = c;
    log?.push(byobRequest === null ? 'no request' : `request ${byobRequest.view.byteLength}`);
    const next = list.shift();
    if (next === undefined) {
      c.close();
      byobRequest?.respond(0);
    } else if (byobRequest === null) c.enqueue(new Uint8Array(next));
    else {
      byobRequest.view.set(next);
      byobRequest.respond(next.length);
    }
  },
  cancel(reason) { log?.push(`cancel ${reason}`); },
});
console.log((await Promise.all(make([[1, 2], [3]]).tee().map(read))).join('| '));
const apart = make([[1, 2]]).tee().map((branch) => branch.getReader());
const [{ value: mine }, { value: others }] = await Promise.all(apart.map((reader) => reader.read()));
mine[0] = 9;
console.log(mine.join(), others.join(), mine.buffer === others.buffer);
const log = [];
const [filled, copied] = make([[1, 2], [3, 4, 5]], log).tee();
const byob = filled.getReader({ mode: 'byob' });
const plain = copied.getReader();
console.log(show(await byob.read(new Uint8Array(4))), '|', show(await plain.read()));
const reads = [plain.read(), byob.read(new Uint16Array(1))];
console.log((await Promise.all(reads)).map(show).join(' | '));
const lasts = [byob.read(new Uint8Array(4)), byob.read(new Uint8Array(4)), plain.read()];
console.log((await Promise.all(lasts)).map(show).join(' | '));
console.log(log.join('; '));
const both = make([[1], [2]]).tee().map((branch) => branch.getReader({ mode: 'byob' }));
console.log((await Promise.all([both[1].read(new Uint8Array(2)), both[0].read(new Uint8Array(3))])).map(show).join(' | '));
both[1].cancel('b');
console.log(show(await both[0].read(new Uint8Array(1))));
const stopped = [];
const stopping = make([[1]], stopped).tee();
const waits = stopping[0].getReader({ mode: 'byob' });
await waits.read(new Uint8Array(1));
console.log(await Promise.all([waits.cancel('a'), stopping[1].cancel('b')]), stopped.join('; '));
const broken = new ReadableStream({ type: 'bytes', pull() { throw new RangeError('x'); } }).tee();
await attempt('failed', () => broken[0].getReader({ mode: 'byob' }).read(new Uint8Array(1)));
await attempt('failed', () => broken[1].getReader().read());
