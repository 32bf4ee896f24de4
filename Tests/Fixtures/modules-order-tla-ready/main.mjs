// SPDX-License-Identifier: Apache-2.0
import './a.mjs';
import './b.mjs';
import './c.mjs';
console.log('main');
