// SPDX-License-Identifier: Apache-2.0
// Memory that two threads share is a clock fine enough for Spectre, and so is a fine clock. Neither may be had by name,
// by way of WebAssembly, by cloning, or from what is left of it in other built-ins.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
// Without it (it can be switched off) there is nothing to find there.
const wasm = typeof WebAssembly === 'object' ? WebAssembly : undefined;
const tagOf = (value) => Object.prototype.toString.call(value);
const isShared = (buffer) => tagOf(buffer) !== '[object ArrayBuffer]' || Object.getPrototypeOf(buffer) !== ArrayBuffer.prototype ||
  buffer.constructor !== ArrayBuffer;

await attempt('SharedArrayBuffer and Atomics by name', () =>
  ['SharedArrayBuffer', 'Atomics'].find((name) => name in globalThis || Reflect.ownKeys(globalThis).includes(name)));
await attempt('workers by name', () => ['Worker', 'SharedWorker', 'worker_threads'].find((name) => name in globalThis));
await attempt('the species and prototypes of buffers', () => {
  for (let object = new ArrayBuffer(1); object !== null; object = Object.getPrototypeOf(object)) {
    for (const key of Reflect.ownKeys(object)) {
      const { get, value } = Object.getOwnPropertyDescriptor(object, key);
      if (/Shared|Atomics/.test(`${get?.name} ${value?.name}`)) return String(key);
    }
  }
  return ArrayBuffer[Symbol.species] === ArrayBuffer ? undefined : 'another species';
});
await attempt('a tag on any built-in', () => {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (key === 'globalThis' || key === 'self') continue;
    const value = globalThis[key];
    if (/Shared|Atomics/.test(tagOf(value?.prototype ?? value))) return String(key);
  }
});

// What a module of WebAssembly in bytes answers; threads are refused where it is compiled.
const module = (...sections) => new Uint8Array([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, ...sections.flat()]);
const section = (id, ...bytes) => [id, bytes.length, ...bytes];
const validates = (...sections) => (wasm && wasm.validate(module(...sections)) ? 'it validates' : undefined);
await attempt('a shared memory of WebAssembly', () => {
  if (!wasm) return undefined;
  let memory;
  try {
    memory = new wasm.Memory({ initial: 1, maximum: 2, shared: true });
  } catch (error) {
    return error instanceof TypeError || error instanceof RangeError ? undefined : error;
  }
  return isShared(memory.buffer) ? memory.buffer.constructor.name : undefined;
});
await attempt('a shared memory by a getter that changes', () => {
  if (!wasm) return undefined;
  let reads = 0;
  const memory = new wasm.Memory({ initial: 1, maximum: 2, get shared() { return reads++ > 0; } });
  return isShared(memory.buffer) ? memory.buffer.constructor.name : undefined;
});
await attempt('a module that defines a shared memory', () => validates(section(5, 1, 3, 1, 1)));
await attempt('a module that imports a shared memory', () => validates(section(2, 1, 1, 0x61, 1, 0x62, 2, 3, 1, 1)));
await attempt('a module with atomic loads', () => validates(section(1, 1, 0x60, 0, 1, 0x7F), section(3, 1, 0), section(5, 1, 1, 1, 1),
  section(10, 1, 8, 0, 0x41, 0, 0xFE, 0x10, 2, 0, 0x0B)));
await attempt('a module that waits', () => validates(section(1, 1, 0x60, 0, 1, 0x7F), section(3, 1, 0), section(5, 1, 1, 1, 1),
  section(10, 1, 12, 0, 0x41, 0, 0x41, 0, 0x42, 0, 0xFE, 1, 2, 0, 0x0B)));
await attempt('a module with a fence', () => validates(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 5, 0, 0xFE, 3, 0, 0x0B)));
await attempt('a module of one memory', () => (!wasm || wasm.validate(module(section(5, 1, 1, 1, 1))) ? undefined : 'none validates'));
await attempt('the buffer of a memory that grows', () => {
  if (!wasm) return undefined;
  const memory = new wasm.Memory({ initial: 1, maximum: 3 });
  const { buffer } = memory;
  memory.grow(1);
  return isShared(memory.buffer) || buffer.byteLength !== 0 || memory.buffer === buffer ? 'the old buffer lives' : undefined;
});
await attempt('a memory by structuredClone', () => {
  if (!wasm) return undefined;
  const memory = new wasm.Memory({ initial: 1 });
  const uses = [() => structuredClone(memory), () => structuredClone(memory.buffer, { transfer: [memory.buffer] })];
  for (const use of uses) {
    try {
      use();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DOMException)) return error;
      continue;
    }
    return 'a clone';
  }
  return memory.buffer.byteLength === 65536 ? undefined : 'it is detached';
});
await attempt('a module by structuredClone', () => {
  if (!wasm) return undefined;
  try {
    const clone = structuredClone(new wasm.Module(module()));
    return clone instanceof wasm.Module ? undefined : tagOf(clone);
  } catch (error) {
    return error instanceof DOMException ? undefined : error;
  }
});
await attempt('resizable and growable buffers', () => {
  const buffer = new ArrayBuffer(1, { maxByteLength: 16 });
  return isShared(buffer) ? buffer.constructor.name : undefined;
});
await attempt('waiting without Atomics', () => ['wait', 'waitAsync', 'notify', 'pause'].find((name) =>
  name in ArrayBuffer || name in Math || name in Promise || (wasm && name in wasm)));

// Clocks. A loop of reads sees how fine one is: in steps of a millisecond it sees few different values.
const valuesOf = (read) => {
  const values = new Set();
  const end = Date.now() + 20;
  while (Date.now() < end) values.add(read());
  return values.size;
};
await attempt('a fine clock in Date', () => (valuesOf(() => Date.now()) > 25 ? 'fine steps' : undefined));
await attempt('a fine clock in Intl', () => {
  const format = new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 });
  return valuesOf(() => format.format()) > 25 ? 'fine steps' : undefined;
});
await attempt('clocks by name', () => ['hrtime', 'Temporal', 'chrome'].find((name) => name in globalThis || name in process) ??
  ['memory', 'eventLoopUtilization', 'nodeTiming', 'timerify'].find((name) => name in performance) ??
  (typeof console.timeStamp === 'function' || typeof console.profile === 'function' ? 'a profile' : undefined));
