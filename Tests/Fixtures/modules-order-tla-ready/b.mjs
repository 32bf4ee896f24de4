// SPDX-License-Identifier: Apache-2.0
import './leaf.mjs';
console.log('b starts, ready with the leaf');
await 0;
console.log('b ends');
