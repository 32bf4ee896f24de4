// SPDX-License-Identifier: Apache-2.0
// As much of the interface of testharness.js as the runner uses.
'use strict';
(() => {
  const [PASS, FAIL, ERROR] = [0, 1, 1];
  const listeners = { state: [], result: [], completion: [] };
  const tests = [];
  let queue = Promise.resolve();
  let isDone = false;
  let left = 0;
  const notify = (kind, ...values) => listeners[kind].forEach((listener) => listener(...values));
  const finish = () => {
    if (!isDone || left > 0) return;
    notify('completion', tests, tests.length > 0 ? { status: PASS, message: null } : { status: ERROR, message: 'empty' });
  };
  const begin = (name) => {
    const test = { name, status: null, message: null };
    tests.push(test);
    left += 1;
    notify('state', test);
    return test;
  };
  const end = (test, error) => {
    test.status = error === undefined ? PASS : FAIL;
    test.message = error === undefined ? null : error.message;
    left -= 1;
    notify('result', test);
    finish();
  };
  Object.assign(globalThis, {
    add_test_state_callback: (listener) => listeners.state.push(listener),
    add_result_callback: (listener) => listeners.result.push(listener),
    add_completion_callback: (listener) => listeners.completion.push(listener),
    setup() {},
    test(body, name) {
      const test = begin(name);
      try {
        body();
        end(test);
      } catch (error) {
        end(test, error);
      }
    },
    promise_test(body, name) {
      const test = begin(name);
      queue = queue.then(body).then(() => end(test), (error) => end(test, error));
    },
    done() {
      isDone = true;
      finish();
    },
    assert_equals(actual, expected) {
      if (!Object.is(actual, expected)) throw new Error(`expected ${expected}, not ${actual}`);
    },
  });
})();
