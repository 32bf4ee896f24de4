// SPDX-License-Identifier: Apache-2.0
// Streams of bytes: transfer, BYOB readers and requests, memory that scripts detach meanwhile.
const attempt = async (name, work) => {
  let found;
  try {
    found = await work();
  } catch (error) {
    found = error instanceof Error && error.name !== 'Error' ? `threw ${error.name}` : `threw ${error}`;
  }
  console.log(`${name}: ${found}`);
};
const show = ({ done, value }) => (value === undefined ? `done ${done}`
  : `${done} ${value.constructor.name} [${new Uint8Array(value.buffer, value.byteOffset, value.byteLength)}] at ${value.byteOffset} of ${value.buffer.byteLength}`);
const make = (source = {}, strategy = undefined) => {
  let controller;
  const stream = new ReadableStream({ type: 'bytes', ...source, start(given) { controller = given; } }, strategy);
  return { controller, stream };
};
const bytes = (...list) => new Uint8Array(list);
const detach = (buffer) => structuredClone(buffer, { transfer: [buffer] });

console.log('# default readers');
const first = make();
console.log(first.controller.desiredSize, first.controller.byobRequest, Object.prototype.toString.call(first.controller));
const reader = first.stream.getReader();
const pending = reader.read();
const chunk = bytes(1, 2, 3, 4).subarray(1, 3);
first.controller.enqueue(chunk);
console.log(chunk.byteLength, chunk.buffer.byteLength, show(await pending));
first.controller.enqueue(new Uint16Array([0x0102]));
first.controller.enqueue(new DataView(new ArrayBuffer(3), 1, 1));
console.log(first.controller.desiredSize, show(await reader.read()), '|', show(await reader.read()));
for (const value of [undefined, 'x', new ArrayBuffer(1), bytes(), new DataView(new ArrayBuffer(1), 1)]) {
  await attempt(`enqueue ${Object.prototype.toString.call(value)}`, () => first.controller.enqueue(value));
}
const gone = bytes(1);
detach(gone.buffer);
await attempt('enqueue what is detached', () => first.controller.enqueue(gone));
await attempt('enqueue memory of wasm', () => first.controller.enqueue(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)));
first.controller.enqueue(bytes(9));
first.controller.close();
console.log(show(await reader.read()), '|', show(await reader.read()), first.controller.desiredSize);
await attempt('enqueue after close', () => first.controller.enqueue(bytes(1)));

console.log('# memory of the stream\'s own');
let seen;
const auto = make({ autoAllocateChunkSize: 4, pull(c) {
  const { view } = c.byobRequest;
  seen = `${view.constructor.name} ${view.byteLength} ${c.byobRequest === c.byobRequest}`;
  view[0] = 7;
  c.byobRequest.respond(1);
} });
console.log(show(await auto.stream.getReader().read()), seen);

console.log('# BYOB');
const fill = (n) => ({ pull(c) {
  const { byobRequest } = c;
  if (byobRequest === null) return;
  const { view } = byobRequest;
  for (let i = 0; i < n && i < view.byteLength; i++) view[i] = i + 1;
  byobRequest.respond(Math.min(n, view.byteLength));
} });
const byob = make(fill(3)).stream.getReader({ mode: 'byob' });
const mine = bytes(0, 0, 0, 0, 0, 0);
console.log(show(await byob.read(mine.subarray(1, 5))), mine.byteLength);
console.log(show(await byob.read(new Uint16Array(3))), '|', show(await byob.read(new DataView(new ArrayBuffer(5), 2))));
console.log(show(await byob.read(new Uint8Array(8), { min: 5 })), '|', show(await byob.read(new Uint32Array(2), { min: 2 })));
for (const args of [[], ['x'], [bytes()], [bytes(1), { min: 0 }], [bytes(1), { min: 2 }], [bytes(1), { min: -1 }], [new Uint16Array(2), { min: 3 }]]) {
  await attempt(`read ${args.map((arg) => JSON.stringify(arg)).join(' ')}`, () => byob.read(...args));
}
await attempt('read into what is detached', () => byob.read(mine));

const queued = make();
queued.controller.enqueue(bytes(1, 2, 3));
queued.controller.enqueue(bytes(4, 5));
const taking = queued.stream.getReader({ mode: 'byob' });
console.log(show(await taking.read(new Uint16Array(1))), '|', show(await taking.read(bytes(0, 0))), queued.controller.desiredSize);
const reads = [taking.read(bytes(0)), taking.read(bytes(0, 0)), taking.read(bytes(0, 0))];
queued.controller.enqueue(bytes(6, 7));
queued.controller.close();
queued.controller.byobRequest?.respond(0);
console.log((await Promise.all(reads)).map(show).join(' | '));
const half = make();
const halfway = half.stream.getReader({ mode: 'byob' }).read(new Uint16Array(1));
half.controller.enqueue(bytes(1));
await attempt('close within an element', () => half.controller.close());
await attempt('its read', () => halfway);

console.log('# requests');
const asked = make();
const answering = asked.stream.getReader({ mode: 'byob' });
let read = answering.read(new Uint8Array(4));
const request = asked.controller.byobRequest;
console.log(Object.prototype.toString.call(request), request.view.byteLength);
for (const count of [0, 5, -1, NaN, 'x']) await attempt(`respond ${count}`, () => request.respond(count));
await attempt('respond without', () => request.respond());
await attempt('another view', () => request.respondWithNewView(bytes(1)));
await attempt('another place', () => request.respondWithNewView(request.view.subarray(1)));
await attempt('no view', () => request.respondWithNewView({}));
const { view } = request;
const moved = new Uint8Array(detach(view.buffer), 0, 2);
moved[0] = 5;
await attempt('respond after a transfer', () => request.respond(1));
request.respondWithNewView(moved);
console.log(show(await read), moved.byteLength, request.view, asked.controller.byobRequest);
await attempt('respond again', () => request.respond(1));
await attempt('respondWithNewView again', () => request.respondWithNewView(bytes(1)));
read = answering.read(new Uint8Array(4));
detach(asked.controller.byobRequest.view.buffer);
await attempt('enqueue while the memory is detached', () => asked.controller.enqueue(bytes(1)));
answering.releaseLock();
await attempt('a read whose reader was released', () => read);

console.log('# a request that outlives its reader');
const outlived = make();
const leaving = outlived.stream.getReader({ mode: 'byob' });
leaving.read(new Uint8Array(4)).catch(() => {});
const open = outlived.controller.byobRequest;
leaving.releaseLock();
open.view[0] = 8;
open.respond(2);
console.log(outlived.controller.desiredSize, show(await outlived.stream.getReader().read()));

console.log('# closing and canceling');
const ended = make();
ended.controller.close();
console.log(show(await ended.stream.getReader({ mode: 'byob' }).read(new Uint16Array(2))));
const canceled = make({ cancel(reason) { console.log(`canceled ${reason} ${canceled.controller.byobRequest}`); } });
const canceling = canceled.stream.getReader({ mode: 'byob' });
const last = canceling.read(bytes(1));
await canceling.cancel('why');
console.log(show(await last), show(await canceling.read(bytes(1))));
const failed = make();
const failing = failed.stream.getReader({ mode: 'byob' });
const never = failing.read(bytes(1));
failed.controller.error('own');
await attempt('failed', () => never);
await attempt('read of it', () => failing.read(bytes(1)));
