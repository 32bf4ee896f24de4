// SPDX-License-Identifier: Apache-2.0
import './cycle-b.mjs';
console.log('right');
