// SPDX-License-Identifier: Apache-2.0
'use strict';

// A worker: its handlers, its environment, and its dispatches.

const {
  Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ObjectSetPrototypeOf, ReflectApply, StringPrototypeIndexOf,
  StringPrototypeSlice, TypeError, Uint32Array,
} = primordials;
const { define, defineInterface, isObject, makeSlot, requireArguments } = internals.webidl;
const { HeaderList } = internals.headers;
const { Body, bytesOf, isUnusable, openStream, take } = internals.body;
const { readableOf, toOwnBytes, Upload } = internals.hostCalls;
const { cancelStream, finishSink, writeSink } = internals.host;

let worker;
let onFetch;
let onScheduled;
let env;

const describe = (value) => {
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : `${typeof value}`;
  return 'an object';
};

const setWorker = (namespace, variables) => {
  worker = namespace.default;
  if (!isObject(worker)) {
    throw new TypeError(worker === undefined
      ? 'The module has no default export: a worker exports an object with a fetch or scheduled handler by default'
      : `The module's default export is ${describe(worker)}, not an object with a fetch or scheduled handler`);
  }
  onFetch = worker.fetch;
  onScheduled = worker.scheduled;
  const handlers = (typeof onFetch === 'function' ? 1 : 0) + (typeof onScheduled === 'function' ? 2 : 0);
  if (handlers === 0) throw new TypeError("The module's default export has neither a fetch nor a scheduled handler");
  env = internals.makeEnv();
  for (let i = 0; i < variables.length; i += 2) define(env, variables[i], variables[i + 1]);
  return handlers;
};

// ---- Dispatches

class Dispatch {
  constructor(number) {
    this.number = number;
    this.pending = 1; // the handler with its response, and what waitUntil was given
    this.request = undefined; // its state
  }

  leave() { if (--this.pending === 0) finish(this.number); }

  // What the handler threw, or what is wrong with its answer.
  fail(error) {
    MapPrototypeSet(failures, this.number, error);
    host.failDispatch(this.number);
  }
}
ObjectSetPrototypeOf(Dispatch.prototype, null);

const dispatches = new Map(); // those that are under way
const failures = new Map(); // what they threw, until the host takes it

const takeFailure = (number) => {
  const error = MapPrototypeGet(failures, number);
  MapPrototypeDelete(failures, number);
  throw error;
};

const finish = (number) => {
  MapPrototypeDelete(dispatches, number);
  host.finishDispatch(number);
};

const begin = (number) => {
  const dispatch = new Dispatch(number);
  MapPrototypeSet(dispatches, number, dispatch);
  host.setContinuation(number);
  return dispatch;
};

const Slot = makeSlot();

class ExecutionContext {
  // The dispatch goes on until the promise has settled; its rejection is reported as any other that nobody handles.
  waitUntil(promise) {
    const dispatch = Slot.get(this);
    requireArguments(arguments.length, 1, 'ExecutionContext.waitUntil');
    dispatch.pending++;
    follow(promise, dispatch);
  }
}
defineInterface(ExecutionContext, { __proto__: null, has: Slot.has, view: () => ({ __proto__: null }) });

const follow = async (promise, dispatch) => {
  try {
    await promise;
  } finally {
    dispatch.leave();
  }
};

const makeContext = (dispatch) => {
  const context = { __proto__: ExecutionContext.prototype };
  new Slot(context, dispatch);
  return context;
};

const abortDispatch = (number, message) => {
  const request = MapPrototypeGet(dispatches, number)?.request;
  if (request === undefined) return;
  // Who asks for the signal later gets one that follows this.
  const signal = request.signal ?? (request.followed = internals.makeAbortSignal());
  internals.signalAbort(signal, new internals.DOMException(message, 'AbortError'));
};

// Whether the script listens for that.
const awaitsAbort = (number) => {
  const signal = MapPrototypeGet(dispatches, number)?.request?.signal;
  return signal !== undefined && internals.isAbortWatched(signal);
};

// ---- fetch

const ends = new Uint32Array(9);
// The URL of the request that came last, and where its parts end: most handlers parse it again.
internals.requestUrl = { __proto__: null, href: undefined, ends };

