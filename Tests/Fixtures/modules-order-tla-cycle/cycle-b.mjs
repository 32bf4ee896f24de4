// SPDX-License-Identifier: Apache-2.0
import './cycle-a.mjs';
console.log('cycle b starts');
await 0;
console.log('cycle b ends');
export const done = 'b';
