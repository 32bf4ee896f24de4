// SPDX-License-Identifier: Apache-2.0
'use strict';

// What http: and https: are fetched with: an operation of a binding of the capability fetch.

const {
  JSONStringify, ObjectSetPrototypeOf, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
  TypedArrayPrototypeGetLength, TypeError,
} = primordials;
const { list } = internals.webidl;
internals.parts.fetch;
internals.parts.hostCalls;
const { attempt, capabilityError, nameOf, readableOf, seal, toOwnBytes, Upload } = internals.hostCalls;
const { HeaderList } = internals.headers;
const { Body, openStream, takeBytes } = internals.body;
const { hasNoBody, ResponseState } = internals.responses;
const { streamOf } = internals.bytes;
const hostSide = internals.host;

const SEND = nameOf('fetch.send');

const mostBytesAtOnce = 16777216; // a longer body is streamed, without its length

// ---- Errors

// What was refused is told as it is; the rest is a network error.
const toNetworkError = (error) => {
  const { code } = error;
  if (code === 'denied' || code === 'exhausted') return error;
  return withCause(`fetch: ${error.message}`, error);
};

const withCause = (message, cause) => new TypeError(message, { __proto__: null, cause });

// ---- Requests

const listOf = (first, second = undefined) => {
  const items = list();
  items[0] = first;
  if (second !== undefined) items[1] = second;
  return items;
};

// The host leaves out those that are about the connection, and adds its own.
const headersOf = ({ cache, headers }) => {
  const { items } = headers;
  const pairs = list();
  const add = (name, value) => { pairs[pairs.length] = listOf(name, value); };
  for (let i = 0; i < items.length; i += 2) add(items[i], items[i + 1]);
  const addIfAbsent = (name, value) => { if (!headers.has(name)) add(name, value); };
  addIfAbsent('accept-language', '*');
  if (cache === 'no-cache') addIfAbsent('cache-control', 'max-age=0');
  else if (cache === 'no-store' || cache === 'reload') {
    addIfAbsent('pragma', 'no-cache');
    addIfAbsent('cache-control', 'no-cache');
  }
  return pairs;
};

const withoutFragment = (url) => {
  const hash = StringPrototypeIndexOf(url, '#');
  return hash < 0 ? url : StringPrototypeSlice(url, 0, hash);
};

const headOf = (request) => hostSide.json(JSONStringify({
  __proto__: null, method: request.method, url: withoutFragment(request.url), headers: headersOf(request),
  redirect: request.redirect,
}));

// ---- Responses

const responseOf = (head, body) => {
  const headers = new HeaderList('immutable');
  const given = head.headers;
  for (let i = 0; i < given.length; i++) headers.add(StringPrototypeToLowerCase(given[i][0]), given[i][1]);
  const response = new ResponseState(head.status, head.statusText, headers, body);
  response.type = 'basic';
  response.url = withoutFragment(head.url);
  response.redirected = head.redirected;
  return response;
};

// ---- One exchange

const nothing = () => {};

class Exchange {
  constructor(binding, request, onDone, onFailed) {
    this.method = request.method;
    this.onDone = onDone;
    this.onFailed = onFailed;
    this.object = undefined; // the stream of the response
    this.stream = undefined; // the number of what it reads
    this.pipe = undefined;
    this.upload = undefined; // of the request's body, where it is streamed
    const content = this.#open(request.body);
    const head = headOf(request);
    const onAnswer = (answer) => this.#answer(answer[0], answer[1]);
    const onError = (error) => this.#fail(toNetworkError(error));
    if (this.upload === undefined) {
      this.call = hostSide.callLater(binding, SEND, undefined, onAnswer, onError, head, content);
    } else {
      this.call = hostSide.callLater(binding, SEND, this.pipe, onAnswer, onError, head);
      internals.streams.soon(this.upload.read);
    }
  }

  // The script lets go of it.
  abort(reason) {
    this.#stop(reason);
    hostSide.cancelCall(this.call);
    if (this.stream === undefined) return;
    internals.streams.error(this.object, reason);
    hostSide.cancelStream(this.stream);
  }

  // What is sent at once; the rest goes through the pipe.
  #open(body) {
    if (body === null) return undefined;
    const bytes = takeBytes(body);
    if (bytes !== undefined && TypedArrayPrototypeGetLength(bytes) <= mostBytesAtOnce) return bytes;
    const stream = bytes === undefined ? openStream(body) : streamOf(listOf(bytes));
    this.upload = new Upload(stream, toOwnBytes, {
      __proto__: null,
      write: (chunk, onDone, onRefused) => hostSide.writeSink(this.pipe, chunk, onDone, onRefused),
      finish: () => hostSide.finishSink(this.pipe, nothing, nothing),
      fail: (error) => {
        hostSide.cancelCall(this.call);
        this.#fail(withCause('fetch: the stream of the body failed', error));
      },
      refuse: nothing, // the other side wants no more of it, and answers
    });
    this.pipe = hostSide.makePipe();
    return undefined;
  }

  #answer(head, answered) {
    const stream = answered === null ? undefined : answered.stream;
    const isEmpty = this.method === 'HEAD' || hasNoBody(head.status);
    if (stream === undefined || isEmpty) {
      if (stream !== undefined) hostSide.cancelStream(stream);
      this.#end();
      this.onDone(responseOf(head, isEmpty ? null : new Body('', undefined)));
      return;
    }
    this.stream = stream;
    this.object = readableOf(stream, toNetworkError, () => {
      this.#end();
      body.onEnd?.();
    });
    const body = new Body(undefined, undefined, this.object);
    this.onDone(responseOf(head, body));
  }

  // The response is over. What of the request's body is not sent yet, nobody waits for.
  #end() {
    if (this.upload !== undefined) this.#stop(new TypeError('fetch: the response ended before the body was sent'));
  }

  #fail(error) {
    this.#stop(error);
    this.onFailed(error);
  }

  #stop(error) {
    this.upload?.stop(error);
    if (this.pipe !== undefined) hostSide.cancelStream(this.pipe);
  }
}
ObjectSetPrototypeOf(Exchange.prototype, null);

const send = (request, onDone, onFailed, binding = hostSide.bindings.fetch) => {
  if (binding?.capability !== 'fetch') {
    throw capabilityError('denied', `fetching ${withoutFragment(request.url)} is not granted; ` +
      '--allow-net=HOST, or a fetch binding with its host, would allow it');
  }
  const exchange = new Exchange(binding, request, onDone, onFailed);
  return (reason) => exchange.abort(reason);
};

// ---- A binding under another name

class Fetcher {
  constructor() { throw new TypeError('Illegal constructor'); }

  fetch(input, init = undefined) {
    return attempt(() => internals.fetchThrough(bindingOf(this), arguments.length, input, init));
  }
}

const { get: bindingOf, make } = seal(Fetcher);

internals.network = { __proto__: null, makeFetcher: make, send };
