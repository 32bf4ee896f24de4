// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayBufferIsView, NumberPrototypeToString, ObjectSetPrototypeOf, StringPrototypePadStart,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag, TypeError,
} = primordials;
const { DOMException } = internals;
const { exposeInterface, list, makeSlot, requireArguments } = internals.webidl;

const Slot = makeSlot();
const mostBytes = 65536;
const isInteger = {
  __proto__: null,
  Int8Array: true, Uint8Array: true, Uint8ClampedArray: true, Int16Array: true, Uint16Array: true,
  Int32Array: true, Uint32Array: true, BigInt64Array: true, BigUint64Array: true,
};

// ---- UUIDs, whose random bytes are taken many at once

const idsAtOnce = 32;
const hex = list();
for (let i = 0; i < 256; i++) hex[i] = StringPrototypePadStart(NumberPrototypeToString(i, 16), 2, '0');
let bytes;
let next = idsAtOnce;

const makeId = () => {
  if (next === idsAtOnce) {
    bytes = host.randomBytes(16 * idsAtOnce);
    next = 0;
  }
  const at = 16 * next++;
  const byte = (i) => hex[bytes[at + i]];
  const id = `${byte(0)}${byte(1)}${byte(2)}${byte(3)}-${byte(4)}${byte(5)}-${hex[bytes[at + 6] & 0x0F | 0x40]}` +
    `${byte(7)}-${hex[bytes[at + 8] & 0x3F | 0x80]}${byte(9)}-${byte(10)}${byte(11)}${byte(12)}${byte(13)}` +
    `${byte(14)}${byte(15)}`;
  for (let i = at; i < at + 16; i++) bytes[i] = 0;
  return id;
};

class Crypto {
  constructor() { throw new TypeError('Illegal constructor'); }

  get subtle() {
    Slot.get(this);
    internals.parts.subtle;
    return internals.crypto.subtle;
  }

  getRandomValues(array) {
    Slot.get(this);
    requireArguments(arguments.length, 1, 'Crypto.getRandomValues');
    if (!ArrayBufferIsView(array)) throw new TypeError('Crypto.getRandomValues: argument 1 is not an ArrayBufferView');
    if (!(TypedArrayPrototypeGetSymbolToStringTag(array) in isInteger)) {
      throw new DOMException('Crypto.getRandomValues: argument 1 is not an array of integers', 'TypeMismatchError');
    }
    const length = TypedArrayPrototypeGetByteLength(array);
    if (length > mostBytes) {
      internals.parts.quota;
      throw new internals.QuotaExceededError(
        `Crypto.getRandomValues: argument 1 has ${length} bytes; at most ${mostBytes} can be had at once`);
    }
    host.randomFill(array);
    return array;
  }

  randomUUID() {
    Slot.get(this);
    return makeId();
  }
}

exposeInterface(Crypto, { __proto__: null, has: Slot.has });

const object = ObjectSetPrototypeOf({}, Crypto.prototype);
new Slot(object);
internals.crypto = { __proto__: null, makeId, object };
