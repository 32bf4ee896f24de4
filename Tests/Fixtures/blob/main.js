// SPDX-License-Identifier: Apache-2.0
// Blob and File.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const read = async (blob) => `${JSON.stringify(await blob.text())} ${blob.size} ${JSON.stringify(blob.type)}`;

console.log('# parts');
const detached = new ArrayBuffer(4);
const empty = new Uint8Array(detached);
structuredClone(detached, { transfer: [detached] });
const wide = new Uint16Array([0x6261, 0x6463, 0x6665]);
for (const parts of [undefined, [], ['a', 'b'], 'ab', new Set(['x', 1, null, undefined]), [new String('s'), {}, [1, 2]], ['\uD800', '\uDC00', '\u{1F600}'],
  [wide, wide.buffer, new DataView(wide.buffer, 1, 2), wide.subarray(1, 2)], [detached, empty, 'x'],
  [new Blob(['in']), new File(['ner'], 'f')], [['a', new Uint8Array([0xFF, 0xE2, 0x82])]], ['\uFEFFmark']]) {
  await attempt(typeof parts, () => read(new Blob(parts)));
}
for (const parts of [null, 1, {}, { [Symbol.iterator]: 1 }, [Symbol()]]) await attempt(String(parts === null ? null : typeof parts), () => new Blob(parts));
const order = [];
const noted = (name, value) => ({ get [name]() { order.push(name); return value; } });
new Blob([{ toString() { order.push('part'); return ''; } }], Object.defineProperties({}, {
  ...Object.getOwnPropertyDescriptors(noted('type', 'x')), ...Object.getOwnPropertyDescriptors(noted('endings')),
}));
console.log(order.join());

console.log('# options');
for (const options of [undefined, null, {}, { type: 'Text/HTML' }, { type: 'a\u00E9' }, { type: 'a\n' }, { type: null }, () => {}, 1, { endings: 'none' }]) {
  await attempt(JSON.stringify(options), () => read(new Blob(['x'], options)));
}
for (const text of ['a\nb', 'a\rb', 'a\r\nb', '\r\r\n\n\r', 'a\r']) await attempt(JSON.stringify(text), () => read(new Blob([text], { endings: 'native' })));
await attempt('no line ends in bytes', () => read(new Blob([new Uint8Array([13, 10])], { endings: 'native' })));

console.log('# slices');
const digits = new Blob(['0123', '456', new Blob(['789'])], { type: 'x/y' });
for (const range of [[], [3], [3, 5], [-3], [-3, -1], [5, 2], [20], [-20, 2], [undefined, 4], [null, 4], [NaN, Infinity], [2.5, 4.5], [0, 4, 'A/B'], [0, 1, 'a\u0000']]) {
  await attempt(range.map(String).join(), () => read(digits.slice(...range)));
}
await attempt('a slice of slices', () => read(digits.slice(1, 9).slice(2, 5)));
await attempt('a slice of a File', async () => Object.prototype.toString.call(new File(['ab'], 'f').slice(1)));
const large = new Blob(['a'.repeat(70000), 'b'.repeat(70000), 'c']);
await attempt('a large one', () => read(large.slice(139998)));

console.log('# reading');
await attempt('arrayBuffer', async () => `${Object.prototype.toString.call(await digits.arrayBuffer())} ${(await digits.arrayBuffer()).byteLength}`);
await attempt('bytes', async () => [...await digits.slice(0, 3).bytes()].join());
await attempt('each has its own', async () => {
  const first = await digits.bytes();
  first.fill(0);
  return digits.text();
});
await attempt('stream', async () => {
  const sizes = [];
  for await (const chunk of large.stream()) sizes.push(chunk.length);
  return sizes.join();
});
await attempt('stream into views', async () => {
  const reader = digits.stream().getReader({ mode: 'byob' });
  const texts = [];
  for (let step; !(step = await reader.read(new Uint8Array(4))).done;) texts.push(new TextDecoder().decode(step.value));
  return texts.join();
});
await attempt('textStream', async () => {
  let text = '';
  for await (const chunk of new Blob(['a'.repeat(65535), '\u20ACz']).textStream()) text += chunk;
  return `${text.length} ${text.slice(65534)}`;
});

console.log('# File');
const file = new File(['x'], 'a/b\uD800', { type: 'T/t', lastModified: 12.9 });
console.log(file.name, file.type, file.lastModified, file.size, file instanceof Blob, String(file));
for (const lastModified of [null, NaN, -1, '7', 2 ** 53, true]) console.log(lastModified, new File([], 'f', { lastModified }).lastModified);
await attempt('now', () => Math.abs(new File([], '').lastModified - Date.now()) < 60000);
await attempt('no name', () => new File([]));
await attempt('no parts', () => new File(undefined, 'f'));
await attempt('a Blob is none', () => Object.getOwnPropertyDescriptor(File.prototype, 'name').get.call(new Blob()));

console.log('# shape');
console.log(Blob.length, File.length, Object.keys(Blob.prototype).join(), Object.keys(File.prototype).join());
console.log(Object.getPrototypeOf(File) === Blob, Object.getOwnPropertyDescriptor(globalThis, 'Blob').enumerable);
await attempt('no new', () => Blob());
await attempt('a method of another', () => Blob.prototype.slice.call({}));
await attempt('a promise of another', () => Blob.prototype.text.call({}));
class Named extends File {
  get shout() { return this.name.toUpperCase(); }
}
const own = new Named(['own'], 'name', { lastModified: 1 });
console.log(own.shout, await own.text(), own instanceof Blob);
console.log(new Blob(['x'], { type: 'a/b' }), own);
