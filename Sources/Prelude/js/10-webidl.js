// SPDX-License-Identifier: Apache-2.0
'use strict';

// What Web IDL asks of every interface: property attributes, brands, conversions of arguments.
// `where` is the beginning of an error message, such as "structuredClone: argument 2".

const {
  Array, ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, IteratorPrototype, MathFloor, MathTrunc, NumberIsFinite,
  ObjectDefineProperty, ObjectSetPrototypeOf, ReflectApply, ReflectGetOwnPropertyDescriptor, ReflectOwnKeys,
  RegExpPrototypeExec, StringPrototypeSlice, SymbolAsyncIterator, SymbolIterator, SymbolToStringTag,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetSymbolToStringTag, TypeError, Uint8Array, globalThis,
} = primordials;

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// A list that tenants cannot reach: storing past the end of an ordinary array runs setters that
// they may have put on Array.prototype. A class of its own is made faster than a prototype is changed.
class List extends Array {
  constructor() { super(); }
}
delete List.prototype.constructor;
ObjectSetPrototypeOf(List.prototype, null);
const list = () => new List();

// For the top level of parts too, which runs after tenants may have changed how arrays are iterated.
const each = (array, callback) => {
  for (let i = 0; i < array.length; i++) callback(array[i]);
};

// ---- Definitions

const define = (target, key, value, enumerable = true) => {
  ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
};

// Copies the methods and accessors of `source`, written as an object literal (its functions are
// no constructors), to `target`.
const defineMembers = (target, source) => {
  const keys = ReflectOwnKeys(source);
  for (let i = 0; i < keys.length; i++) {
    const descriptor = ReflectGetOwnPropertyDescriptor(source, keys[i]);
    ObjectSetPrototypeOf(descriptor, null);
    ObjectDefineProperty(target, keys[i], descriptor);
  }
};

const defineConstants = (Interface, constants) => {
  const keys = ReflectOwnKeys(constants);
  for (let i = 0; i < keys.length; i++) {
    const descriptor = { __proto__: null, value: constants[keys[i]], enumerable: true };
    ObjectDefineProperty(Interface, keys[i], descriptor);
    ObjectDefineProperty(Interface.prototype, keys[i], descriptor);
  }
};

const makeEnumerable = (target, isStatic) => {
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key === 'symbol' || key === 'constructor') continue;
    if (isStatic && (key === 'length' || key === 'name' || key === 'prototype')) continue;
    ObjectDefineProperty(target, key, { __proto__: null, enumerable: true });
  }
};

// What structuredClone and console know of each interface; an interface that inherits another comes after it.
// `getters` is a list of name, function, name, function …
const interfaces = list();

const gettersOf = (prototype) => {
  const getters = list();
  const keys = ReflectOwnKeys(prototype);
  for (let i = 0; i < keys.length; i++) {
    const { get } = ObjectSetPrototypeOf(ReflectGetOwnPropertyDescriptor(prototype, keys[i]), null);
    if (get === undefined) continue;
    getters[getters.length] = keys[i];
    getters[getters.length] = get;
  }
  return getters;
};

const answers = (getter, object) => {
  try {
    ReflectApply(getter, object, []);
    return true;
  } catch {
    return false;
  }
};

// Whether an object is one of the interface of a record. Without `has`, an attribute tells.
const isOf = ({ getters, has }, object) =>
  (has !== undefined ? has(object) : getters.length === 0 || answers(getters[1], object));

// Gives a class the property attributes of an interface. `options.iterable` names the operation that
// is also [Symbol.iterator], `options.asyncIterable` likewise. `options.parent` is the interface it inherits.
// `options.has` tells its objects from others: to be given where the first attribute is a promise or may throw, or
// where there is none, or with one of the following. `options.clone` is a function of an object and of one that
// clones what is inside, which returns the clone, where objects can be cloned; `options.transfer` is a function of an
// object, which takes from it what the object that it returns then has, where they can be transferred. `options.view`
// is a function of an object that returns what console shows of it, instead of its attributes.
const defineInterface = (Interface, options = { __proto__: null }) => {
  const { prototype, name } = Interface;
  const { clone, has, transfer, view } = options;
  interfaces[interfaces.length] = {
    __proto__: null, name, prototype, has, getters: gettersOf(prototype), clone, transfer, view,
  };
  if (options.parent) {
    ObjectSetPrototypeOf(Interface, options.parent);
    ObjectSetPrototypeOf(prototype, options.parent.prototype);
  }
  makeEnumerable(Interface, true);
  makeEnumerable(prototype, false);
  if (options.iterable) define(prototype, SymbolIterator, prototype[options.iterable], false);
  if (options.asyncIterable) define(prototype, SymbolAsyncIterator, prototype[options.asyncIterable], false);
  ObjectDefineProperty(prototype, SymbolToStringTag, { __proto__: null, value: name, configurable: true });
  return Interface;
};

const exposeInterface = (Interface, options) => {
  // A part that loads when a script names it: the shim makes the global.
  if (internals.exposed !== undefined) return (internals.exposed[Interface.name] = defineInterface(Interface, options));
  define(globalThis, Interface.name, defineInterface(Interface, options), false);
  return Interface;
};

