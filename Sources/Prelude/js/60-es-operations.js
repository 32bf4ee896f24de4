// SPDX-License-Identifier: Apache-2.0
'use strict';

// Operations of ECMA-262 that the parts with its newer built-ins share. They are written to the order in which that
// standard looks things up, which scripts can see.

const {
  ArrayPrototypeConcat, MathTrunc, NumberMAX_SAFE_INTEGER, Object, ObjectGetPrototypeOf, Proxy, RangeError,
  RangeErrorPrototype, ReflectApply, ReflectOwnKeys, StringPrototypeSlice, SymbolIterator, SymbolPrototypeGetDescription,
  TypeError,
} = primordials;
const { isObject, list } = internals.webidl;

// What a part puts on an intrinsic, which primordials call `holder`. Methods of a literal are no constructors.
const expose = (holder, members) => {
  const keys = ReflectOwnKeys(members);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    // Symbol.dispose is @@dispose there.
    const word = typeof key === 'symbol' ? `@@${StringPrototypeSlice(SymbolPrototypeGetDescription(key), 7)}` : key;
    internals.exposed[`${holder}.${word}`] = members[key];
  }
};

// ---- Conversions

const toIntegerOrInfinity = (value) => {
  const number = MathTrunc(+value);
  return number === number ? number + 0 : 0;
};

const toLength = (value) => {
  const number = toIntegerOrInfinity(value);
  return number <= 0 ? 0 : number < NumberMAX_SAFE_INTEGER ? number : NumberMAX_SAFE_INTEGER;
};

const lengthOf = (object) => toLength(object.length);

// A place in what is `length` long; below zero: from its end.
const toPlace = (value, length) => {
  const number = toIntegerOrInfinity(value);
  if (number < 0) return number + length > 0 ? number + length : 0;
  return number < length ? number : length;
};

const requireCoercible = (value, where) => {
  if (value === undefined || value === null) throw new TypeError(`${where} is ${value}`);
  return value;
};

const toObject = (value, where) => Object(requireCoercible(value, where));

const getMethod = (value, key, where) => {
  const method = value[key];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError(`${where} is not a function`);
  return method;
};

const isConstructor = (value) => {
  if (typeof value !== 'function') return false;
  try {
    new (new Proxy(value, { __proto__: null, construct: () => ({}) }))();
    return true;
  } catch (error) {
    if (ObjectGetPrototypeOf(error) === RangeErrorPrototype) throw error; // the stack is full
    return false;
  }
};

// ---- Iterators. A record is { iterator, next }

const finished = { __proto__: null };

const direct = (iterator) => ({ __proto__: null, iterator, next: iterator.next });

const fromMethod = (value, method, where) => {
  const iterator = ReflectApply(method, value, []);
  if (!isObject(iterator)) throw new TypeError(`${where}: its iterator is not an object`);
  return direct(iterator);
};

const getIterator = (value, where) => {
  const method = getMethod(value, SymbolIterator, `${where}: its Symbol.iterator`);
  if (method === undefined) throw new TypeError(`${where} is not iterable`);
  return fromMethod(value, method, where);
};

// The next result, or undefined at the end.
const advance = (record) => {
  const result = ReflectApply(record.next, record.iterator, []);
  if (!isObject(result)) throw new TypeError('The result of an iterator is not an object');
  return result.done ? undefined : result;
};

// The next value, or `finished`.
const step = (record) => {
  const result = advance(record);
  return result === undefined ? finished : result.value;
};

const close = (iterator) => {
  const method = getMethod(iterator, 'return', 'The return of an iterator');
  if (method !== undefined && !isObject(ReflectApply(method, iterator, []))) {
    throw new TypeError('The result of an iterator\'s return is not an object');
  }
};

// Closes it for an error that is thrown next.
const abandon = (iterator) => {
  try {
    const method = getMethod(iterator, 'return', '');
    if (method !== undefined) ReflectApply(method, iterator, []);
  } catch {
    // The first error is the one to be seen.
  }
};

// A callback's answer; the iterator is closed where it throws.
const callFor = (iterator, callback, value, index) => {
  try {
    return callback(value, index);
  } catch (error) {
    abandon(iterator);
    throw error;
  }
};

// ---- Arrays. Storing past the end of one would run the setters that scripts may have put on Array.prototype

const gather = (...items) => items;

// An Array of what is in a list.
const toArray = (items) =>
  (items.length > 1000 ? ArrayPrototypeConcat(items) : ReflectApply(gather, undefined, items));

// An Array of what `next` answers until `finished`.
const collect = (next) => {
  const items = list();
  for (let value; (value = next()) !== finished;) items[items.length] = value;
  return toArray(items);
};

// An Array of what `at` answers for 0, 1 and so on.
const makeArray = (length, at) => {
  if (length > 0xFFFFFFFF) throw new RangeError('The array would be longer than 4294967295');
  const items = list();
  for (let i = 0; i < length; i++) items[i] = at(i);
  return toArray(items);
};

internals.ecma = {
  __proto__: null,
  abandon, advance, callFor, close, collect, direct, expose, finished, fromMethod, getIterator, getMethod, isConstructor,
  lengthOf, makeArray, requireCoercible, step, toArray, toIntegerOrInfinity, toObject, toPlace,
};
