// SPDX-License-Identifier: Apache-2.0
console.log('throws');
throw new TypeError('thrown while evaluating');
