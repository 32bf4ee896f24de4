// SPDX-License-Identifier: Apache-2.0
import * as ns from './lib.mjs';
import * as outer from './outer.mjs';

console.log(Object.keys(ns).join());
console.log(Reflect.ownKeys(ns).map(String).join());
console.log(Object.getPrototypeOf(ns), Object.isExtensible(ns), Object.isSealed(ns), Object.isFrozen(ns));
console.log(Object.prototype.toString.call(ns), typeof ns);
console.log(JSON.stringify(Object.getOwnPropertyDescriptor(ns, 'b')));
console.log(JSON.stringify(Object.getOwnPropertyDescriptor(ns, Symbol.toStringTag)));
console.log(Reflect.set(ns, 'b', 1), Reflect.defineProperty(ns, 'b', { value: ns.b }));
console.log(Reflect.deleteProperty(ns, 'b'), Reflect.deleteProperty(ns, 'none'));
console.log(Reflect.setPrototypeOf(ns, null), Reflect.setPrototypeOf(ns, {}));
console.log(Reflect.has(ns, 'b'), Reflect.has(ns, 'toString'));
console.log(outer.inner === ns, Object.keys(outer).join(), outer.default.default);
console.log(outer['any name at all'] === ns);
console.log((await import('./lib.mjs')) === ns);
let text;
try {
  text = `${ns}`;
} catch (error) {
  text = error.name;
}
console.log(text);
console.log({ ...ns }.c, Object.entries(ns).length, Array.isArray(ns));
