// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const {
  MathFloor, StringPrototypeEndsWith, SyntaxError, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, TypeError, Uint8Array, Uint32Array,
} = primordials;
const { isObject } = internals.webidl;
const { expose } = internals.ecma;

// ---- Arguments. Strings are not converted, neither the text nor those of options

const requireText = (value, where) => {
  if (typeof value !== 'string') throw new TypeError(`${where}: argument 1 is not a string`);
};

const requireBytes = (value, where) => {
  if (TypedArrayPrototypeGetSymbolToStringTag(value) !== 'Uint8Array') {
    throw new TypeError(`${where}: this is not a Uint8Array`);
  }
};

const requireAttached = (bytes, where) => {
  if (TypedArrayPrototypeGetLength(bytes) === 0 && host.bufferState(TypedArrayPrototypeGetBuffer(bytes)) === 1) {
    throw new TypeError(`${where}: the buffer is detached`);
  }
};

const toOptions = (value, where) => {
  if (value === undefined) return { __proto__: null };
  if (!isObject(value)) throw new TypeError(`${where}: the options are not an object`);
  return value;
};

// Alphabets and treatments of a last chunk, as the shim numbers them.
const hexadecimal = 2;

const toAlphabet = (options, where) => {
  const { alphabet } = options;
  if (alphabet === undefined || alphabet === 'base64') return 0;
  if (alphabet === 'base64url') return 1;
  throw new TypeError(`${where}: 'alphabet' is neither 'base64' nor 'base64url'`);
};

const toLastChunk = (options, where) => {
  const { lastChunkHandling } = options;
  if (lastChunkHandling === undefined || lastChunkHandling === 'loose') return 0;
  if (lastChunkHandling === 'strict') return 1;
  if (lastChunkHandling === 'stop-before-partial') return 2;
  throw new TypeError(`${where}: 'lastChunkHandling' is none of 'loose', 'strict' and 'stop-before-partial'`);
};

// ---- Decoding

const counts = new Uint32Array(2); // of code units that were read and bytes that were written

const requireWellFormed = (isWellFormed, where) => {
  if (!isWellFormed) throw new SyntaxError(`${where}: the text is malformed`);
};

const result = () => ({ read: counts[0], written: counts[1] });

// The bytes at the beginning of others.
const cut = (bytes, length) => {
  if (TypedArrayPrototypeGetLength(bytes) === length) return bytes;
  const shorter = new Uint8Array(length);
  TypedArrayPrototypeSet(shorter, new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), 0, length));
  return shorter;
};

// As many bytes as a text without white space has.
const makeRoom = (text) => {
  const padding = StringPrototypeEndsWith(text, '==') ? 2 : StringPrototypeEndsWith(text, '=') ? 1 : 0;
  return new Uint8Array(MathFloor((text.length - padding) * 0.75));
};

expose('Uint8Array', {
  fromBase64(string, options = undefined) {
    const where = 'Uint8Array.fromBase64';
    requireText(string, where);
    const given = toOptions(options, where);
    const alphabet = toAlphabet(given, where);
    const last = toLastChunk(given, where);
    const bytes = makeRoom(string);
    requireWellFormed(host.decodeBytes(string, bytes, counts, alphabet, last, false), where);
    return cut(bytes, counts[1]);
  },

  fromHex(string) {
    const where = 'Uint8Array.fromHex';
    requireText(string, where);
    requireWellFormed(string.length % 2 === 0, where);
    const bytes = new Uint8Array(string.length / 2);
    requireWellFormed(host.decodeBytes(string, bytes, counts, hexadecimal), where);
    return bytes;
  },
});

expose('Uint8ArrayPrototype', {
  setFromBase64(string, options = undefined) {
    const where = 'Uint8Array.prototype.setFromBase64';
    requireBytes(this, where);
    requireText(string, where);
    const given = toOptions(options, where);
    const alphabet = toAlphabet(given, where);
    const last = toLastChunk(given, where);
    requireAttached(this, where);
    requireWellFormed(host.decodeBytes(string, this, counts, alphabet, last, true), where);
    return result();
  },

  setFromHex(string) {
    const where = 'Uint8Array.prototype.setFromHex';
    requireBytes(this, where);
    requireText(string, where);
    requireAttached(this, where);
    requireWellFormed(string.length % 2 === 0, where);
    requireWellFormed(host.decodeBytes(string, this, counts, hexadecimal), where);
    return result();
  },

  toBase64(options = undefined) {
    const where = 'Uint8Array.prototype.toBase64';
    requireBytes(this, where);
    const given = toOptions(options, where);
    const alphabet = toAlphabet(given, where);
    const { omitPadding } = given;
    requireAttached(this, where);
    return host.encodeBytes(this, alphabet, !!omitPadding);
  },

  toHex() {
    requireBytes(this, 'Uint8Array.prototype.toHex');
    requireAttached(this, 'Uint8Array.prototype.toHex');
    return host.encodeBytes(this, hexadecimal);
  },
});
