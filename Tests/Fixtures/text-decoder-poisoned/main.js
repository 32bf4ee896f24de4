// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; text must be decoded and encoded without a look at it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { log } = console;
const { ArrayBuffer: Memory, DataView: View, TextDecoder: Decoder, TextEncoder: Encoder, Uint8Array: Bytes, Uint16Array: Words,
  atob: fromBase64, btoa: toBase64 } = globalThis;
const member = ({ prototype }, name) => {
  const { get, value } = getOwnPropertyDescriptor(prototype, name);
  return get ?? value;
};
const [decode, encoding, fatal, ignoreBOM] = ['decode', 'encoding', 'fatal', 'ignoreBOM'].map((name) => member(Decoder, name));
const [encode, encodeInto] = ['encode', 'encodeInto'].map((name) => member(Encoder, name));
const length = member(getPrototypeOf(Bytes), 'length');
const bag = (object) => setPrototypeOf(object, null);

const classes = [Array, ArrayBuffer, Boolean, DataView, Error, Function, Map, Number, Object, Promise, RangeError, RegExp, Set, String, Symbol, TypeError,
  Uint8Array, Uint16Array, Uint32Array, getPrototypeOf(Uint8Array), DOMException, TextDecoder, TextEncoder];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
holders['iterator of arrays'] = getPrototypeOf([][Symbol.iterator]());

let watching = false;
let touched = '';
const trap = (holder, key, what, read) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    if (watching) touched += ` ${what}`;
    return apply(read, this, []);
  },
  set(value) {
    if (watching) touched += ` set ${what}`;
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
const names = ownKeys(holders);
for (let i = 0; i < names.length; i++) {
  const keys = ownKeys(holders[names[i]]);
  for (let j = 0; j < keys.length; j++) {
    const old = setPrototypeOf(getOwnPropertyDescriptor(holders[names[i]], keys[j]), null);
    if (!old.configurable || keys[j] === '__proto__' || keys[j] === 'name' || keys[j] === 'length') continue;
    trap(holders[names[i]], keys[j], `${names[i]}.${typeof keys[j] === 'symbol' ? 'symbol' : keys[j]}`, old.get ?? (() => old.value));
  }
}
const keys = ['0', '1', '2', 'fatal', 'ignoreBOM', 'stream', 'read', 'written', 'get', 'set', 'value', 'writable', 'enumerable', 'then', 'name', 'label'];
for (let i = 0; i < keys.length; i++) {
  for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'String.prototype']) {
    if (!hasOwn(holders[name], keys[i])) trap(holders[name], keys[i], `${name}.${keys[i]}`, () => undefined);
  }
}
for (const Class of classes) trap(globalThis, Class.name, `global ${Class.name}`, () => undefined);

const bytes = (...list) => {
  const view = new Bytes(list.length);
  for (let i = 0; i < list.length; i++) view[i] = list[i];
  return view;
};
const inputs = bag({ bytes: bytes(0x93, 0xFA, 0xB1, 0x41), memory: new Memory(2), view: new View(new Memory(3), 1), words: new Words(2) });
const input = (kind) => inputs[kind];
const results = bag({ text: '' });
const keep = (value) => { results.text += `${value} `; };
const labels = bag({ 0: 'utf-8', 1: 'shift_jis', 2: 'gb18030', 3: 'iso-2022-jp', 4: 'koi8-r', 5: 'utf-16be', 6: 'x-user-defined', 7: 'big5' });
const failure = (work) => {
  try {
    return work();
  } catch (error) {
    // The error's own text, not by way of its prototype.
    return getOwnPropertyDescriptor(error, 'message').value;
  }
};

watching = true;
for (let i = 0; i < 8; i++) {
  const decoder = new Decoder(labels[i], bag({ ignoreBOM: true }));
  keep(apply(encoding, decoder, []));
  keep(apply(decode, decoder, [input('bytes'), bag({ stream: true })]).length);
  keep(apply(decode, decoder, []).length);
  keep(apply(decode, decoder, [input('bytes')]).length);
  keep(apply(decode, decoder, [input('memory')]).length);
  keep(apply(decode, decoder, [input('view')]).length);
  keep(apply(decode, decoder, [input('words')]).length);
  keep(apply(fatal, decoder, []));
  keep(apply(ignoreBOM, decoder, []));
}
const strict = new Decoder('utf-8', bag({ fatal: true }));
keep(failure(() => apply(decode, strict, [input('bytes')])));
keep(failure(() => new Decoder('none')));
keep(failure(() => apply(decode, strict, [1])));
const encoder = new Encoder();
const target = bytes(0, 0, 0, 0);
keep(apply(length, apply(encode, encoder, ['h\xE9\u20AC\uD800']), []));
const { read, written } = apply(encodeInto, encoder, ['h\xE9\u20AC', target]);
keep(`${read},${written}`);
keep(toBase64('\xFF\0a'));
keep(fromBase64(' YW Jj').length);
// A class that is first named now.
const Stream = globalThis.TextDecoderStream;
watching = false;
const getters = bag({ encoding: member(Stream, 'encoding'), fatal: member(Stream, 'fatal'), ignoreBOM: member(Stream, 'ignoreBOM') });
watching = true;
const stream = new Stream('cp866', bag({ fatal: true }));
keep(apply(getters.encoding, stream, []));
keep(apply(getters.fatal, stream, []));
keep(apply(getters.ignoreBOM, stream, []));
watching = false;
log(results.text);
log(`touched:${touched}`);
