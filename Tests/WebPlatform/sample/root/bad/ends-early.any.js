// SPDX-License-Identifier: Apache-2.0
promise_test(() => new Promise(() => {}), 'is never settled');
promise_test(async () => {}, 'waits behind it');
