// SPDX-License-Identifier: Apache-2.0
'use strict';

// fetch (WHATWG Fetch, 5.6). Who brings a scheme here puts a function in `internals.fetchers` under its name with the
// colon: (state of the request, onDone, onFailed, the binding that is not the global one's) calls back at once or
// later, with the state of a response or with an error, and may return a function of the reason that is called when
// the request is aborted, or its body before its end.

const { globalThis, PromiseReject, RegExpPrototypeExec, StringPrototypeSlice, TypeError } = primordials;
const { abortReasonOf, addAbortAlgorithm, removeAbortAlgorithm } = internals;
const { requireArguments } = internals.webidl;
const { HeaderList } = internals.headers;
const { Body, fail, isUnusable, openStream } = internals.body;
const { construct, isRequest, stateOf } = internals.requests;
const { make, ResponseState } = internals.responses;
const { defer } = internals.bytes;

const fetchers = internals.fetchers ??= { __proto__: null };

const respond = (request, status, statusText, body) => {
  const headers = new HeaderList('immutable');
  const response = new ResponseState(status, statusText, headers, request.method === 'HEAD' ? null : body);
  const { url } = request;
  const hash = RegExpPrototypeExec(/#/, url);
  response.type = 'basic';
  response.url = hash === null ? url : StringPrototypeSlice(url, 0, hash.index);
  return response;
};

fetchers['data:'] = (request, onDone, onFailed) => {
  internals.parts.dataUrl;
  const found = internals.dataUrls.process(request.url);
  if (found === undefined) {
    onFailed(new TypeError('fetch: the data: URL is malformed'));
    return;
  }
  const response = respond(request, 200, 'OK', new Body(found.bytes));
  response.headers.add('content-type', found.type);
  onDone(response);
};

// A range of `size` bytes, as { start, end }; undefined where the header asks for none of them.
const rangeOf = (header, size) => {
  const match = RegExpPrototypeExec(/^bytes[\t ]*=[\t ]*(\d*)[\t ]*-[\t ]*(\d*)$/, header);
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const first = +match[1];
  const last = match[2] === '' ? Infinity : +match[2];
  if (match[1] === '') return { __proto__: null, start: last < size ? size - last : 0, end: size };
  if (first > last || first >= size) return undefined;
  return { __proto__: null, start: first, end: last < size ? last + 1 : size };
};

fetchers['blob:'] = (request, onDone, onFailed) => {
  const { blob, headers, method } = request;
  if (blob === undefined || method !== 'GET') {
    onFailed(new TypeError(blob === undefined ? `fetch: '${request.url}' was revoked or never made`
      : 'fetch: a blob: URL has only the method GET'));
    return;
  }
  const header = headers.get('range');
  const range = header === undefined ? undefined : rangeOf(header, blob.size);
  if (header !== undefined && range === undefined) {
    onFailed(new TypeError(`fetch: the range '${header}' is malformed or not within the blob`));
    return;
  }
  const content = range === undefined ? blob : internals.blob.slice(blob, range.start, range.end, blob.type);
  const response = range === undefined ? respond(request, 200, 'OK', new Body(content))
    : respond(request, 206, 'Partial Content', new Body(content));
  response.headers.add('content-length', `${content.size}`);
  response.headers.add('content-type', blob.type);
  if (range !== undefined) {
    response.headers.add('content-range', `bytes ${range.start}-${range.end - 1}/${blob.size}`);
  }
  onDone(response);
};

fetchers['http:'] = fetchers['https:'] = (request, onDone, onFailed, binding) => {
  internals.parts.network;
  return internals.network.send(request, onDone, onFailed, binding);
};

// ---- fetch

const cancelBody = ({ body }, reason) => {
  if (body === null || isUnusable(body)) return;
  const stream = openStream(body);
  const { cancel, nothing } = internals.streams;
  cancel(stream, reason, nothing, nothing);
};

const begin = (request, signal, binding) => {
  const { promise, reject, resolve } = defer();
  let isSettled = false;
  let body; // of the response
  let stop; // what the fetcher returned
  const onAbort = () => {
    const reason = abortReasonOf(signal);
    if (isSettled) {
      fail(body, reason);
      stop?.(reason);
      return;
    }
    isSettled = true;
    reject(reason);
    cancelBody(request, reason);
    stop?.(reason);
  };
  const forgetSignal = () => { if (signal !== undefined) removeAbortAlgorithm(signal, onAbort); };
  const onDone = (response) => {
    if (isSettled) return;
    if (request.integrity === '') accept(response);
    else {
      internals.parts.integrity;
      internals.integrity.verify(request.integrity, response, accept, onFailed);
    }
  };
  const accept = (response) => {
    if (isSettled) return;
    isSettled = true;
    ({ body } = response);
    if (body === null) forgetSignal();
    else if (body.stream === undefined) body.onUsed = forgetSignal;
    else body.onEnd = forgetSignal;
    resolve(make(response));
  };
  const onFailed = (error) => {
    if (isSettled) return;
    isSettled = true;
    forgetSignal();
    reject(error);
  };
  if (signal !== undefined) addAbortAlgorithm(signal, onAbort);
  internals.enqueueMicrotask(() => {
    if (isSettled) return;
    const fetcher = fetchers[request.scheme];
    try {
      if (fetcher === undefined) throw new TypeError(`fetch: the scheme '${request.scheme}' cannot be fetched`);
      stop = fetcher(request, onDone, onFailed, binding);
    } catch (error) {
      onFailed(error);
    }
  });
  return promise;
};

// `binding`: undefined for the global one's. `count` is that of the arguments.
internals.fetchThrough = (binding, count, input, init) => {
  requireArguments(count, 1, 'fetch');
  const request = construct(input, isRequest(input) ? stateOf(input) : undefined, init);
  const signal = request.followed;
  const reason = signal === undefined ? undefined : abortReasonOf(signal);
  if (reason === undefined) return begin(request, signal, binding);
  cancelBody(request, reason);
  return PromiseReject(reason);
};

internals.fetch = (receiver, count, input, init) => {
  try {
    if (receiver !== undefined && receiver !== globalThis) throw new TypeError('Illegal invocation');
    return internals.fetchThrough(undefined, count, input, init);
  } catch (error) {
    return PromiseReject(error);
  }
};
