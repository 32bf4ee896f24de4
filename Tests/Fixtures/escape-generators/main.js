// SPDX-License-Identifier: Apache-2.0
// Generators, iterators and finalisers run between the steps of others: `return` and `throw` into iterations of the
// prelude, queues of async generators, frames of async stacks, callbacks after collection.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const isForeign = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null);

await attempt('steps of an iteration by the prelude', () => {
  const seen = [];
  const buffer = new ArrayBuffer(1);
  const iterable = { [Symbol.iterator](...args) {
    seen.push(...args);
    if (this !== iterable) seen.push(this);
    const iterator = {
      next(...rest) {
        seen.push(...rest);
        if (this !== iterator) seen.push(this);
        return { done: buffer.byteLength === 0, value: buffer };
      },
      return(...rest) { seen.push(...rest); return {}; },
      throw(...rest) { seen.push(...rest); return {}; },
    };
    let steps = 0;
    const { next } = iterator;
    iterator.next = function (...rest) {
      const step = Reflect.apply(next, this, rest);
      return steps++ === 1 ? { done: true } : step;
    };
    return iterator;
  } };
  structuredClone(1, { transfer: iterable });
  try {
    console.table([{ a: 1 }], { *[Symbol.iterator]() { yield Symbol('no text'); } });
  } catch (error) {
    if (!(error instanceof TypeError)) return `threw ${error}`;
  }
  return seen.length === 0 ? undefined : `${seen.length} values`;
});
await attempt('an iterator that ends itself', () => {
  const generator = (function* () {
    try {
      generator.return();
    } catch (error) {
      if (!(error instanceof TypeError)) return 'foreign';
    }
    yield new ArrayBuffer(1);
  })();
  return structuredClone(2, { transfer: generator }) === 2 ? undefined : 'another clone';
});
await attempt('an iterator that clones with itself', () => {
  let depth = 0;
  const iterable = { *[Symbol.iterator]() {
    if (depth++ < 50) structuredClone(1, { transfer: iterable });
    yield new ArrayBuffer(1);
  } };
  return structuredClone(2, { transfer: iterable }) === 2 ? undefined : 'another clone';
});
await attempt('return and throw into an iterator of a map that is shown', () => {
  const iterator = new Map([[1, 2], [3, 4]]).entries();
  console.log(iterator);
  if (iterator.return !== undefined || iterator.throw !== undefined) return 'an iterator of the prelude';
  return iterator.next().value[0] === 1 ? undefined : 'the iterator moved';
});
await attempt('iterators that are patched while they run', () => {
  const prototype = Object.getPrototypeOf(new Map().entries());
  const { next } = prototype;
  let seen;
  prototype.next = function () { seen = this; return Reflect.apply(next, this, []); };
  console.log(new Map([[1, 2]]), new Set([3]));
  console.table(new Map([[1, 2]]));
  prototype.next = next;
  return seen === undefined ? undefined : 'an iterator of the prelude';
});
await attempt('a map that grows while it is shown', () => {
  const map = new Map();
  let steps = 0;
  const grow = { [Symbol.for('nodejs.util.inspect.custom')]() {
    if (steps++ < 1000) map.set({}, grow);
    return 'grown';
  } };
  map.set(0, grow);
  console.debug('%s', '', `${map.size}`);
  console.error(map);
  return steps > 0 && steps < 200 ? undefined : `${steps} steps`;
});
await attempt('frames of async stacks', async () => {
  let found;
  Error.prepareStackTrace = (_, sites) => { found = sites; return ''; };
  const deep = async (n) => {
    await null;
    return n > 0 ? await deep(n - 1) : new Error('x').stack;
  };
  const stack = await deep(5);
  delete Error.prepareStackTrace;
  return found === undefined && typeof stack === 'string' && !/rookery:|\.swift|\.cc/.test(stack) ? undefined : stack;
});
await attempt('the queue of an async generator', async () => {
  const seen = [];
  const generator = (async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      seen.push(generator.return(5), generator.throw(new Error('x')).catch(() => 'caught'));
    }
  })();
  const steps = [generator.next(), generator.next(), generator.return({ get then() { seen.push(this); return undefined; } }), generator.next()];
  const results = await Promise.all(steps);
  for (const result of results) {
    if (Object.getPrototypeOf(result) !== Object.prototype || Object.keys(result).join() !== 'value,done') return 'a foreign result';
  }
  for (const promise of seen.slice(1)) if (!(promise instanceof Promise)) return 'no promise';
  return results[3].done ? undefined : 'it goes on';
});
await attempt('a generator entered by its own callback', () => {
  const generator = (function* () { yield structuredClone({ get a() { return generator.next(); } }); })();
  try {
    generator.next();
  } catch (error) {
    return error instanceof TypeError ? undefined : `threw ${error}`;
  }
  return 'it was entered';
});
await attempt('a generator of a timer', async () => {
  const seen = [];
  const generator = (function* () { for (;;) seen.push(yield); })();
  generator.next();
  await new Promise((done) => {
    setTimeout(generator.next.bind(generator), 0);
    setTimeout(done, 5);
  });
  return seen.length === 1 && seen[0] === undefined ? undefined : 'a value';
});
await attempt('finalisers', async () => {
  const seen = [];
  const registry = new FinalizationRegistry(function (...args) { seen.push(this, ...args); });
  for (let i = 0; i < 2000; i++) registry.register({ i }, i);
  for (let i = 0; i < 40; i++) {
    void Array.from({ length: 20000 }, (_, j) => ({ j }));
    await new Promise((done) => setTimeout(done, 0));
  }
  return seen.some(isForeign) ? 'an object' : undefined;
});
await attempt('weak references', () => {
  const of = (value) => new WeakRef(value).deref() === value;
  return of(console) && of(import.meta) && of(globalThis) ? undefined : 'another object';
});
