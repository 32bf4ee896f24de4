// SPDX-License-Identifier: Apache-2.0
// ArrayBuffer.prototype.transfer, transferToFixedLength and detached.
// The output is that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (value instanceof Set) return `Set{${[...value].map(show).join(' ')}}`;
  if (value instanceof Map) return `Map{${[...value].map(([key, held]) => `${show(key)}:${show(held)}`).join(' ')}}`;
  return Object.is(value, -0) ? '-0' : String(value);
};
const attempt = (name, fn) => {
  let text;
  try {
    text = show(fn());
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text}`);
};
const shape = (holder, key) => {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
  let constructs = true;
  try {
    Reflect.construct(Object, [], value);
  } catch {
    constructs = false;
  }
  return `${value.name}/${value.length} w${+writable} e${+enumerable} c${+configurable} new:${constructs} own:${Reflect.ownKeys(value).sort()}`;
};

const names = ['transfer', 'transferToFixedLength'];
for (const name of names) console.log(shape(ArrayBuffer.prototype, name));
const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'detached');
console.log(get.name, get.length, set, enumerable, configurable, Object.hasOwn(get, 'prototype'));
const bytes = (buffer) => [...new Uint8Array(buffer)];
const make = (...values) => new Uint8Array(values).buffer;
for (const name of names) {
  console.log(`# ${name}`);
  for (const length of [undefined, 3, 2, 5, 0, '4', 1.9, -0.9, null, NaN, 'x', true]) {
    attempt(String(length), () => {
      const buffer = make(1, 2, 3);
      const moved = buffer[name](length);
      return [bytes(moved), moved.byteLength, buffer.byteLength, buffer.detached, moved.detached, moved === buffer];
    });
  }
  for (const length of [-1, Infinity, 2 ** 53, Symbol('s'), 1n, { valueOf() { throw 'length'; } }]) {
    const buffer = make(1);
    attempt(typeof length, () => buffer[name](length));
    attempt('still there', () => bytes(buffer));
  }
  attempt('too large', () => {
    const buffer = make(1);
    try {
      buffer[name](2 ** 52);
    } catch (error) {
      return [error.name, buffer.detached];
    }
  });
  attempt('twice', () => {
    const buffer = make(1);
    buffer[name]();
    return buffer[name]();
  });
  attempt('detached by its length', () => {
    const buffer = make(1);
    return buffer[name]({ valueOf() {
      buffer.transfer();
      return 1;
    } });
  });
  attempt('a length that fails, detached', () => {
    const buffer = make(1);
    buffer.transfer();
    return buffer[name]({ valueOf() { throw 'length'; } });
  });
  attempt('views of the old', () => {
    const view = new Uint8Array([1, 2]);
    const data = new DataView(view.buffer);
    view.buffer[name]();
    return [view.length, view.byteOffset, view[0], (() => {
      try {
        return data.getUint8(0);
      } catch (error) {
        return error.name;
      }
    })()];
  });
  attempt('a subclass', () => Object.getPrototypeOf(new (class extends ArrayBuffer {
    static get [Symbol.species]() { throw 'species'; }
  })(1)[name]()) === ArrayBuffer.prototype);
  attempt('empty', () => make()[name]().byteLength);
  for (const self of [undefined, {}, new Uint8Array(1), [], ArrayBuffer.prototype]) attempt(`of ${typeof self}`, () => ArrayBuffer.prototype[name].call(self));
}
console.log('# detached');
attempt('by a clone', () => {
  const buffer = make(1);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer.detached;
});
attempt('empty', () => make().detached);
for (const self of [undefined, {}, new Uint8Array(1), ArrayBuffer.prototype]) attempt(`of ${typeof self}`, () => get.call(self));
const memory = new WebAssembly.Memory({ initial: 1 });
for (const name of names) {
  attempt(`${name} of a wasm memory`, () => memory.buffer[name]());
  attempt(`${name} of a wasm memory with a length`, () => memory.buffer[name](1));
}
attempt('a wasm memory stays', () => [memory.buffer.byteLength, memory.buffer.detached]);
attempt('a wasm memory that grew', () => {
  const { buffer } = memory;
  memory.grow(1);
  return buffer.detached;
});
