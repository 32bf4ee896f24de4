// SPDX-License-Identifier: Apache-2.0
'use strict';

const { defineMembers, toCallback } = internals.webidl;

// What was begun under a number goes on under it, as with promises.
internals.enqueueMicrotask = (work) => {
  const continuation = host.continuation();
  host.enqueueMicrotask(() => {
    host.setContinuation(continuation);
    work();
  });
};

defineMembers(globalThis, {
  queueMicrotask(callback) {
    toCallback(callback, 'queueMicrotask: argument 1');
    internals.enqueueMicrotask(() => {
      try {
        callback();
      } catch (error) {
        internals.reportException(error);
      }
    });
  },
});
