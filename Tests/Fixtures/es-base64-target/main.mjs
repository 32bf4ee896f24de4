// SPDX-License-Identifier: Apache-2.0
// setFromBase64 of arrays of all sizes, compared with the steps of the standard, which are written out here. What
// follows once an array is full is not looked at; some engines do.
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const decodeChunk = (chunk) => {
  let group = 0;
  for (const digit of chunk.padEnd(4, 'A')) group = group * 64 + digits.indexOf(digit);
  return [group >> 16, group >> 8 & 255, group & 255];
};

const decodeLast = (chunk, isStrict) => {
  const decoded = decodeChunk(chunk);
  const kept = chunk.length - 1;
  if (isStrict && decoded[kept] !== 0) return null;
  return decoded.slice(0, kept);
};

const fromBase64 = (text, alphabet, lastChunkHandling, maxLength) => {
  const bytes = [];
  let read = 0;
  const fail = () => ({ read, bytes, error: true });
  const end = (at) => ({ read: at, bytes, error: false });
  if (maxLength === 0) return end(0);
  const skip = (at) => {
    while (at < text.length && '\t\n\f\r '.includes(text[at])) at++;
    return at;
  };
  let chunk = '';
  let index = 0;
  for (;;) {
    index = skip(index);
    if (index === text.length) {
      if (chunk.length > 0) {
        if (lastChunkHandling === 'stop-before-partial') return end(read);
        if (lastChunkHandling === 'strict' || chunk.length === 1) return fail();
        bytes.push(...decodeLast(chunk, false));
      }
      return end(text.length);
    }
    let character = text[index++];
    if (character === '=') {
      if (chunk.length < 2) return fail();
      index = skip(index);
      if (chunk.length === 2) {
        if (index === text.length) return lastChunkHandling === 'stop-before-partial' ? end(read) : fail();
        if (text[index] === '=') index = skip(index + 1);
      }
      if (index < text.length) return fail();
      const last = decodeLast(chunk, lastChunkHandling === 'strict');
      if (last === null) return fail();
      bytes.push(...last);
      return end(text.length);
    }
    if (alphabet === 'base64url') {
      if ('+/'.includes(character)) return fail();
      character = { '-': '+', _: '/' }[character] ?? character;
    }
    if (!digits.includes(character)) return fail();
    const left = maxLength - bytes.length;
    if ((left === 1 && chunk.length === 2) || (left === 2 && chunk.length === 3)) return end(read);
    chunk += character;
    if (chunk.length < 4) continue;
    bytes.push(...decodeChunk(chunk));
    chunk = '';
    read = index;
    if (bytes.length === maxLength) return end(read);
  }
};

let compared = 0;
const compare = (text) => {
  for (const alphabet of ['base64', 'base64url']) {
    for (const lastChunkHandling of ['loose', 'strict', 'stop-before-partial']) {
      for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 50, Infinity]) {
        const wanted = fromBase64(text, alphabet, lastChunkHandling, size);
        let seen;
        let target;
        try {
          if (size === Infinity) {
            target = Uint8Array.fromBase64(text, { alphabet, lastChunkHandling });
            seen = `${target}`;
          } else {
            target = new Uint8Array(size).fill(255);
            const { read, written } = target.setFromBase64(text, { alphabet, lastChunkHandling });
            seen = `${read} ${written} ${target}`;
          }
        } catch (error) {
          seen = `${error.name} ${target ?? ''}`;
        }
        const filled = size === Infinity ? [] : Object.assign(Array(size).fill(255), wanted.bytes);
        const expected = wanted.error ? `SyntaxError ${filled}`
          : size === Infinity ? `${wanted.bytes}` : `${wanted.read} ${wanted.bytes.length} ${filled}`;
        compared++;
        if (seen !== expected) console.log(`${JSON.stringify(text)} ${alphabet} ${lastChunkHandling} ${size}: ${seen}, not ${expected}`);
      }
    }
  }
};

for (const text of ['', 'A', 'AA', 'AAA', 'AAAA', 'AAAA!', 'AQIDBAUG', 'AQIDBAU', 'AQIDBAU=', 'AQIDBA==', 'AQIDBA= =', 'AQIDBB==', 'AQID BA', 'AQID  ', 'AQID\u0141', 'AQID=', '\u0141']) compare(text);
// All texts of a few characters, then longer ones at random.
const characters = ['A', 'B', '/', '-', '=', ' ', '!', '\u0141'];
const all = (text, length) => {
  compare(text);
  if (length > 0) for (const character of characters) all(text + character, length - 1);
};
all('', 3);
let seed = 7;
const random = (count) => (seed = (seed * 48271) % 2147483647) % count;
for (let round = 0; round < 600; round++) {
  let text = '';
  for (let length = random(12); length > 0; length--) text += random(4) === 0 ? characters[random(7)] : digits[random(64)];
  compare(text + ['', '=', '==', ' ', '= ='][random(5)]);
}
console.log(`${compared} compared`);
