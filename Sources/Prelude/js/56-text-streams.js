// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ReflectApply, ReflectGetOwnPropertyDescriptor, StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError,
} = primordials;
const { TextDecoder, decoderMembers } = internals;
const { each, exposeInterface, toDOMString } = internals.webidl;
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

const { decode } = decoderMembers;
const attributes = { __proto__: null };
each(['encoding', 'fatal', 'ignoreBOM'], (name) => {
  const { get } = ReflectGetOwnPropertyDescriptor(decoderMembers, name);
  attributes[name] = (decoder) => ReflectApply(get, decoder, []);
});
const streaming = { __proto__: null, stream: true };

class TextDecoderStream {
  #decoder;
  #transform;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = this.#decoder = new TextDecoder(label, options);
    const emit = (text) => {
      if (text !== '') transform.enqueue(text);
    };
    const transform = this.#transform = makeTransform((chunk) => {
      if (chunk === undefined) throw new TypeError('TextDecoderStream: the chunk is no bytes');
      emit(ReflectApply(decode, decoder, [chunk, streaming]));
    }, () => emit(ReflectApply(decode, decoder, [])));
  }

  get encoding() { return attributes.encoding(this.#decoder); }
  get fatal() { return attributes.fatal(this.#decoder); }
  get ignoreBOM() { return attributes.ignoreBOM(this.#decoder); }
  get readable() { return this.#transform.readable.object; }
  get writable() { return this.#transform.writable.object; }
}

exposeInterface(TextEncoderStream);
exposeInterface(TextDecoderStream);
