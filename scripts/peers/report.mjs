// SPDX-License-Identifier: Apache-2.0
// Measures as `rookery bench cold` does: a tenth more rounds first, then n, p50 and p99.

const rounds = 200;
const warmUp = rounds / 10;

const percentile = (sorted, percent) => sorted[Math.max(Math.ceil((percent / 100) * sorted.length), 1) - 1];

/** Runs `once` in turn and prints a table, or with --json an object. */
export async function measure(once, args) {
  const samples = [];
  for (let round = 0; round < rounds + warmUp; round++) {
    const start = performance.now();
    if ((await once()) !== 'hello https://bench.test/path') throw new Error('no answer');
    if (round >= warmUp) samples.push((performance.now() - start) * 1000);
  }
  samples.sort((a, b) => a - b);
  const tenth = (value) => Math.round(value * 10) / 10;
  const report = {
    n: samples.length, p50_us: tenth(percentile(samples, 50)), p99_us: tenth(percentile(samples, 99)),
  };
  if (args.includes('--json')) console.log(JSON.stringify(report));
  else for (const [key, value] of Object.entries(report)) console.log(key.padEnd(8) + value);
}
