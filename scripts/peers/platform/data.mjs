// SPDX-License-Identifier: Apache-2.0
// What several measures work on.

const sentence = 'The quick brown fox jumps over the lazy dog; Füchse und Hunde mögen sich — 狐と犬。\n';
const size = new TextEncoder().encode(sentence).length;
const rest = 1_000_000 % size;

/** A million bytes of UTF-8, mostly ASCII. */
export const text = sentence.repeat((1_000_000 - rest) / size) + 'x'.repeat(rest);

/** A million bytes, one a character. */
export const binary = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('').repeat(3907)
  .slice(0, 1_000_000);
