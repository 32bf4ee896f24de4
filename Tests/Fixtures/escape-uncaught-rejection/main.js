// SPDX-License-Identifier: Apache-2.0
// An error that lies about all that a report reads is rejected and caught by nobody. The report comes to an end.
const error = new Error('m');
let reads = 0;
Object.defineProperties(error, {
  name: { get() { return reads++ < 1000 ? this.stack : 'Liar'; } },
  message: { get() { throw error; } },
  stack: { get() { throw error; } },
  code: { value: { toString() { throw error; } } },
  cause: { value: error, enumerable: true },
  errors: { value: new Array(1e9) },
});
Object.setPrototypeOf(error, new Proxy(Error.prototype, { has() { throw error; }, getPrototypeOf() { throw error; } }));
console.log('before');
Promise.reject(error);
setTimeout(() => console.log('not reached'), 1000);
