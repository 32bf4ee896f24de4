// SPDX-License-Identifier: Apache-2.0
import './sync.mjs';
console.log('needs sync only');
