// SPDX-License-Identifier: Apache-2.0
'use strict';

const { defineMembers, toCallback } = internals.webidl;

defineMembers(globalThis, {
  queueMicrotask(callback) {
    toCallback(callback, 'queueMicrotask: argument 1');
    host.enqueueMicrotask(() => {
      try {
        callback();
      } catch (error) {
        internals.reportException(error);
      }
    });
  },
});
