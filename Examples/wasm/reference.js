// SPDX-License-Identifier: Apache-2.0
// The same four kernels in JavaScript, written to be clear rather than fast.

export function crc32(bytes, crc = 0) {
  crc = ~crc;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p !== 0)) PRIMES.push(n);
const fraction = (x) => Math.floor((x % 1) * 2 ** 32) | 0;
const ROOTS = PRIMES.map((p) => fraction(Math.cbrt(p)));
const rotate = (x, n) => (x >>> n) | (x << (32 - n));

export function sha256(bytes) {
  const message = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  bytes.forEach((byte, i) => message.setUint8(i, byte));
  message.setUint8(bytes.length, 0x80);
  message.setBigUint64(message.byteLength - 8, BigInt(bytes.length) << 3n);

  let state = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  for (let block = 0; block < message.byteLength; block += 64) {
    const words = Array.from({ length: 16 }, (_, i) => message.getInt32(block + i * 4));
    for (let i = 16; i < 64; i++) {
      const s0 = rotate(words[i - 15], 7) ^ rotate(words[i - 15], 18) ^ (words[i - 15] >>> 3);
      const s1 = rotate(words[i - 2], 17) ^ rotate(words[i - 2], 19) ^ (words[i - 2] >>> 10);
      words.push((words[i - 16] + s0 + words[i - 7] + s1) | 0);
    }
    const after = words.reduce(([a, b, c, d, e, f, g, h], word, i) => {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = h + s1 + ((e & f) ^ (~e & g)) + ROOTS[i] + word;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      return [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
    }, state);
    state = state.map((x, i) => (x + after[i]) | 0);
  }
  return state.map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Answers the field after so many generations, and how many were alive after each. */
export function life(cells, width, height, generations) {
  const counts = [];
  let field = Uint8Array.from(cells);
  for (let n = 0; n < generations; n++) {
    const next = field.map((cell, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      let neighbours = -cell;
      for (let dy = height - 1; dy <= height + 1; dy++) {
        for (let dx = width - 1; dx <= width + 1; dx++) {
          neighbours += field[((y + dy) % height) * width + ((x + dx) % width)];
        }
      }
      return neighbours === 3 || (neighbours === 2 && cell === 1) ? 1 : 0;
    });
    field = next;
    counts.push(field.reduce((sum, cell) => sum + cell));
  }
  return { field, counts };
}

export function mandelbrot(width, height, limit, left, top, step) {
  const points = new Uint32Array(width * height);
  for (let at = 0; at < points.length; at++) {
    const cr = left + step * (at % width);
    const ci = top - step * Math.floor(at / width);
    let [zr, zi, n] = [0, 0, 0];
    while (n < limit && zr * zr + zi * zi <= 4) {
      [zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci];
      n++;
    }
    points[at] = n;
  }
  return points;
}
