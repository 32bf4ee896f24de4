// SPDX-License-Identifier: Apache-2.0
// What is transferred moves: buffers, ports and streams, each once, and only where the whole clone succeeds.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const collect = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const move = (value) => structuredClone(value, { transfer: [value] });

await attempt('places of what is transferred', () => {
  const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
  const view = new Uint8Array(buffer, 1, 2);
  const error = new Error('x', { cause: buffer });
  const copy = structuredClone({ map: new Map([[buffer, view], ['k', buffer]]), set: new Set([view]), list: [, buffer], error, view, end: 1 },
    { transfer: [buffer] });
  const moved = copy.list[1];
  return [[...copy.map.keys()][0] === moved, copy.map.get(moved) === copy.view, copy.map.get('k') === moved, copy.set.has(copy.view),
    0 in copy.list, copy.error.cause === moved, copy.view.join('-'), Object.keys(copy).join('-'), buffer.byteLength, view.length].join();
});
await attempt('a port', () => {
  const { port1, port2 } = new MessageChannel();
  const moved = move(port2);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve([data, moved instanceof MessagePort, moved !== port2].join());
    moved.postMessage('through the moved port');
  });
});
await attempt('a port again', () => {
  const { port1 } = new MessageChannel();
  move(port1);
  return move(port1);
});
await attempt('a closed port', () => {
  const { port1 } = new MessageChannel();
  port1.close();
  return move(port1);
});
await attempt('a port twice', () => {
  const { port1 } = new MessageChannel();
  return structuredClone(1, { transfer: [port1, port1] });
});
await attempt('what cannot move', () => structuredClone(1, { transfer: [new Event('x')] }));
await attempt('an exception', () => structuredClone(1, { transfer: [new DOMException()] }));
await attempt('a failed clone', () => {
  const stream = new ReadableStream();
  const { port1 } = new MessageChannel();
  try {
    structuredClone([stream, port1, () => {}], { transfer: [stream, port1] });
  } catch (error) {
    return `${error.name} ${stream.locked} ${move(port1) instanceof MessagePort}`;
  }
});
await attempt('a stream', async () => {
  const source = new ReadableStream({ start(controller) {
    for (const chunk of [1, { a: [2] }, new DOMException('m', 'n')]) controller.enqueue(chunk);
    controller.close();
  } });
  const moved = move(source);
  const [one, two, three] = await collect(moved);
  return [source.locked, moved instanceof ReadableStream, one, two.a[0], three instanceof DOMException].join();
});
await attempt('a stream that fails', () => collect(move(new ReadableStream({ start(c) { c.error(new RangeError('the source failed')); } }))));
await attempt('a chunk that cannot be cloned', async () => {
  let reason;
  const moved = move(new ReadableStream({ pull(c) { c.enqueue(() => {}); }, cancel(e) { reason = e; } }));
  try {
    await collect(moved);
  } catch (error) {
    return `${error.name} ${reason.name}`;
  }
});
await attempt('a stream that is canceled', async () => {
  let resolve;
  const canceled = new Promise((done) => { resolve = done; });
  const moved = move(new ReadableStream({ cancel: resolve }));
  await moved.cancel('enough');
  return canceled;
});
await attempt('a writable stream', async () => {
  const log = [];
  let resolve;
  const closed = new Promise((done) => { resolve = done; });
  const source = new WritableStream({ write(chunk) { log.push(chunk); }, close: resolve });
  const writer = move(source).getWriter();
  await writer.write({ a: 1 });
  await writer.write('two');
  await writer.close();
  await closed;
  return JSON.stringify(log);
});
await attempt('a writable stream that fails', async () => {
  const writer = move(new WritableStream({ write() { throw new TypeError('the sink failed'); } })).getWriter();
  writer.write(1).catch(() => {});
  return writer.closed;
});
await attempt('a transform stream', async () => {
  const source = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk * 2); } });
  const moved = move(source);
  const done = collect(moved.readable);
  const writer = moved.writable.getWriter();
  for (const chunk of [1, 2, 3]) writer.write(chunk);
  writer.close();
  return `${await done} ${moved instanceof TransformStream} ${source.readable.locked} ${source.writable.locked}`;
});
await attempt('a locked stream', () => {
  const stream = new ReadableStream();
  stream.getReader();
  return move(stream);
});
await attempt('half of a transform stream', () => {
  const transform = new TransformStream();
  return structuredClone(1, { transfer: [transform.readable, transform] });
});
await attempt('a memory of WebAssembly', () => {
  const { buffer } = new WebAssembly.Memory({ initial: 1 });
  return move(buffer);
});
