// SPDX-License-Identifier: Apache-2.0
// Base64 and hexadecimal digits of Uint8Array.
// The output is that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (value instanceof Set) return `Set{${[...value].map(show).join(' ')}}`;
  if (value instanceof Map) return `Map{${[...value].map(([key, held]) => `${show(key)}:${show(held)}`).join(' ')}}`;
  return Object.is(value, -0) ? '-0' : String(value);
};
const attempt = (name, fn) => {
  let text;
  try {
    text = show(fn());
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text}`);
};
const shape = (holder, key) => {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
  let constructs = true;
  try {
    Reflect.construct(Object, [], value);
  } catch {
    constructs = false;
  }
  return `${value.name}/${value.length} w${+writable} e${+enumerable} c${+configurable} new:${constructs} own:${Reflect.ownKeys(value).sort()}`;
};

const bytes = (...values) => new Uint8Array(values);
const list = (array) => `<${Array.from(array).join(' ')}>`;
const detached = () => {
  const array = new Uint8Array(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};
const alphabets = [undefined, { alphabet: 'base64' }, { alphabet: 'base64url' }];
const handlings = ['loose', 'strict', 'stop-before-partial'];

console.log('# Properties');
for (const name of ['fromBase64', 'fromHex']) console.log(shape(Uint8Array, name));
for (const name of ['setFromBase64', 'setFromHex', 'toBase64', 'toHex']) console.log(shape(Uint8Array.prototype, name));
console.log('fromHex' in Int8Array, 'toHex' in Int8Array.prototype, 'toHex' in Uint8ClampedArray.prototype);

console.log('# To text');
for (let length = 0; length < 7; length++) {
  const array = bytes(...[251, 255, 191, 0, 62, 63].slice(0, length));
  console.log(array.toHex(), array.toBase64(), array.toBase64({ alphabet: 'base64url' }), array.toBase64({ omitPadding: true }), array.toBase64({ alphabet: 'base64url', omitPadding: 1 }));
}
attempt('a part of a buffer', () => new Uint8Array(bytes(1, 2, 3, 4).buffer, 1, 2).toHex());
attempt('a subclass', () => new (class extends Uint8Array {})(2).toBase64());
attempt('much', () => {
  const array = new Uint8Array(2_000_003).fill(7);
  const text = array.toBase64();
  const hex = array.toHex();
  return [text.length, text.slice(-4), hex.length, Uint8Array.fromBase64(text).every((x) => x === 7), Uint8Array.fromHex(hex).length, Uint8Array.fromHex(hex).every((x) => x === 7)];
});

console.log('# From base64');
const texts = ['', 'A', 'AA', 'AAA', 'AAAA', 'AAAAA', 'AAAAAA', 'AA==', 'AA=', 'AAA=', 'AAA==', 'A=', 'A==', '=', '==', 'AA= =', ' A A = = ', 'AA==A', 'AA== ', 'AAAA=', 'AAAA==',
  'AB==', 'AAB=', 'AB', 'AAB', 'ABCD', 'abcd', '+/+/', '-_-_', 'A-', 'A\u00a0A', 'AA\t\n\f\r A=', 'AA\vAA', 'AA\u2028AA', '\u0141AAA', 'AAA\u0141', 'AAAA\u0141', 'AAAAB', 'AAAABB', 'AAAABB=', 'AAAABB= ', 'AAAABBB',
  'AAAABBB=', 'AAAABBC', ' ', ' A', 'AAAA ', 'AAAA B', 'AAAABB ==', 'Zm9v', 'Zm9vYg', 'Zm9vYg==', 'Zm9vYmE', 'Zm9vYmE=', '\0AAA', 'AAAA\0', '\ud83d\ude00', 'AA\u00e9\u00e9'];
for (const text of texts) {
  const results = [];
  for (const lastChunkHandling of handlings) {
    for (const alphabet of ['base64', 'base64url']) {
      try {
        results.push(list(Uint8Array.fromBase64(text, { alphabet, lastChunkHandling })));
      } catch (error) {
        results.push(error.name);
      }
    }
  }
  console.log(`${JSON.stringify(text)}: ${results.join(' | ')}`);
}

console.log('# Into an array that is large enough');
for (const text of texts) {
  const results = [];
  for (const lastChunkHandling of handlings) {
    const target = new Uint8Array(9).fill(255);
    let result;
    try {
      const { read, written, ...rest } = target.setFromBase64(text, { lastChunkHandling });
      result = `${read}/${written}${Object.keys(rest)}`;
    } catch (error) {
      result = error.name;
    }
    results.push(`${result}<${target}>`);
  }
  console.log(`${JSON.stringify(text)}: ${results.join(' ')}`);
}
attempt('a part of a buffer', () => {
  const all = bytes(9, 9, 9, 9, 9);
  new Uint8Array(all.buffer, 1, 3).setFromBase64('AAAA');
  new Uint8Array(all.buffer, 4, 1).setFromHex('01');
  return [...all];
});

console.log('# Hexadecimal');
for (const text of ['', '0', '00', 'ff', 'FF', 'fF0a', '0g', 'g0', '0 ', ' 00', '00 ', '000', 'zz', '00zz', '0000zz', '00z', '\u0130\u0130', 'a\u0141', '0x00', '\uFF10\uFF10', '+1', '-1', '1.']) {
  const results = [];
  try {
    results.push(list(Uint8Array.fromHex(text)));
  } catch (error) {
    results.push(error.name);
  }
  for (const size of [0, 1, 2, 3]) {
    const target = new Uint8Array(size).fill(9);
    try {
      const { read, written } = target.setFromHex(text);
      results.push(`${read}/${written}<${target}>`);
    } catch (error) {
      results.push(`${error.name}<${target}>`);
    }
  }
  console.log(`${JSON.stringify(text)}: ${results.join(' ')}`);
}

console.log('# Arguments');
for (const value of [undefined, null, 5, {}, ['AAAA'], new String('AAAA'), Symbol('s')]) {
  attempt(`fromBase64 ${typeof value}`, () => Uint8Array.fromBase64(value));
  attempt(`fromHex ${typeof value}`, () => Uint8Array.fromHex(value));
  attempt(`setFromBase64 ${typeof value}`, () => bytes(1).setFromBase64(value));
  attempt(`setFromHex ${typeof value}`, () => bytes(1).setFromHex(value));
}
for (const options of [null, 1, 'base64', Symbol('s'), () => {}, [], { alphabet: 'Base64' }, { alphabet: null }, { alphabet: new String('base64') }, { alphabet: { toString: () => 'base64' } },
  { lastChunkHandling: 'STRICT' }, { lastChunkHandling: null }, { lastChunkHandling: new String('loose') }, { alphabet: undefined, lastChunkHandling: undefined }]) {
  attempt(`options ${typeof options}`, () => list(Uint8Array.fromBase64('AAAA', options)));
  attempt('set', () => bytes(1, 2, 3).setFromBase64('AAAA', options).read);
  attempt('to', () => bytes(1).toBase64(options));
}
for (const [name, argument] of [['toBase64'], ['toHex'], ['setFromBase64', 'AAAA'], ['setFromHex', '00']]) {
  for (const self of [undefined, {}, [], new Uint8ClampedArray(1), new Int8Array(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), Uint8Array.prototype]) {
    attempt(`${name} of ${Object.prototype.toString.call(self)}`, () => Uint8Array.prototype[name].call(self, argument));
  }
  attempt(`${name} detached`, () => detached()[name](argument));
}
attempt('a detached one and a wrong text', () => detached().setFromHex('0'));
attempt('a detached one and a wrong option', () => detached().setFromBase64('x', { alphabet: 'no' }));
attempt('whatever this is', () => list(Uint8Array.fromHex.call(Map, '01')));
attempt('a subclass makes a Uint8Array', () => (class extends Uint8Array {}).fromBase64('AAAA').constructor === Uint8Array);
{
  const log = [];
  const options = new Proxy({}, { get(_, key) {
    log.push(String(key));
    return undefined;
  } });
  Uint8Array.fromBase64('', options);
  bytes(1).setFromBase64('', options);
  bytes(1).toBase64(options);
  console.log(log.join(' '));
}
{
  const array = bytes(1, 2, 3);
  attempt('detached by an option', () => array.toBase64({ get omitPadding() {
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return false;
  } }));
  const other = bytes(1, 2, 3);
  attempt('detached by an option of set', () => other.setFromBase64('AAAA', { get lastChunkHandling() {
    structuredClone(other.buffer, { transfer: [other.buffer] });
    return 'strict';
  } }));
}
const whole = Object.getOwnPropertyDescriptors(bytes(1).setFromHex(''));
console.log(JSON.stringify(whole), Object.getPrototypeOf(bytes(1).setFromHex('')) === Object.prototype);

console.log('# Long texts');
attempt('spaces', () => list(Uint8Array.fromBase64(`${' '.repeat(100_000)}AA${'\n'.repeat(50_000)}AA`)));
attempt('wide', () => Uint8Array.fromBase64(`${'AAAA'.repeat(50_000)}\u0141`));
attempt('wide and well-formed', () => Uint8Array.fromBase64(`\u0141${'AAAA'.repeat(50_000)}`.slice(1)).length);
attempt('an error late', () => {
  const target = new Uint8Array(90_000);
  try {
    target.setFromBase64(`${'AQID'.repeat(20_000)}!`);
  } catch (error) {
    return [error.name, target.lastIndexOf(3)];
  }
});
attempt('joined', () => {
  let text = '';
  for (let i = 0; i < 5000; i++) text += 'AQI';
  return Uint8Array.fromBase64(text).length;
});
attempt('filled exactly', () => {
  const target = new Uint8Array(30_001);
  const { read, written } = target.setFromBase64('AQID'.repeat(20_000));
  return [read, written];
});