const writeHeaders = ({ items }) => {
  let text = '';
  for (let i = 0; i < items.length; i += 2) text += `${items[i]}\n${items[i + 1]}\n`;
  return text;
};

// `head` is lines: the method, the URL, and names and values of headers, each ended by a line feed.
const makeRequest = (dispatch, head, body) => {
  const { make, RequestState } = internals.requests;
  const methodEnd = StringPrototypeIndexOf(head, '\n');
  const urlEnd = StringPrototypeIndexOf(head, '\n', methodEnd + 1);
  const url = StringPrototypeSlice(head, methodEnd + 1, urlEnd);
  const href = host.urlParse(url, undefined, ends);
  internals.requestUrl.href = href;
  if (href === undefined) throw new TypeError(`The URL of the request is malformed: '${url}'`);
  let content = null;
  if (body !== undefined) {
    content = body.stream === undefined ? new Body(body) : new Body(undefined, undefined, readableOf(body.stream));
  }
  const headers = new HeaderList('immutable', StringPrototypeSlice(head, urlEnd + 1));
  const state = new RequestState(StringPrototypeSlice(head, 0, methodEnd), href, headers, content);
  state.scheme = StringPrototypeSlice(href, 0, ends[0]);
  state.redirect = 'manual';
  dispatch.request = state;
  return make(state);
};

// Writes the body's stream to the sink.
const pump = (body, sink, dispatch) => {
  dispatch.pending++;
  const done = () => dispatch.leave();
  const upload = new Upload(openStream(body), toOwnBytes, {
    __proto__: null,
    write: (bytes, onDone, onFailed) => writeSink(sink, bytes, onDone, onFailed),
    finish: () => finishSink(sink, done, done),
    fail: (error) => {
      cancelStream(sink);
      done();
      host.reportException(error);
    },
    refuse: done,
  });
  upload.read();
};

const respond = (dispatch, response) => {
  const { isResponse, stateOf } = internals.responses;
  if (!isResponse(response)) {
    throw new TypeError(`The fetch handler returned ${describe(response)} instead of a Response`);
  }
  const state = stateOf(response);
  if (state.status === 0) throw new TypeError('The fetch handler returned a network error (Response.error())');
  const { number } = dispatch;
  const headers = writeHeaders(state.headers);
  const { body } = state;
  if (state.webSocket !== null) {
    internals.sockets.open(state.webSocket, number, headers);
    return;
  }
  if (body === null || dispatch.request.method === 'HEAD') {
    host.respond(number, state.status, state.statusText, headers, undefined);
    return;
  }
  if (isUnusable(body)) throw new TypeError('The body of the response was read already, or its stream is locked');
  if (body.stream === undefined) {
    const { isShared, source } = take(body);
    const content = typeof source === 'string' ? source : bytesOf(source, isShared);
    host.respond(number, state.status, state.statusText, headers, content);
    return;
  }
  pump(body, host.respond(number, state.status, state.statusText, headers, true), dispatch);
};

const serve = async (dispatch, head, body) => {
  try {
    if (typeof onFetch !== 'function') throw new TypeError('The worker has no fetch handler');
    const request = makeRequest(dispatch, head, body);
    respond(dispatch, await ReflectApply(onFetch, worker, [request, env, makeContext(dispatch)]));
  } catch (error) {
    dispatch.fail(error);
  }
  dispatch.leave();
};

const dispatchFetch = (number, head, body) => {
  serve(begin(number), head, body);
  host.setContinuation(0);
};

const runScheduled = async (dispatch, cron, scheduledTime) => {
  try {
    if (typeof onScheduled !== 'function') throw new TypeError('The worker has no scheduled handler');
    await ReflectApply(onScheduled, worker, [{ cron, scheduledTime }, env, makeContext(dispatch)]);
  } catch (error) {
    dispatch.fail(error);
  }
  dispatch.leave();
};

const dispatchScheduled = (number, cron, scheduledTime) => {
  runScheduled(begin(number), cron, scheduledTime);
  host.setContinuation(0);
};

internals.worker = {
  __proto__: null, abortDispatch, awaitsAbort, dispatchFetch, dispatchScheduled, setWorker, takeFailure,
};
