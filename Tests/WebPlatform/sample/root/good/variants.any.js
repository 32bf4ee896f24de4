// SPDX-License-Identifier: Apache-2.0
// META: variant=?one
// META: variant=?two
test(() => assert_equals(['?one', '?two'].includes(location.search), true), `the variant ${location.search}`);
