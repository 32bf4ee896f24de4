// SPDX-License-Identifier: Apache-2.0
// Object.groupBy and Map.groupBy.
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

console.log(shape(Object, 'groupBy'));
console.log(shape(Map, 'groupBy'));
const groups = (object) => Reflect.ownKeys(object).map((key) => `${String(key)}:${show(object[key])}`).join(' ');

console.log('# Object.groupBy');
attempt('some', () => groups(Object.groupBy([1, 2, 3, 4, 5], (x) => (x % 2 ? 'odd' : 'even'))));
attempt('no prototype', () => Object.getPrototypeOf(Object.groupBy([], () => {})));
attempt('the order of keys', () => groups(Object.groupBy(['b', '2', 'a', '10', '1', 'b'], (x) => x)));
attempt('indices', () => groups(Object.groupBy('abc', (x, i) => i)));
attempt('symbols', () => groups(Object.groupBy([1, 2], () => Symbol.iterator)));
attempt('__proto__', () => {
  const made = Object.groupBy([1], () => '__proto__');
  return [Reflect.ownKeys(made), made.__proto__, Object.getPrototypeOf(made)];
});
attempt('keys of all kinds', () => groups(Object.groupBy([undefined, null, 1, -0, 1n, true, {}], (x) => x)));
attempt('a key is converted once', () => {
  let times = 0;
  return [groups(Object.groupBy([1, 2], () => ({ toString: () => `key ${++times}` }))), times];
});
attempt('a key that becomes a symbol', () => groups(Object.groupBy([1], () => ({ [Symbol.toPrimitive]: () => Symbol.iterator }))));
attempt('attributes', () => {
  const made = Object.groupBy([1], () => 'a');
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(made, 'a');
  return [writable, enumerable, configurable, Array.isArray(made.a), Object.getPrototypeOf(made.a) === Array.prototype, Object.keys(made.a)];
});
attempt('this and arguments', () => {
  let seen;
  Object.groupBy(['x'], function (...args) { seen = [this, ...args]; });
  return seen;
});

console.log('# Map.groupBy');
attempt('some', () => Map.groupBy([1, 2, 3, 4, 5], (x) => (x % 2 ? 'odd' : 'even')));
attempt('keys by identity', () => Map.groupBy([1, 2, 3], (x) => (x === 3 ? undefined : NaN)));
attempt('zeros', () => [...Map.groupBy([1, 2], (x) => (x === 1 ? -0 : 0))].map(([key, value]) => [key, value]));
attempt('minus zero', () => [...Map.groupBy([1], () => -0).keys()]);
attempt('a Map', () => Object.getPrototypeOf(Map.groupBy([], () => {})) === Map.prototype);
attempt('of a subclass', () => Object.getPrototypeOf((class extends Map {}).groupBy([], () => {})) === Map.prototype);
attempt('keys are not converted', () => Map.groupBy([1], () => ({ toString() { throw 'toString'; } })).size);

console.log('# Arguments');
for (const holder of [Object, Map]) {
  for (const items of [undefined, null, 1, {}, { [Symbol.iterator]: 1 }, { [Symbol.iterator]: () => 1 }]) attempt(`items ${typeof items}`, () => holder.groupBy(items, () => {}));
  for (const callback of [undefined, null, {}, 'x']) attempt(`callback ${typeof callback}`, () => holder.groupBy([], callback));
  attempt('null and no function', () => holder.groupBy(null, null));
  const closing = (log) => ({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }), return() {
    log.push('return');
    throw 'return';
  } }) });
  const log = [];
  attempt('a callback that throws', () => holder.groupBy(closing(log), () => { throw 'callback'; }));
  attempt('a key that is none', () => holder.groupBy({ [Symbol.iterator]: () => ({ i: 0, next() { return { value: 1, done: this.i++ > 0 }; }, return() {
    log.push('return');
    throw 'return';
  } }) }, () => ({ toString() { throw 'key'; } })).size);
  attempt('next', () => holder.groupBy({ [Symbol.iterator]: () => ({ next() { throw 'next'; }, return() { log.push('never'); } }) }, () => 1));
  console.log(log.join(' '));
}
