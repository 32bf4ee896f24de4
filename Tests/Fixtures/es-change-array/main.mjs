// SPDX-License-Identifier: Apache-2.0
// Array.prototype.toReversed, toSorted, toSpliced and with, those of typed arrays, and Array.fromAsync. The output is
// that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${Array.from(value, (item, i) => (i in value ? show(item) : 'hole')).join(' ')}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${Array.from(value).join(' ')}]`;
  return Object.is(value, -0) ? '-0' : typeof value === 'bigint' ? `${value}n` : String(value);
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
// Says what is asked of an object, in order.
const watch = (target, log, name = '') => new Proxy(target, {
  get(object, key, receiver) {
    log.push(`${name}get ${String(key)}`);
    return Reflect.get(object, key, receiver);
  },
  has(object, key) {
    log.push(`${name}has ${String(key)}`);
    return Reflect.has(object, key);
  },
  getOwnPropertyDescriptor(object, key) {
    log.push(`${name}own ${String(key)}`);
    return Reflect.getOwnPropertyDescriptor(object, key);
  },
});
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

console.log('# Properties');
const TypedArray = Object.getPrototypeOf(Uint8Array);
for (const name of ['toReversed', 'toSorted', 'toSpliced', 'with']) console.log(shape(Array.prototype, name));
for (const name of ['toReversed', 'toSorted', 'with']) console.log(shape(TypedArray.prototype, name));
console.log(shape(Array, 'fromAsync'));
console.log(Object.keys(Array.prototype).length, Object.hasOwn(Array.prototype, 'toSorted'), 'with' in []);
const scoped = Array.prototype[Symbol.unscopables];
console.log(['toReversed', 'toSorted', 'toSpliced', 'with'].map((name) => `${scoped[name]}`).join(' '));

console.log('# toReversed');
attempt('some', () => [1, 2, 3].toReversed());
attempt('none', () => [].toReversed());
attempt('holes become undefined', () => [1, , 3].toReversed());
attempt('array-like', () => [].toReversed.call({ length: 3, 0: 'a', 2: 'c' }));
attempt('a string', () => [].toReversed.call('abc'));
attempt('undefined', () => [].toReversed.call(undefined));
attempt('null', () => [].toReversed.call(null));
attempt('a length that is negative', () => [].toReversed.call({ length: -5 }));
attempt('a length that is too long', () => [].toReversed.call({ length: 2 ** 32 }));
attempt('a subclass', () => (class extends Array {}).of(1, 2).toReversed().constructor === Array);
attempt('the original stays', () => {
  const array = [1, 2];
  array.toReversed();
  return array;
});
{
  const log = [];
  [].toReversed.call(watch(['a', 'b'], log));
  console.log(log.join(', '));
}

console.log('# toSorted');
attempt('as strings', () => [10, 9, 1, undefined, 3].toSorted());
attempt('with a comparator', () => [10, 9, 1, 3].toSorted((a, b) => a - b));
attempt('holes', () => [3, , 1].toSorted());
attempt('undefined last, and never compared', () => {
  const seen = [];
  const sorted = [undefined, 2, undefined, 1].toSorted((a, b) => {
    seen.push(a, b);
    return a - b;
  });
  return [sorted, seen.includes(undefined)];
});
attempt('stable', () => [['b', 1], ['a', 1], ['c', 0]].toSorted((a, b) => a[1] - b[1]).map(([name]) => name));
for (const comparator of [null, 'x', {}, 1, Symbol('s')]) {
  attempt(`a comparator that is ${typeof comparator}`, () => [1].toSorted(comparator));
}
attempt('the comparator is looked at first', () => [].toSorted.call(null, null));
attempt('a comparator that throws', () => [1, 2].toSorted(() => { throw 'it'; }));
attempt('this of the comparator', () => {
  let self = 'unset';
  [1, 2].toSorted(function () {
    self = this;
    return 0;
  });
  return self;
});
attempt('array-like', () => [].toSorted.call({ length: '2', 0: 'b', 1: 'a' }));
attempt('too long', () => [].toSorted.call({ length: 2 ** 32 }));
{
  const log = [];
  [].toSorted.call(watch(['b', 'a'], log));
  console.log(log.join(', '));
}

