// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';

await measure({ unit: 'MB', amount: 10, needs: ['crypto'] }, () => {
  const bytes = new Uint8Array(10_000_000).fill(97);
  return async () => expect(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))[0], 1);
});
