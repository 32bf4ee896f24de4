// SPDX-License-Identifier: Apache-2.0
import { expect, measure } from './measure.mjs';
import { binary } from './data.mjs';

await measure({ unit: 'MB', amount: 1, needs: ['btoa'] }, () => () => expect(btoa(binary).length, 1_333_336));
