// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bytes of keys: Uint8Arrays, base64url and DER. `slice` and `subarray` ask for a constructor that scripts may change.

const {
  StringPrototypeCharCodeAt, StringPrototypeSlice, NumberParseInt, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, TypedArrayPrototypeSet, Uint8Array,
} = primordials;
const { DOMException } = internals;
const { bytesOf, list } = internals.webidl;

const dataError = (message) => new DOMException(message, 'DataError');

const lengthOf = TypedArrayPrototypeGetLength;

// A view of a part.
const partOf = (bytes, start, end = lengthOf(bytes)) =>
  new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);

// A copy of a buffer source.
const copyOf = (source) => {
  const bytes = bytesOf(source);
  const copy = new Uint8Array(lengthOf(bytes));
  TypedArrayPrototypeSet(copy, bytes);
  return copy;
};

const join = (parts) => {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += lengthOf(parts[i]);
  const all = new Uint8Array(length);
  for (let i = 0, at = 0; i < parts.length; at += lengthOf(parts[i]), i++) TypedArrayPrototypeSet(all, parts[i], at);
  return all;
};
const concatenate = (...parts) => join(parts);

const areEqual = (a, b) => {
  if (lengthOf(a) !== lengthOf(b)) return false;
  for (let i = 0; i < lengthOf(a); i++) if (a[i] !== b[i]) return false;
  return true;
};

// A number without the zeros it begins with.
const withoutZeros = (bytes) => {
  let start = 0;
  while (start < lengthOf(bytes) && bytes[start] === 0) start++;
  return partOf(bytes, start);
};

const fromHex = (text) => {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i += 2) bytes[i / 2] = NumberParseInt(StringPrototypeSlice(text, i, i + 2), 16);
  return bytes;
};

// ---- base64url, without padding

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const values = list();
for (let i = 0; i < 64; i++) values[StringPrototypeCharCodeAt(alphabet, i)] = i;

const toBase64url = (bytes) => {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < lengthOf(bytes); i++) {
    bits = (bits << 8 | bytes[i]) & 0xFFFF;
    for (held += 8; held >= 6;) text += alphabet[bits >> (held -= 6) & 63];
  }
  return held > 0 ? text + alphabet[bits << (6 - held) & 63] : text;
};

const fromBase64url = (text, where) => {
  if (text.length % 4 === 1) throw dataError(`${where} is not base64url`);
  const bytes = new Uint8Array(text.length * 6 >> 3);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[StringPrototypeCharCodeAt(text, i)];
    if (value === undefined) throw dataError(`${where} is not base64url`);
    bits = (bits << 6 | value) & 0xFFFF;
    held += 6;
    if (held >= 8) bytes[at++] = bits >> (held -= 8) & 0xFF;
  }
  return bytes;
};

// ---- DER

const tags = { __proto__: null, integer: 0x02, bits: 0x03, octets: 0x04, object: 0x06, sequence: 0x30 };

// Reads one value after the other.
class DerReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get isAtEnd() { return this.at === lengthOf(this.bytes); }
  has(tag) { return this.bytes[this.at] === tag; }

  // The contents of the next value.
  take(tag) {
    const { bytes } = this;
    if (!this.has(tag)) throw dataError('The key is not the DER of such a key');
    let length = bytes[this.at + 1];
    let start = this.at + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3) throw dataError('The key is not DER');
      length = 0;
      for (let i = 0; i < count; i++) length = length << 8 | bytes[start++];
      if (length < 0x80 || length < 1 << 8 * (count - 1)) throw dataError('The key is not DER');
    }
    // Also where the bytes ended before.
    if (!(start + length <= lengthOf(bytes))) throw dataError('The key is cut short');
    this.at = start + length;
    return partOf(bytes, start, this.at);
  }

  // What is left.
  get rest() { return partOf(this.bytes, this.at); }

  read(tag) { return new DerReader(this.take(tag)); }

  // A number that is not negative.
  takeNumber() {
    const number = this.take(tags.integer);
    if (lengthOf(number) === 0 || number[0] >= 0x80) throw dataError('The key has a negative number');
    return withoutZeros(number);
  }

  takeBits() {
    const bits = this.take(tags.bits);
    if (!(bits[0] === 0)) throw dataError('The key is not of whole bytes');
    return partOf(bits, 1);
  }

  end() {
    if (!this.isAtEnd) throw dataError('There are bytes behind the key');
  }
}

const der = (tag, ...parts) => {
  const contents = join(parts);
  const length = lengthOf(contents);
  const head = list();
  head[0] = tag;
  if (length < 0x80) head[1] = length;
  else {
    const count = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : 3;
    head[1] = 0x80 + count;
    for (let i = 0; i < count; i++) head[2 + i] = length >> 8 * (count - 1 - i) & 0xFF;
  }
  const bytes = new Uint8Array(head.length + length);
  TypedArrayPrototypeSet(bytes, head);
  TypedArrayPrototypeSet(bytes, contents, head.length);
  return bytes;
};

const zero = new Uint8Array(1);
const derNumber = (number) => {
  const short = withoutZeros(number);
  return short[0] >= 0x80 || lengthOf(short) === 0 ? der(tags.integer, zero, short) : der(tags.integer, short);
};
const derBits = (bytes) => der(tags.bits, zero, bytes);

// SubjectPublicKeyInfo and PrivateKeyInfo: the object identifier of the algorithm, its parameters, and the key.
const readSpki = (bytes) => {
  const outer = new DerReader(bytes);
  const reader = outer.read(tags.sequence);
  outer.end();
  const algorithm = reader.read(tags.sequence);
  const object = algorithm.take(tags.object);
  const key = reader.takeBits();
  reader.end();
  return { __proto__: null, object, parameters: algorithm.rest, key };
};

const readPkcs8 = (bytes) => {
  const outer = new DerReader(bytes);
  const reader = outer.read(tags.sequence);
  outer.end();
  const version = reader.takeNumber();
  if (lengthOf(version) > 1 || version[0] > 1) throw dataError('The key is of a version that is not known');
  const algorithm = reader.read(tags.sequence);
  const object = algorithm.take(tags.object);
  const key = reader.take(tags.octets);
  // Attributes and the public key may follow.
  for (let tag = 0xA0; tag < 0xA2; tag++) if (reader.has(tag)) reader.take(tag);
  if (reader.has(0x81)) reader.take(0x81);
  reader.end();
  return { __proto__: null, object, parameters: algorithm.rest, key };
};

const writeSpki = (algorithm, key) => der(tags.sequence, der(tags.sequence, algorithm), derBits(key));
const writePkcs8 = (algorithm, key) =>
  der(tags.sequence, derNumber(zero), der(tags.sequence, algorithm), der(tags.octets, key));

internals.keyBytes = {
  __proto__: null,
  areEqual, concatenate, copyOf, dataError, der, derBits, derNumber, DerReader, fromBase64url, fromHex, lengthOf,
  partOf, readPkcs8, readSpki, tags, toBase64url, withoutZeros, writePkcs8, writeSpki,
};
