// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';
import { text } from './data.mjs';

await measure({ unit: 'MB', amount: 1, needs: ['TextDecoder'] }, () => {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  return () => expect(decoder.decode(bytes).length, text.length);
});
