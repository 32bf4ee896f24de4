// SPDX-License-Identifier: Apache-2.0
console.log('d');
export const d = 1;
