// SPDX-License-Identifier: Apache-2.0
// Compiles: streams, text and compression.
const numbers = new ReadableStream<number>({
  start(controller) { controller.enqueue(1); },
  pull(controller) { controller.close(); },
}, new CountQueuingStrategy({ highWaterMark: 2 }));
const doubled = numbers.pipeThrough(new TransformStream<number, string>({
  transform(chunk, controller) { controller.enqueue(`${chunk * 2}`); },
}));
const [one, two] = doubled.tee();
for await (const text of one) text.toUpperCase();
const encoded: ReadableStream<Uint8Array> = two.pipeThrough(new TextEncoderStream());
await encoded.pipeThrough(new CompressionStream('deflate-raw')).pipeTo(new WritableStream<Uint8Array>({
  write(chunk, { signal }) { signal.throwIfAborted(); console.log(chunk.length); },
}), { preventClose: true });

const source = new ReadableStream({ type: 'bytes', pull({ byobRequest }) { byobRequest?.respond(1); } });
const reader = source.getReader({ mode: 'byob' });
const { done, value } = await reader.read(new Uint16Array(4), { min: 1 });
if (!done) value.BYTES_PER_ELEMENT;
const plain = await new ReadableStream<string>().getReader().read();
if (!plain.done) plain.value.length;
const writer = new WritableStream<string>().getWriter();
await writer.ready;
const text: string = new TextDecoder('utf-16le', { fatal: true }).decode(new ArrayBuffer(2), { stream: true });
const from: ReadableStream<string> = ReadableStream.from(['a', Promise.resolve('b')]);

// @ts-expect-error: a chunk of another type
await writer.write(5);
// @ts-expect-error: no such format
new CompressionStream('zip');
// @ts-expect-error: made by streams alone
const made: ReadableStreamDefaultController<string> = new ReadableStreamDefaultController().desiredSize;
export { from, made, text };
