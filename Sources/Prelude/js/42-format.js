// SPDX-License-Identifier: Apache-2.0
'use strict';

// internals.format(args): the Formatter of the Console Standard; conversions are those of Node.

const {
  Number, NumberParseFloat, NumberParseInt, ObjectGetPrototypeOf, ObjectPrototypeHasOwnProperty, String,
  StringPrototypeIndexOf, StringPrototypeSlice, SymbolToPrimitive,
} = primordials;
const { builtInNames, inspect } = internals;

// A line is as long as its script makes it; this only keeps many long parts from becoming no string at all.
const lineLimit = 0x4000000;
const { contextOf, descriptorOf, formatPrimitive, targetOf } = internals.inspection;

const plain = contextOf();

// Whether a class of the tenant, or the object itself, says how it becomes a string.
const hasOwnString = (value) => {
  const target = targetOf(value);
  for (let object = target; object !== null; object = ObjectGetPrototypeOf(object)) {
    if (!ObjectPrototypeHasOwnProperty(object, 'toString') &&
      !ObjectPrototypeHasOwnProperty(object, SymbolToPrimitive)) continue;
    if (object === target) return true;
    const constructor = descriptorOf(object, 'constructor')?.value;
    return typeof constructor !== 'function' || builtInNames[String(constructor.name)] !== true;
  }
  return false;
};

const toNumber = (value, convert) => {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return 'NaN';
  try {
    return formatPrimitive(plain, convert(value));
  } catch {
    return 'NaN';
  }
};

const conversions = {
  __proto__: null,
  c: () => '',
  d: (value) => toNumber(value, Number),
  f: (value) => toNumber(typeof value === 'bigint' ? String(value) : value, NumberParseFloat),
  i: (value) => toNumber(value, NumberParseInt),
  o: (value) => inspect(value, { __proto__: null, showHidden: true, showProxy: true, depth: 4 }),
  O: (value) => inspect(value),
  s(value) {
    if (typeof value === 'number' || typeof value === 'bigint') return formatPrimitive(plain, value);
    try {
      if (typeof value !== 'object' || value === null || hasOwnString(value)) return String(value);
    } catch {
      // It does not become a string: it is shown.
    }
    return inspect(value, { __proto__: null, depth: 0 });
  },
};

internals.format = (args) => {
  let result = '';
  let next = 0;
  if (args.length > 0 && typeof args[0] === 'string') {
    const template = args[next++];
    let start = 0;
    let at = args.length > 1 ? StringPrototypeIndexOf(template, '%') : -1;
    for (; at >= 0 && at + 1 < template.length; at = StringPrototypeIndexOf(template, '%', at + 2)) {
      const kind = template[at + 1];
      const convert = conversions[kind];
      if (kind === '%') {
        result += StringPrototypeSlice(template, start, at + 1);
        start = at + 2;
      } else if (convert !== undefined && next < args.length && result.length <= lineLimit) {
        result += StringPrototypeSlice(template, start, at) + convert(args[next++]);
        start = at + 2;
      }
    }
    result += StringPrototypeSlice(template, start);
  }
  for (; next < args.length && result.length <= lineLimit; next++) {
    const value = args[next];
    result += `${next === 0 ? '' : ' '}${typeof value === 'string' ? value : inspect(value)}`;
  }
  return result;
};
