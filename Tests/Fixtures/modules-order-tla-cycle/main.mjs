// SPDX-License-Identifier: Apache-2.0
import './left.mjs';
import './right.mjs';
console.log('main');
// Both of a cycle's members wait for the whole cycle when they are imported again.
const [a, b] = await Promise.all([import('./cycle-a.mjs'), import('./cycle-b.mjs')]);
console.log(a.done, b.done);
