// SPDX-License-Identifier: Apache-2.0
'use strict';

// Math.sumPrecise: the sum as if it were rounded only once.

internals.parts.ecma;
const {
  BigInt, BigIntPrototypeToString, BigUint64Array, Float64Array, MathAbs, Number, NumberIsFinite, TypeError,
  TypedArrayPrototypeGetBuffer,
} = primordials;
const { list } = internals.webidl;
const { abandon, expose, finished, getIterator, requireCoercible, step } = internals.ecma;

// ---- Exact sums, as multiples of 2 ** -1074: every finite number is one

const float = new Float64Array(1);
const bits = new BigUint64Array(TypedArrayPrototypeGetBuffer(float));
const leadingBit = 1n << 52n;

const toMultiple = (number) => {
  float[0] = MathAbs(number);
  const exponent = bits[0] >> 52n;
  const fraction = bits[0] & (leadingBit - 1n);
  const multiple = exponent === 0n ? fraction : (fraction | leadingBit) << (exponent - 1n);
  return number < 0 ? -multiple : multiple;
};

const toNumber = (multiple) => {
  if (multiple < 0n) return -toNumber(-multiple);
  // Some sixty digits, the last one set if more follow: they round as all would.
  const length = BigIntPrototypeToString(multiple, 16).length * 4;
  const shift = length > 64 ? length - 64 : 0;
  let digits = multiple >> BigInt(shift);
  if (digits << BigInt(shift) !== multiple) digits |= 1n;
  return Number(digits) * 2 ** (shift - 1074);
};

// Numbers that overlap in no digit and have the same sum as what was added (Shewchuk, 1997). Their sums stay finite.
const most = 2 ** 960;

const addTo = (parts, number) => {
  let count = 0;
  let sum = number;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const next = sum + part;
    const rest = MathAbs(sum) < MathAbs(part) ? sum - (next - part) : part - (next - sum);
    if (rest !== 0) parts[count++] = rest;
    sum = next;
  }
  parts.length = count;
  parts[count] = sum;
};

expose('Math', {
  sumPrecise(items) {
    const where = 'Math.sumPrecise: argument 1';
    const record = getIterator(requireCoercible(items, where), where);
    const parts = list();
    let large = 0n;
    let special = 0; // of what is not finite
    let isMinusZero = true;
    for (let value; (value = step(record)) !== finished;) {
      if (typeof value !== 'number') {
        abandon(record.iterator);
        throw new TypeError(`${where} holds what is not a number`);
      }
      if (value !== 0 || 1 / value > 0) isMinusZero = false;
      if (!NumberIsFinite(value)) special += value;
      else if (MathAbs(value) < most) addTo(parts, value);
      else large += toMultiple(value);
    }
    if (special !== 0) return special;
    if (isMinusZero) return -0;
    for (let i = 0; i < parts.length; i++) large += toMultiple(parts[i]);
    return toNumber(large) + 0;
  },
});
