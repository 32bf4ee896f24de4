// SPDX-License-Identifier: Apache-2.0
// Runs after testharness.js: writes one line for each test that is made or has its result, and one at the end.
'use strict';
(({ marker, isWorkerOfIdl }) => {
  // Tests may change the global objects: take what is needed first.
  const { log } = console;
  const { stringify } = JSON;
  const write = (record) => log(marker + stringify(record));

  const numbers = new Map();
  const { get, set } = Map.prototype;
  const { call } = Function.prototype;
  const getNumber = call.bind(get, numbers);
  const setNumber = call.bind(set, numbers);
  add_test_state_callback((test) => {
    if (getNumber(test) !== undefined) return;
    setNumber(test, numbers.size);
    write({ made: numbers.size - 1, name: test.name });
  });
  add_result_callback((test) => {
    write({ made: getNumber(test), name: test.name, status: test.status, message: test.message });
  });
  add_completion_callback((tests, status) => {
    write({ ended: tests.length, status: status.status, message: status.message });
  });
  // V8's microtasks run between two scripts: without this, testharness ends after the first test.
  setup({ explicit_done: true });

  // In a browser an uncaught error ends a task, not the page; testharness.js has heard of it before this.
  if ('addEventListener' in globalThis) {
    for (const type of ['error', 'unhandledrejection']) addEventListener(type, (event) => event.preventDefault());
  }

  // idlharness asks what kind of global object this is.
  if (isWorkerOfIdl) {
    for (const name of ['WorkerGlobalScope', 'DedicatedWorkerGlobalScope']) {
      if (name in globalThis) continue;
      const scope = class { static [Symbol.hasInstance](value) { return value === globalThis; } };
      Object.defineProperty(scope, 'name', { value: name });
      Object.defineProperty(globalThis, name, { value: scope, writable: true, configurable: true });
    }
  }
})(wptConfiguration);
delete globalThis.wptConfiguration;
