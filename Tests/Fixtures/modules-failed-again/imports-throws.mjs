// SPDX-License-Identifier: Apache-2.0
import './good.mjs';
import './throws.mjs';
console.log('must not run');
