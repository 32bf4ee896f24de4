// SPDX-License-Identifier: Apache-2.0
import './cycle-b.mjs';
console.log('cycle a starts');
await 0;
console.log('cycle a ends');
export const done = 'a';
