// SPDX-License-Identifier: Apache-2.0
// Measures a piece of the web platform the same way in every runtime.

const leastTime = 150;
const samples = 5;

/**
 * Runs `once`, which does `amount` units of work, again and again, and prints the median rate as a JSON object,
 * {"unit", "rate"} in units a second, or {"missing"} where the runtime lacks one of the globals that it needs.
 */
export async function measure({ unit, amount, needs }, prepare) {
  const missing = needs.filter((name) => !(name in globalThis));
  if (missing.length > 0) {
    console.log(JSON.stringify({ missing: missing.join(', ') }));
    return;
  }
  const once = await prepare();
  const rates = [];
  // The first sample warms up.
  for (let sample = 0; sample <= samples; sample += 1) {
    const start = performance.now();
    let time = 0;
    let rounds = 0;
    while (time < leastTime) {
      await once();
      rounds += 1;
      time = performance.now() - start;
    }
    if (sample > 0) rates.push((rounds * amount * 1000) / time);
  }
  rates.sort((a, b) => a - b);
  console.log(JSON.stringify({ unit, rate: rates[samples >> 1] }));
}

/** Fails unless `actual` is `expected`: what is fast must be right too. */
export function expect(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}
