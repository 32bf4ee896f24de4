// SPDX-License-Identifier: Apache-2.0
import './slow-sibling.mjs';
import './fails-fast.mjs';
console.log('must not run');
