// SPDX-License-Identifier: Apache-2.0
import './cycle-a.mjs';
console.log('left');
