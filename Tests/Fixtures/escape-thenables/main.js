// SPDX-License-Identifier: Apache-2.0
// `then` decides what await, import() and the host's promises do with a value. Whoever is called through it may get
// resolving functions and values of this realm, and never a promise or a function that the host keeps for itself.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const original = { then: Promise.prototype.then, species: Object.getOwnPropertyDescriptor(Promise, Symbol.species) };
const sourceOf = (fn) => Function.prototype.toString.call(fn);

// What is wrong with the arguments of a `then`: they are two functions that only settle a promise.
const examine = (args) => {
  if (args.length !== 2) return `${args.length} arguments`;
  for (const fn of args) {
    if (typeof fn !== 'function' || Object.getPrototypeOf(fn) !== Function.prototype) return 'no function of this realm';
    if (fn.name !== '' || !sourceOf(fn).includes('[native code]')) return `a function ${fn.name}`;
    if (Object.hasOwn(fn, 'prototype')) return 'a constructor';
    for (const key of Reflect.ownKeys(fn)) if (key !== 'length' && key !== 'name') return `a function with ${String(key)}`;
    if (fn(undefined) !== undefined) return 'an answer';
  }
  return undefined;
};
const hostile = (found) => ({ then(...args) { found.push(examine(args), this === undefined ? 'no receiver' : undefined); } });
const via = async (use) => {
  const found = [];
  await use(hostile(found));
  await null;
  return found.length === 0 ? 'then did not run' : found.find(Boolean);
};

await attempt('await', () => via(async (value) => await value));
await attempt('Promise.resolve', () => via((value) => Promise.resolve(value)));
await attempt('a rejected promise', async () => {
  const value = hostile([]);
  return await Promise.reject(value).catch((error) => (error === value ? undefined : 'another value'));
});
await attempt('an async generator', () => via(async (value) => { for await (const _ of (async function* () { yield value; })()); }));
await attempt('for await over thenables', () => via(async (value) => { for await (const _ of [value]); }));
await attempt('a return value', () => via(async (value) => await (async () => value)()));
await attempt('Promise.all', () => via((value) => Promise.all([value, value])));
await attempt('a getter of then that throws', async () => {
  const value = { get then() { throw value; } };
  return await Promise.resolve(value).then(() => 'fulfilled', (error) => (error === value ? undefined : 'another value'));
});
await attempt('a then that settles twice', async () => {
  const value = { then(fulfil, reject) { fulfil(1); reject(2); fulfil(3); throw new Error('4'); } };
  return (await value) === 1 ? undefined : 'another value';
});

await attempt('a namespace with then', async () => {
  const found = globalThis.thenOfModule = [];
  const answer = await import('./then.js');
  return answer !== 'settled' ? 'the namespace' : found.length !== 1 ? `${found.length} calls` : examine(found[0]);
});
await attempt('a namespace with then that is static', async () => {
  const found = globalThis.thenOfModule = [];
  await import('./importer.js');
  return found.length === 0 ? undefined : 'then ran';
});
await attempt('a module whose default is a thenable', () => via(async (value) => {
  globalThis.defaultOfModule = value;
  const { default: given } = await import('./default.js');
  if (given !== value) throw new Error('another value');
  await given;
}));

// What the host does with the promise of a module's evaluation. No await here, which reads `constructor` too.
const constructor = { configurable: true, writable: true, value: Promise };
const steps = [
  ['the constructor of promises during import()', () => {
    const seen = new Set();
    Object.defineProperty(Promise.prototype, 'constructor', { configurable: true, get() { seen.add(this); return Promise; } });
    const promise = import('./leaf.js?1');
    return () => {
      Object.defineProperty(Promise.prototype, 'constructor', constructor);
      seen.delete(promise);
      return seen.size === 0 ? undefined : `${seen.size} promise of the host`;
    };
  }],
  ['the species of promises during import()', () => {
    let calls = 0;
    class Species extends Promise {
      constructor(executor) {
        calls++;
        super(executor);
      }
    }
    Object.defineProperty(Promise, Symbol.species, { configurable: true, get: () => Species });
    import('./leaf.js?2');
    return () => {
      Object.defineProperty(Promise, Symbol.species, original.species);
      return calls === 0 ? undefined : `${calls} promise was made of it`;
    };
  }],
  ['then of promises during import()', () => {
    let calls = 0;
    Promise.prototype.then = function (...args) {
      calls++;
      return original.then.apply(this, args);
    };
    import('./leaf.js?3');
    return () => {
      Promise.prototype.then = original.then;
      return calls === 0 ? undefined : `${calls} calls`;
    };
  }],
  ['a constructor of promises that throws', () => {
    const promise = import('./leaf.js?4');
    Object.defineProperty(Promise.prototype, 'constructor', { configurable: true, get() { throw new Error('thrown by a getter'); } });
    return () => {
      Object.defineProperty(Promise.prototype, 'constructor', constructor);
      return promise.then(({ leaf }) => (leaf === 1 ? undefined : 'another value'));
    };
  }],
];
const next = () => {
  const step = steps.shift();
  if (step === undefined) return;
  const finish = step[1]();
  setTimeout(() => {
    attempt(step[0], finish);
    setTimeout(next, 1);
  }, 30);
};
next();
