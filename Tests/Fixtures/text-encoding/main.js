const show = (string) => JSON.stringify(string).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const bytes = (...list) => new Uint8Array(list);
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return error.name;
  }
};
const decode = (label, options, ...chunks) => attempt(() => {
  const decoder = new TextDecoder(label, options);
  let result = '';
  for (const chunk of chunks) result += decoder.decode(chunk, { stream: true });
  return show(result + decoder.decode());
});

console.log('# encoder');
const encoder = new TextEncoder('ignored');
console.log(`${encoder.encoding} [${encoder.encode()}] [${encoder.encode('h\xE9\u20AC\u{1F600}')}]`);
console.log(`lone surrogates [${encoder.encode('\uD800x\uDC00')}] [${encoder.encode(null)}]`);
for (const [source, size] of [['', 0], ['abc', 2], ['\u20ACx', 2], ['\u20ACx', 4], ['\u{1F600}', 3], ['\u{1F600}y', 5], ['\uD83D', 3]]) {
  const target = new Uint8Array(size);
  const { read, written } = encoder.encodeInto(source, target);
  console.log(`${show(source)} into ${size}: read ${read} written ${written} [${target}]`);
}
const inner = new Uint8Array(6);
encoder.encodeInto('xyz', inner.subarray(2, 4));
console.log(`[${inner}]`);
console.log([() => encoder.encodeInto('a'), () => encoder.encodeInto('a', new Uint8ClampedArray(1)),
  () => encoder.encodeInto('a', new ArrayBuffer(1)), () => TextEncoder(), () => TextEncoder.prototype.encoding,
  () => TextEncoder.prototype.encode.call({}, ''), () => encoder.encode(Symbol('s'))].map(attempt).join(' '));

console.log('# labels');
for (const label of ['utf8', ' UTF-8\n', 'unicode-1-1-utf-8', 'x-unicode20utf8', 'utf-16', 'UCS-2', 'unicodefffe', 'utf-16be',
  'latin1', 'ascii', 'ISO-8859-1', 'windows-1252', 'l1', 'x-cp1252', 'utf-7', 'replacement', '', 'utf-8\0', '\u00A0utf-8',
  '\vutf-8', null, undefined]) {
  console.log(`${show(String(label))} ${attempt(() => new TextDecoder(label).encoding)}`);
}

console.log('# utf-8, whole');
for (const list of [[], [0x41, 0xC3, 0xA9], [0xF0, 0x9F, 0x98, 0x80], [0xC0, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x41],
  [0xF0, 0x9F, 0x98, 0x41], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80], [0xE0, 0x80, 0x80], [0x80, 0xBF],
  [0xF0, 0x9F, 0xE2, 0x82, 0xAC], [0xEF, 0xBB, 0xBF, 0x41], [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF], [0xEF, 0xBB], [0xFF, 0xFE]]) {
  const input = bytes(...list);
  console.log(`[${list.map((b) => b.toString(16))}] ${attempt(() => show(new TextDecoder().decode(input)))} ` +
    `${attempt(() => show(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)))}`);
}

console.log('# utf-8, chunks');
const euro = [0xE2, 0x82, 0xAC];
console.log(decode('utf-8', {}, bytes(0xE2), bytes(0x82), bytes(0xAC)));
console.log(decode('utf-8', {}, bytes(0xF0, 0x9F), bytes(), bytes(0x98, 0x80, 0xF0)));
console.log(decode('utf-8', {}, bytes(0xE2, 0x82), bytes(0x41)));
console.log(decode('utf-8', {}, bytes(0xF0, 0x9F, 0x98), bytes(0xF0, 0x9F, 0x98, 0x80)));
console.log(decode('utf-8', {}, bytes(0xE0), bytes(0x80), bytes(0x80)));
console.log(decode('utf-8', {}, bytes(0xED), bytes(0xA0, 0x80)));
console.log(decode('utf-8', {}, bytes(0xF4), bytes(0x90)));
console.log(decode('utf-8', {}, bytes(0xEF), bytes(0xBB), bytes(0xBF), bytes(0xEF, 0xBB, 0xBF)));
console.log(decode('utf-8', { ignoreBOM: true }, bytes(0xEF, 0xBB), bytes(0xBF, 0x41)));
console.log(decode('utf-8', { fatal: true }, bytes(0xE2), bytes(0x82, 0xAC)));
console.log(decode('utf-8', { fatal: true }, bytes(0xE2), bytes(0x41)));
console.log(decode('utf-8', { fatal: true }, bytes(0xE2, 0x82)));

