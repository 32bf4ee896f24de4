// SPDX-License-Identifier: Apache-2.0
// Math.sumPrecise and Error.isError.
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

console.log(shape(Math, 'sumPrecise'));
console.log(shape(Error, 'isError'));

console.log('# Math.sumPrecise');
const { MAX_VALUE, MIN_VALUE, EPSILON } = Number;
for (const values of [[], [-0], [-0, -0], [-0, 0], [0], [1, 2, 3], [0.1, 0.2, 0.3], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [1e20, 0.1, -1e20], [1e308, 1e308, -1e308], [1e308, 1e308], [MAX_VALUE, MAX_VALUE, -MAX_VALUE],
  [MAX_VALUE, 2 ** 969], [MAX_VALUE, 2 ** 970], [MAX_VALUE, 2 ** 970, -MIN_VALUE], [MAX_VALUE, 2 ** 970, -1], [MIN_VALUE, MIN_VALUE], [MIN_VALUE, -MIN_VALUE], [1, -1], [1, -1, -0], [-0, 1, -1],
  [Infinity], [-Infinity], [Infinity, -Infinity], [Infinity, Infinity], [NaN], [NaN, Infinity], [Infinity, MAX_VALUE, MAX_VALUE], [-MAX_VALUE, -MAX_VALUE], [1, EPSILON / 2], [1, EPSILON / 2, MIN_VALUE], [1, EPSILON / 2, -MIN_VALUE], [1 + EPSILON, EPSILON / 2],
  [1, 2 ** -53, 2 ** -106], [2 ** 53, 1], [2 ** 53, 1, 1], [2 ** 53, 1, 2 ** -1074], [2 ** -1022, -MIN_VALUE], [2 ** -1022, MIN_VALUE], [2 ** 1023, 2 ** -1074, -(2 ** 1023)], [4.4e-323, -2.2250738585072014e-308],
  [8.98846567431158e307, 8.988465674311579e307, -1.7976931348623157e308]]) console.log(`${show(values)}: ${show(Math.sumPrecise(values))}`);
attempt('any iterable', () => Math.sumPrecise(new Set([1, 2])));
attempt('a generator', () => Math.sumPrecise((function* () { yield* [0.1, 0.2]; })()));
for (const value of [undefined, null, 5, 'ab', {}, Symbol('s'), [1n], ['1'], [undefined], [{ valueOf: () => 1 }], [new Number(1)], [, ]]) attempt(typeof value, () => Math.sumPrecise(value));
{
  const log = [];
  const closing = (value) => ({ [Symbol.iterator]: () => ({ next: () => ({ value, done: false }), return() {
    log.push('return');
    throw 'return';
  } }) });
  attempt('closes', () => Math.sumPrecise(closing('1')));
  attempt('next', () => Math.sumPrecise({ [Symbol.iterator]: () => ({ next() { throw 'next'; }, return() { log.push('never'); } }) }));
  attempt('infinity does not end it', () => Math.sumPrecise([Infinity, '1']));
  console.log(log.join(' '));
}
// The same numbers in any order.
let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const sums = [];
for (let round = 0; round < 20; round++) {
  const values = Array.from({ length: 60 }, () => (random() - 0.5) * 2 ** Math.floor(random() * 2000 - 1000));
  const forth = Math.sumPrecise(values);
  const back = Math.sumPrecise([...values].reverse());
  const nothing = Math.sumPrecise(values.concat(values.map((x) => -x)));
  sums.push(`${forth} ${Object.is(forth, back)} ${show(nothing)}`);
}
console.log(sums.join('\n'));

console.log('# Error.isError');
class Sub extends TypeError {}
for (const value of [new Error(), new TypeError(), new AggregateError([]), new Sub(), new DOMException('x'), structuredClone(new RangeError()), new SuppressedError(1, 2), Object.setPrototypeOf(new Error(), null), Reflect.construct(Error, [], Array)]) console.log(Error.isError(value));
for (const value of [undefined, null, 5, 'Error', {}, Error, Error.prototype, Object.create(Error.prototype), { name: 'Error', message: '', stack: '' }, new Proxy(new Error(), {}), { [Symbol.toStringTag]: 'Error' }, DOMException.prototype,
  Object.create(DOMException.prototype)]) console.log(Error.isError(value));
console.log(Error.isError(), TypeError.isError(new Error()));
