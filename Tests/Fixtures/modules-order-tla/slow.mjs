// SPDX-License-Identifier: Apache-2.0
console.log('slow starts');
await new Promise((done) => setTimeout(done, 20));
console.log('slow ends');
export const slow = true;
