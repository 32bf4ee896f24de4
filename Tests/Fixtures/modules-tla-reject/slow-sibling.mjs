// SPDX-License-Identifier: Apache-2.0
console.log('the sibling starts');
await new Promise((done) => setTimeout(done, 10));
console.log('the sibling ends, after the failure');
