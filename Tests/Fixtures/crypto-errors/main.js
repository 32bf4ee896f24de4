// SPDX-License-Identifier: Apache-2.0
// What is no use: of the wrong kind, of the wrong key, at the wrong time. Nothing is thrown; promises are rejected.
const { subtle } = crypto;
const data = new Uint8Array(16);
const show = async (what, call) => {
  let promise;
  try {
    promise = call();
  } catch (error) {
    console.log(what, 'threw', error.name);
    return;
  }
  console.log(what, promise instanceof Promise, await promise.then((value) => `gave ${value}`, (error) => error.name));
};
const gcm = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
const hmac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign', 'verify']);
const pair = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
const signers = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const hkdf = await subtle.importKey('raw', data, 'HKDF', false, ['deriveBits', 'deriveKey']);
const iv = new Uint8Array(12);

// ---- The interface
for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits', 'importKey',
  'exportKey', 'wrapKey', 'unwrapKey']) {
  await show(`${name} ${subtle[name].length}`, () => subtle[name]());
  await show('elsewhere', () => subtle[name].call(crypto, 'SHA-1', data, data, data, data, data, data));
}
const thrown = (call) => {
  try {
    return call();
  } catch (error) {
    return error.name;
  }
};
console.log(thrown(() => new CryptoKey()), thrown(() => new SubtleCrypto()), thrown(() => Object.create(gcm).type));
for (const name of ['type', 'extractable', 'algorithm', 'usages']) {
  console.log(name, thrown(() => Object.getOwnPropertyDescriptor(CryptoKey.prototype, name).get.call({})), gcm[name] === gcm[name]);
}
gcm.algorithm.name = 'AES-CBC';
gcm.usages.push('decrypt');
await show('not changed by its looks', async () => (await subtle.encrypt({ name: 'AES-GCM', iv }, gcm, data)).byteLength);
await show('nor more able', () => subtle.decrypt({ name: 'AES-GCM', iv }, gcm, data));

// ---- Algorithms
for (const algorithm of [undefined, null, 1, '', 'SHA', 'sha_1', 'ſHA-1', 'MD5', 'AES-GCM', {}, { name: undefined }, { name: 'AES-GCM' }, [], Symbol('x')]) {
  await show('digest', () => subtle.digest(algorithm, data));
}
await show('getter', () => subtle.digest({ get name() { throw new RangeError('mine'); } }, data));
const order = [];
const seen = (name, value) => ({ get() { order.push(name); return value; } });
await show('order', () => subtle.sign(Object.defineProperties({}, { name: seen('name', 'ecdsa'), hash: seen('hash', { get name() { order.push('hash.name'); return 'sha-256'; } }) }),
  signers.privateKey, data).then((signature) => signature.byteLength));
console.log(order.join());
for (const value of [undefined, null, 1, 'text', {}, [], [1, 2]]) await show('data', () => subtle.digest('SHA-1', value));
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
await show('detached', async () => new Uint8Array(await subtle.digest('SHA-1', detached))[0]);

// ---- Parameters
const crypt = (parameters) => subtle.encrypt({ name: 'AES-GCM', iv, ...parameters }, gcm, data);
for (const parameters of [{ iv: undefined }, { iv: [] }, { iv: data }, { iv: new Uint8Array(0) }, { tagLength: 0 }, { tagLength: 33 }, { tagLength: 256 },
  { tagLength: -1 }, { tagLength: NaN }, { tagLength: '96' }, { additionalData: 'x' }, { additionalData: null }]) {
  await show(Object.keys(parameters)[0], async () => (await crypt(parameters)).byteLength);
}
const cbc = await subtle.importKey('raw', data, 'AES-CBC', false, ['encrypt', 'decrypt']);
await show('short iv', () => subtle.encrypt({ name: 'AES-CBC', iv }, cbc, data));
for (const length of [0, 1, 15, 16, 17]) await show(`CBC ${length}`, () => subtle.decrypt({ name: 'AES-CBC', iv: data }, cbc, new Uint8Array(length)));
const ctr = await subtle.importKey('raw', data, 'AES-CTR', false, ['encrypt']);
for (const length of [0, 129, 255, 256, -1, undefined]) await show(`CTR ${length}`, () => subtle.encrypt({ name: 'AES-CTR', counter: data, length }, ctr, data));
await show('short counter', () => subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 64 }, ctr, data));

// ---- Keys
await show('no key', () => subtle.encrypt({ name: 'AES-GCM', iv }, {}, data));
await show('a clone of looks', () => subtle.encrypt({ name: 'AES-GCM', iv }, { ...gcm, __proto__: CryptoKey.prototype }, data));
await show('another algorithm', () => subtle.encrypt({ name: 'AES-CBC', iv: data }, gcm, data));
await show('no usage', () => subtle.decrypt({ name: 'AES-GCM', iv }, gcm, data));
await show('not extractable', () => subtle.exportKey('raw', gcm));
await show('not that form', () => subtle.exportKey('spki', hmac));
await show('no such form', () => subtle.exportKey('der', hmac));
await show('private as raw', () => subtle.exportKey('raw', pair.privateKey));
await show('public as pkcs8', () => subtle.exportKey('pkcs8', pair.publicKey));
await show('not exportable', () => subtle.exportKey('raw', hkdf));
await show('signs with the public key', () => subtle.sign({ name: 'ECDSA', hash: 'SHA-1' }, signers.publicKey, data));

