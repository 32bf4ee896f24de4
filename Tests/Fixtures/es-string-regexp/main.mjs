// SPDX-License-Identifier: Apache-2.0
// String.prototype.isWellFormed and toWellFormed, and RegExp.escape.
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

for (const name of ['isWellFormed', 'toWellFormed']) console.log(shape(String.prototype, name));
console.log(shape(RegExp, 'escape'));
const codes = (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16)).join(' ');

console.log('# Well-formed');
for (const text of ['', 'abc', '\u00e9', '\ud800', '\udc00', '\ud83d\ude00', 'a\ud83d', '\ude00b', '\ud83d\ud83d\ude00\ude00', '\udc00\ud800', '\ud800\ud800', 'x\ud800y\udfffz', '\ud83d\ude00\ud83d', '\uffff']) {
  console.log(`${codes(text)}: ${text.isWellFormed()} ${codes(text.toWellFormed())}`);
}
for (const self of [undefined, null, Symbol('s'), 5, {}, [1, '\ud800'], { toString: () => '\ud800' }, { toString() { throw 'toString'; } }, Object.create(null)]) {
  attempt('isWellFormed', () => String.prototype.isWellFormed.call(self));
  attempt('toWellFormed', () => String.prototype.toWellFormed.call(self));
}
attempt('long', () => [`${'x'.repeat(1e6)}\ud800`.isWellFormed(), 'x'.repeat(1e6).isWellFormed(), '\ud83d\ude00'.repeat(1e5).isWellFormed()]);

console.log('# RegExp.escape');
for (let row = 0; row < 0x100; row += 16) console.log(Array.from({ length: 16 }, (_, i) => RegExp.escape(`_${String.fromCharCode(row + i)}`).slice(1)).map((text) => JSON.stringify(text)).join(' '));
const odd = [];
for (let code = 0x100; code < 0x10000; code++) {
  const character = String.fromCharCode(code);
  const escaped = RegExp.escape(character);
  if (escaped !== character && !(code >= 0xd800 && code < 0xe000 && escaped === `\\u${code.toString(16)}`)) odd.push(escaped);
}
console.log(odd.join(' '));
for (const text of ['', 'foo', '1+1', 'a.b', '.a', '\u{1F600}a', '\ud83d', '\ude00\ud83d', '\ud83d\ud83d\ude00', 'Z', '9', '_a', '-', 'hello world', '[]{}()*+?.^$|\\/', '\u2028\u2029\ufeff\u00a0\u3000', '\u00e9t\u00e9', 'aa11']) {
  const escaped = RegExp.escape(text);
  console.log(`${codes(text)}: ${escaped} ${new RegExp(`^${escaped}$`).test(text)} ${new RegExp(`^${escaped}$`, 'u').test(text)}`);
}
for (const value of [undefined, null, 5, {}, new String('a'), Symbol('s'), ['a']]) attempt(typeof value, () => RegExp.escape(value));
attempt('whatever this is', () => RegExp.escape.call(undefined, 'a'));