// Every way to cut a sample in two, and in pieces of every size, gives what the whole gives.
const sample = bytes(0xEF, 0xBB, 0xBF, ...euro, 0xF0, 0x9F, 0x98, 0x80, 0xE2, 0xF0, 0x9F, 0x98, 0x41, 0xC3, 0xC3, 0xA9, 0xED, 0xA0,
  0x80, 0xFF, 0xF4, 0x8F, 0xBF, 0xBF, 0xFE, 0xFF, 0xD8, 0x3D, 0xDE, 0x00, 0x3D, 0xD8, 0x00, 0xDE, 0xE2, 0x82);
for (const label of ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']) {
  for (const length of [sample.length, sample.length - 1, 9]) {
    const part = sample.subarray(0, length);
    const whole = new TextDecoder(label).decode(part);
    const wrong = [];
    for (let cut = 0; cut <= length; cut++) {
      const decoder = new TextDecoder(label);
      const two = decoder.decode(part.subarray(0, cut), { stream: true }) + decoder.decode(part.subarray(cut));
      if (two !== whole) wrong.push(cut);
    }
    for (let size = 1; size < 6; size++) {
      const decoder = new TextDecoder(label);
      let many = '';
      for (let at = 0; at < length; at += size) many += decoder.decode(part.subarray(at, at + size), { stream: true });
      if (many + decoder.decode() !== whole) wrong.push(`pieces of ${size}`);
    }
    console.log(`${label} ${length} bytes: ${wrong.length === 0 ? 'same' : wrong}`);
  }
}

console.log('# utf-16');
console.log(decode('utf-16le', {}, bytes(0x41), bytes(0x00, 0x3D), bytes(0xD8), bytes(0x00, 0xDE)));
console.log(decode('utf-16be', {}, bytes(0xFE, 0xFF, 0x00, 0x41, 0xD8, 0x3D), bytes(0xDE, 0x00)));
console.log(decode('utf-16le', {}, bytes(0x00, 0xD8), bytes(0x41, 0x00)));
console.log(decode('utf-16le', {}, bytes(0x00, 0xDC)));
console.log(decode('utf-16le', {}, bytes(0x00, 0xD8, 0x41)));
console.log(decode('utf-16le', { fatal: true }, bytes(0x41)));
console.log(decode('utf-16le', { fatal: true }, bytes(0x00, 0xD8, 0x41, 0x00)));
console.log(decode('utf-16le', { ignoreBOM: true }, bytes(0xFF, 0xFE, 0x41, 0x00)));

console.log('# windows-1252');
console.log(decode('latin1', {}, bytes(...Array.from({ length: 36 }, (_, i) => 0x7E + i), 0xFF)));

console.log('# interface');
const decoder = new TextDecoder('utf-16', { fatal: 1, ignoreBOM: 'yes' });
console.log(`${decoder.encoding} ${decoder.fatal} ${decoder.ignoreBOM} ${Object.keys(TextDecoder.prototype)}`);
console.log(`${Object.prototype.toString.call(decoder)} ${TextDecoder.length} ${TextDecoder.prototype.decode.length}`);
const euroBuffer = bytes(0x41, ...euro).buffer;
console.log([euroBuffer, new DataView(euroBuffer, 1), new Uint16Array(euroBuffer), undefined]
  .map((input) => show(new TextDecoder().decode(input))).join(' '));
console.log([() => new TextDecoder().decode('text'), () => new TextDecoder().decode(null), () => new TextDecoder('utf-8', 5),
  () => new TextDecoder().decode(bytes(), 'x'), () => TextDecoder.prototype.decode.call({}), () => TextDecoder(),
  () => TextDecoder.prototype.fatal].map(attempt).join(' '));

// After a failure a decoder begins anew.
const strict = new TextDecoder('utf-8', { fatal: true });
strict.decode(bytes(0xE2), { stream: true });
console.log(attempt(() => strict.decode(bytes(0x41), { stream: true })));
console.log(show(strict.decode(bytes(0xEF, 0xBB, 0xBF, 0x42))));
const detached = new ArrayBuffer(4);
const views = [detached, new Uint8Array(detached), new DataView(detached)];
structuredClone(detached, { transfer: [detached] });
console.log(views.map((view) => show(new TextDecoder().decode(view) + new TextDecoder('latin1').decode(view))).join(' '));
