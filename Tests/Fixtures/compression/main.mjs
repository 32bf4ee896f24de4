// SPDX-License-Identifier: Apache-2.0
const formats = ['deflate', 'deflate-raw', 'gzip', 'brotli'];
const join = (chunks) => {
  const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
};
const through = async (stream, ...chunks) => {
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  const output = [];
  for await (const chunk of stream.readable) output.push(chunk);
  await writing;
  if (!output.every((chunk) => Object.getPrototypeOf(chunk) === Uint8Array.prototype && chunk.length > 0)) console.log('ODD CHUNK');
  return output;
};
const compress = async (format, ...chunks) => join(await through(new CompressionStream(format), ...chunks));
const expand = async (format, ...chunks) => join(await through(new DecompressionStream(format), ...chunks));
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const encode = (text) => new TextEncoder().encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);
const of = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return error.name;
  }
};

console.log('# interfaces');
for (const Class of [CompressionStream, DecompressionStream]) {
  const { prototype, name, length } = Class;
  console.log(name, length, Object.prototype.toString.call(new Class('gzip')), Reflect.ownKeys(prototype).map(String).join());
  const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, 'readable');
  console.log(get.name, set, enumerable, configurable, Object.keys(Object.getOwnPropertyDescriptors(globalThis)).includes(name));
  console.log([() => Class('gzip'), () => new Class(), () => new Class('a'), () => new Class(null), () => new Class('GZIP'), () => new Class('br'),
    () => new Class(Symbol('gzip')), () => prototype.readable, () => prototype.writable,
    () => get.call(Reflect.construct(TransformStream, []))].map(attempt).join());
  const stream = new Class({ toString: () => 'deflate' });
  console.log(stream.readable instanceof ReadableStream, stream.writable instanceof WritableStream, stream.readable === stream.readable);
}
console.log(attempt(() => Object.getOwnPropertyDescriptor(CompressionStream.prototype, 'writable').get.call(new DecompressionStream('gzip'))));

console.log('# there and back');
let seed = 1;
const mixed = Uint8Array.from({ length: 300_000 }, (_, i) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return i % 1000 < 500 ? seed >>> 24 : 65 + (i >> 10) % 26;
});
const inputs = { nothing: [], empty: [new Uint8Array()], text: [encode('abc')], pieces: [encode('a'), new Uint8Array(), encode('b'), encode('c')],
  mixed: [mixed], 'mixed pieces': [mixed.subarray(0, 1), mixed.subarray(1, 70_000), mixed.subarray(70_000)] };
for (const format of formats) {
  const results = [];
  for (const name of Object.keys(inputs)) {
    const whole = join(inputs[name]);
    const packed = await compress(format, ...inputs[name]);
    const pieces = [];
    for (let i = 0; i < packed.length; i += packed.length > 1000 ? 1013 : 1) pieces.push(packed.subarray(i, i + (packed.length > 1000 ? 1013 : 1)));
    const isBack = same(await expand(format, packed), whole) && same(await expand(format, ...pieces), whole);
    results.push(`${name} ${isBack}${packed.length < Math.max(whole.length, 100) ? '' : ' LONG'}`);
  }
  console.log(format, results.join(', '));
}

console.log('# made elsewhere');
const elsewhere = {
  'deflate': 'eNoLz0gsUcgsVigoSi0uTk0BMXNSSxTyS0sUEtMTM/P0uMKpoAIAO5Ajhg==',
  'deflate-raw': 'C89ILFHILFYoKEotLk5NATFzUksU8ktLFBLTEzPz9LjCqaACAA==',
  'gzip': 'H4sIAAAAAAACAwvPSCxRyCxWKChKLS5OTQExc1JLFPJLSxQS0xMz8/S4wqmgAgBY+Kg+ZgAAAA==',
  'brotli': 'G2UA+B0HbizNW27SWStc0dUptrcEcSlrGAYp5Bsdgxjo+KSo3flwrncI',
};
for (const format of formats) console.log(format, JSON.stringify(decode(await expand(format, of(elsewhere[format])))));
const fields = 'H4sIHgAAAAAAAwQAYWIAAG5hbWUAY29tbWVudABKZwvPSCxRyCxWKChKLS5OTQExc1JLFPJLSxQS0xMz8/S4wqmgAgBY+Kg+ZgAAAA==';
console.log('gzip with all its fields', JSON.stringify(decode(await expand('gzip', of(fields)))));

console.log('# kinds of chunks');
const bytes = encode('abcdefgh');
const { buffer } = bytes;
for (const format of formats) {
  const outputs = [];
  for (const chunk of [buffer, new DataView(buffer), new Int8Array(buffer), new Uint8ClampedArray(buffer), new Uint16Array(buffer), new Int32Array(buffer),
    new Float64Array(buffer), new BigUint64Array(buffer), new Uint8Array([0, ...bytes, 0]).subarray(1, 9)]) {
    outputs.push(decode(await expand(format, (await compress(format, chunk)).buffer)));
  }
  console.log(format, [...new Set(outputs)].join());
}

console.log('# much output for little input');
const zeros = new Uint8Array(10_000_000);
for (const format of formats) {
  const packed = await compress(format, zeros);
  const output = await through(new DecompressionStream(format), packed);
  const total = output.reduce((sum, chunk) => sum + chunk.length, 0);
  console.log(format, packed.length < 20_000, total, output.every((chunk) => chunk.buffer.byteLength <= 65536));
}

console.log('# pressure');
for (const Class of [CompressionStream, DecompressionStream]) {
  const { readable, writable } = new Class('deflate');
  const writer = writable.getWriter();
  console.log(writer.desiredSize);
  let isReady = false;
  let isWritten = false;
  writer.write(await compress('deflate', encode('x'))).then(() => { isWritten = true; });
  writer.ready.then(() => { isReady = true; });
  await new Promise((resolve) => setTimeout(resolve, 0));
  console.log(writer.desiredSize, isReady, isWritten);
  const reading = readable.getReader().read();
  await writer.ready;
  writer.close();
  console.log((await reading).value.length > 0);
}

console.log('# a source that goes while it is read');
for (const format of formats) {
  const packed = await compress(format, mixed);
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const first = reader.read();
  Object.defineProperty(Object.prototype, 'then', { configurable: true, get() {
    if (packed.buffer.byteLength > 0) structuredClone(packed.buffer, { transfer: [packed.buffer] });
  } });
  writer.write(packed).catch(() => {});
  writer.close().catch(() => {});
  await first;
  delete Object.prototype.then;
  const output = [(await first).value];
  for (let step; !(step = await reader.read()).done;) output.push(step.value);
  console.log(format, packed.length, same(join(output), mixed));
}

console.log('# pipes');
const letters = new ReadableStream({ start(controller) {
  for (const letter of 'pipes') controller.enqueue(letter);
  controller.close();
} });
const piped = letters.pipeThrough(new TextEncoderStream()).pipeThrough(new CompressionStream('gzip'))
  .pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream());
let text = '';
for await (const chunk of piped) text += chunk;
console.log(text);

console.log('# ends before the end');
for (const format of formats) {
  const canceled = new CompressionStream(format);
  const writer = canceled.writable.getWriter();
  const writing = writer.write(mixed);
  console.log(await canceled.readable.cancel('enough'), await writing.then(() => 'written', (error) => error),
    await writer.write(mixed).catch((error) => error));
  const aborted = new DecompressionStream(format);
  const reading = aborted.readable.getReader().read().catch((error) => error);
  console.log(await aborted.writable.abort('why'), await reading);
}
