// SPDX-License-Identifier: Apache-2.0
test(() => assert_equals(1, 2), 'one is two');
test(() => assert_equals(1, 1), 'one is one');
test(() => assert_equals(2, 3), 'two is three');
