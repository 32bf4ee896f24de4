// SPDX-License-Identifier: Apache-2.0
// Runs four WebAssembly kernels and checks each against JavaScript.

import { Kernels } from './kernels.js';
import * as reference from './reference.js';

let failures = 0;
const check = (name, ok) => {
  if (!ok) failures += 1;
  console.log(`  ${ok ? 'same' : 'DIFFERENT'}: ${name}`);
};
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

/** Marsaglia's xorshift: the same bytes each time. */
function* random(seed) {
  for (let x = seed; ; ) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield x >>> 0;
  }
}
function randomBytes(length, seed) {
  const source = random(seed);
  return Uint8Array.from({ length }, () => source.next().value >>> 24);
}

const kernels = await Kernels.create();
const names = (list) => list.map((e) => `${e.name} (${e.kind})`).join(', ');
console.log(`Module: ${Kernels.byteLength} bytes`);
console.log(`  imports ${names(WebAssembly.Module.imports(kernels.module))}`);
console.log(`  exports ${names(WebAssembly.Module.exports(kernels.module))}`);

console.log('\nCRC-32');
const utf8 = new TextEncoder();
for (const text of ['', '123456789', 'Grüße aus dem Rabennest 🐦']) {
  const bytes = utf8.encode(text);
  const crc = kernels.crc32(bytes);
  check(`${crc.toString(16).padStart(8, '0')} of ${JSON.stringify(text)}`, crc === reference.crc32(bytes));
}
const megabyte = randomBytes(1 << 20, 2027);
const whole = kernels.crc32(megabyte);
const [front, back] = [megabyte.subarray(0, 333_333), megabyte.subarray(333_333)];
check(`${whole.toString(16)} of a megabyte`, whole === reference.crc32(megabyte));
check('the same in two parts', whole === kernels.crc32(back, kernels.crc32(front)));
console.log(`  memory: ${kernels.pages} pages`);

console.log('\nSHA-256');
for (const text of ['', 'abc', 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(64)]) {
  const bytes = utf8.encode(text);
  const digest = kernels.sha256(bytes);
  check(`${digest.slice(0, 16)}… of ${bytes.length} bytes`, digest === reference.sha256(bytes));
}
const digest = kernels.sha256(megabyte);
console.log(`  ${digest} of a megabyte`);
const lengths = Array.from({ length: 200 }, (_, n) => megabyte.subarray(n, 2 * n));
check('200 lengths from 0 to 199', lengths.every((bytes) => kernels.sha256(bytes) === reference.sha256(bytes)));
let chain = utf8.encode('rook');
for (let n = 0; n < 5000; n++) chain = utf8.encode(kernels.sha256(chain));
console.log(`  ${new TextDecoder().decode(chain)} after 5000 times`);

console.log('\nLife, 64 × 32');
const [width, height, generations] = [64, 32, 150];
const soup = randomBytes(width * height, 7).map((byte) => (byte < 100 ? 1 : 0));
const counts = [];
kernels.onGeneration = (n, alive) => counts.push(alive);
const field = kernels.life(soup, width, height, generations);
const expected = reference.life(soup, width, height, generations);
check(`${generations} generations, the last with ${counts.at(-1)} alive`, same(field, expected.field));
check('what the imported function was told', same(counts, expected.counts));
for (let y = 0; y < height; y += 2) {
  let line = '';
  for (let x = 0; x < width; x++) line += ' ▀▄█'[field[y * width + x] + 2 * field[(y + 1) * width + x]];
  console.log(`  |${line}|`);
}

console.log('\nMandelbrot, 72 × 54, 500 steps, every other row');
const view = [72, 54, 500, -2.2, 1.166, 0.044];
const shade = (n) => (n === 500 ? '#' : ' .:-=+*%@'[Math.min(8, Math.floor(Math.log2(n)))]);
let rows = 0;
kernels.onRow = () => ++rows > 0;
const { steps, points } = kernels.mandelbrot(...view);
check(`${steps} steps (a ${typeof steps}) in ${rows} rows`, same(points, reference.mandelbrot(...view)));
for (let y = 0; y < 54; y += 2) {
  const row = Array.from(points.subarray(y * 72, (y + 1) * 72), shade);
  console.log(`  ${row.join('').trimEnd()}`);
}
kernels.onRow = (y) => y < 9;
const part = kernels.mandelbrot(...view);
const tenRows = part.points.every((n, at) => (n > 0) === (at < 10 * 72));
check('it stops where the imported function says so', tenRows);

console.log('\nFailures');
const attempt = (name, run) => {
  try {
    run();
    check(name, false);
  } catch (error) {
    check(`${name}: ${error.constructor.name}`, true);
    return error;
  }
};
const trap = attempt('reading past the memory', () => kernels.crc32At(kernels.pages * 65536 - 8, 16));
check('that is a trap of WebAssembly', trap instanceof WebAssembly.RuntimeError);
const thrown = new RangeError('enough');
kernels.onRow = () => {
  throw thrown;
};
const caught = attempt('throwing in the imported function', () => kernels.mandelbrot(...view));
check('that very error comes through the kernel', caught === thrown);
attempt('growing past the maximum', () => kernels.room(64 * 1024 * 1024));
check('bytes that are no module', !WebAssembly.validate(megabyte.subarray(0, 64)));
const second = await Kernels.create();
check('a second instance has a memory of its own', second.pages === 1 && kernels.pages > 1);

console.log(`\n${kernels.calls} calls, ${failures === 0 ? 'everything as it should be' : `${failures} DIFFERENCES`}`);
if (failures > 0) throw new Error(`${failures} differences between WebAssembly and JavaScript`);

export default { failures, calls: kernels.calls, sha256: digest, steps: Number(steps) };
