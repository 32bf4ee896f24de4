// SPDX-License-Identifier: Apache-2.0
// Parts of the prelude load when a script first names what is in them, so after it may have changed every built-in and
// every class of other parts. Loading runs nothing of the script's.
const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { setPrototypeOf, hasOwn } = Object;
const { log } = console;

const globals = ownKeys(globalThis);
let touched = '';
let watching = false;
const spy = (holder, key, what, old) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    if (watching) touched += ` ${what}`;
    return old === undefined ? undefined : old.get ? apply(old.get, this, []) : old.value;
  },
  set(value) {
    if (watching) touched += ` set ${what}`;
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
// What a built-in itself reads of those that it is given: the engine's own steps, whoever takes them.
const engines = ['constructor', 'prototype', 'name', 'length', 'stackTraceLimit', 'prepareStackTrace'];
const spyAll = (name, holder) => {
  const keys = ownKeys(holder);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const old = setPrototypeOf(getOwnPropertyDescriptor(holder, key), null);
    if (!old.configurable || apply(includes, engines, [key]) || key === '__proto__' || key === toStringTag) continue;
    spy(holder, key, `${name}.${typeof key === 'symbol' ? 'a symbol' : key}`, old);
  }
};
const { includes } = Array.prototype;
const { toStringTag } = Symbol;
const poison = (name, holder) => {
  if (holder === null || (typeof holder !== 'object' && typeof holder !== 'function') || holder === globalThis) return;
  spyAll(name, holder);
  if (typeof holder === 'function' && hasOwn(holder, 'prototype') && holder.prototype) spyAll(`${name}.prototype`, holder.prototype);
};

const iterators = [[].values(), ''[Symbol.iterator](), new Map().keys(), new Set().keys(), 'x'.matchAll(/x/g)].map(getPrototypeOf);
const typedArray = getPrototypeOf(Uint8Array);
// Those of the language, which are there from the start; the others follow as they are loaded.
const early = globals.filter((key) => /^(Array|ArrayBuffer|BigInt|Boolean|DataView|Date|Error|Function|JSON|Map|Math|Number|Object|Promise|Proxy|RangeError|Reflect|RegExp|Set|String|Symbol|TypeError|Uint8Array|WeakMap|WeakSet)$/.test(key));
const values = early.map((key) => globalThis[key]);
iterators.forEach((prototype, i) => poison(`iterator ${i}`, prototype));
poison('iterator', getPrototypeOf(iterators[0]));
poison('TypedArray', typedArray);
for (const key of ['0', '1', '2', '7', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'parent', 'iterable',
  'asyncIterable', 'next', 'done', 'then', 'index', 'flags', 'global', 'raw']) {
  spy(Object.prototype, key, `Object.prototype.${key}`);
  spy(Array.prototype, key, `Array.prototype.${key}`);
}
for (let i = early.length; i-- > 0;) poison(early[i], values[i]);
for (let i = 0; i < early.length; i++) {
  spy(globalThis, early[i], `global ${early[i]}`, { __proto__: null, value: values[i] });
}

let report = '';
for (let i = 0; i < globals.length; i++) {
  const key = globals[i];
  if (typeof key === 'symbol' || apply(includes, early, [key])) continue;
  watching = true;
  const value = globalThis[key];
  watching = false;
  if (touched !== '') report += `${key}:${touched}\n`;
  touched = '';
  if (key !== 'console' && key !== 'Intl' && key !== 'Atomics' && key !== 'WebAssembly') poison(key, value);
}
watching = true;
log('%o', { __proto__: null, a: 1 });
watching = false;
if (touched !== '') report += `console:${touched}\n`;
log(report === '' ? 'nothing of the script ran' : report);
