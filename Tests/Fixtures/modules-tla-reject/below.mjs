// SPDX-License-Identifier: Apache-2.0
import './rejects-too.mjs';
console.log('must not run');