// ---- Made and derived
const make = (algorithm, usages) => show(JSON.stringify(algorithm), () => subtle.generateKey(algorithm, true, usages));
for (const length of [0, 1, 64, 127, 256, 512, 65536, -1, 1.5]) await make({ name: 'AES-CBC', length }, ['encrypt']);
await make({ name: 'AES-KW', length: 128 }, ['encrypt']);
await make({ name: 'AES-CBC', length: 128 }, []);
await make({ name: 'AES-CBC', length: 128 }, ['fly']);
await make({ name: 'AES-CBC', length: 128 }, 'encrypt');
await make({ name: 'AES-CBC', length: 128 }, null);
for (const length of [0, 1, 9, 2 ** 31, 2 ** 32]) await make({ name: 'HMAC', hash: 'SHA-256', length }, ['sign']);
await make({ name: 'HMAC', hash: 'MD5' }, ['sign']);
await make({ name: 'ECDSA', namedCurve: 'P-192' }, ['sign']);
await make({ name: 'ECDSA', namedCurve: 'Ed25519' }, ['sign']);
await make({ name: 'ECDSA', namedCurve: 'P-256' }, ['verify']);
await make({ name: 'ECDH', namedCurve: 'P-256' }, ['sign']);
await make('Ed25519', ['encrypt']);
await make('PBKDF2', ['deriveBits']);
const parameters = { name: 'HKDF', hash: 'SHA-256', salt: data, info: data };
for (const length of [undefined, null, 0, 7, 8, 255 * 256, 255 * 256 + 8, 2 ** 32, -8]) await show(`HKDF ${length}`, async () => (await subtle.deriveBits(parameters, hkdf, length)).byteLength);
await show('more than there can be', () => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 1 }, hkdf, -8));
await show('no salt', () => subtle.deriveBits({ ...parameters, salt: undefined }, hkdf, 8));
await show('extractable', () => subtle.importKey('raw', data, 'HKDF', true, ['deriveBits']));
await show('no iterations', async () => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: data, iterations: 0 }, await subtle.importKey('raw', data, 'PBKDF2', false, ['deriveBits']), 8));
await show('no other key', () => subtle.deriveBits({ name: 'ECDH', public: {} }, pair.privateKey, 8));
await show('a private key', () => subtle.deriveBits({ name: 'ECDH', public: pair.privateKey }, pair.privateKey, 8));
await show('a key that signs', () => subtle.deriveBits({ name: 'ECDH', public: signers.publicKey }, pair.privateKey, 8));
await show('from a public key', () => subtle.deriveBits({ name: 'ECDH', public: pair.publicKey }, pair.publicKey, 8));
await show('a key of no use', () => subtle.deriveKey(parameters, hkdf, { name: 'AES-GCM', length: 128 }, true, []));
await show('a key of no length', () => subtle.deriveKey(parameters, hkdf, { name: 'HMAC', hash: 'SHA-1', length: 0 }, true, ['sign']));
await show('a key of a wrong length', () => subtle.deriveKey(parameters, hkdf, { name: 'AES-GCM', length: 129 }, true, ['encrypt']));

// ---- Wrapped
const wrapping = await subtle.generateKey({ name: 'AES-KW', length: 256 }, false, ['wrapKey', 'unwrapKey']);
await show('wraps what may not leave', () => subtle.wrapKey('raw', gcm, wrapping, 'AES-KW'));
await show('wraps 20 bytes', async () => subtle.wrapKey('raw', await subtle.importKey('raw', new Uint8Array(20), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), wrapping, 'AES-KW'));
for (const length of [0, 8, 16, 17, 24]) await show(`unwraps ${length}`, () => subtle.unwrapKey('raw', new Uint8Array(length), wrapping, 'AES-KW', 'AES-GCM', true, ['encrypt']));
const wrapper = await subtle.importKey('raw', data, 'AES-GCM', false, ['encrypt', 'wrapKey', 'unwrapKey']);
for (const text of ['{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"}', '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA","key_ops":["encrypt"],"ext":true}',
  '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA","ext":false}', '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA","key_ops":"encrypt"}', '{"kty":"oct","k":{}}', '{"kty":"oct"}', '{}', '[]', 'null', '1', '{', '\uFEFF{}', '']) {
  const wrapped = await subtle.encrypt({ name: 'AES-GCM', iv }, wrapper, new TextEncoder().encode(text));
  await show(text, async () => (await subtle.unwrapKey('jwk', wrapped, wrapper, { name: 'AES-GCM', iv }, 'AES-CBC', true, ['encrypt'])).type);
}
