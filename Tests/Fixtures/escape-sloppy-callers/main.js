// SPDX-License-Identifier: Apache-2.0
// A sloppy function sees its caller, its caller's caller and their arguments. Called by the prelude or the host it sees
// nobody but functions of its own kind.
const { sloppy } = globalThis;
let found;
let ran;
// For a callback: `given` are the objects that it may see.
const spy = (...given) => function () {
  ran = true;
  const seen = Reflect.apply(globalThis.sloppy, this, arguments);
  for (const fn of seen.callers) {
    if (fn !== null && fn !== globalThis.sloppy && fn !== globalThis.callers) found ??= `a caller ${fn.name}`;
  }
  if (seen.callee !== globalThis.sloppy) found ??= 'another callee';
  for (const value of [seen.receiver, ...arguments, ...(seen.arguments ?? [])]) {
    const isPlain = value === null || (typeof value !== 'object' && typeof value !== 'function');
    if (!isPlain && value !== globalThis && !given.includes(value)) found ??= `a value ${String(value)}`;
  }
  return '';
};
const report = (name) => {
  console.log(`${name}: ${found ?? (ran ? 'nothing' : 'it did not run')}`);
  found = ran = undefined;
};
const attempt = (name, fn) => {
  try {
    fn();
  } catch (error) {
    found ??= `threw ${error}`;
  }
  report(name);
};

// The sloppy function itself as the callback, too: then the prelude is its direct caller.
const direct = (result) => {
  ran = true;
  for (const fn of result.callers) if (fn !== null && fn !== sloppy && fn !== globalThis.callers) found ??= `a caller ${fn.name}`;
};
const holder = { toString: spy() };
attempt('a conversion by btoa', () => {
  const object = {};
  object.toString = spy(object);
  btoa(object);
});
attempt('a conversion by console.count', () => {
  const object = {};
  object.toString = spy(object);
  console.countReset(object);
});
attempt('a getter for structuredClone', () => {
  const object = {};
  Object.defineProperty(object, 'a', { enumerable: true, get: spy(object) });
  structuredClone(object);
});
attempt('sloppy itself for structuredClone', () => {
  const object = Object.defineProperty({}, 'a', { enumerable: true, get() { direct(sloppy()); } });
  structuredClone(object);
  // A result with functions is not cloned: that it was called is what counts.
  try {
    structuredClone(Object.defineProperty({}, 'a', { enumerable: true, get: sloppy }));
  } catch (error) {
    if (error.name !== 'DataCloneError') throw error;
  }
});
attempt('a delay of setTimeout', () => {
  const delay = {};
  delay.valueOf = spy(delay);
  clearTimeout(setTimeout(() => {}, delay));
});
attempt('an option of TextDecoder', () => {
  const options = {};
  Object.defineProperty(options, 'fatal', { get: spy(options) });
  void new TextDecoder('utf-8', options);
});
attempt('the prototype of a new target', () => {
  const target = new Proxy(function () {}, { get: (_, key) => { if (key === 'prototype') spy(holder).call(undefined); } });
  void Reflect.construct(TextDecoder, [], target);
});
attempt('a comparator', () => console.dir({ b: 1, a: 1 }, { sorted: (a, b) => spy().call(undefined, a, b) || 0 }));
attempt('functions of the prelude', () => {
  ran = true;
  for (const fn of [console.log, setTimeout, structuredClone, TextEncoder, TextDecoder.prototype.decode, atob, import.meta.resolve]) {
    for (const key of ['caller', 'arguments', 'callee']) {
      try {
        if (fn[key] !== undefined) found ??= `${fn.name}.${key}`;
      } catch (error) {
        if (!(error instanceof TypeError)) found ??= `threw ${error}`;
      }
    }
  }
});
setTimeout(() => {
  found = ran = undefined;
  direct(sloppy());
  report('a timer');
  setTimeout(spy(), 0, 1, 2);
  setTimeout(() => report('a callback of a timer'), 0);
});
queueMicrotask(spy());
await null;
report('a callback of a microtask');
