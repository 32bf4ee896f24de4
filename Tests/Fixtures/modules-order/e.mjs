// SPDX-License-Identifier: Apache-2.0
import './e1.mjs';
import './shared.mjs';
console.log('e');
