// SPDX-License-Identifier: Apache-2.0
// Keys out and in again in each form that they have; what is no key in that form.
const { subtle } = crypto;
const data = new TextEncoder().encode('something');
const name = (promise) => promise.then((value) => value?.constructor?.name ?? `${value}`, (error) => error.name);
const kinds = [
  [{ name: 'AES-CBC', length: 128 }, ['encrypt', 'decrypt']], [{ name: 'AES-KW', length: 192 }, ['wrapKey', 'unwrapKey']],
  [{ name: 'AES-GCM', length: 256 }, ['unwrapKey', 'decrypt', 'encrypt']],
  [{ name: 'HMAC', hash: 'SHA-384' }, ['verify', 'sign']], [{ name: 'HMAC', hash: 'SHA-1', length: 11 }, ['sign']],
  [{ name: 'ECDSA', namedCurve: 'P-256' }, ['sign', 'verify']], [{ name: 'ECDSA', namedCurve: 'P-521' }, ['sign', 'verify']],
  [{ name: 'ECDH', namedCurve: 'P-384' }, ['deriveKey', 'deriveBits']], [{ name: 'Ed25519' }, ['sign', 'verify']],
  [{ name: 'Ed448' }, ['sign', 'verify']], [{ name: 'X25519' }, ['deriveBits']], [{ name: 'X448' }, ['deriveKey']],
  [{ name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([3]) }, ['encrypt', 'decrypt']],
];
for (const [algorithm, usages] of kinds) {
  const made = await subtle.generateKey(algorithm, true, usages);
  for (const key of made instanceof CryptoKey ? [made] : [made.publicKey, made.privateKey]) {
    const line = [key.algorithm.name, key.type, key.usages.join('+') || '-'];
    for (const form of ['raw', 'spki', 'pkcs8', 'jwk']) {
      let exported;
      try {
        exported = await subtle.exportKey(form, key);
      } catch (error) {
        line.push(`${form}: ${error.name}`);
        continue;
      }
      const again = await subtle.importKey(form, exported, algorithm, true, key.usages);
      const twice = await subtle.exportKey(form, again);
      const text = (value) => (form === 'jwk' ? JSON.stringify(value) : String(new Uint8Array(value)));
      line.push(`${form}: ${text(exported) === text(twice) && JSON.stringify(again.algorithm) === JSON.stringify(key.algorithm)}`);
      if (form !== 'jwk') {
        const bytes = new Uint8Array(exported);
        if (form === 'raw' && key.type === 'secret') continue;
        for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1), [...bytes, 0], []]) {
          const error = await name(subtle.importKey(form, Uint8Array.from(wrong), algorithm, true, key.usages));
          if (error !== 'DataError') line.push(error);
        }
      }
    }
    console.log(line.join(' '));
  }
}

// ---- JSON Web Keys

const secret = { kty: 'oct', k: 'AAECAwQFBgcICQoLDA0ODw' };
const aes = (jwk, extractable = true, usages = ['encrypt']) => name(subtle.importKey('jwk', jwk, 'AES-GCM', extractable, usages));
for (const change of [{}, { kty: 'EC' }, { kty: undefined }, { k: undefined }, { k: '' }, { k: 'AAECAwQFBgcICQoLDA0ODw==' }, { k: 'AAECAwQFBgcICQoLDA0OD' },
  { k: 'AAECAwQFBgcICQoLDA0O\u00e9w' }, { k: 5 }, { alg: 'A128GCM' }, { alg: 'A256GCM' }, { alg: 'A128CBC' }, { use: 'enc' }, { use: 'sig' }, { use: '' },
  { key_ops: ['encrypt', 'decrypt'] }, { key_ops: ['decrypt'] }, { key_ops: [] }, { key_ops: ['encrypt', 'encrypt'] }, { key_ops: ['encrypt', 'fly'] },
  { key_ops: 'encrypt' }, { key_ops: 5 }, { ext: false }, { ext: 0 }, { ext: true }, { oth: [] }, { oth: 5 }]) {
  console.log(JSON.stringify(change), await aes({ ...secret, ...change }));
}
console.log(await aes({ ...secret, ext: false }, false), await aes(secret, true, []), await aes(secret, true, ['sign']),
  await aes(null), await aes('text'), await aes(data), await name(subtle.importKey('raw', secret, 'AES-GCM', true, ['encrypt'])));

