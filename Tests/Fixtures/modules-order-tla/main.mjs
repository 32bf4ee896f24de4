// SPDX-License-Identifier: Apache-2.0
import './slow.mjs';
import './fast.mjs';
import './sync.mjs';
import './needs-slow.mjs';
import './needs-sync.mjs';
import './needs-both.mjs';
console.log('main');
