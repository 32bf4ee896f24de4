// SPDX-License-Identifier: Apache-2.0
'use strict';

// Captures the built-ins that the prelude uses, before tenants can change them. Names are Node's:
// ArrayIsArray, ArrayPrototypePush(array, x), MapPrototypeGetSize(map), SymbolIterator, ErrorPrototype.

const { bind, call } = Function.prototype;
const uncurryThis = bind.bind(call);
const TypedArray = Object.getPrototypeOf(Uint8Array);

const titled = (word) => word[0].toUpperCase() + word.slice(1);
const words = (list) => (list ? list.split(' ') : []);
// '@@iterator' stands for Symbol.iterator.
const keyOf = (word) => (word.startsWith('@@') ? Symbol[word.slice(2)] : word);
const nameOf = (word) => (word.startsWith('@@') ? `Symbol${titled(word.slice(2))}` : titled(word));

// The holder itself, its prototype, then the listed statics, methods and getters of the prototype.
const capture = (name, holder, statics, methods, getters) => {
  if (typeof holder === 'function') primordials[name] = holder;
  for (const word of words(statics)) {
    const value = holder[keyOf(word)];
    primordials[name + nameOf(word)] = typeof value === 'function' ? value.bind(holder) : value;
  }
  const { prototype } = holder;
  if (!prototype) return;
  primordials[`${name}Prototype`] = prototype;
  for (const word of words(methods)) {
    primordials[`${name}Prototype${nameOf(word)}`] = uncurryThis(prototype[keyOf(word)]);
  }
  for (const word of words(getters)) {
    const { get } = Object.getOwnPropertyDescriptor(prototype, keyOf(word));
    primordials[`${name}PrototypeGet${nameOf(word)}`] = uncurryThis(get);
  }
};

primordials.uncurryThis = uncurryThis;
primordials.globalThis = globalThis; // a property of the global, which tenants may change
primordials.decodeURIComponent = decodeURIComponent; // likewise

// What ECMAScript itself defines, before the prelude adds to it.
internals.builtInNames = { __proto__: null };
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (/^[A-Z][A-Za-z0-9]+$/.test(name)) internals.builtInNames[name] = true;
}

primordials.PromiseThen = Promise.prototype.then; // for objects that have it as a property
primordials.AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

capture('Array', Array, 'isArray', 'concat includes indexOf join pop push slice sort');
capture('ArrayBuffer', ArrayBuffer, 'isView', 'slice', 'byteLength');
capture('BigInt', BigInt, '', 'toString valueOf');
capture('Boolean', Boolean, '', 'valueOf');
capture('DataView', DataView, '', '', 'buffer byteLength byteOffset');
capture('Date', Date, 'now', 'getTime toISOString toString');
capture('Error', Error, 'captureStackTrace', 'toString');
for (const name of words('EvalError ReferenceError URIError')) capture(name, globalThis[name]);
capture('Function', Function, '', 'toString');
capture('Iterator', { prototype: Object.getPrototypeOf(Object.getPrototypeOf(new Map().entries())) }, '');
capture('JSON', JSON, 'parse stringify');
capture('Map', Map, '', 'delete entries get has set', 'size');
capture('MapIterator', { prototype: Object.getPrototypeOf(new Map().entries()) }, '', 'next');
primordials.Math = Math;
capture('Math', Math, 'abs floor max min pow round sign sqrt trunc');
capture('Number', Number, 'MAX_SAFE_INTEGER isFinite isInteger isNaN parseFloat parseInt', 'toFixed toString valueOf');
capture('Object', Object, 'create defineProperty freeze getOwnPropertyDescriptor getOwnPropertyNames ' +
  'getOwnPropertySymbols getPrototypeOf is keys setPrototypeOf', 'hasOwnProperty isPrototypeOf propertyIsEnumerable');
capture('Promise', Promise, 'reject resolve', 'then');
capture('Proxy', Proxy);
capture('RangeError', RangeError);
capture('ReferenceError', ReferenceError);
capture('Reflect', Reflect,
  'apply construct defineProperty get getOwnPropertyDescriptor getPrototypeOf has ownKeys set');
capture('RegExp', RegExp, '', 'exec toString', 'source');
capture('Set', Set, '', 'add delete forEach has values', 'size');
capture('SetIterator', { prototype: Object.getPrototypeOf(new Set().values()) }, '', 'next');
capture('String', String, 'fromCharCode',
  'charCodeAt codePointAt endsWith includes indexOf lastIndexOf padEnd padStart ' +
  'repeat slice split startsWith toLowerCase toUpperCase trim valueOf');
capture('Symbol', Symbol, 'asyncIterator for iterator toPrimitive toStringTag', 'toString valueOf', 'description');
capture('SyntaxError', SyntaxError);
capture('TypeError', TypeError);
capture('TypedArray', TypedArray, '', 'set slice sort subarray', 'buffer byteLength byteOffset length @@toStringTag');
for (const name of words('BigInt64Array BigUint64Array Float32Array Float64Array Int16Array Int32Array Int8Array ' +
  'Uint16Array Uint32Array Uint8Array Uint8ClampedArray')) capture(name, globalThis[name], 'BYTES_PER_ELEMENT');
capture('WeakMap', WeakMap, '', 'delete get has set');
capture('WeakSet', WeakSet, '', 'add has');