// The members of `iterable<K, V>`. `pairsOf(object)` is asked at every step, for a list of key, value, key, value …,
// and throws for what is none of the interface. exposeInterface comes after, with `iterable: 'entries'`.
const defineIterable = (Interface, pairsOf) => {
  const { name, prototype } = Interface;

  class Iterator {
    #object;
    #place;
    #index = 0;

    // `place` is that of what it gives in a pair; -1: the pair.
    constructor(object, place) {
      pairsOf(object);
      this.#object = object;
      this.#place = place;
    }

    static has(object) { return #object in object; }

    next() {
      const pairs = pairsOf(this.#object);
      const index = this.#index;
      if (index >= pairs.length) return { value: undefined, done: true };
      this.#index = index + 2;
      const place = this.#place;
      return { value: place < 0 ? [pairs[index], pairs[index + 1]] : pairs[index + place], done: false };
    }
  }
  delete Iterator.prototype.constructor;
  interfaces[interfaces.length] = {
    __proto__: null, name: `${name} Iterator`, prototype: Iterator.prototype, has: Iterator.has, getters: list(),
  };
  interfaces[interfaces.length] = {
    __proto__: null, name, prototype, has: (object) => answers(() => pairsOf(object)), getters: list(), pairsOf,
  };
  ObjectSetPrototypeOf(Iterator.prototype, IteratorPrototype);
  makeEnumerable(Iterator.prototype, false);
  ObjectDefineProperty(Iterator.prototype, SymbolToStringTag,
    { __proto__: null, value: `${name} Iterator`, configurable: true });

  defineMembers(prototype, {
    entries() { return new Iterator(this, -1); },
    forEach(callback, receiver = undefined) {
      let pairs = pairsOf(this);
      requireArguments(arguments.length, 1, `${name}.forEach`);
      toCallback(callback, `${name}.forEach: argument 1`);
      for (let i = 0; i < pairs.length; i += 2) {
        ReflectApply(callback, receiver, [pairs[i + 1], pairs[i], this]);
        pairs = pairsOf(this);
      }
    },
    keys() { return new Iterator(this, 0); },
    values() { return new Iterator(this, 1); },
  });
};

// A [Replaceable] attribute of the global: `source` is a literal with one getter.
const exposeReplaceable = (source) => {
  const name = ReflectOwnKeys(source)[0];
  const { get } = ReflectGetOwnPropertyDescriptor(source, name);
  const { set } = ReflectGetOwnPropertyDescriptor({ set [name](value) { define(globalThis, name, value); } }, name);
  ObjectDefineProperty(globalThis, name, { __proto__: null, get, set, enumerable: true, configurable: true });
};

const Itself = function (object) { return object; };

// A private field for `new Slot(object, value)` to put on any object. Interfaces that inherit one another
// share it without `extends`: `super` would call what a tenant sets as the prototype of the class.
const makeSlot = () => class Slot extends Itself {
  #value;

  constructor(object, value) {
    super(object);
    this.#value = value;
  }

  static has(object) { return isObject(object) && #value in object; }

  static get(object) {
    if (!isObject(object) || !(#value in object)) throw new TypeError('Illegal invocation');
    return object.#value;
  }
};

const requireArguments = (count, wanted, where) => {
  if (count < wanted) {
    throw new TypeError(`${where}: ${wanted} argument${wanted === 1 ? '' : 's'} required, but only ${count} present`);
  }
};

// ---- Conversions

const toInteger = (value, bits, signed, mode, where) => {
  let number = +value;
  const upper = 2 ** (bits === 64 ? 53 : signed ? bits - 1 : bits) - 1;
  const lower = !signed ? 0 : bits === 64 ? -upper : -upper - 1;
  if (mode === 'enforce') {
    number = MathTrunc(number);
    if (!NumberIsFinite(number) || number < lower || number > upper) {
      throw new TypeError(`${where} is not an integer from ${lower} to ${upper}`);
    }
    return number + 0;
  }
  if (mode === 'clamp') {
    if (number !== number) return 0;
    number = number < lower ? lower : number > upper ? upper : number;
    // Halves go to the even neighbour.
    const floor = MathFloor(number);
    const rest = number - floor;
    return (rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1) + 0;
  }
  if (!NumberIsFinite(number)) return 0;
  const modulus = 2 ** bits;
  number = MathTrunc(number) % modulus;
  if (number < 0) number += modulus;
  return (signed && number >= modulus / 2 ? number - modulus : number) + 0;
};

const integerConverter = (bits, signed, mode) => (value, where) => toInteger(value, bits, signed, mode, where);

const toBoolean = (value) => !!value;

const toDOMString = (value, where) => {
  if (typeof value === 'symbol') throw new TypeError(`${where} is a Symbol, which cannot become a string`);
  return `${value}`;
};

const toByteString = (value, where) => {
  const string = toDOMString(value, where);
  if (RegExpPrototypeExec(/[^\0-\xFF]/, string) !== null) {
    throw new TypeError(`${where} holds a character greater than U+00FF`);
  }
  return string;
};

const loneSurrogate = /[\uD800-\uDFFF]/u;

const toUSVString = (value, where) => {
  let string = toDOMString(value, where);
  let result = '';
  for (let match; (match = RegExpPrototypeExec(loneSurrogate, string)) !== null;) {
    result += `${StringPrototypeSlice(string, 0, match.index)}\uFFFD`;
    string = StringPrototypeSlice(string, match.index + 1);
  }
  return result + string;
};

const toDouble = (value, where) => {
  const number = +value;
  if (!NumberIsFinite(number)) throw new TypeError(`${where} is not a finite number`);
  return number;
};

const toObject = (value, where) => {
  if (!isObject(value)) throw new TypeError(`${where} is not an object`);
  return value;
};

const toCallback = (value, where) => {
  if (typeof value !== 'function') throw new TypeError(`${where} is not a function`);
  return value;
};

// `values`: a null-prototype object whose keys are the enumeration.
const toEnumeration = (value, values, where) => {
  const string = toDOMString(value, where);
  if (!(string in values)) throw new TypeError(`${where}: '${string}' is none of its values`);
  return string;
};

const required = { __proto__: null };

// `members`: [name, convert, default] each, in the order of their names. Without a default an absent
// member stays absent; the default `required` refuses its absence.
const toDictionary = (value, members, where) => {
  if (value !== undefined && value !== null && !isObject(value)) throw new TypeError(`${where} is not an object`);
  const result = { __proto__: null };
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    const name = member[0];
    const given = value === undefined || value === null ? undefined : value[name];
    if (given !== undefined) result[name] = member[1](given, `${where}: '${name}'`);
    else if (member.length > 2) {
      if (member[2] === required) throw new TypeError(`${where}: '${name}' is missing`);
      result[name] = member[2];
    }
  }
  return result;
};

// The result is a null-prototype array. `method` is value[Symbol.iterator], where the caller has read it.
const toSequence = (value, convert, where, method = toObject(value, where)[SymbolIterator]) => {
  if (typeof method !== 'function') throw new TypeError(`${where} is not iterable`);
  const iterator = toObject(ReflectApply(method, value, []), where);
  const { next } = iterator;
  const result = list();
  for (;;) {
    const step = toObject(ReflectApply(next, iterator, []), where);
    if (step.done) return result;
    result[result.length] = convert(step.value, `${where}: element ${result.length}`);
  }
};

// The result is a null-prototype array of [key, value]; later values replace earlier ones of their key.
const toRecord = (value, convertKey, convertValue, where) => {
  const keys = ReflectOwnKeys(toObject(value, where));
  const result = list();
  const places = { __proto__: null };
  for (let i = 0; i < keys.length; i++) {
    if (!ReflectGetOwnPropertyDescriptor(value, keys[i])?.enumerable) continue;
    const key = convertKey(keys[i], `${where}: key`);
    const pair = [key, convertValue(value[keys[i]], `${where}: '${key}'`)];
    result[places[key] ??= result.length] = pair;
  }
  return result;
};

const isTypedArray = (value) => TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined;

const isArrayBuffer = (value) => {
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
};

const toBufferSource = (value, where) => {
  if (!ArrayBufferIsView(value) && !isArrayBuffer(value)) {
    throw new TypeError(`${where} is neither an ArrayBuffer nor a view of one`);
  }
  return value;
};

// A Uint8Array over the memory of a buffer source; empty where that is detached.
const bytesOf = (source) => {
  if (!ArrayBufferIsView(source)) {
    return ArrayBufferPrototypeGetByteLength(source) === 0 ? new Uint8Array(0) : new Uint8Array(source);
  }
  const typed = isTypedArray(source);
  const buffer = typed ? TypedArrayPrototypeGetBuffer(source) : DataViewPrototypeGetBuffer(source);
  if (ArrayBufferPrototypeGetByteLength(buffer) === 0) return new Uint8Array(0);
  return typed
    ? new Uint8Array(buffer, TypedArrayPrototypeGetByteOffset(source), TypedArrayPrototypeGetByteLength(source))
    : new Uint8Array(buffer, DataViewPrototypeGetByteOffset(source), DataViewPrototypeGetByteLength(source));
};

internals.webidl = {
  __proto__: null,
  bytesOf, define, defineConstants, defineInterface, defineIterable, defineMembers, each, exposeInterface,
  exposeReplaceable, interfaces, isArrayBuffer, isObject, isOf, isTypedArray, list, makeSlot, required,
  requireArguments,
  toBoolean, toBufferSource, toByteString, toCallback, toDictionary, toDOMString, toDouble, toEnumeration,
  toInteger, toObject, toRecord, toSequence, toUSVString,
  toLong: integerConverter(32, true),
  toUnsignedLong: integerConverter(32, false),
  toUnsignedShort: integerConverter(16, false),
  toUnsignedShortEnforced: integerConverter(16, false, 'enforce'),
  toUnsignedLongLong: integerConverter(64, false),
  toUnsignedLongLongEnforced: integerConverter(64, false, 'enforce'),
  toUnrestrictedDouble: (value) => +value,
};
