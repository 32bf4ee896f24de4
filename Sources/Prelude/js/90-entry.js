// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ReflectApply, RegExpPrototypeExec, globalThis } = primordials;

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
const ofWorker = (name) => (...args) => {
  return ReflectApply(internals.worker[name], undefined, args);
};
internals.exports = {
  __proto__: null, approachLimit, inspectError, promiseRejected, rejectionHandled, runTimers, setHost, setProcess,
  settleHostCalls,
  abortDispatch: ofWorker('abortDispatch'),
  awaitsAbort: ofWorker('awaitsAbort'),
  makeEnv() {
    const env = internals.makeEnv();
    const { variables } = internals;
    for (let i = 0; i < variables.length; i += 2) internals.webidl.define(env, variables[i], variables[i + 1]);
    return env;
  },
  filesModule() {
    return internals.filesModule();
  },
  dispatchFetch: ofWorker('dispatchFetch'),
  takeFailure: ofWorker('takeFailure'),
  dispatchScheduled: ofWorker('dispatchScheduled'),
  setWorker: ofWorker('setWorker'),
  // Nobody asks for these before a socket was opened.
  endSocket: (...args) => { ReflectApply(internals.sockets.end, undefined, args); },
  receiveMessage: (...args) => { ReflectApply(internals.sockets.receive, undefined, args); },
};

// RegExp.lastMatch and its like are part of the snapshot: they forget what was matched here.
RegExpPrototypeExec(/(?:)/, '');
