// SPDX-License-Identifier: Apache-2.0
// A proxy leaves the module as an uncaught exception. The report may ask it for its message and its stack, and hands its
// traps nothing that this file did not make.
const handler = { __proto__: null };
const inner = new Proxy({ a: 1 }, handler);
const outer = new Proxy(inner, handler);
const mine = new Set([handler, inner, outer]);
for (const trap of Reflect.ownKeys(Reflect)) {
  if (typeof Reflect[trap] !== 'function') continue;
  handler[trap] = function (target, ...args) {
    mine.add(target); // of the inner proxy: V8 hands a trap its own target only
    for (const value of [this, ...args]) {
      const isFresh = trap === 'defineProperty' || trap === 'set';
      if (typeof value === 'function' || (typeof value === 'object' && value !== null && !mine.has(value) && !isFresh)) {
        console.log(`${trap} saw`, typeof value);
      }
    }
    return Reflect[trap](target, ...args);
  };
}
Object.defineProperty(Object.prototype, 'toJSON', { get() { console.log('toJSON was read'); } });
Error.prepareStackTrace = () => console.log('prepareStackTrace ran');
console.log('before');
throw outer;
