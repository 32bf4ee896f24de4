// SPDX-License-Identifier: Apache-2.0
'use strict';

const { RegExpPrototypeExec, globalThis } = primordials;

internals.webidl.exposeReplaceable({ get self() { return globalThis; } });
internals.webidl.defineMembers(globalThis, {
  get navigator() {
    internals.parts.navigator;
    return internals.navigator;
  },
});

// The functions that the host takes by name.
const {
  approachLimit, promiseRejected, rejectionHandled, runTimers, setHost, setProcess, settleHostCalls,
} = internals;
const inspectError = (value) => {
  internals.parts.inspect;
  return internals.inspect(value);
};
internals.exports = {
  __proto__: null, approachLimit, inspectError, promiseRejected, rejectionHandled, runTimers, setHost, setProcess,
  settleHostCalls,
};

// RegExp.lastMatch and its like are part of the snapshot: they forget what was matched here.
RegExpPrototypeExec(/(?:)/, '');
