// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';

const names = ['Content-Type', 'Accept', 'X-Request-Id', 'Cache-Control', 'Authorization', 'User-Agent', 'ETag', 'Vary'];

await measure({ unit: 'calls', amount: 100 * 8 * 3, needs: ['Headers'] }, () => () => {
  let found = 0;
  for (let i = 0; i < 100; i += 1) {
    const headers = new Headers();
    for (const name of names) headers.set(name, 'a value of a header');
    for (const name of names) headers.append(name, 'another');
    for (const name of names) found += headers.get(name).length;
  }
  expect(found, 100 * 8 * 28);
});