console.log('# toSpliced');
const letters = ['a', 'b', 'c', 'd'];
attempt('nothing', () => letters.toSpliced());
attempt('from', () => letters.toSpliced(1));
attempt('undefined', () => letters.toSpliced(undefined));
attempt('undefined count', () => letters.toSpliced(1, undefined));
attempt('one', () => letters.toSpliced(1, 1));
attempt('replaced', () => letters.toSpliced(1, 2, 'x', 'y', 'z'));
attempt('inserted', () => letters.toSpliced(2, 0, 'x'));
attempt('from the end', () => letters.toSpliced(-1, 1));
attempt('far from the end', () => letters.toSpliced(-9, 1));
attempt('past the end', () => letters.toSpliced(9, 1, 'x'));
attempt('a count that is too large', () => letters.toSpliced(2, 99));
attempt('a negative count', () => letters.toSpliced(2, -1, 'x'));
attempt('infinite', () => letters.toSpliced(-Infinity, Infinity));
attempt('holes', () => [1, , 3].toSpliced(0, 1));
attempt('too long for an array', () => [].toSpliced.call({ length: 2 ** 32 }));
attempt('too long at all', () => [].toSpliced.call({ length: 2 ** 53 - 1 }, 0, 0, 1));
attempt('the rest of a giant', () => [].toSpliced.call({ length: 2 ** 53 - 1, [2 ** 53 - 3]: 'x' }, 0, 2 ** 53 - 3));
{
  const log = [];
  const number = (name, value) => ({ valueOf() {
    log.push(name);
    return value;
  } });
  [].toSpliced.call(watch(['a', 'b', 'c'], log), number('start', 1), number('count', 1), 'x');
  console.log(log.join(', '));
}

console.log('# with');
attempt('first', () => [1, 2, 3].with(0, 9));
attempt('last', () => [1, 2, 3].with(-1, 9));
attempt('a fraction', () => [1, 2, 3].with(1.9, 9));
attempt('not a number', () => [1, 2, 3].with('x', 9));
attempt('no arguments', () => [1, 2].with());
attempt('holes', () => [, , 3].with(2, 4));
for (const index of [3, -4, Infinity, -Infinity]) attempt(`index ${index}`, () => [1, 2, 3].with(index, 9));
attempt('of none', () => [].with(0, 1));
attempt('a symbol', () => [1].with(Symbol(), 1));
attempt('too long', () => [].with.call({ length: 2 ** 32 }, 0, 1));
attempt('minus zero', () => [1].with(-0, 9));
{
  const log = [];
  [].with.call(watch(['a', 'b', 'c'], log), { valueOf: () => log.push('index') - log.length }, 'x');
  console.log(log.join(', '));
}

console.log('# Typed arrays');
const detached = (Class) => {
  const array = new Class(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};
attempt('toReversed', () => new Int16Array([1, -2, 3]).toReversed());
attempt('toSorted', () => new Float64Array([3, -0, 0, NaN, -1, -Infinity]).toSorted());
attempt('toSorted with a comparator', () => new Uint8Array([1, 2, 3]).toSorted((a, b) => b - a));
attempt('toSorted with NaN from the comparator', () => new Uint8Array([2, 1]).toSorted(() => NaN));
attempt('bigints', () => new BigInt64Array([3n, -1n]).toSorted());
attempt('with', () => new Uint8Array([1, 2, 3]).with(1, 257));
attempt('with clamps', () => new Uint8ClampedArray([1, 2, 3]).with(-1, 300.5));
attempt('with a bigint', () => new BigUint64Array([1n]).with(0, -1n));
attempt('with a bigint for numbers', () => new Uint8Array(1).with(0, 1n));
attempt('with a number for bigints', () => new BigInt64Array(1).with(0, 1));
attempt('with beyond', () => new Uint8Array(1).with(1, 1));
attempt('the value is converted before the index is checked', () => new Uint8Array(1).with(1, { valueOf() { throw 'value'; } }));
attempt('a subclass is not asked', () => {
  class Sub extends Uint8Array { static get [Symbol.species]() { throw 'species'; } }
  const made = new Sub(2);
  return [made.toReversed(), made.toSorted(), made.with(0, 1)].every((array) => array.constructor === Uint8Array);
});
attempt('a view into a buffer', () => new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2).toReversed());
for (const name of ['toReversed', 'toSorted', 'with']) {
  attempt(`${name} of an array`, () => TypedArray.prototype[name].call([1], 0, 1));
  attempt(`${name} detached`, () => detached(Uint8Array)[name](...(name === 'with' ? [0, 1] : [])));
}
attempt('the comparator is looked at first', () => TypedArray.prototype.toSorted.call([], 'x'));
attempt('detached by its value', () => {
  const array = new Uint8Array(4);
  return array.with(0, { valueOf() {
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return 1;
  } });
});

