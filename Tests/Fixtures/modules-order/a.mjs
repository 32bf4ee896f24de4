// SPDX-License-Identifier: Apache-2.0
import './a1.mjs';
import './shared.mjs';
import './a2.mjs';
console.log('a');
Promise.resolve().then(() => console.log('microtask of a'));
