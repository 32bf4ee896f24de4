// SPDX-License-Identifier: Apache-2.0
const fails = (call) => {
  try {
    call();
    return 'done';
  } catch (error) {
    return error.name;
  }
};
console.log(Object.prototype.toString.call(crypto), crypto === globalThis.crypto, crypto.subtle === crypto.subtle);
console.log(Object.getOwnPropertyDescriptor(globalThis, 'crypto').set, 'crypto' in globalThis);
console.log(fails(() => { crypto = 1; }), fails(() => new Crypto()), fails(() => Crypto()));

const ids = new Set();
for (let i = 0; i < 1000; i++) {
  const id = crypto.randomUUID();
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) console.log(id);
  ids.add(id);
}
console.log(ids.size);

for (const Class of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array]) {
  const array = new Class(32);
  const same = crypto.getRandomValues(array) === array;
  console.log(Class.name, same, array.some((value) => value != 0), crypto.getRandomValues(new Class(0)).length);
}
const buffer = new Uint8Array(100);
crypto.getRandomValues(buffer.subarray(40, 60));
console.log(buffer.subarray(0, 40).every((byte) => byte === 0), buffer.subarray(60).every((byte) => byte === 0),
  buffer.subarray(40, 60).some((byte) => byte !== 0));
console.log(crypto.getRandomValues(new Uint32Array(16384)).length, fails(() => crypto.getRandomValues(new Uint8Array(65537))),
  fails(() => crypto.getRandomValues(new Uint32Array(16385))));
for (const value of [new Float32Array(1), new Float64Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), [], {}, null, undefined, 'x', 1]) {
  console.log(fails(() => crypto.getRandomValues(value)));
}
console.log(fails(() => crypto.getRandomValues()), fails(() => crypto.getRandomValues.call({}, new Uint8Array(1))),
  fails(() => crypto.randomUUID.call(null)), fails(() => Object.getOwnPropertyDescriptor(Crypto.prototype, 'subtle').get.call({})));
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
console.log(crypto.getRandomValues(detached) === detached, detached.length);
class Odd extends Uint8Array {
  get [Symbol.toStringTag]() { return 'Float32Array'; }
  get byteLength() { return 1e9; }
}
console.log(crypto.getRandomValues(new Odd(16)).length);
