// SPDX-License-Identifier: Apache-2.0
// META: global=window
test(() => assert_equals(typeof window, 'object'), 'only for windows: not run');
