// SPDX-License-Identifier: Apache-2.0
console.log('fast starts');
await undefined;
console.log('fast ends');
export const fast = true;
