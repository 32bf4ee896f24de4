// SPDX-License-Identifier: Apache-2.0
const of = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const good = {
  'deflate': of('eNoLz0gsUcgsVigoSi0uTk0BMXNSSxTyS0sUEtMTM/P0uMKpoAIAO5Ajhg=='),
  'deflate-raw': of('C89ILFHILFYoKEotLk5NATFzUksU8ktLFBLTEzPz9LjCqaACAA=='),
  'gzip': of('H4sIAAAAAAACAwvPSCxRyCxWKChKLS5OTQExc1JLFPJLSxQS0xMz8/S4wqmgAgBY+Kg+ZgAAAA=='),
  'brotli': of('G2UA+B0HbizNW27SWStc0dUptrcEcSlrGAYp5Bsdgxjo+KSo3flwrncI'),
};
const formats = Object.keys(good);
const replaced = (bytes, at, value) => bytes.with?.(at, value) ?? bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? value : byte));
// What comes out, and how it ends; reading begins before writing.
const outcome = async (stream, ...chunks) => {
  const reader = stream.readable.getReader();
  const reading = (async () => {
    let size = 0;
    try {
      for (let step; !(step = await reader.read()).done;) size += step.value.length;
      return `${size} bytes`;
    } catch (error) {
      return `${size} bytes, then ${error.name}: ${error.message}`;
    }
  })();
  const writer = stream.writable.getWriter();
  let ends = '';
  for (const chunk of chunks) await writer.write(chunk).catch((error) => { ends += ` write ${error.name}`; });
  await writer.close().catch((error) => { ends += ` close ${error.name}`; });
  await writer.closed.catch((error) => { ends += ` closed ${error.name}`; });
  return `${await reading};${ends || ' fine'}`;
};
const expand = async (what, format, ...chunks) => console.log(`${what}: ${await outcome(new DecompressionStream(format), ...chunks)}`);

for (const format of formats) {
  const bytes = good[format];
  console.log(`# ${format}`);
  await expand('good', format, bytes);
  await expand('nothing', format);
  await expand('an empty chunk', format, new Uint8Array());
  await expand('without its last byte', format, bytes.subarray(0, -1));
  await expand('its first byte', format, bytes.subarray(0, 1));
  await expand('a byte behind it, in its chunk', format, new Uint8Array([...bytes, 0]));
  await expand('a byte behind it, in another', format, bytes, new Uint8Array(1));
  await expand('nothing behind it', format, bytes, new Uint8Array(0), new ArrayBuffer(0));
  await expand('twice', format, bytes, bytes);
  await expand('noise', format, new Uint8Array(100).fill(0xFF));
  let cut = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (/Error/.test(await outcome(new DecompressionStream(format), bytes.subarray(0, i)))) cut++;
  }
  console.log(`cut at ${cut} of ${bytes.length} places`);
}

console.log('# fields of deflate');
await expand('compression method', 'deflate', replaced(good.deflate, 0, 0x79));
await expand('window', 'deflate', replaced(good.deflate, 0, 0x88));
await expand('check of the header', 'deflate', replaced(good.deflate, 1, 0xDB));
await expand('level', 'deflate', replaced(good.deflate, 1, 0x9C));
await expand('dictionary', 'deflate', of('ePlB8gbQC89ILAFxCzBkFBLTEzPz9LiooQIAO5Ajhg=='));
await expand('checksum', 'deflate', replaced(good.deflate, -1, 1));
console.log('# fields of gzip');
await expand('magic', 'gzip', replaced(good.gzip, 0, 0));
await expand('magic', 'gzip', replaced(good.gzip, 1, 0));
await expand('compression method', 'gzip', replaced(good.gzip, 2, 7));
await expand('reserved flags', 'gzip', replaced(good.gzip, 3, 0x80));
await expand('time', 'gzip', replaced(good.gzip, 4, 9));
await expand('operating system', 'gzip', replaced(good.gzip, 9, 9));
await expand('checksum', 'gzip', replaced(good.gzip, -8, 0));
await expand('length', 'gzip', replaced(good.gzip, -4, 0));
const checked = of('H4sIHgAAAAAAAwQAYWIAAG5hbWUAY29tbWVudABKZwvPSCxRyCxWKChKLS5OTQExc1JLFPJLSxQS0xMz8/S4wqmgAgBY+Kg+ZgAAAA==');
await expand('checksum of the header', 'gzip', replaced(checked, 12, 1));

console.log('# chunks that are none');
const bad = { undefined, null: null, number: 3.14, object: {}, array: [65], text: 'a', promise: Promise.resolve(new Uint8Array(1)),
  proxy: new Proxy(new Uint8Array(1), {}), lookalike: { __proto__: Uint8Array.prototype } };
for (const Class of [CompressionStream, DecompressionStream]) {
  for (const kind of Object.keys(bad)) console.log(`${Class.name}, ${kind}: ${await outcome(new Class('gzip'), bad[kind])}`);
}

console.log('# detached');
const gone = new Uint8Array(good.gzip);
structuredClone(gone.buffer, { transfer: [gone.buffer] });
console.log(await outcome(new CompressionStream('gzip'), gone), '/', await outcome(new DecompressionStream('gzip'), gone.buffer));
