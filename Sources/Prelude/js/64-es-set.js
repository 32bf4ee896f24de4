// SPDX-License-Identifier: Apache-2.0
'use strict';

// The methods of Set that take another. A set's own iterators see what callbacks add and delete as the standard has it.

internals.parts.ecma;
const {
  RangeError, ReflectApply, Set, SetIteratorPrototypeNext, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach,
  SetPrototypeGetSize, SetPrototypeHas, SetPrototypeValues, TypeError,
} = primordials;
const { isObject, toCallback } = internals.webidl;
const { close, expose, finished, fromMethod, step, toIntegerOrInfinity } = internals.ecma;

// What is asked of an argument: its size, `has` and `keys`.
const toOther = (set, value, method) => {
  SetPrototypeGetSize(set); // throws for what is none
  const where = `Set.prototype.${method}: argument 1`;
  if (!isObject(value)) throw new TypeError(`${where} is not an object`);
  const number = +value.size;
  if (number !== number) throw new TypeError(`${where}: its size is not a number`);
  const size = toIntegerOrInfinity(number);
  if (size < 0) throw new RangeError(`${where}: its size is below zero`);
  const has = toCallback(value.has, `${where}: its has`);
  const keys = toCallback(value.keys, `${where}: its keys`);
  return { __proto__: null, has: (key) => !!ReflectApply(has, value, [key]), size, keys: () => fromMethod(value, keys, where) };
};

const copyOf = (set) => {
  const copy = new Set();
  SetPrototypeForEach(set, (key) => { SetPrototypeAdd(copy, key); });
  return copy;
};

// Answers whether `test` holds for all keys of the set, those included that it adds.
const every = (set, test) => {
  const iterator = SetPrototypeValues(set);
  for (let result; !(result = SetIteratorPrototypeNext(iterator)).done;) if (!test(result.value)) return false;
  return true;
};

// Likewise for the keys of the other, whose iterator is closed at the first that fails.
const everyOther = (other, test) => {
  const record = other.keys();
  for (let key; (key = step(record)) !== finished;) {
    if (test(key)) continue;
    close(record.iterator);
    return false;
  }
  return true;
};

expose('SetPrototype', {
  difference(other) {
    const record = toOther(this, other, 'difference');
    const result = copyOf(this);
    if (SetPrototypeGetSize(this) <= record.size) {
      SetPrototypeForEach(result, (key) => { if (record.has(key)) SetPrototypeDelete(result, key); });
    } else {
      everyOther(record, (key) => {
        SetPrototypeDelete(result, key);
        return true;
      });
    }
    return result;
  },

  intersection(other) {
    const record = toOther(this, other, 'intersection');
    const result = new Set();
    if (SetPrototypeGetSize(this) <= record.size) {
      SetPrototypeForEach(this, (key) => { if (record.has(key)) SetPrototypeAdd(result, key); });
    } else {
      everyOther(record, (key) => {
        if (SetPrototypeHas(this, key)) SetPrototypeAdd(result, key);
        return true;
      });
    }
    return result;
  },

  isDisjointFrom(other) {
    const record = toOther(this, other, 'isDisjointFrom');
    return SetPrototypeGetSize(this) <= record.size ? every(this, (key) => !record.has(key))
      : everyOther(record, (key) => !SetPrototypeHas(this, key));
  },

  isSubsetOf(other) {
    const record = toOther(this, other, 'isSubsetOf');
    return SetPrototypeGetSize(this) <= record.size && every(this, record.has);
  },

  isSupersetOf(other) {
    const record = toOther(this, other, 'isSupersetOf');
    return SetPrototypeGetSize(this) >= record.size && everyOther(record, (key) => SetPrototypeHas(this, key));
  },

  symmetricDifference(other) {
    const record = toOther(this, other, 'symmetricDifference');
    const keys = record.keys();
    const result = copyOf(this);
    for (let key; (key = step(keys)) !== finished;) {
      // Of this set as it is now, whatever the other's keys have done to it.
      if (SetPrototypeHas(this, key)) SetPrototypeDelete(result, key);
      else SetPrototypeAdd(result, key);
    }
    return result;
  },

  union(other) {
    const record = toOther(this, other, 'union');
    const keys = record.keys();
    const result = copyOf(this);
    for (let key; (key = step(keys)) !== finished;) SetPrototypeAdd(result, key);
    return result;
  },
});
