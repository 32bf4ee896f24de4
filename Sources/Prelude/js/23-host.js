// SPDX-License-Identifier: Apache-2.0
'use strict';

// Calls of the prelude to what a script was granted. What is checked is checked by the host: nothing here guards.

const {
  Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ObjectSetPrototypeOf, ReflectApply,
} = primordials;
const { list } = internals.webidl;

// A text that the host takes for JSON.
class JSONText {
  constructor(text) { this.text = text; }
}
ObjectSetPrototypeOf(JSONText.prototype, null);

// By name: { name, capability, place, operations: { name: index }, sync: { name: true } }.
const bindings = { __proto__: null };
internals.setHost = (grants) => {
  for (let i = 0; i < grants.length; i++) {
    const grant = ObjectSetPrototypeOf(grants[i], null);
    ObjectSetPrototypeOf(grant.operations, null);
    const { sync } = grant;
    grant.sync = { __proto__: null };
    for (let j = 0; j < sync.length; j++) grant.sync[sync[j]] = true;
    bindings[grant.name] = grant;
  }
};

// ---- Answers

const calls = new Map();
let lastCall = 0;

const expect = (onDone, onFailed) => {
  MapPrototypeSet(calls, ++lastCall, { __proto__: null, continuation: host.continuation(), onDone, onFailed });
  return lastCall;
};

const settle = (number, isValue, value) => {
  const call = MapPrototypeGet(calls, number);
  if (call === undefined) return;
  MapPrototypeDelete(calls, number);
  host.setContinuation(call.continuation);
  try {
    if (isValue) call.onDone(value);
    else call.onFailed(value);
  } catch (error) {
    host.reportException(error);
  }
};

internals.settleHostCalls = (...answers) => {
  for (let i = 0; i < answers.length; i += 3) settle(answers[i], answers[i + 1], answers[i + 2]);
  host.setContinuation(0);
};

// ---- Calls

const call = (binding, operation, number, pipe, args) => {
  const request = list();
  request[0] = binding.place;
  request[1] = binding.operations[operation] ?? -1;
  request[2] = number;
  request[3] = pipe ?? 0;
  let json = 0;
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    const isJSON = typeof value === 'object' && value !== null && host.prototypeOf(value) === JSONText.prototype;
    if (isJSON) json |= 1 << i;
    request[5 + i] = isJSON ? value.text : value;
  }
  request[4] = json;
  return ReflectApply(host.callHost, undefined, request);
};

const callNow = (binding, operation, ...args) => call(binding, operation, 0, 0, args);

// Calls back later, in any case; returns a number for `cancelCall`.
const callLater = (binding, operation, pipe, onDone, onFailed, ...args) => {
  const number = expect(onDone, onFailed);
  try {
    const answer = call(binding, operation, number, pipe, args);
    if (answer !== undefined) host.enqueueMicrotask(() => { settle(number, true, answer[0]); });
  } catch (error) {
    host.enqueueMicrotask(() => { settle(number, false, error); });
  }
  return number;
};

internals.host = {
  __proto__: null,
  bindings,
  callLater,
  callNow,
  cancelCall: (number) => { host.cancelHostCall(number); },
  cancelStream: (number) => { host.cancelStream(number); },
  finishSink: (sink, onDone, onFailed) => { host.finishSink(sink, expect(onDone, onFailed)); },
  json: (text) => new JSONText(text),
  makePipe: () => host.makePipe(),
  readStream: (stream, most, onDone, onFailed) => { host.readStream(stream, expect(onDone, onFailed), most); },
  writeSink: (sink, bytes, onDone, onFailed) => { host.writeSink(sink, expect(onDone, onFailed), bytes); },
};
