// SPDX-License-Identifier: Apache-2.0
import './shared.mjs';
console.log('b');
