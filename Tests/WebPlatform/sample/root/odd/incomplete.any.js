// SPDX-License-Identifier: Apache-2.0
// META: script=lib/none.js
test(() => {}, 'includes what is not there: not run');
