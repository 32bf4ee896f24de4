// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';
import { binary } from './data.mjs';

await measure({ unit: 'MB', amount: 1, needs: ['atob'] }, () => {
  const encoded = btoa(binary);
  return () => expect(atob(encoded).length, 1_000_000);
});
