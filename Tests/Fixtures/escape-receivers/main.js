// SPDX-License-Identifier: Apache-2.0
// Every API is handed proxies and getters that write down who calls them with what. They may see what this file made,
// plain primitives, and fresh arrays of these: never an object that the prelude or the host keeps for itself.
const calls = Object.getOwnPropertyNames(Reflect);
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const mine = new WeakSet([globalThis, console, performance, Object.prototype, Function.prototype, Array.prototype]);
let traps = 0;
let leaked;

const own = (value) => {
  if (isObject(value)) mine.add(value);
  return value;
};

// What a value is that nobody here made; undefined where it is harmless.
const judge = (value, depth = 0) => {
  if (!isObject(value) || mine.has(value)) return undefined;
  if (typeof value === 'function') return `function ${value.name || value}`;
  if (depth > 2) return 'a deep object';
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype !== Array.prototype && prototype !== Object.prototype) return Object.prototype.toString.call(value);
  for (const key of Reflect.ownKeys(value)) {
    const found = judge(Reflect.getOwnPropertyDescriptor(value, key).value, depth + 1);
    if (found !== undefined) return `${found} as ${String(key)}`;
  }
  return undefined;
};
const record = (name, values) => {
  traps++;
  for (const value of values) {
    const found = judge(value);
    if (found !== undefined) leaked ??= `${name} saw ${found}`;
  }
};

const handler = own({ __proto__: null });
for (const name of calls) {
  if (typeof Reflect[name] !== 'function') continue;
  handler[name] = own(function (...args) {
    record(name, args);
    record(`${name} (this)`, [this]);
    const result = Reflect[name](...args);
    if (name === 'getOwnPropertyDescriptor' || name === 'ownKeys' || name === 'defineProperty') return result;
    return own(result);
  });
}
const spy = (target) => own(new Proxy(own(target), handler));

class Thing {
  constructor() { own(this); }
  get accessor() {
    record('a getter', [this]);
    return 1;
  }
  set accessor(value) { record('a setter', [this, value]); }
  toString() {
    record('toString', [this, ...arguments]);
    return 'thing';
  }
  valueOf() {
    record('valueOf', [this, ...arguments]);
    return 1;
  }
  toJSON(...args) {
    record('toJSON', [this, ...args]);
    return 1;
  }
  then(...args) { record('then', [this, ...args]); }
  get [Symbol.toStringTag]() {
    record('the tag', [this]);
    return 'Tag';
  }
  *[Symbol.iterator]() {
    record('the iterator', [this]);
    yield new Thing();
  }
  [Symbol.toPrimitive](...args) {
    record('toPrimitive', [this, ...args]);
    return 1;
  }
}
own(Thing);
own(Thing.prototype);
// Each of them new for each call.
const makers = {
  'a proxy of an object': () => spy({ a: own({ b: 1 }) }),
  'a proxy of an array': () => spy([1, own({})]),
  'a proxy of a function': () => spy(function () {}),
  'a proxy of a class': () => spy(class {}),
  'a proxy of a proxy': () => spy(spy({})),
  'a proxy of a map': () => spy(new Map([[own({}), own([])]])),
  'a proxy of an error': () => spy(new Error('x', { cause: own({}) })),
  'a proxy of bytes': () => spy(new Uint8Array(2)),
  'a proxy of a date': () => spy(new Date(0)),
  'a proxy of the global': () => spy(globalThis),
  'an object of getters': () => new Thing(),
  'an heir of a proxy': () => own(Object.create(spy({}))),
  'a list of proxies': () => own([spy({}), spy([]), new Thing()]),
};
const call = (fn, receiver, args) => {
  try {
    return fn.apply(receiver, args);
  } catch (error) {
    if (!isObject(error) || !(error instanceof Error)) leaked ??= `it threw ${String(error)}`;
    else if (![TypeError, RangeError, SyntaxError, Error, DOMException].includes(error.constructor)) leaked ??= 'a foreign error';
    return undefined;
  }
};
const decode = TextDecoder.prototype.decode;
const { encode, encodeInto } = TextEncoder.prototype;
const apis = {
  structuredClone: [(x) => structuredClone(x), (x) => structuredClone(1, x), (x) => structuredClone(1, { transfer: x })],
  atob: [(x) => atob(x)],
  btoa: [(x) => btoa(x)],
  TextEncoder: [(x) => new TextEncoder().encode(x), (x) => encode.call(x, x), (x) => new TextEncoder().encodeInto(x, x),
    (x) => encodeInto.call(x, x, x)],
  TextDecoder: [(x) => new TextDecoder(x), (x) => new TextDecoder('utf-8', x), (x) => decode.call(x, x, x),
    (x) => new TextDecoder().decode(x, x), (x) => Reflect.construct(TextDecoder, [], x)],
  DOMException: [(x) => new DOMException(x, x), (x) => Reflect.construct(DOMException, [x], x)],
  setTimeout: [(x) => clearTimeout(setTimeout(x, x, x)), (x) => clearTimeout(setTimeout.call(x, () => {}, x))],
  setInterval: [(x) => clearInterval(setInterval(x, x, x))],
  clearTimeout: [(x) => clearTimeout(x), (x) => clearInterval.call(x, x)],
  performance: [(x) => performance.now.call(x, x), (x) => performance.toJSON.call(x),
    (x) => Reflect.construct(Performance, [x], x)],
  'import.meta.resolve': [(x) => import.meta.resolve(x), (x) => import.meta.resolve.call(x, './x.js', x)],
  'reading globals': [(x) => Reflect.get(globalThis, 'performance', x), (x) => Reflect.get(globalThis, 'self', x),
    (x) => Reflect.set(globalThis, 'performance', x, x)],
  Error: [(x) => new Error(x, x), (x) => Error.captureStackTrace(x), (x) => Error.captureStackTrace({}, x),
    (x) => Error.prototype.toString.call(x)],
  'console.count': [(x) => console.countReset(x), (x) => console.time(x)],
};
const { performance: clock } = globalThis;
for (const [name, uses] of Object.entries(apis)) {
  leaked = undefined;
  const before = traps;
  for (const use of uses) for (const make of Object.values(makers)) call(own(use), undefined, [make()]);
  if (name !== 'reading globals' && traps === before) leaked ??= 'no trap ran';
  console.log(`${name}: ${leaked ?? 'nothing'}`);
}
Object.defineProperty(globalThis, 'performance', { value: clock });

// Those that print: the output stands on standard error, or is empty.
for (const method of ['error', 'warn', 'trace', 'assert']) {
  leaked = undefined;
  const prefix = method === 'assert' ? [false] : [];
  for (const make of Object.values(makers)) {
    call(console[method], make(), [...prefix, make(), make()]);
    for (const directive of ['%s', '%d', '%i', '%f', '%o', '%O', '%c']) call(console[method], null, [...prefix, directive, make()]);
  }
  console.log(`console.${method}: ${leaked ?? 'nothing'}`);
}

// Callbacks that the host calls later.
leaked = undefined;
let ran = 0;
const callback = () => spy(function (...args) {
  ran++;
  record('a callback', [this, ...args]);
});
setTimeout(callback(), 0, own({}), spy([]));
const repeated = setInterval(spy(function (...args) {
  record('a repeated callback', [this, ...args]);
  clearInterval(repeated);
  ran++;
}), 0, own([]));
queueMicrotask(callback());
Promise.resolve(own({})).then(callback());
setTimeout(() => console.log(`callbacks: ${leaked ?? (ran === 4 ? 'nothing' : `${ran} ran`)}`), 5);