const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const other = await subtle.exportKey('jwk', (await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])).privateKey);
const jwk = await subtle.exportKey('jwk', pair.privateKey);
const curve = (change, usages = ['sign']) => name(subtle.importKey('jwk', { ...jwk, ...change }, { name: 'ECDSA', namedCurve: 'P-256' }, true, usages));
for (const change of [{}, { kty: 'OKP' }, { crv: 'P-384' }, { crv: undefined }, { x: undefined }, { y: undefined }, { x: jwk.y }, { x: `AA${jwk.x}` },
  { x: '' }, { d: other.d }, { x: other.x, y: other.y }, { d: '' }, { d: 'A'.repeat(43) }, { d: '_'.repeat(42) + '8' }, { alg: 'ES256' }, { alg: 'ES384' }, { use: 'enc' }]) {
  console.log(Object.keys(change).join(), Object.values(change).map((value) => value?.length).join(), await curve(change));
}
console.log(await curve({ d: undefined }), await curve({ d: undefined }, ['verify']), await curve({ d: undefined, key_ops: undefined }, ['verify']),
  await curve({ key_ops: undefined }, []));

const edwards = await subtle.exportKey('jwk', (await subtle.generateKey('Ed25519', true, ['sign'])).privateKey);
for (const change of [{}, { alg: 'EdDSA' }, { alg: 'ES256' }, { crv: 'X25519' }, { x: undefined }, { x: 'AAAA' }, { d: edwards.x }, { kty: 'EC' }]) {
  console.log(JSON.stringify(Object.keys(change)), await name(subtle.importKey('jwk', { ...edwards, ...change }, 'Ed25519', true, ['sign'])));
}

// ---- Wrapped, in all forms by several ways

const wrappers = [
  [{ name: 'AES-GCM', length: 128 }, { name: 'AES-GCM', iv: new Uint8Array(12) }], [{ name: 'AES-CBC', length: 256 }, { name: 'AES-CBC', iv: new Uint8Array(16) }],
  [{ name: 'AES-CTR', length: 256 }, { name: 'AES-CTR', counter: new Uint8Array(16), length: 32 }], [{ name: 'AES-KW', length: 128 }, { name: 'AES-KW' }],
];
for (const [algorithm, use] of wrappers) {
  const wrapping = await subtle.generateKey(algorithm, true, ['wrapKey', 'unwrapKey']);
  const line = [algorithm.name];
  for (const form of ['pkcs8', 'jwk']) {
    line.push(form, await name((async () => {
      const wrapped = await subtle.wrapKey(form, pair.privateKey, wrapping, use);
      const key = await subtle.unwrapKey(form, wrapped, wrapping, use, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
      const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-512' }, key, data);
      return subtle.verify({ name: 'ECDSA', hash: 'SHA-512' }, pair.publicKey, signature, data);
    })()));
  }
  console.log(line.join(' '));
}

// ---- A key's bytes are its own

const raw = new Uint8Array(16);
const key = await subtle.importKey('raw', raw, 'AES-CBC', true, ['encrypt']);
raw.fill(1);
const first = new Uint8Array(await subtle.exportKey('raw', key));
first.fill(2);
console.log(new Uint8Array(await subtle.exportKey('raw', key)).every((byte) => byte === 0));
const rsa = await subtle.generateKey(kinds.at(-1)[0], true, ['encrypt', 'decrypt']);
rsa.publicKey.algorithm.publicExponent.fill(9);
console.log((await subtle.exportKey('jwk', rsa.publicKey)).e);
