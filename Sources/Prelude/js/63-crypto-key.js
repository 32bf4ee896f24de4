// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectSetPrototypeOf, TypeError, Uint8Array, TypedArrayPrototypeSet } = primordials;
const { DOMException } = internals;
const { define, exposeInterface, makeSlot } = internals.webidl;
const { copyOf, lengthOf } = internals.keyBytes;

// In the order in which they are shown.
const usageNames = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];

// What a key is. `algorithm` has the name, and as the algorithm wants it hash (a name), length, namedCurve,
// modulusLength, publicExponent. `usages` is a null-prototype object whose keys are the usages. `parts` is a list of
// the key's bytes, of which scripts never see the memory.
class KeyState {
  constructor(type, extractable, algorithm, usages, parts) {
    this.type = type;
    this.extractable = extractable;
    this.algorithm = algorithm;
    this.usages = usages;
    this.parts = parts;
    this.shownAlgorithm = undefined;
    this.shownUsages = undefined;
  }
}
ObjectSetPrototypeOf(KeyState.prototype, null);

const showAlgorithm = ({ hash, length, modulusLength, name, namedCurve, publicExponent }) => {
  const shown = { name };
  if (modulusLength !== undefined) {
    define(shown, 'modulusLength', modulusLength);
    define(shown, 'publicExponent', copyOf(publicExponent));
  }
  if (namedCurve !== undefined) define(shown, 'namedCurve', namedCurve);
  if (hash !== undefined) define(shown, 'hash', { name: hash });
  if (length !== undefined) define(shown, 'length', length);
  return shown;
};

const namesOf = (usages) => {
  const names = [];
  for (let i = 0; i < usageNames.length; i++) {
    if (usageNames[i] in usages) define(names, names.length, usageNames[i]);
  }
  return names;
};

const Slot = makeSlot();

class CryptoKey {
  constructor() { throw new TypeError('Illegal constructor'); }

  get type() { return Slot.get(this).type; }
  get extractable() { return Slot.get(this).extractable; }

  get algorithm() {
    const state = Slot.get(this);
    return state.shownAlgorithm ??= showAlgorithm(state.algorithm);
  }

  get usages() {
    const state = Slot.get(this);
    return state.shownUsages ??= namesOf(state.usages);
  }
}

const showKey = (state) => {
  const key = ObjectSetPrototypeOf({}, CryptoKey.prototype);
  new Slot(key, state);
  return key;
};

exposeInterface(CryptoKey, {
  __proto__: null, has: Slot.has,
  clone(key) {
    const { algorithm, extractable, parts, type, usages } = Slot.get(key);
    return showKey(new KeyState(type, extractable, algorithm, usages, parts));
  },
});

// ---- Usages

// All of them are among `allowed`, a null-prototype object.
const checkUsages = (usages, allowed) => {
  for (const usage in usages) {
    if (!(usage in allowed)) throw new DOMException(`A key of this kind has no usage '${usage}'`, 'SyntaxError');
  }
};

const commonUsages = (usages, allowed) => {
  const common = { __proto__: null };
  for (const usage in usages) if (usage in allowed) common[usage] = true;
  return common;
};

const requireUsages = (usages) => {
  for (const _ in usages) return;
  throw new DOMException('A key that can be used for nothing cannot be made: give it a usage', 'SyntaxError');
};

const makeUsages = (...names) => {
  const usages = { __proto__: null };
  for (let i = 0; i < names.length; i++) usages[names[i]] = true;
  return usages;
};

const shorten = (bytes, bits) => {
  const short = new Uint8Array(bits + 7 >> 3);
  TypedArrayPrototypeSet(short, new Uint8Array(bytes, 0, lengthOf(short)));
  if (bits % 8 !== 0) short[lengthOf(short) - 1] &= 0xFF00 >> bits % 8;
  return short;
};

internals.keys = {
  __proto__: null,
  checkUsages, commonUsages, has: Slot.has, KeyState, makeUsages, namesOf, requireUsages, shorten, showKey,
  stateOf: Slot.get,
};
