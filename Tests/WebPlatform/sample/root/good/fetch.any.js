// SPDX-License-Identifier: Apache-2.0
const answer = async (address) => (await (await fetch(address)).json()).answer;
promise_test(async () => assert_equals(await answer('lib/data.json'), 42), 'a relative address is a file');
promise_test(async () => assert_equals(await answer('/good/lib/data.json'), 42), 'so is an absolute path');
promise_test(async () => assert_equals(await answer(new URL('/good/lib/data.json', location.href).href), 42), 'and an own address');
promise_test(async () => assert_equals((await fetch('lib/none.json')).status, 404), 'what is not there is not found');
promise_test(async () => {
  const error = await fetch('data.py').then(() => null, (error) => error);
  assert_equals(error instanceof TypeError, true);
}, 'what needs a server is a network error');
