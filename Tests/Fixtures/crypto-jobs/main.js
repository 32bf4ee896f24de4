// SPDX-License-Identifier: Apache-2.0
// What takes long is done beside the script, which goes on meanwhile; its buffers are its own again at once.
const { subtle } = crypto;
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
const order = [];
const note = (what) => (value) => {
  order.push(what);
  return value;
};
const secret = await subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
const parameters = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 200_000 };
const short = await subtle.deriveBits({ ...parameters, iterations: 1000 }, secret, 128);

// Short ones in later microtasks of the same turn, long ones after them.
const long = subtle.deriveBits(parameters, secret, 256).then(note('long'));
subtle.digest('SHA-1', new Uint8Array(1)).then(note('short'));
Promise.resolve().then(note('microtask'));
order.push('synchronous');
console.log(hex(await long));
console.log(order.join());
console.log(hex(short));

// The data is taken when it is given.
const big = new Uint8Array(6_000_000).fill(1);
const digest = subtle.digest('SHA-256', big);
big.fill(2);
const transferred = new Uint8Array(6_000_000).fill(1);
const another = subtle.digest('SHA-256', transferred);
structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
console.log(hex(await digest) === hex(await another), hex(await digest) === hex(await subtle.digest('SHA-256', big)));

// All the kinds that there are.
const key = await subtle.generateKey({ name: 'AES-CTR', length: 128 }, true, ['encrypt', 'decrypt']);
const use = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
const encrypted = await subtle.encrypt(use, key, big);
console.log(hex((await subtle.decrypt(use, key, encrypted)).slice(-4)), encrypted.byteLength);
const hmac = await subtle.importKey('raw', new Uint8Array(8), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
const signature = await subtle.sign('HMAC', hmac, big);
console.log(await subtle.verify('HMAC', hmac, signature, big), await subtle.verify('HMAC', hmac, signature, encrypted));
const pair = await subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
  false, ['sign', 'verify']);
console.log(await subtle.verify('RSASSA-PKCS1-v1_5', pair.publicKey, await subtle.sign('RSASSA-PKCS1-v1_5', pair.privateKey, big), big));
const edwards = await subtle.generateKey('Ed25519', false, ['sign', 'verify']);
console.log(await subtle.verify('Ed25519', edwards.publicKey, await subtle.sign('Ed25519', edwards.privateKey, big), big));
const gcm = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['decrypt']);
console.log(await subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, gcm, big).catch((error) => error.name));
const derived = await subtle.deriveKey(parameters, secret, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
console.log(derived.algorithm, hex(await subtle.exportKey('raw', derived)) === hex(await long));

// One after the other, and no more than so many.
let done = 0;
const many = [];
for (let i = 0; i < 1000; i++) {
  many.push(subtle.deriveBits({ ...parameters, hash: 'SHA-256', iterations: 4000 }, secret, 8).then(() => { done++; return true; }, (error) => error.name));
}
const results = await Promise.all(many);
console.log(results.filter((result) => result === true).length === done, done >= 256, new Set(results).has('OperationError'));
console.log((await subtle.deriveBits(parameters, secret, 8)).byteLength);
