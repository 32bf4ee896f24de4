// Typed arrays and buffers.
console.log(new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8ClampedArray([300]));
console.log(new Int16Array([-1]), new Uint32Array([4294967295]), new Float32Array([0.5]), new Float64Array([1.1, -0, NaN]));
console.log(new BigInt64Array([1n, -2n]), new BigUint64Array(1));
console.log(new Uint8Array(120));
console.log(Uint16Array.from({ length: 20 }, (_, i) => i * 1000));
console.log(new Uint8Array([1, 255, 16]).buffer, new ArrayBuffer(0));
console.log(new ArrayBuffer(110));
console.log(new DataView(new ArrayBuffer(4), 1, 2));
console.log(Object.assign(new Uint8Array(2), { extra: 1 }), Object.assign(new ArrayBuffer(1), { extra: 1 }));
console.log(new (class Bytes extends Uint8Array {})(2), Object.setPrototypeOf(new Uint8Array(2), null));
console.log({ a: { b: { c: new Uint8Array(1), d: new ArrayBuffer(1) } } });
console.log({ bytes: new Uint8Array([1, 2]), view: new DataView(new ArrayBuffer(1)) });
console.dir(new Float32Array([1]), { showHidden: true });
