// SPDX-License-Identifier: Apache-2.0
import './main.mjs';
import './b.mjs';
console.log('c, inside a cycle with main');
