// SPDX-License-Identifier: Apache-2.0
test(() => assert_equals(typeof window, 'object'), 'only for windows: not run');
