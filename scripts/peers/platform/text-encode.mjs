// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';
import { text } from './data.mjs';

await measure({ unit: 'MB', amount: 1, needs: ['TextEncoder'] }, () => {
  const encoder = new TextEncoder();
  return () => expect(encoder.encode(text).length, 1_000_000);
});
