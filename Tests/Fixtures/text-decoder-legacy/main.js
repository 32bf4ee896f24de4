// SPDX-License-Identifier: Apache-2.0
// Sums of what every byte, every pair of bytes and many longer sequences decode to. They were compared with those of an
// independent implementation of the standard.
const encodings = ('ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 ' +
  'iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 ' +
  'windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic x-user-defined gbk gb18030 big5 ' +
  'euc-jp iso-2022-jp shift_jis euc-kr utf-16be utf-16le').split(' ');
const sum = (string) => {
  let hash = 2166136261;
  for (let i = 0; i < string.length; i++) hash = Math.imul(hash ^ string.charCodeAt(i), 16777619);
  return (hash >>> 0).toString(16);
};
const show = (string) => [...string].map((c) => c.codePointAt(0).toString(16)).join(' ');

console.log('# all bytes, all pairs');
const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
for (const name of encodings) {
  const decoder = new TextDecoder(name, { ignoreBOM: true });
  const fatal = new TextDecoder(name, { fatal: true });
  const good = bytes.filter((byte) => {
    try {
      return fatal.decode(Uint8Array.of(byte)) !== '\uFFFD';
    } catch {
      return false;
    }
  });
  let pairs = '';
  const pair = new Uint8Array(1024);
  for (let lead = 0; lead < 256; lead++) {
    // Followed by an end of line, which no sequence takes.
    for (let trail = 0; trail < 256; trail++) pair.set([lead, trail, 10, 10], 4 * trail);
    pairs += decoder.decode(pair);
  }
  console.log(name, sum(decoder.decode(bytes)), `${good.length} of 256`, sum(pairs), `${pairs.length}`);
}

console.log('# longer sequences');
const jis0212 = new Uint8Array(65536 * 4);
for (let i = 0; i < 65536; i++) jis0212.set([0x8F, i >> 8, i & 255, 10], 4 * i);
console.log('JIS X 0212', sum(new TextDecoder('euc-jp').decode(jis0212)));
const all = [];
for (let p = 0; p < 39420; p++) all.push(0x81 + Math.floor(p / 12600), 0x30 + Math.floor(p / 1260) % 10, 0x81 + Math.floor(p / 10) % 126, 0x30 + p % 10);
const ranges = new TextDecoder('gb18030', { fatal: true }).decode(new Uint8Array(all));
console.log('GB 18030 below U+10000', ranges.length, sum(ranges));
for (const list of [[0x84, 0x31, 0xA4, 0x37], [0x84, 0x31, 0xA4, 0x39], [0x84, 0x31, 0xA5, 0x30], [0x90, 0x30, 0x81, 0x30], [0xE3, 0x32, 0x9A, 0x35],
  [0xE3, 0x32, 0x9A, 0x36], [0xFE, 0x39, 0xFE, 0x39], [0x81, 0x35, 0xF4, 0x37], [0xA8, 0xBC], [0xA6, 0xD9], [0x80], [0xFF]]) {
  console.log(show(String.fromCharCode(...list)), '->', show(new TextDecoder('gb18030').decode(new Uint8Array(list))));
}

console.log('# samples');
for (const [label, list] of [
  ['big5', [0x88, 0x62, 0x88, 0x64, 0x88, 0xA3, 0x88, 0xA5, 0x87, 0x40, 0xA4, 0xA4, 0xFE, 0xFE]],
  ['gbk', [0xC4, 0xE3, 0xBA, 0xC3, 0x80, 0xA2, 0xE3]],
  ['euc-kr', [0xC7, 0xD1, 0xB1, 0xDB, 0xC9, 0xA1, 0x41]],
  ['shift_jis', [0x93, 0xFA, 0x96, 0x7B, 0xB1, 0x5C, 0x7E, 0xF0, 0x40, 0xF9, 0xFC, 0x80, 0xA0, 0xFD, 0xFF]],
  ['euc-jp', [0xC6, 0xFC, 0x8E, 0xB1, 0x8F, 0xB0, 0xA1, 0x8F, 0xA1, 0xA1, 0x80]],
  ['iso-2022-jp', [0x41, 0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x4A, 0x5C, 0x7E, 0x1B, 0x28, 0x49, 0x31, 0x1B, 0x28, 0x42, 0x5C]],
  ['windows-1252', [0x80, 0x81, 0x9F, 0xFF]], ['macintosh', [0xF0, 0xDB]], ['koi8-u', [0xA4, 0xAE, 0xBE]],
  ['iso-8859-16', [0xA4, 0xAA, 0xFE]], ['windows-1253', [0xA9, 0xAA, 0xD2]], ['windows-1255', [0xCA]], ['windows-874', [0x80, 0xDB, 0xFB]],
  ['x-user-defined', [0x7F, 0x80, 0xFF]],
]) {
  console.log(label, show(new TextDecoder(label).decode(new Uint8Array(list))));
}

console.log('# one-byte strings too');
const latin = new TextDecoder('latin1').decode(Uint8Array.from({ length: 5000 }, (_, i) => 0xA0 + i % 0x60));
console.log(latin.length, sum(latin), latin === new TextDecoder().decode(new TextEncoder().encode(latin)));
