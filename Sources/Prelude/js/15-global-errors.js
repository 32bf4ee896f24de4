// SPDX-License-Identifier: Apache-2.0
'use strict';

// What nothing caught is first told to the listeners of the global; the host hears of what they do not cancel.

const { globalThis: global } = primordials;
const { defineMembers, requireArguments } = internals.webidl;
const { defineGlobalHandler, ErrorEvent, fire, listens, PromiseRejectionEvent } = internals.events;

let isReporting = false; // an error of a listener is not told to listeners

const isCanceled = (error) => {
  if (isReporting || !listens(global, 'error')) return false;
  isReporting = true;
  try {
    const parts = host.describeException(error);
    return !fire(global, new ErrorEvent('error', {
      __proto__: null, cancelable: true, message: parts[0], filename: parts[1], lineno: parts[2], colno: parts[3], error,
    }));
  } catch {
    return false; // the stack or the memory is at its end
  } finally {
    isReporting = false;
  }
};

internals.reportException = (error) => {
  if (!isCanceled(error)) host.reportException(error);
};

const fireRejection = (type, promise, reason, cancelable) => !listens(global, type) ||
  fire(global, new PromiseRejectionEvent(type, { __proto__: null, cancelable, promise, reason }));

// Whether the host is to hear of it.
internals.promiseRejected = (promise, reason) => fireRejection('unhandledrejection', promise, reason, true);
internals.rejectionHandled = (promise, reason) => fireRejection('rejectionhandled', promise, reason, false);

defineGlobalHandler('error');
defineGlobalHandler('unhandledrejection');
defineGlobalHandler('rejectionhandled');

defineMembers(global, {
  reportError(e) {
    requireArguments(arguments.length, 1, 'reportError');
    internals.reportException(e);
  },
});
