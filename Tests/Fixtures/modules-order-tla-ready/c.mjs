// SPDX-License-Identifier: Apache-2.0
import './leaf.mjs';
console.log('c, ready with the leaf');
Promise.resolve().then(() => console.log('microtask of c'));
