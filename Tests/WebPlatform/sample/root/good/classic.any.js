// SPDX-License-Identifier: Apache-2.0
// META: title=Scripts are classic
// META: script=lib/helper.js
// META: script=/good/lib/absolute.sub.js
function declared() { return this; }
test(() => assert_equals(globalThis.fromHelper, 'a global variable'), 'a relative script is included');
test(() => assert_equals(fromServer, 'web-platform.test:80'), 'an absolute script is included, hosts and ports filled in');
test(() => assert_equals(globalThis.declared(), globalThis), 'functions are global, and sloppy');
test(() => assert_equals(META_TITLE, 'Scripts are classic'), 'the title is known');
test(() => assert_equals(eval('1 + 1'), 2), 'code is made from strings');
