// SPDX-License-Identifier: Apache-2.0
'use strict';

// What http: and https: are fetched with: an operation of a binding of the capability fetch, or of another worker.

const {
  JSONStringify, ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypeError,
  Uint32Array,
} = primordials;
const { list } = internals.webidl;
internals.parts.fetch;
const { attempt, capabilityError, nameOf, readableOf, seal, toOwnBytes, Upload } = internals.hostCalls;
const { HeaderList } = internals.headers;
const { Body, openStream, takeBytes } = internals.body;
const { hasNoBody, isRedirect, ResponseState } = internals.responses;
const { streamOf } = internals.bytes;
const hostSide = internals.host;

// By capability. Both take and answer the same, but that redirects to a worker's other places are followed here.
const SEND = { __proto__: null, fetch: nameOf('fetch.send'), worker: nameOf('worker.send') };

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

const pairsOf = ({ items }) => {
  const pairs = list();
  for (let i = 0; i < items.length; i += 2) pairs[pairs.length] = listOf(items[i], items[i + 1]);
  return pairs;
};

// The host leaves out those that are about the connection, and adds its own.
const headersOf = ({ cache, headers }) => {
  const pairs = pairsOf(headers);
  const addIfAbsent = (name, value) => { if (!headers.has(name)) pairs[pairs.length] = listOf(name, value); };
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

// ---- Redirects of workers (HTTP-redirect fetch)

const mostRedirects = 20;
const ends = new Uint32Array(9);

// The first value of a header; undefined where there is none.
const valueIn = (pairs, name) => {
  for (let i = 0; i < pairs.length; i++) if (StringPrototypeToLowerCase(pairs[i][0]) === name) return pairs[i][1];
  return undefined;
};

// Where a redirect leads: an href, without a fragment.
const redirectedUrl = (location, base) => {
  const href = host.urlParse(location, base, ends);
  if (href === undefined || RegExpPrototypeExec(/^https?:/, href) === null) {
    throw new TypeError(`fetch: the worker redirects to '${location}', which cannot be fetched`);
  }
  return withoutFragment(href);
};

const withoutContent = (pairs) => {
  const kept = list();
  for (let i = 0; i < pairs.length; i++) {
    if (RegExpPrototypeExec(/^content-(?:encoding|language|length|location|type)$/i, pairs[i][0]) === null) {
      kept[kept.length] = pairs[i];
    }
  }
  return kept;
};

// ---- One exchange

const nothing = () => {};

class Exchange {
  constructor(binding, request, onDone, onFailed) {
    this.binding = binding;
    this.isToWorker = binding.capability === 'worker';
    this.method = request.method;
    this.url = withoutFragment(request.url);
    this.headers = this.isToWorker ? pairsOf(request.headers) : headersOf(request);
    this.redirect = request.redirect;
    this.redirects = 0;
    this.onDone = onDone;
    this.onFailed = onFailed;
    this.object = undefined; // the stream of the response
    this.stream = undefined; // the number of what it reads
    this.pipe = undefined;
    this.upload = undefined; // of the request's body, where it is streamed
    this.content = this.#open(request.body); // where it is not
    this.call = undefined;
    this.#send();
    if (this.upload !== undefined) internals.streams.soon(this.upload.read);
  }

  #send() {
    const { binding, content, headers, method, pipe, redirect, url } = this;
    const head = hostSide.json(JSONStringify({ __proto__: null, method, url, headers, redirect }));
    const operation = SEND[binding.capability];
    const onAnswer = (answer) => this.#answer(answer[0], answer[1]);
    const onError = (error) => this.#fail(toNetworkError(error));
    this.call = pipe === undefined ? hostSide.callLater(binding, operation, pipe, onAnswer, onError, head, content)
      : hostSide.callLater(binding, operation, pipe, onAnswer, onError, head);
    if (!this.isToWorker) this.content = undefined; // the host has it
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
    const isWhole = answered === null || TypedArrayPrototypeGetSymbolToStringTag(answered) !== undefined;
    const stream = isWhole ? undefined : answered.stream;
    if (this.isToWorker) {
      try {
        if (this.#follow(head, stream)) return;
      } catch (error) {
        if (stream !== undefined) hostSide.cancelStream(stream);
        this.#fail(error);
        return;
      }
      head.redirected = this.redirects > 0;
    }
    const isEmpty = this.method === 'HEAD' || hasNoBody(head.status);
    if (stream === undefined || isEmpty) {
      if (stream !== undefined) hostSide.cancelStream(stream);
      this.#end();
      this.onDone(responseOf(head, isEmpty ? null : new Body(answered ?? '', undefined)));
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

  // Sends the request to where a worker redirects it, if it does and may. All places are that worker's, so that none
  // of its headers is withheld.
  #follow(head, stream) {
    if (this.redirect === 'manual' || !isRedirect(head.status)) return false;
    if (this.redirect === 'error') {
      throw new TypeError('fetch: the worker answered with a redirect, which the request does not allow');
    }
    const location = valueIn(head.headers, 'location');
    if (location === undefined) return false;
    const url = redirectedUrl(location, this.url);
    if (this.redirects === mostRedirects) throw new TypeError(`fetch: the worker redirected ${mostRedirects} times`);
    if (head.status !== 303 && this.upload !== undefined) {
      throw new TypeError('fetch: the worker redirected a request whose body was streamed, and cannot be sent again');
    }
    if (head.status === 303 ? this.method !== 'GET' && this.method !== 'HEAD'
      : head.status < 303 && this.method === 'POST') {
      this.#end();
      this.method = 'GET';
      this.content = this.pipe = this.upload = undefined;
      this.headers = withoutContent(this.headers);
    }
    if (stream !== undefined) hostSide.cancelStream(stream);
    this.redirects++;
    this.url = url;
    this.#send();
    return true;
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
  if (binding === undefined || SEND[binding.capability] === undefined) {
    throw capabilityError('denied', `fetching ${withoutFragment(request.url)} is not granted; ` +
      '--allow-net=HOST, or a fetch binding with its host, would allow it');
  }
  const exchange = new Exchange(binding, request, onDone, onFailed);
  return (reason) => exchange.abort(reason);
};

// ---- A binding under another name, or of another worker

class Fetcher {
  constructor() { throw new TypeError('Illegal constructor'); }

  fetch(input, init = undefined) {
    return attempt(() => internals.fetchThrough(bindingOf(this), arguments.length, input, init));
  }
}

const { get: bindingOf, make } = seal(Fetcher);

internals.network = { __proto__: null, makeFetcher: make, send };
