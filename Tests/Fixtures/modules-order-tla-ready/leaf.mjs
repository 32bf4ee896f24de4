// SPDX-License-Identifier: Apache-2.0
console.log('leaf starts');
await new Promise((done) => setTimeout(done, 5));
console.log('leaf ends');
