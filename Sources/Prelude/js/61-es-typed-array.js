// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  RangeError, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet, TypedArrayPrototypeSort, TypeError,
} = primordials;
const { expose, requireComparator, toIntegerOrInfinity } = internals.ecma;

// The class that it is of, whatever scripts have made its constructor.
const classOf = (value, where) => {
  const name = TypedArrayPrototypeGetSymbolToStringTag(value);
  if (name === undefined) throw new TypeError(`${where}: this is not a typed array`);
  if (TypedArrayPrototypeGetLength(value) === 0 && host.bufferState(TypedArrayPrototypeGetBuffer(value)) === 1) {
    throw new TypeError(`${where}: the buffer is detached`);
  }
  return primordials[name];
};

const copyOf = (array, Class) => {
  const copy = new Class(TypedArrayPrototypeGetLength(array));
  TypedArrayPrototypeSet(copy, array);
  return copy;
};

expose('TypedArrayPrototype', {
  toReversed() {
    const Class = classOf(this, '%TypedArray%.prototype.toReversed');
    const length = TypedArrayPrototypeGetLength(this);
    const result = new Class(length);
    for (let i = 0; i < length; i++) result[i] = this[length - 1 - i];
    return result;
  },

  toSorted(comparator) {
    requireComparator(comparator, '%TypedArray%.prototype.toSorted');
    return TypedArrayPrototypeSort(copyOf(this, classOf(this, '%TypedArray%.prototype.toSorted')), comparator);
  },

  with(index, value) {
    const Class = classOf(this, '%TypedArray%.prototype.with');
    const relative = toIntegerOrInfinity(index);
    const place = relative < 0 ? TypedArrayPrototypeGetLength(this) + relative : relative;
    // Converts, which may detach the buffer.
    const element = new Class(1);
    element[0] = value;
    if (place < 0 || place >= TypedArrayPrototypeGetLength(this)) {
      throw new RangeError(`%TypedArray%.prototype.with: there is no index ${relative}`);
    }
    const copy = copyOf(this, Class);
    copy[place] = element[0];
    return copy;
  },
});
