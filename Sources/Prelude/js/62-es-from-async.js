// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const { Array, RangeError, ReflectApply, SymbolAsyncIterator, SymbolIterator, TypeError } = primordials;
const { define, isObject } = internals.webidl;
const { abandon, expose, fromMethod, getMethod, isConstructor, lengthOf, toObject } = internals.ecma;

// What is awaited here is what the standard awaits: scripts see the same look-ups of constructors.

// One step of an iterator whose values may be promises (%AsyncFromSyncIteratorPrototype%).
const stepSync = async ({ iterator, next }) => {
  const result = ReflectApply(next, iterator, []);
  if (!isObject(result)) throw new TypeError('The result of an iterator is not an object');
  const done = !!result.done;
  const { value } = result;
  try {
    return { __proto__: null, done, value: await value };
  } catch (error) {
    if (!done) abandon(iterator);
    throw error;
  }
};

const closeSync = async (iterator) => {
  try {
    const method = getMethod(iterator, 'return', '');
    if (method === undefined) return;
    const result = ReflectApply(method, iterator, []);
    if (!isObject(result)) return;
    result.done;
    await result.value;
  } catch {
    // The first error is the one to be seen.
  }
};

expose('Array', {
  async fromAsync(items, mapper = undefined, receiver = undefined) {
    const where = 'Array.fromAsync: argument';
    if (mapper !== undefined && typeof mapper !== 'function') throw new TypeError(`${where} 2 is not a function`);
    const asyncMethod = getMethod(items, SymbolAsyncIterator, `${where} 1: its Symbol.asyncIterator`);
    const method = asyncMethod ?? getMethod(items, SymbolIterator, `${where} 1: its Symbol.iterator`);
    const isConstructed = isConstructor(this);
    let index = 0;
    if (asyncMethod !== undefined) {
      const result = isConstructed ? new this() : [];
      const source = { __proto__: null, [SymbolAsyncIterator]: () => ReflectApply(asyncMethod, items, []) };
      for await (const value of source) {
        define(result, index, mapper === undefined ? value : await ReflectApply(mapper, receiver, [value, index]));
        index++;
      }
      result.length = index;
      return result;
    }
    if (method !== undefined) {
      const result = isConstructed ? new this() : [];
      const record = fromMethod(items, method, `${where} 1`);
      for (;;) {
        const { done, value } = await stepSync(record);
        if (done) break;
        try {
          define(result, index, mapper === undefined ? value : await ReflectApply(mapper, receiver, [value, index]));
        } catch (error) {
          await closeSync(record.iterator);
          throw error;
        }
        index++;
      }
      result.length = index;
      return result;
    }
    const object = toObject(items, `${where} 1`);
    const length = lengthOf(object);
    if (!isConstructed && length > 0xFFFFFFFF) throw new RangeError(`${where} 1 is too long`);
    const result = isConstructed ? new this(length) : new Array(length);
    for (; index < length; index++) {
      const value = await object[index];
      define(result, index, mapper === undefined ? value : await ReflectApply(mapper, receiver, [value, index]));
    }
    result.length = length;
    return result;
  },
});
