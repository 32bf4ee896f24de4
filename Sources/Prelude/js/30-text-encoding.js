// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  RangeError, TypedArrayPrototypeGetSymbolToStringTag, TypeError, Uint32Array,
} = primordials;
const { exposeInterface, requireArguments, toBoolean, toBufferSource, toDictionary, toDOMString } = internals.webidl;

// What operations write their numbers into.
let numbers;

const FATAL = 1;
const IGNORE_BOM = 2;
const STREAM = 4;

const numberOf = (label) => {
  const number = host.encodingNumber(label);
  if (number === undefined) throw new RangeError(`TextDecoder: '${label}' names no encoding`);
  return number;
};

const decoderOptions = [['fatal', toBoolean, false], ['ignoreBOM', toBoolean, false]];
const decodeOptions = [['stream', toBoolean, false]];

class TextDecoder {
  #encoding; // its number
  #flags;
  #state = 0; // of a stream that is not at its end

  constructor(label = 'utf-8', options = undefined) {
    const string = toDOMString(label, 'TextDecoder: argument 1');
    const { fatal, ignoreBOM } = toDictionary(options, decoderOptions, 'TextDecoder: argument 2');
    this.#encoding = numberOf(string);
    this.#flags = (fatal ? FATAL : 0) | (ignoreBOM ? IGNORE_BOM : 0);
  }

  get encoding() { return encodingOf(this); }
  get fatal() { return isFatal(this); }
  get ignoreBOM() { return ignoresBOM(this); }

  decode(input = undefined, options = undefined) {
    const flags = this.#flags;
    if (input !== undefined) toBufferSource(input, 'TextDecoder.decode: argument 1');
    const stream = options !== undefined &&
      toDictionary(options, decodeOptions, 'TextDecoder.decode: argument 2').stream;
    return this.#decode(input, stream, flags);
  }

  #decode(input, stream, flags) {
    let string;
    if (!stream && this.#state === 0) string = host.textDecode(input, this.#encoding, flags);
    else {
      numbers ??= new Uint32Array(2);
      numbers[0] = this.#state;
      string = host.textDecode(input, this.#encoding, stream ? flags | STREAM : flags, numbers);
      this.#state = numbers[0];
    }
    if (string === undefined) throw new TypeError(`The bytes are not valid ${host.encodingName(this.#encoding)}`);
    return string;
  }

  // For parts that load when scripts may have changed the class.
  static {
    internals.decoding = {
      __proto__: null,
      decode: (decoder, input, stream) => decoder.#decode(input, stream, decoder.#flags),
      encodingOf: (decoder) => host.encodingName(decoder.#encoding),
      isFatal: (decoder) => (decoder.#flags & FATAL) !== 0,
      ignoresBOM: (decoder) => (decoder.#flags & IGNORE_BOM) !== 0,
      TextDecoder: this,
    };
  }
}

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
    numbers ??= new Uint32Array(2);
    host.utf8EncodeInto(string, destination, numbers);
    return { read: numbers[0], written: numbers[1] };
  }
}

const { encodingOf, ignoresBOM, isFatal } = internals.decoding;

exposeInterface(TextDecoder);
exposeInterface(TextEncoder);

// (bytes) => the string of them all, a byte order mark included.
internals.decoderFor = (label) => {
  const number = numberOf(label);
  return (bytes) => host.textDecode(bytes, number, IGNORE_BOM);
};
