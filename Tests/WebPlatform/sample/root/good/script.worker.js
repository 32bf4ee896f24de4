// SPDX-License-Identifier: Apache-2.0
importScripts('/resources/testharness.js', 'lib/helper.js');
test(() => assert_equals(fromHelper, 'a global variable'), 'what a worker imports is there');
test(() => assert_equals(GLOBAL.isWorker() && !GLOBAL.isWindow(), true), 'it is a worker');
done();
