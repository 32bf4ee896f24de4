// SPDX-License-Identifier: Apache-2.0
test(() => assert_equals('\ud800', 'x'), 'a lone \ud800 in a name');
