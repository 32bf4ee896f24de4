// SPDX-License-Identifier: Apache-2.0
// Everything a script can change is changed before the newer built-ins of ECMAScript are first touched. They must
// neither notice nor call it. The output is that of an engine which has them all.
const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { asyncDispose, asyncIterator, dispose, iterator } = Symbol;
const { log } = console;
const { Array: List, ArrayBuffer: Buffer, Error: Failure, Map: Dictionary, Math: Numbers, Object: Thing, Promise: Later, RegExp: Pattern,
  Set: Collection, String: Text, Uint8Array: Bytes, WeakMap: WeakDictionary } = globalThis;
const TypedArray = getPrototypeOf(Bytes);
const global = globalThis;
const { then } = Later.prototype;
const { has, keys, add } = Collection.prototype;
const setSize = getOwnPropertyDescriptor(Collection.prototype, 'size').get;
const setNext = getPrototypeOf(new Collection().values()).next;
const { get: mapGet } = Dictionary.prototype;
const { join } = List.prototype;
const joinTyped = TypedArray.prototype.join;
const bufferLength = getOwnPropertyDescriptor(Buffer.prototype, 'byteLength').get;
const IteratorPrototype = getPrototypeOf(getPrototypeOf([].values()));
const AsyncIteratorPrototype = getPrototypeOf(getPrototypeOf((async function* () {}).prototype));

// What this is about stays, and is looked up in the changed world.
const ours = {
  'Array.prototype': ['toReversed', 'toSorted', 'toSpliced', 'with'], Array: ['fromAsync'], 'TypedArray.prototype': ['toReversed', 'toSorted', 'with'],
  Object: ['groupBy'], Map: ['groupBy'], 'Map.prototype': ['getOrInsert', 'getOrInsertComputed'], 'WeakMap.prototype': ['getOrInsert', 'getOrInsertComputed'],
  'Set.prototype': ['difference', 'intersection', 'isDisjointFrom', 'isSubsetOf', 'isSupersetOf', 'symmetricDifference', 'union'],
  Promise: ['try', 'withResolvers'], Error: ['isError'], Math: ['sumPrecise'], RegExp: ['escape'], 'String.prototype': ['isWellFormed', 'toWellFormed'],
  'ArrayBuffer.prototype': ['transfer', 'transferToFixedLength', 'detached'], Uint8Array: ['fromBase64', 'fromHex'],
  'Uint8Array.prototype': ['setFromBase64', 'setFromHex', 'toBase64', 'toHex'],
  Iterator: ['drop', 'every', 'filter', 'find', 'flatMap', 'forEach', 'map', 'reduce', 'some', 'take', 'toArray', 'constructor', dispose],
  AsyncIterator: [asyncDispose], __proto__: null,
};
for (const name of ownKeys(ours)) setPrototypeOf(ours[name], null);

const prototypes = [[].values(), ''[iterator](), new Map().keys(), new Set().keys(), (function* () {})(), /x/[Symbol.matchAll]('')].map(getPrototypeOf);
const classes = [Array, Object, String, Number, Boolean, Symbol, BigInt, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError, RangeError, SyntaxError,
  ReferenceError, Promise, Proxy, Uint32Array, Uint8Array, Int16Array, BigInt64Array, BigUint64Array, Float64Array, ArrayBuffer, DataView, DOMException];
