// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; crypto must neither notice nor call it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, keys, setPrototypeOf } = Object;
const { log } = console;
const Bytes = Uint8Array;
const object = crypto;
const lengthOf = getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const { getRandomValues, randomUUID } = Crypto.prototype;
const subtleOf = getOwnPropertyDescriptor(Crypto.prototype, 'subtle').get;

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
const trap = (holder, key, what, read) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(read, this, []);
  },
  set(value) {
    touch(`set ${what}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});

const TypedArray = getPrototypeOf(Uint8Array);
const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys()].map(getPrototypeOf);
const holders = { __proto__: null };
for (const Class of [Array, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError,
  RangeError, DOMException, Promise, Uint8Array, Uint32Array, TypedArray, ArrayBuffer, DataView, Crypto]) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
holders.Iterator = getPrototypeOf(iterators[0]);
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
const names = ['0', '1', '2', '3', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'iterable', 'parent', 'hash', 'length', 'namedCurve',
  'modulusLength', 'publicExponent', 'name', 'iv', 'counter', 'label', 'salt', 'info', 'iterations', 'tagLength', 'additionalData', 'context', 'public',
  'kty', 'k', 'alg', 'ext', 'use', 'oth', 'key_ops', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi', 'then', 'toJSON', 'done', 'next',
  'publicKey', 'privateKey', 'parameters', 'usages', 'parts', 'type', 'extractable', 'algorithm', 'job', 'promise'];
const show = (buffer) => {
  const bytes = new Bytes(buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += `${bytes[i]},`;
  return text;
};

// `then` is looked up by whatever resolves a promise with an object, and by await: the language's own.
const names1 = names.filter((name) => name !== 'then');
for (const what of keys(holders)) {
  const holder = holders[what];
  for (const key of ownKeys(holder)) {
    const descriptor = getOwnPropertyDescriptor(holder, key);
    if (!descriptor.configurable || (holder === Promise.prototype && key === 'then')) continue;
    if (key === 'prototype' || (holder === Object.prototype && key === '__proto__')) continue;
    const { get, value } = descriptor;
    trap(holder, key, `${what}.${typeof key === 'symbol' ? 'symbol' : key}`, get ?? (() => value));
  }
}
for (const name of names1) {
  if (getOwnPropertyDescriptor(Object.prototype, name) === undefined) trap(Object.prototype, name, `Object.prototype.${name}`, () => undefined);
  if (getOwnPropertyDescriptor(Array.prototype, name) === undefined) trap(Array.prototype, name, `Array.prototype.${name}`, () => undefined);
}

const check = async (what, call) => {
  let promise;
  touched = '';
  watching = true;
  try {
    promise = call();
  } catch (error) {
    watching = false;
    log(what, 'threw', `${error}`);
    return undefined;
  }
  watching = false;
  const synchronous = touched;
  touched = '';
  let value;
  try {
    value = await promise;
  } catch (error) {
    log(what, 'rejected', error.name, `${error.message}`);
    return undefined;
  }
  log(what, synchronous === '' ? 'ok' : synchronous);
  return value;
};

const data = new Bytes(24);
const parameters = (literal) => setPrototypeOf(literal, null);
// A list whose iterator is its own.
const list = (...items) => {
  const result = { __proto__: null };
  result[Symbol.iterator] = () => {
    let i = 0;
    return { __proto__: null, next: () => ({ __proto__: null, done: i >= items.length, value: i < items.length ? items[i++] : undefined }) };
  };
  return result;
};

await check('randomUUID', () => apply(randomUUID, object, []));
await check('getRandomValues', () => apply(getRandomValues, object, [data]));
data.fill(0);
const subtle = apply(subtleOf, object, []);
const methods = { __proto__: null };
for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits', 'importKey', 'exportKey', 'wrapKey', 'unwrapKey']) {
  methods[name] = getOwnPropertyDescriptor(getPrototypeOf(subtle), name).value;
}
const run = (method, ...rest) => check(`${method} ${typeof rest[0] === 'string' ? rest[0] : rest[0].name}`, () => apply(methods[method], subtle, rest));

log(show(await run('digest', 'SHA-1', data)));
log(show(await run('digest', 'SHA-1', new Bytes(3_000_000))));
for (const name of ['AES-CBC', 'AES-CTR', 'AES-GCM']) {
  const key = await run('generateKey', parameters({ name, length: 128 }), true, list('encrypt', 'decrypt', 'wrapKey', 'unwrapKey'));
  const use = parameters({ name, iv: new Bytes(16), counter: new Bytes(16), length: 64 });
  log(show(await run('decrypt', use, key, await run('encrypt', use, key, data))));
  const jwk = await run('exportKey', 'jwk', key);
  log(jwk.kty, jwk.key_ops.length);
  await run('importKey', 'jwk', parameters({ kty: jwk.kty, k: jwk.k }), name, true, list('encrypt'));
  const wrapped = await run('wrapKey', 'jwk', key, key, use);
  await run('unwrapKey', 'jwk', wrapped, key, use, name, true, list('encrypt', 'decrypt'));
}
const kw = await run('importKey', 'raw', new Bytes(16), 'AES-KW', true, list('wrapKey', 'unwrapKey'));
await run('unwrapKey', 'raw', await run('wrapKey', 'raw', kw, kw, 'AES-KW'), kw, 'AES-KW', 'AES-KW', true, list('wrapKey'));
const hmac = await run('importKey', 'raw', data, parameters({ name: 'HMAC', hash: 'SHA-256' }), true, list('sign', 'verify'));
log(await run('verify', 'HMAC', hmac, await run('sign', 'HMAC', hmac, data), data));
const secret = await run('importKey', 'raw', data, 'HKDF', false, list('deriveBits', 'deriveKey'));
const hkdf = parameters({ name: 'HKDF', hash: 'SHA-256', salt: data, info: data });
log(show(await run('deriveBits', hkdf, secret, 64)));
await run('deriveKey', hkdf, secret, parameters({ name: 'AES-GCM', length: 256 }), true, list('encrypt'));
const password = await run('importKey', 'raw', data, 'PBKDF2', false, list('deriveBits'));
log(show(await run('deriveBits', parameters({ name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 50_000 }), password, 64)));

for (const [algorithm, use] of [[{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }], [{ name: 'Ed25519' }, { name: 'Ed25519' }],
  [{ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Bytes([1, 0, 1]) }, { name: 'RSA-PSS', saltLength: 8 }]]) {
  const pair = await run('generateKey', parameters(algorithm), true, list('sign', 'verify'));
  const signature = await run('sign', parameters(use), pair.privateKey, data);
  log(await run('verify', use, pair.publicKey, signature, data));
  for (const [form, key, usage] of [['pkcs8', pair.privateKey, 'sign'], ['spki', pair.publicKey, 'verify'], ['jwk', pair.privateKey, 'sign']]) {
    const exported = await run('exportKey', form, key);
    await run('importKey', form, form === 'jwk' ? parameters({ ...exported, key_ops: list(usage), oth: undefined }) : exported, algorithm, true, list(usage));
  }
}
const x = await run('generateKey', 'X25519', false, list('deriveBits'));
log(apply(lengthOf, await run('deriveBits', parameters({ name: 'X25519', public: x.publicKey }), x.privateKey, null), []));
const oaep = parameters({ name: 'RSA-OAEP', hash: 'SHA-1', modulusLength: 1024, publicExponent: new Bytes([1, 0, 1]) });
const rsa = await run('generateKey', oaep, false, list('encrypt', 'decrypt'));
log(show(await run('decrypt', oaep, rsa.privateKey, await run('encrypt', oaep, rsa.publicKey, data))));
for (const name of ['type', 'extractable', 'algorithm', 'usages']) {
  touched = '';
  watching = true;
  const value = rsa.publicKey[name];
  watching = false;
  log(name, touched === '' ? typeof value : touched);
}
