// SPDX-License-Identifier: Apache-2.0
// The module's instance behind plain functions: bytes go in, numbers and bytes come out.

import binary from './kernels.wasm' with { type: 'bytes' };

const PAGE = 65536;

export class Kernels {
  #exports;
  #memory;
  /** Called by the kernels; each may be replaced. */
  onGeneration = () => {};
  onRow = () => true;

  static get byteLength() {
    return binary.byteLength;
  }

  static async create() {
    const kernels = new Kernels();
    await kernels.#instantiate();
    return kernels;
  }

  async #instantiate() {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: 256 });
    const { module, instance } = await WebAssembly.instantiate(binary, {
      host: {
        memory: this.#memory,
        generation: (n, alive) => this.onGeneration(n, alive),
        row: (y) => (this.onRow(y) ? 1 : 0),
      },
    });
    this.module = module;
    this.#exports = instance.exports;
  }

  get pages() {
    return this.#memory.buffer.byteLength / PAGE;
  }

  get calls() {
    return this.#exports.calls.value;
  }

  /** So many bytes behind the module's own. Growing detaches older views, so they are not kept. */
  room(length) {
    const heap = this.#exports.heap.value;
    const missing = heap + length - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return new Uint8Array(this.#memory.buffer, heap, length);
  }

  #put(bytes) {
    const room = this.room(bytes.length);
    room.set(bytes);
    return room.byteOffset;
  }

  crc32(bytes, crc = 0) {
    return this.#exports.crc32(this.#put(bytes), bytes.length, crc) >>> 0;
  }

  /** As crc32, of whatever is at an address. Traps where the memory ends. */
  crc32At(address, length) {
    return this.#exports.crc32(address, length, 0) >>> 0;
  }

  sha256(bytes) {
    const at = this.#exports.sha256(this.#put(bytes), bytes.length);
    const digest = new Uint8Array(this.#memory.buffer, at, 32);
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  life(cells, width, height, generations) {
    const room = this.room(2 * cells.length);
    room.set(cells);
    this.#exports.life(room.byteOffset, room.byteOffset + cells.length, width, height, generations);
    return room.slice(0, cells.length);
  }

  mandelbrot(width, height, limit, left, top, step) {
    const room = this.room(4 * width * height);
    room.fill(0);
    const steps = this.#exports.mandelbrot(room.byteOffset, width, height, limit, left, top, step);
    return { steps, points: new Uint32Array(room.slice().buffer) };
  }
}
