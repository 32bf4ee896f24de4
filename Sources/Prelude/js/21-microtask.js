// SPDX-License-Identifier: Apache-2.0
'use strict';

const { defineMembers, toCallback } = internals.webidl;

defineMembers(globalThis, {
  queueMicrotask(callback) {
    toCallback(callback, 'queueMicrotask: argument 1');
    const continuation = host.continuation();
    host.enqueueMicrotask(() => {
      host.setContinuation(continuation);
      try {
        callback();
      } catch (error) {
        internals.reportException(error);
      }
    });
  },
});
