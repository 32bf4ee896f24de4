// SPDX-License-Identifier: Apache-2.0
import './second.mjs';
console.log('must not run');
