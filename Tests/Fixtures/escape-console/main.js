// SPDX-License-Identifier: Apache-2.0
// The console looks into every value. Inspectors, proxies, comparators and the objects that options are kept in must see
// nothing of it, and what it keeps (counts, timers, groups) must answer by no other way.
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const inspectors = [Symbol.for('nodejs.util.inspect.custom'), Symbol.for('rookery.inspect')];
const isOwn = (value) => {
  for (let object = value; object !== null && (typeof object === 'object' || typeof object === 'function');
    object = Object.getPrototypeOf(object)) {
    if (object === Object.prototype || object === Function.prototype) return true;
    if (Object.getPrototypeOf(object) === null) return Reflect.ownKeys(object).every((key) => isOwn(object[key]));
  }
  return value === null || typeof value !== 'object';
};
// Runs `use` on the arguments of an inspector.
const inspect = (use) => {
  let found = 'no inspector ran';
  for (const symbol of inspectors) {
    console.error('%O', { [symbol](...args) { found = use(...args); return 'inspected'; } });
    if (found !== undefined) return found;
  }
  return undefined;
};

attempt('arguments of an inspector', () => inspect((depth, options, inspect, ...rest) => {
  if (typeof depth !== 'number' || rest.length > 0) return 'more arguments';
  if (typeof inspect !== 'function' || !isOwn(inspect) || !isOwn(options)) return 'an object of another realm';
  for (const key of Reflect.ownKeys(options)) {
    const value = options[key];
    if (typeof value === 'object' && value !== null) return `${String(key)} is an object`;
    if (typeof value === 'function' && key !== 'stylize') return `${String(key)} is a function`;
  }
  return ['seen', 'budget', 'circular', 'indentation', 'ctx'].find((key) => key in options);
}));
attempt('options that are kept', () => inspect((_, options) => {
  const { maxArrayLength } = options;
  for (const key of Reflect.ownKeys(options)) options[key] = () => 'changed';
  let second;
  console.error({ [inspectors[0]](_, again) { second = again; return 'inspected'; } });
  return second !== options && second.maxArrayLength === maxArrayLength ? undefined : 'shared options';
}));
attempt('the inspect function', () => inspect((_, __, inspect) => {
  for (const key of Reflect.ownKeys(inspect)) {
    if (key !== 'name' && key !== 'length') return String(key);
  }
  if (inspect.constructor !== Function || Object.hasOwn(inspect, 'prototype')) return 'a constructor';
  try {
    Reflect.construct(inspect, []);
    return 'it constructs';
  } catch (error) {
    if (!(error instanceof TypeError)) return error;
  }
  return inspect([1]) === '[ 1 ]' && inspect() === 'undefined' ? undefined : inspect([1]);
}));
attempt('the inspect function with hostile options', () => inspect((_, __, inspect) => {
  const hostile = [null, 0, 'text', [], () => {}, Symbol(), new Proxy({}, {}), { depth: {} }, { depth: -Infinity }, { depth: NaN },
    { maxArrayLength: -1 }, { maxArrayLength: NaN }, { maxStringLength: -5 }, { breakLength: -1 }, { breakLength: NaN }, { compact: -1 },
    { compact: 1e9 }, { sorted: {} }, { sorted: () => NaN }, { getters: 'set' }, { indentation: 1e9 }, { seen: [] }, { budget: Infinity },
    { circular: new Map() }, { deepest: {} }, { stylize: 5 }, { customInspect: 'x' }, { showProxy: 1 }, { __proto__: { depth: 0 } }];
  for (const options of hostile) {
    const text = inspect({ a: [1, { b: 'x'.repeat(100) }], get c() { return 1; } }, options);
    if (typeof text !== 'string') return typeof text;
  }
  return undefined;
}));
attempt('the context of the inspection by an accessor', () => {
  const seen = [];
  for (const key of ['seen', 'budget', 'circular', 'indentation', 'deepest', 'stylize', 'depth', 'compact']) {
    Object.defineProperty(Object.prototype, key, {
      configurable: true, get() { seen.push(this); return undefined; }, set(value) { seen.push(this, value); },
    });
  }
  console.error({ a: { b: [new Map([[1, 2]])] } }, new Error('x'), [1, 2, 3]);
  for (const key of ['seen', 'budget', 'circular', 'indentation', 'deepest', 'stylize', 'depth', 'compact']) delete Object.prototype[key];
  return seen.length === 0 ? undefined : `${seen.length} values`;
});
attempt('a receiver of an inspector', () => {
  let seen;
  const value = { [inspectors[0]]() { seen = this; return 'inspected'; } };
  const proxy = new Proxy(value, {});
  console.error(value);
  if (seen !== value) return 'another receiver';
  console.error(proxy);
  return seen === proxy || seen === value ? undefined : 'another receiver';
});
attempt('results of an inspector', () => {
  const results = [undefined, null, 1, Symbol('s'), () => {}, Object.create(null), new Proxy({}, {}), new Error('x'), globalThis, console];
  for (const result of results) console.error({ [inspectors[0]]: () => result });
  return undefined;
});
attempt('an inspector that calls itself', () => {
  let depth = 0;
  const value = { [inspectors[0]](_, options, inspect) { return depth++ < 500 ? inspect(value, options) : 'end'; } };
  console.error(value);
  return undefined;
});
attempt('an inspector that ends', () => {
  for (const error of [undefined, null, Object.create(null), new RangeError('x')]) {
    console.error({ a: 1, [inspectors[0]]() { throw error; } });
  }
  return undefined;
});
attempt('traps of proxies', () => {
  let ran;
  const handler = new Proxy({}, { get: (_, trap) => { ran = String(trap); } });
  const proxies = [{}, [], () => {}, class {}, new Map(), new Date(0), /x/, Object(1)].map((target) => new Proxy(target, handler));
  for (const proxy of proxies) {
    console.error(proxy, [proxy], new Map([[proxy, proxy]]));
    console.error('%o %O', proxy, proxy);
    console.table([proxy]);
    console.dir(proxy, { showProxy: true, showHidden: true });
  }
  return ran;
});
attempt('revoked proxies', () => {
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  for (const value of [revoked({}), revoked(() => {}), new Proxy(revoked({}), {}), Object.create(revoked({})), [revoked([])]]) {
    console.error(value);
    console.error('%s %o %d', value, value);
    console.trace(value);
  }
  return undefined;
});
attempt('a comparator', () => {
  const seen = new Set();
  inspect((_, __, inspect) => {
    inspect({ b: 1, a: {}, c: [] }, { sorted(...args) { seen.add(this); for (const arg of args) seen.add(arg); return 0; } });
  });
  for (const value of seen) if (value !== undefined && typeof value !== 'string') return typeof value;
  return seen.size > 1 ? undefined : 'it did not run';
});
attempt('methods with other receivers', () => {
  for (const receiver of [undefined, null, 1, {}, new Proxy({}, {}), globalThis, Object.freeze({})]) {
    console.error.call(receiver, 'x');
    console.countReset.call(receiver, 'never');
    console.groupEnd.call(receiver);
  }
  return undefined;
});
attempt('what the console keeps', () => {
  console.count('secret');
  console.time('secret');
  const before = JSON.stringify(Object.getOwnPropertyNames(console));
  for (const object of [console, Object.getPrototypeOf(console), Object.getPrototypeOf(Object.getPrototypeOf(console))]) {
    for (const key of Reflect.ownKeys(object)) {
      const value = Object.getOwnPropertyDescriptor(object, key).value;
      if (value instanceof Map || value instanceof Set || value instanceof WeakMap) return String(key);
    }
  }
  console.countReset('secret');
  return JSON.stringify(Object.getOwnPropertyNames(console)) === before ? undefined : 'new names';
});
attempt('labels that are keys of Object.prototype', () => {
  for (const label of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    console.count(label);
    console.count(label);
    console.countReset(label);
  }
  return {}.count === undefined && Object.getPrototypeOf(console).count === undefined ? undefined : 'a polluted prototype';
});
attempt('columns that are keys of Object.prototype', () => {
  console.table([JSON.parse('{ "__proto__": 1, "constructor": 2, "toString": 3 }')]);
  console.table([{ a: 1 }], ['__proto__', 'constructor', 'a']);
  return {}.cells === undefined && {}.width === undefined ? undefined : 'a polluted prototype';
});
attempt('directives', () => {
  console.error('%__proto__ %constructor %toString %% %', 1, 2, 3);
  console.error('%s%s%s', { toString: () => '%s' }, '%o', console);
  return undefined;
});
// In a timer, where the stack is shorter than where modules are evaluated.
setTimeout(() => attempt('inspectors without an end', () => {
  const first = { [inspectors[0]]: () => ({ [inspectors[0]]: () => first }) };
  const second = { [inspectors[0]](_, options, inspect) { return inspect(second, options); } };
  console.error(first, second);
  return undefined;
}));
