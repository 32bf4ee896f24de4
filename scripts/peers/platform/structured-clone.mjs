// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';

// About a megabyte as V8 serialises it.
const value = {
  rows: Array.from({ length: 10_000 }, (_, id) => ({
    id, name: `the name of row ${id}`, tags: ['one', 'two', 'three'], weight: id / 7, isLast: false,
  })),
};

await measure({ unit: 'objects', amount: 1, needs: ['structuredClone'] }, () => () => {
  expect(structuredClone(value).rows.length, 10_000);
});
