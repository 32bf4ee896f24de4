// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  RangeError, StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeSplit, StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, TypeError, Uint32Array, Uint8Array,
} = primordials;
const {
  bytesOf, defineMembers, exposeInterface, requireArguments, toBoolean, toBufferSource, toDictionary, toDOMString,
} = internals.webidl;

// ---- Labels

const encodings = { __proto__: null };
for (const labels of [
  'utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8',
  'utf-16le utf-16 csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff',
  'utf-16be unicodefffe',
  'windows-1252 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 ' +
  'iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252',
]) {
  const names = StringPrototypeSplit(labels, ' ');
  for (const name of names) encodings[name] = names[0];
}

const isSpace = (unit) => unit === 0x20 || unit === 0x09 || unit === 0x0A || unit === 0x0C || unit === 0x0D;

const encodingOf = (label) => {
  let start = 0;
  let end = label.length;
  while (start < end && isSpace(StringPrototypeCharCodeAt(label, start))) start++;
  while (end > start && isSpace(StringPrototypeCharCodeAt(label, end - 1))) end--;
  const encoding = encodings[StringPrototypeToLowerCase(StringPrototypeSlice(label, start, end))];
  if (encoding === undefined) throw new RangeError(`TextDecoder: the encoding '${label}' is not supported`);
  return encoding;
};

// ---- Decoders
// A decoder is a function of (bytes, more) that returns a string, or undefined if it is fatal and the
// bytes are malformed; what it keeps of an incomplete sequence is in its closure. After `more` was
// false, or after a failure, it is thrown away.

// How many bytes at the end are the beginning of a sequence that another chunk may complete.
const incompleteUTF8 = (bytes, length) => {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const lead = bytes[length - back];
    if (lead < 0x80) return 0;
    if (lead < 0xC0) continue;
    const size = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    if (size <= back) return 0;
    if (back > 1) {
      const second = bytes[length - back + 1];
      const lower = lead === 0xE0 ? 0xA0 : lead === 0xF0 ? 0x90 : 0x80;
      const upper = lead === 0xED ? 0x9F : lead === 0xF4 ? 0x8F : 0xBF;
      if (second < lower || second > upper) return 0;
    }
    return back;
  }
  return 0;
};

const firstBytes = (bytes, length) =>
  new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes), length);

const utf8Decoder = (fatal) => {
  let kept = new Uint8Array(0);
  return (bytes, more) => {
    let length = TypedArrayPrototypeGetLength(bytes);
    const keptLength = TypedArrayPrototypeGetLength(kept);
    if (keptLength > 0) {
      const joined = new Uint8Array(keptLength + length);
      TypedArrayPrototypeSet(joined, kept, 0);
      TypedArrayPrototypeSet(joined, bytes, keptLength);
      bytes = joined;
      length += keptLength;
    }
    const back = more ? incompleteUTF8(bytes, length) : 0;
    kept = new Uint8Array(back);
    for (let i = 0; i < back; i++) kept[i] = bytes[length - back + i];
    return host.utf8Decode(back > 0 ? firstBytes(bytes, length - back) : bytes, fatal);
  };
};

// The others are turned into UTF-8, which the host makes a string of.
let output;
let outputLength;
const emit = (point) => {
  if (point < 0x80) output[outputLength++] = point;
  else {
    if (point < 0x800) output[outputLength++] = 0xC0 | (point >> 6);
    else {
      if (point < 0x10000) output[outputLength++] = 0xE0 | (point >> 12);
      else {
        output[outputLength++] = 0xF0 | (point >> 18);
        output[outputLength++] = 0x80 | ((point >> 12) & 0x3F);
      }
      output[outputLength++] = 0x80 | ((point >> 6) & 0x3F);
    }
    output[outputLength++] = 0x80 | (point & 0x3F);
  }
};
const begin = (capacity) => {
  output = new Uint8Array(capacity);
  outputLength = 0;
};
const finish = () => {
  const bytes = firstBytes(output, outputLength);
  output = undefined;
  return host.utf8Decode(bytes, false);
};