console.log('# Array.fromAsync');
const attemptAsync = async (name, fn) => {
  let text;
  try {
    text = show(await fn());
  } catch (error) {
    text = `rejected ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text}`);
};
async function* numbers() {
  yield 1;
  yield Promise.resolve(2);
}
await attemptAsync('an asynchronous iterator', () => Array.fromAsync(numbers()));
await attemptAsync('an iterator of promises', () => Array.fromAsync([1, Promise.resolve(2), { then(resolve) { resolve(3); } }]));
await attemptAsync('a set', () => Array.fromAsync(new Set([1, 2])));
await attemptAsync('array-like', () => Array.fromAsync({ length: 2, 0: Promise.resolve('a'), 1: 'b' }));
await attemptAsync('a string', () => Array.fromAsync('ab'));
await attemptAsync('mapped', () => Array.fromAsync([1, Promise.resolve(2)], async (value, i) => `${value}@${i}`));
await attemptAsync('mapped with a receiver', () => Array.fromAsync([1], function () { return this.x; }, { x: 'self' }));
await attemptAsync('nothing', () => Array.fromAsync(undefined));
await attemptAsync('null', () => Array.fromAsync(null));
await attemptAsync('a number', () => Array.fromAsync(5));
await attemptAsync('no function', () => Array.fromAsync([], {}));
await attemptAsync('null as function', () => Array.fromAsync([], null));
await attemptAsync('no method', () => Array.fromAsync({ [Symbol.asyncIterator]: 1 }));
await attemptAsync('the asynchronous method is null', () => Array.fromAsync({ [Symbol.asyncIterator]: null, [Symbol.iterator]: () => [7].values() }));
await attemptAsync('a rejection among the values', () => Array.fromAsync([Promise.reject('no')]));
await attemptAsync('what is no constructor', () => Array.fromAsync.call(() => {}, [1]));
await attemptAsync('what is no constructor, array-like', () => Array.fromAsync.call({}, { length: 1, 0: 5 }));
class Kind {
  constructor(...args) { console.log(`new with ${args.length}: ${args}`); }
}
await attemptAsync('a class', async () => (await Array.fromAsync.call(Kind, [1, 2])).length);
await attemptAsync('a class, array-like', async () => (await Array.fromAsync.call(Kind, { length: 1, 0: 1 })).length);
await attemptAsync('a class that freezes', () => Array.fromAsync.call(class { constructor() { Object.freeze(this); } }, [1]));
await attemptAsync('is a promise', () => Promise.resolve(Array.fromAsync([]) instanceof Promise));
const closing = (log, result) => ({
  [Symbol.iterator]() { return this; },
  next: () => ({ value: result, done: false }),
  return() {
    log.push('return');
    return {};
  },
});
for (const [name, result, mapper] of [
  ['a mapper that throws', 1, () => { throw 'mapper'; }],
  ['a mapper that rejects', 1, async () => { throw 'mapper'; }],
  ['a value that rejects', { then(_, reject) { reject('value'); } }],
]) {
  const log = [];
  await attemptAsync(name, () => Array.fromAsync(closing(log, result), mapper));
  console.log(`closed: ${log[0]}`);
}
{
  const log = [];
  const iterator = { next: () => ({ value: 1, done: false }), return() {
    log.push('return');
    return { then(resolve) { resolve(log.push('awaited')); } };
  } };
  await attemptAsync('an asynchronous one is closed', () => Array.fromAsync({ [Symbol.asyncIterator]: () => iterator }, () => { throw 'mapper'; }));
  console.log(`closed: ${log}`);
}
{
  const log = [];
  await Array.fromAsync.call(function () {
    log.push('construct');
    return watch({}, log, 'result ');
  }, watch({ length: 1, 0: 'x' }, log));
  console.log(log.join(', '));
}
{
  const log = [];
  const tick = async () => { for (let i = 0; i < 12; i++) log.push(await i); };
  const done = (name) => () => log.push(name);
  await Promise.all([tick(), Array.fromAsync([1]).then(done('sync')), Array.fromAsync(numbers()).then(done('async')),
    Array.fromAsync({ length: 1 }).then(done('like')), Array.fromAsync([1], (x) => x).then(done('mapped')),
    Array.fromAsync(closing([], 1), () => { throw 1; }).catch(done('closed'))]);
  console.log(log.join(' '));
}
