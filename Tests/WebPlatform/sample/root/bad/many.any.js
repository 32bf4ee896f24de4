// SPDX-License-Identifier: Apache-2.0
for (let n = 0; n < 100; n += 1) test(() => assert_equals(n % 2, 0), `number ${n}`);
