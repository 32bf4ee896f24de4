// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const { ArrayPrototypeSort, NumberMAX_SAFE_INTEGER, RangeError, TypeError } = primordials;
const { expose, lengthOf, makeArray, toIntegerOrInfinity, toObject, toPlace } = internals.ecma;

const requireComparator = (value, where) => {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`${where}: argument 1 is neither a function nor undefined`);
  }
};
internals.ecma.requireComparator = requireComparator;

expose('ArrayPrototype', {
  toReversed() {
    const object = toObject(this, 'Array.prototype.toReversed: this');
    const length = lengthOf(object);
    return makeArray(length, (i) => object[length - 1 - i]);
  },

  toSorted(comparator) {
    requireComparator(comparator, 'Array.prototype.toSorted');
    const object = toObject(this, 'Array.prototype.toSorted: this');
    return ArrayPrototypeSort(makeArray(lengthOf(object), (i) => object[i]), comparator);
  },

  toSpliced(start, skipCount, ...items) {
    const object = toObject(this, 'Array.prototype.toSpliced: this');
    const length = lengthOf(object);
    const from = toPlace(start, length);
    const count = items.length;
    let skipped = arguments.length === 1 ? length - from : 0;
    if (arguments.length > 1) {
      const number = toIntegerOrInfinity(skipCount);
      skipped = number < 0 ? 0 : number < length - from ? number : length - from;
    }
    const newLength = length + count - skipped;
    if (newLength > NumberMAX_SAFE_INTEGER) throw new TypeError('Array.prototype.toSpliced: the result is too long');
    return makeArray(newLength,
      (i) => (i < from ? object[i] : i < from + count ? items[i - from] : object[i - count + skipped]));
  },

  with(index, value) {
    const object = toObject(this, 'Array.prototype.with: this');
    const length = lengthOf(object);
    const relative = toIntegerOrInfinity(index);
    const place = relative < 0 ? length + relative : relative;
    if (place < 0 || place >= length) throw new RangeError(`Array.prototype.with: there is no index ${relative}`);
    return makeArray(length, (i) => (i === place ? value : object[i]));
  },
});
