// SPDX-License-Identifier: Apache-2.0
import './before.mjs';
import './throws.mjs';
import './after.mjs';
console.log('must not run');
