// SPDX-License-Identifier: Apache-2.0
// TextEncoderStream and TextDecoderStream.
const show = (string) => JSON.stringify(string).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const attempt = async (name, work) => {
  let found;
  try {
    found = await work();
  } catch (error) {
    found = error instanceof Error && error.name !== 'Error' ? `threw ${error.name}` : `threw ${error}`;
  }
  console.log(`${name}: ${found}`);
};
const through = async (stream, ...chunks) => {
  const results = [];
  for await (const chunk of ReadableStream.from(chunks).pipeThrough(stream)) {
    results.push(typeof chunk === 'string' ? show(chunk) : `${chunk.constructor.name}[${chunk}]`);
  }
  return results.join(' ') || 'nothing';
};

console.log('# interfaces');
for (const Class of [TextEncoderStream, TextDecoderStream]) {
  const { prototype, length, name } = Class;
  console.log(`${name}/${length} ${Object.prototype.toString.call(prototype)} ${Object.keys(prototype).sort().join(' ')}`);
  for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (get) await attempt(`${key} of another`, () => get.call({}));
  }
}
const encoder = new TextEncoderStream();
console.log(encoder.encoding, encoder.readable === encoder.readable, encoder.writable instanceof WritableStream);
const decoder = new TextDecoderStream('UTF-16', { fatal: 1, ignoreBOM: true });
console.log(decoder.encoding, decoder.fatal, decoder.ignoreBOM);
await attempt('a label that is none', () => new TextDecoderStream('none'));
await attempt('options that are none', () => new TextDecoderStream('utf-8', 1));

console.log('# encoding');
for (const chunks of [['abc', '', '\u20AC'], ['\uD83D', '\uDE00'], ['a\uD83D', 'b'], ['\uD83D'], ['\uDE00'], ['\uD83D', '', '\uDE00x'],
  ['\uD83D', '\uD83D', '\uDE00'], [1, null, undefined, { toString: () => 'own' }], ['']]) {
  await attempt(chunks.map((chunk) => show(String(chunk))).join(' '), () => through(new TextEncoderStream(), ...chunks));
}
await attempt('a symbol', () => through(new TextEncoderStream(), Symbol('x')));
await attempt('an object without text', () => through(new TextEncoderStream(), { toString() { throw new EvalError('x'); } }));

console.log('# decoding');
const bytes = (...list) => new Uint8Array(list);
for (const [label, options, ...chunks] of [
  ['utf-8', {}, bytes(0x61, 0xE2), bytes(0x82), bytes(0xAC, 0x62)],
  ['utf-8', {}, bytes(0xEF, 0xBB), bytes(0xBF, 0x61)],
  ['utf-8', { ignoreBOM: true }, bytes(0xEF, 0xBB), bytes(0xBF, 0x61)],
  ['utf-8', {}, bytes(0xE2, 0x82)], ['utf-8', { fatal: true }, bytes(0xE2, 0x82)], ['utf-8', { fatal: true }, bytes(0xFF)],
  ['utf-8', {}, bytes(0x61).buffer, new DataView(bytes(0x62, 0x63).buffer, 1), new Uint16Array([0x6464])], ['utf-8', {}, bytes()],
  ['utf-16le', {}, bytes(0x3D), bytes(0xD8, 0x00), bytes(0xDE)], ['latin1', {}, bytes(0xE9, 0x80)],
  ['utf-8', {}, 'text'], ['utf-8', {}, undefined], ['utf-8', {}, null], ['utf-8', {}, [1]],
]) {
  await attempt(`${label} ${JSON.stringify(options)} ${chunks.map(String).join(' ')}`, () => through(new TextDecoderStream(label, options), ...chunks));
}
const failing = new TextDecoderStream('utf-8', { fatal: true });
const writer = failing.writable.getWriter();
const ends = [writer.write(bytes(0xFF)), writer.closed, failing.readable.getReader().read()];
console.log((await Promise.allSettled(ends)).map(({ reason }) => reason?.name).join());

console.log('# both');
let text = '';
const words = ['Gr\u00FC\u00DFe ', '\u{1F600}', '', 'x'.repeat(5)];
await ReadableStream.from(words).pipeThrough(new TextEncoderStream())
  .pipeThrough(new TransformStream({ transform(chunk, c) { for (const byte of chunk) c.enqueue(bytes(byte)); } }))
  .pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write(chunk) { text += chunk; } }));
console.log(text === words.join(''), show(text));