const holders = { __proto__: null };
for (const Class of classes) {
  if (Class.prototype) holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
holders.TypedArray = TypedArray;
holders['TypedArray.prototype'] = TypedArray.prototype;
prototypes.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
holders.Iterator = IteratorPrototype;
holders.AsyncIterator = AsyncIteratorPrototype;
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
const names = ['0', '1', '2', '1000', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'done', 'next', 'return', 'then', 'lastIndex', 'exec', 'flags', 'index',
  'alphabet', 'lastChunkHandling', 'omitPadding', 'read', 'written', 'size', 'has', 'keys', 'construct', 'method', 'args', 'receiver', 'isAwaited', 'iterator', 'error',
  'suppressed', 'cause', 'all', 'promise', 'resolve', 'reject', 'constructor', 'odd', 'even', 'a'];

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
const trap = (holder, key, what, read) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(read, this, []);
  },
  set(value) {
    touch(`set ${what}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
const isOurs = (name, key) => {
  const list = ours[name];
  for (let i = 0; list !== undefined && i < list.length; i++) if (list[i] === key) return true;
  return false;
};
for (const name of ownKeys(holders)) {
  for (const key of ownKeys(holders[name])) {
    if (isOurs(name, key)) continue;
    const old = setPrototypeOf(getOwnPropertyDescriptor(holders[name], key), null);
    if (!old.configurable || key === '__proto__' || key === 'name' || key === 'length') continue;
    trap(holders[name], key, `${name}.${String(key)}`, old.get ?? (() => old.value));
  }
}
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'RegExp.prototype', 'String.prototype', 'Error.prototype']) {
  for (let i = 0; i < names.length; i++) {
    if (!hasOwn(holders[name], names[i])) trap(holders[name], names[i], `${name}.${names[i]}`, () => undefined);
  }
}
for (const key of [iterator, asyncIterator, dispose, asyncDispose, Symbol.toPrimitive, Symbol.species, Symbol.isConcatSpreadable]) {
  for (const name of ['Object.prototype', 'Function.prototype']) if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name} ${String(key)}`, () => undefined);
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
const { nothing } = { nothing: undefined };

const bag = (object) => setPrototypeOf(object, null);
let summary = '';
const watch = (what, work) => {
  watching = true;
  let result;
  try {
    result = work();
  } catch (error) {
    watching = false;
    result = `threw ${error}`;
  }
  watching = false;
  summary += `${what}: ${result}${touched === '' ? '' : ` TOUCHED ${touched}`}\n`;
  touched = '';
};
const text = (list) => {
  let result = '';
  for (let i = 0; i < list.length; i++) result += `${i === 0 ? '' : ' '}${list[i]}`;
  return `[${result}]`;
};
const members = (set) => {
  let result = '';
  const all = apply(keys, set, []);
  for (let step; !(step = apply(setNext, all, [])).done;) result += `${step.value} `;
  return `{${result}}`;
};
// Iterables and iterators that inherit nothing but what they should.
const sequence = (...items) => bag({ [iterator]: () => apply(steps, nothing, items) });
const steps = (...items) => {
  let index = 0;
  return setPrototypeOf({
    next: () => bag({ done: index === items.length, value: index < items.length ? items[index++] : nothing }),
    return: () => bag({}),
  }, IteratorPrototype);
};
const other = (...items) => bag({
  size: items.length,
  has(key) {
    for (let i = 0; i < items.length; i++) if (items[i] === key) return true;
    return false;
  },
  keys: () => apply(steps, nothing, items),
});
const setOf = (...items) => {
  const set = new Collection();
  for (let i = 0; i < items.length; i++) apply(add, set, [items[i]]);
  return set;
};
const thrown = (work) => {
  try {
    work();
  } catch (error) {
    return 'threw ';
  }
  return 'did not throw ';
};

const { prototype: lists } = List;
const call = (holder, key, receiver, ...args) => apply(holder[key], receiver, args);
const like = bag({ length: 3, 0: 'c', 1: 'a', 2: 'b' });
watch('arrays', () => {
  const array = [3, 1, 2];
  return text(call(lists, 'toReversed', array)) + text(call(lists, 'toSorted', array)) + text(call(lists, 'toSorted', array, (a, b) => b - a)) +
    text(call(lists, 'toSpliced', array, 1, 1, 'x', 'y')) + text(call(lists, 'with', array, 0, 'w'));
});
watch('array-likes', () => text(call(lists, 'toReversed', like)) + text(call(lists, 'toSorted', like)) + text(call(lists, 'toSpliced', like, 0, 1)) + text(call(lists, 'with', like, -1, 'z')));
watch('a long array', () => {
  const made = call(lists, 'toReversed', bag({ length: 2500, 0: 'first', 2499: 'last' }));
  return `${made.length} ${made[0]} ${made[2499]} ${made[1000]} ${hasOwn(made, '1000')} ${getPrototypeOf(made) === lists}`;
});
watch('arrays refused', () => thrown(() => call(lists, 'with', [], 0)) + thrown(() => call(lists, 'toSorted', [], 5)) + thrown(() => call(lists, 'toReversed', null)));
const typed = TypedArray.prototype;
watch('typed arrays', () => {
  const bytes = new Bytes(3);
  bytes[0] = 5;
  bytes[2] = 7;
  return text(call(typed, 'toReversed', bytes)) + text(call(typed, 'toSorted', bytes)) + text(call(typed, 'toSorted', bytes, (a, b) => b - a)) + text(call(typed, 'with', bytes, -1, 9)) +
    thrown(() => call(typed, 'with', bytes, 3, 9)) + thrown(() => call(typed, 'toSorted', []));
});
watch('groups', () => {
  const groups = Thing.groupBy(sequence(1, 2, 3), (x) => (x % 2 ? 'odd' : 'even'));
  const map = Dictionary.groupBy(sequence(1, 2, 3), (x) => x % 2);
  return text(groups.odd) + text(groups.even) + text(apply(mapGet, map, [1])) + text(apply(mapGet, map, [0])) + thrown(() => Thing.groupBy(sequence(1), () => { throw 'it'; }));
});
watch('maps', () => {
  const map = new Dictionary();
  const weak = new WeakDictionary();
  return `${call(Dictionary.prototype, 'getOrInsert', map, 'a', 1)} ${call(Dictionary.prototype, 'getOrInsertComputed', map, 'a', () => 2)} ` +
    `${call(WeakDictionary.prototype, 'getOrInsertComputed', weak, map, () => 3)} ${call(WeakDictionary.prototype, 'getOrInsert', weak, map, 4)}`;
});
for (const set of [setOf(1, 2, 3), setOf(1)]) {
  watch('sets', () => {
    let result = '';
    const methods = ours['Set.prototype'];
    for (let i = 0; i < methods.length; i++) {
      const made = call(Collection.prototype, methods[i], set, other(3, 1));
      result += typeof made === 'boolean' ? `${made} ` : `${members(made)} `;
    }
    return result + thrown(() => call(Collection.prototype, 'union', set, bag({})));
  });
}
const of = (key, receiver, ...args) => apply(IteratorPrototype[key], receiver, args);
watch('iterators used up', () => `${text(of('toArray', steps(1, 2)))} ${of('reduce', steps(1, 2), (a, b) => a + b)} ${of('some', steps(1), (x) => x)} ${of('every', steps(1), (x) => x)} ` +
  `${of('find', steps(1), (x) => x)} ${of('forEach', steps(1), () => {})} ${of(dispose, steps())}`);
watch('iterators made', () => {
  let made = of('map', steps(1, 2, 3, 4, 5), (x) => x * 2);
  made = of('filter', made, (x) => x !== 4);
  made = of('flatMap', made, (x) => sequence(x, x));
  made = of('drop', made, 1);
  made = of('take', made, 4);
  const result = text(of('toArray', made));
  const half = of('flatMap', steps(1, 2), (x) => sequence(x));
  half.next();
  return `${result} ${half.return().done} ${half.next().done}`;
});
watch('iterators refused', () => thrown(() => of('map', steps(), 5)) + thrown(() => of('take', steps(), -1)) + thrown(() => of('drop', 5, 1)) +
  thrown(() => of('toArray', of('map', steps(1), () => { throw 'it'; }))) + thrown(() => of('reduce', steps(), () => {})));
const { Iterator } = global;
watch('Iterator', () => `${text(of('toArray', Iterator.from(sequence(1, 2))))} ${text(of('toArray', Iterator.concat(sequence(1), sequence(2))))} ` +
  `${Iterator.from(bag({ next: () => bag({ done: true, value: 5 }) })).next().value} ${IteratorPrototype.constructor === Iterator} ${thrown(() => new Iterator())}`);
watch('base64', () => {
  const bytes = Bytes.fromBase64('AQID/w==');
  const target = new Bytes(5);
  const { read, written } = call(Bytes.prototype, 'setFromBase64', target, 'AQI=', bag({ lastChunkHandling: 'strict' }));
  return `${text(bytes)} ${text(Bytes.fromBase64(' A Q I '))} ${read} ${written} ${text(target)} ${call(Bytes.prototype, 'toBase64', bytes)} ${call(Bytes.prototype, 'toBase64', bytes, bag({ alphabet: 'base64url', omitPadding: true }))} ` +
    thrown(() => Bytes.fromBase64('!')) + thrown(() => Bytes.fromBase64('A', bag({ alphabet: 'x' })));
});
watch('hexadecimal', () => `${text(Bytes.fromHex('00ff'))} ${call(Bytes.prototype, 'setFromHex', new Bytes(1), 'ff').read} ${call(Bytes.prototype, 'toHex', new Bytes(2))} ${thrown(() => Bytes.fromHex('x'))}`);
watch('buffers', () => {
  const buffer = new Buffer(4);
  const moved = call(Buffer.prototype, 'transfer', buffer);
  const longer = call(Buffer.prototype, 'transferToFixedLength', moved, 8);
  return `${buffer.detached} ${moved.detached} ${longer.detached} ${apply(bufferLength, longer, [])} ${thrown(() => call(Buffer.prototype, 'transfer', buffer))}`;
});
watch('texts', () => `${Pattern.escape('1a.b-c \u2028')} ${call(Text.prototype, 'isWellFormed', 'a\ud800')} ${call(Text.prototype, 'toWellFormed', 'a\ud800b')} ${thrown(() => Pattern.escape(5))}`);
watch('numbers', () => `${Numbers.sumPrecise(sequence(1e308, 1e308, 0.1, -1e308))} ${thrown(() => Numbers.sumPrecise(sequence('1')))}`);
watch('errors', () => `${Failure.isError(new Failure())} ${Failure.isError(like)}`);
let refused;
watch('promises', () => {
  const { promise, resolve, reject } = Later.withResolvers();
  resolve(5);
  reject(6);
  refused = Later.try((x, y) => { throw x + y; }, 1, 2);
  return `${promise instanceof Later} ${thrown(() => apply(Later.withResolvers, 5, []))}`;
});
apply(then, refused, [undefined, (error) => { summary += `refused with ${error}\n`; }]);
const { AsyncDisposableStack, DisposableStack, SuppressedError } = global;
let order = '';
watch('disposal', () => {
  const stack = new DisposableStack();
  stack.use(bag({ [dispose]() { order += 'used '; } }));
  stack.adopt('value', (value) => { order += `${value} `; });
  stack.defer(() => { order += 'deferred '; });
  const moved = stack.move();
  moved.dispose();
  return `${order}${stack.disposed} ${moved.disposed} ${thrown(() => stack.use(null))}`;
});
watch('errors of disposal', () => {
  const stack = new DisposableStack();
  stack.defer(() => { throw 1; });
  stack.defer(() => { throw 2; });
  try {
    stack.dispose();
  } catch (error) {
    return `${error.error} ${error.suppressed} ${getPrototypeOf(error) === SuppressedError.prototype}`;
  }
});
watch('asynchronous disposal', () => {
  const stack = new AsyncDisposableStack();
  stack.defer(() => { order += 'later '; });
  const promise = stack.disposeAsync();
  apply(AsyncIteratorPrototype[asyncDispose], bag({ return: () => bag({}) }), []);
  return `${getPrototypeOf(promise) === Later.prototype} ${stack.disposed}`;
});
let promise;
watch('fromAsync', () => getPrototypeOf(promise = List.fromAsync(sequence(1, 2), (x) => x * 2)) === Later.prototype);
summary += text(await new Later((resolve) => apply(then, promise, [resolve])));
log(summary);
