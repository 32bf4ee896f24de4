// SPDX-License-Identifier: Apache-2.0
'use strict';

const { StringPrototypeCharCodeAt, StringPrototypeSlice } = primordials;
const { decode, encodingOf, ignoresBOM, isFatal, TextDecoder } = internals.decoding;
const { exposeInterface, toBufferSource, toDOMString } = internals.webidl;
const { makeTransform } = internals.streams;

class TextEncoderStream {
  #transform;

  constructor() {
    let high = ''; // a high surrogate that waits for its low one
    const transform = this.#transform = makeTransform((chunk) => {
      const string = high + toDOMString(chunk, 'TextEncoderStream: the chunk');
      const last = string.length - 1;
      const isCut = (StringPrototypeCharCodeAt(string, last) & 0xFC00) === 0xD800;
      high = isCut ? string[last] : '';
      if (last >= (isCut ? 1 : 0)) {
        transform.enqueue(host.utf8Encode(isCut ? StringPrototypeSlice(string, 0, last) : string));
      }
    }, () => {
      if (high !== '') transform.enqueue(host.utf8Encode(high));
    });
  }

  get encoding() {
    this.#transform;
    return 'utf-8';
  }

  get readable() { return this.#transform.readable.object; }
  get writable() { return this.#transform.writable.object; }
}

const makeDecoding = (decoder) => {
  const emit = (text) => {
    if (text !== '') transform.enqueue(text);
  };
  const transform = makeTransform((chunk) => {
    emit(decode(decoder, toBufferSource(chunk, 'TextDecoderStream: the chunk'), true));
  }, () => emit(decode(decoder, undefined, false)));
  return transform;
};

// The text of a stream of UTF-8.
internals.streams.decodeText = (object) => {
  const { readable, writable } = makeDecoding(new TextDecoder());
  internals.streams.pipe(object, writable.object, { __proto__: null }, undefined);
  return readable.object;
};

class TextDecoderStream {
  #decoder;
  #transform;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = this.#decoder = new TextDecoder(label, options);
    this.#transform = makeDecoding(decoder);
  }

  get encoding() { return encodingOf(this.#decoder); }
  get fatal() { return isFatal(this.#decoder); }
  get ignoreBOM() { return ignoresBOM(this.#decoder); }
  get readable() { return this.#transform.readable.object; }
  get writable() { return this.#transform.writable.object; }
}

exposeInterface(TextEncoderStream);
exposeInterface(TextDecoderStream);