const utf16Decoder = (bigEndian) => (fatal) => {
  let keptByte = -1;
  let high = 0; // a high surrogate that waits for its low one
  return (bytes, more) => {
    const length = TypedArrayPrototypeGetLength(bytes);
    let malformed = false;
    begin(3 * ((length >> 1) + 3));
    for (let i = 0; i < length; i++) {
      const byte = bytes[i];
      if (keptByte < 0) {
        keptByte = byte;
        continue;
      }
      const unit = bigEndian ? (keptByte << 8) | byte : (byte << 8) | keptByte;
      keptByte = -1;
      const isLow = (unit & 0xFC00) === 0xDC00;
      if (high !== 0) {
        const point = 0x10000 + ((high & 0x3FF) << 10) + (unit & 0x3FF);
        high = 0;
        if (isLow) {
          emit(point);
          continue;
        }
        malformed = true;
        emit(0xFFFD);
      }
      if ((unit & 0xFC00) === 0xD800) high = unit;
      else if (isLow) {
        malformed = true;
        emit(0xFFFD);
      } else emit(unit);
    }
    if (!more && (keptByte >= 0 || high !== 0)) {
      malformed = true;
      emit(0xFFFD);
    }
    const string = finish();
    return fatal && malformed ? undefined : string;
  };
};

const windows1252 =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178';

const windows1252Decoder = () => (bytes) => {
  const length = TypedArrayPrototypeGetLength(bytes);
  let others = 0;
  for (let i = 0; i < length; i++) others += bytes[i] >> 7;
  if (others === 0) return host.utf8Decode(bytes, false);
  begin(length + 2 * others);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    emit((byte & 0xE0) === 0x80 ? StringPrototypeCharCodeAt(windows1252, byte & 0x1F) : byte);
  }
  return finish();
};

const decoders = {
  __proto__: null,
  'utf-8': utf8Decoder,
  'utf-16le': utf16Decoder(false),
  'utf-16be': utf16Decoder(true),
  'windows-1252': windows1252Decoder,
};

// ---- Interfaces

const decoderOptions = [['fatal', toBoolean, false], ['ignoreBOM', toBoolean, false]];
const decodeOptions = [['stream', toBoolean, false]];

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #decoder; // of a stream that is not at its end
  #bomSeen = false;

  constructor(label = 'utf-8', options = undefined) {
    const string = toDOMString(label, 'TextDecoder: argument 1');
    const { fatal, ignoreBOM } = toDictionary(options, decoderOptions, 'TextDecoder: argument 2');
    this.#encoding = encodingOf(string);
    this.#fatal = fatal;
    this.#ignoreBOM = ignoreBOM;
  }

  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }

  decode(input = undefined, options = undefined) {
    const fatal = this.#fatal;
    if (input !== undefined) toBufferSource(input, 'TextDecoder.decode: argument 1');
    const { stream } = toDictionary(options, decodeOptions, 'TextDecoder.decode: argument 2');
    let string;
    if (!stream && this.#decoder === undefined && this.#encoding === 'utf-8') {
      string = input === undefined ? '' : host.utf8Decode(input, fatal);
    } else {
      const decoder = this.#decoder ??= decoders[this.#encoding](fatal);
      string = decoder(input === undefined ? new Uint8Array(0) : bytesOf(input), stream);
    }
    const atStart = !this.#bomSeen;
    const goesOn = stream && string !== undefined;
    this.#bomSeen = goesOn && (!atStart || string !== '');
    if (!goesOn) this.#decoder = undefined;
    if (string === undefined) throw new TypeError(`The bytes are not valid ${this.#encoding}`);
    return atStart && !this.#ignoreBOM && StringPrototypeCharCodeAt(string, 0) === 0xFEFF
      ? StringPrototypeSlice(string, 1) : string;
  }
}

let progress; // of encodeInto: units read, bytes written

class TextEncoder {
  #brand;

  get encoding() {
    this.#brand;
    return 'utf-8';
  }

  encode(input = '') {
    this.#brand;
    return host.utf8Encode(toDOMString(input, 'TextEncoder.encode: argument 1'));
  }

  encodeInto(source, destination) {
    this.#brand;
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    const string = toDOMString(source, 'TextEncoder.encodeInto: argument 1');
    if (TypedArrayPrototypeGetSymbolToStringTag(destination) !== 'Uint8Array') {
      throw new TypeError('TextEncoder.encodeInto: argument 2 is not a Uint8Array');
    }
    progress ??= new Uint32Array(2);
    host.utf8EncodeInto(string, destination, progress);
    return { read: progress[0], written: progress[1] };
  }
}

exposeInterface(TextDecoder);
exposeInterface(TextEncoder);

internals.TextDecoder = TextDecoder;
internals.decoderMembers = { __proto__: null };
defineMembers(internals.decoderMembers, TextDecoder.prototype); // which tenants may change
