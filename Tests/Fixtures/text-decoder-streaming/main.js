// SPDX-License-Identifier: Apache-2.0
// Text in pieces, and what is not text.
const show = (string) => JSON.stringify(string).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const hex = (text) => Uint8Array.from(text.split(' '), (byte) => parseInt(byte, 16));
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return error.name;
  }
};
const stream = { stream: true };

console.log('# cut at every place');
const samples = [
  ['utf-8', '41 C3 A9 E2 82 AC F0 9F 98 80 42'], ['utf-8', 'F0 9F 98 41 E2 82 E2 C3 C3 A9 F4 8F ED A0 80 FF'], ['utf-8', 'EF BB BF EF BB BF'],
  ['utf-16le', 'FF FE 41 00 3D D8 00 DE 3D D8 42 00 00 DC 43'], ['utf-16be', 'D8 3D DE 00 D8 3D D8 3D DE 00 00'],
  ['windows-1252', '41 80 FF 81'], ['gb18030', 'C4 E3 81 30 81 30 90 30 81 30 81 30 81 41 84 31 95 33 81 31'], ['gbk', '81 30 41 81 81 30 FF'],
  ['big5', 'A4 A4 88 62 87 40 A4 41 A4 7F A4 80 A4'], ['euc-kr', 'C7 D1 C7 41 C9 20 FE 5B FE'], ['shift_jis', '93 FA B1 81 41 81 20 FC FC 93'],
  ['euc-jp', 'C6 FC 8E B1 8F B0 A1 8F A1 41 8E 41 8F'],
  ['iso-2022-jp', '1B 24 42 46 7C 1B 28 42 41 1B 1B 28 49 31 1B 28 4A 5C 1B 24 41 1B 24 40 46 1B 28 42 1B 28 42 0E 1B 24'],
  ['x-user-defined', '41 FF'],
];
for (const [label, text] of samples) {
  const bytes = hex(text);
  const whole = new TextDecoder(label).decode(bytes);
  let same = 0;
  for (let i = 0; i <= bytes.length; i++) {
    for (let j = i; j <= bytes.length; j++) {
      const decoder = new TextDecoder(label);
      const parts = [bytes.subarray(0, i), bytes.subarray(i, j), bytes.subarray(j)].map((part) => decoder.decode(part, stream));
      if (parts.join('') + decoder.decode() === whole) same++;
    }
  }
  console.log(label, show(whole), `${same} of ${(bytes.length + 1) * (bytes.length + 2) / 2}`);
}

console.log('# byte order marks');
const mark = { 'utf-8': 'EF BB BF', 'utf-16le': 'FF FE', 'utf-16be': 'FE FF', 'gb18030': '84 31 95 33' };
for (const label of Object.keys(mark)) {
  const one = hex(mark[label]);
  const two = new Uint8Array([...one, ...one]);
  const decoder = new TextDecoder(label);
  console.log(label, show(decoder.decode(two)), show(new TextDecoder(label, { ignoreBOM: true }).decode(two)),
    show(decoder.decode(one, stream)), show(decoder.decode(one, stream)), show(decoder.decode()), show(decoder.decode(one)));
}
const ascii = new TextDecoder();
console.log(show(ascii.decode(hex('41'), stream)), show(ascii.decode(hex('EF BB BF'), stream)), show(ascii.decode(undefined, stream)), show(ascii.decode()));

console.log('# fatal');
for (const [label, text] of [...samples, ['utf-8', 'E2 82 AC'], ['gb18030', '81 30 81 30'], ['iso-2022-jp', '1B 24 42 46 7C'], ['utf-8', 'C3'],
  ['utf-8', '41 80'], ['windows-1253', 'AA'], ['euc-kr', 'C7'], ['iso-2022-jp', '1B'], ['utf-16le', '41']]) {
  console.log(label, attempt(() => show(new TextDecoder(label, { fatal: true }).decode(hex(text)))));
}
const fatal = new TextDecoder('shift_jis', { fatal: true });
console.log([() => show(fatal.decode(hex('93'), stream)), () => show(fatal.decode(hex('20'), stream)), () => show(fatal.decode(hex('FA 41')))].map(attempt).join(' '));
console.log([() => show(fatal.decode(hex('93'), stream)), () => fatal.decode(), () => show(fatal.decode(hex('B1')))].map(attempt).join(' '));

console.log('# sources');
const whole = hex('41 42 E2 82 AC 43');
const { buffer } = whole;
console.log([buffer, new DataView(buffer, 2, 3), new Uint16Array(buffer), new Int8Array(buffer, 5), new Uint8ClampedArray([65]), new Float64Array(0),
  new BigInt64Array(1)].map((source) => show(new TextDecoder().decode(source))).join(' '));
const long = new TextDecoder();
console.log(['', 'a', '\xE9', '\u20AC', '\u{1F600}', 'a\xE9\u20AC\u{1F600}', '\xE9'.repeat(63) + '\u20AC'].every((unit) =>
  [1, 2, 15, 16, 17, 31, 1000, 70000].every((n) => long.decode(new TextEncoder().encode(unit.repeat(n))) === unit.repeat(n))));
const big = new Uint8Array(3 << 20).fill(0x93);
for (let i = 1; i < big.length; i += 2) big[i] = 0xFA;
console.log(new TextDecoder('shift_jis', { fatal: true }).decode(big) === '\u65E5'.repeat(big.length / 2));
const gone = new Uint8Array([65, 66]);
structuredClone(gone.buffer, { transfer: [gone.buffer] });
console.log(show(new TextDecoder().decode(gone)), show(new TextDecoder().decode(gone.buffer)));
const late = new Uint8Array([65, 66]);
console.log(show(new TextDecoder().decode(late, { get stream() { structuredClone(late.buffer, { transfer: [late.buffer] }); } })));
const inside = new TextDecoder('utf-16le');
console.log(show(inside.decode(hex('41'), { get stream() { inside.decode(hex('42'), stream); return false; } })));
console.log([null, 'text', 1, [65], {}].map((source) => attempt(() => new TextDecoder().decode(source))).join(' '));
console.log([() => TextDecoder.prototype.decode.call({}), () => TextDecoder.prototype.encoding, () => TextDecoder(), () => new TextDecoder('utf-8', 1),
  () => new TextDecoder().decode(whole, 1)].map(attempt).join(' '));
