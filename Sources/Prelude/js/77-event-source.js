// SPDX-License-Identifier: Apache-2.0
'use strict';

// EventSource (HTML, 9.2), on what fetch is made of.

const {
  MathMin, ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeSlice, TypedArrayPrototypeGetSymbolToStringTag,
  TypeError, Uint32Array,
} = primordials;
const { DOMException, EventParser, holdTimer, queueTask, startTimer } = internals;
const {
  defineConstants, exposeInterface, list, makeSlot, requireArguments, toBoolean, toDictionary, toUSVString,
} = internals.webidl;
const { defineHandler, ErrorEvent, Event, EventTarget, fire, makeMessageEvent, makeTarget } = internals.events;
internals.parts.fetch;
internals.parts.streams;
internals.parts.mime;
const { construct, parseUrl } = internals.requests;
const { openStream } = internals.body;
const { cancel, nothing } = internals.streams;
const { read, Reader, stateOf: streamOf } = internals.readable;
const { fromLatin1, toLatin1 } = internals.bytes;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

// How long to wait before the next connection, in milliseconds. It doubles with each that fails.
const usualWait = 3000;
const leastWait = 100;
const mostWait = 60000;

const originOf = (href) => {
  if (RegExpPrototypeExec(/^https?:/, href) === null) return 'null';
  const ends = new Uint32Array(9); // UrlText::End
  host.urlParse(href, undefined, ends);
  return `${StringPrototypeSlice(href, 0, ends[0])}//${StringPrototypeSlice(href, ends[3], ends[5])}`;
};

const discard = (body) => {
  if (body !== null) cancel(openStream(body), undefined, nothing, nothing);
};

class Source {
  constructor(object, url, withCredentials) {
    this.object = object;
    this.url = url;
    this.withCredentials = withCredentials;
    this.readyState = CONNECTING;
    this.lastEventId = '';
    this.wait = usualWait;
    this.failures = 0; // since a connection was open
    this.round = 0; // of connecting: what comes of earlier ones does not count
    this.stop = undefined; // what ends the request or the reading, with a reason
    this.timer = undefined;
  }

  connect() {
    const round = ++this.round;
    const isCurrent = () => round === this.round && this.readyState !== CLOSED;
    const onDone = (response) => {
      if (isCurrent()) queueTask(() => { if (isCurrent()) this.#open(response, isCurrent); });
      else discard(response.body);
    };
    const onFailed = (error) => queueTask(() => { if (isCurrent()) this.#failed(error); });
    try {
      const headers = { __proto__: null, Accept: 'text/event-stream' };
      if (this.lastEventId !== '') headers['Last-Event-ID'] = toLatin1(host.utf8Encode(this.lastEventId));
      const request = construct(this.url, undefined, {
        __proto__: null, cache: 'no-store', credentials: this.withCredentials ? 'include' : 'same-origin', headers,
      });
      const fetcher = internals.fetchers[request.scheme];
      if (fetcher === undefined) {
        throw new TypeError(`connecting to ${this.url} is not granted; --allow-net=HOST, or a fetch binding with its ` +
          'host, would allow it');
      }
      this.stop = fetcher(request, onDone, onFailed);
    } catch (error) {
      queueTask(() => { if (isCurrent()) this.#fail(error.message); });
    }
  }

  #open(response, isCurrent) {
    const { body, headers, status } = response;
    const type = internals.mime.extract(headers.get('content-type'))?.essence;
    if (status !== 200 || type !== 'text/event-stream') {
      discard(body);
      this.#fail(status !== 200 ? `the server answered ${status}, not 200`
        : `the server answered with the type '${type ?? ''}', not text/event-stream`);
      return;
    }
    this.readyState = OPEN;
    this.failures = 0;
    fire(this.object, new Event('open'));
    if (!isCurrent()) return;
    if (body === null) this.#reconnect('the stream ended');
    else this.#read(openStream(body), originOf(response.url), isCurrent);
  }

  #read(stream, origin, isCurrent) {
    const onEvent = (type, data, id) => queueTask(() => {
      if (!isCurrent()) return;
      this.lastEventId = id;
      fire(this.object, makeMessageEvent(data, origin, list(), type, id));
    });
    const parser = new EventParser(this.lastEventId, onEvent, (wait) => { this.wait = wait; });
    const reader = new Reader(streamOf(stream), false);
    const next = () => { if (isCurrent()) read(reader, request); };
    const request = {
      __proto__: null,
      next: undefined, // in the reader's queue
      chunk: (bytes) => {
        if (!isCurrent()) return;
        if (TypedArrayPrototypeGetSymbolToStringTag(bytes) !== 'Uint8Array' || !parser.add(bytes)) {
          this.stop(undefined);
          queueTask(() => { if (isCurrent()) this.#fail('an event is too long'); });
        } else queueTask(next); // after the events
      },
      close: () => queueTask(() => {
        this.lastEventId = parser.lastEventId;
        if (isCurrent()) this.#reconnect('the stream ended');
      }),
      error: (error) => queueTask(() => { if (isCurrent()) this.#failed(error); }),
    };
    this.stop = (reason) => cancel(stream, reason, nothing, nothing);
    next();
  }

  // What was refused stays refused; other failures may pass.
  #failed(error) {
    const code = error?.code;
    const message = error?.message;
    if (code === 'denied' || code === 'exhausted') this.#fail(message);
    else {
      this.failures++;
      this.#reconnect(message);
    }
  }

  #reconnect(message) {
    this.readyState = CONNECTING;
    this.stop = undefined;
    this.#fireError(message);
    if (this.readyState === CLOSED) return;
    const wait = this.wait < leastWait ? leastWait : this.wait;
    const timer = startTimer(() => {
      if (this.timer === timer) this.connect();
    }, wait > mostWait ? wait : MathMin(wait * 2 ** MathMin(this.failures, 16), mostWait));
    this.timer = timer;
    holdTimer(timer, true);
  }

  // For good.
  #fail(message) {
    this.readyState = CLOSED;
    this.#fireError(message);
  }

  #fireError(message) {
    fire(this.object, new ErrorEvent('error', { __proto__: null, message: `EventSource: ${message}` }));
  }

  close() {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    const { stop, timer } = this;
    this.stop = this.timer = undefined;
    if (timer !== undefined) holdTimer(timer, false);
    stop?.(new DOMException('The EventSource was closed', 'AbortError'));
  }
}
ObjectSetPrototypeOf(Source.prototype, null);

const Slot = makeSlot();
const { get: stateOf } = Slot;
const initMembers = [['withCredentials', toBoolean, false]];

class EventSource {
  constructor(url, eventSourceInitDict = undefined) {
    requireArguments(arguments.length, 1, 'EventSource');
    const text = toUSVString(url, 'EventSource: argument 1');
    const { withCredentials } = toDictionary(eventSourceInitDict, initMembers, 'EventSource: argument 2');
    let href;
    try {
      href = parseUrl(text, 'EventSource');
    } catch (error) {
      throw new DOMException(error.message, 'SyntaxError');
    }
    const state = new Source(this, href, withCredentials);
    makeTarget(this);
    new Slot(this, state);
    state.connect();
  }

  get url() { return stateOf(this).url; }
  get withCredentials() { return stateOf(this).withCredentials; }
  get readyState() { return stateOf(this).readyState; }
  close() { stateOf(this).close(); }
}

defineHandler(EventSource.prototype, 'open', stateOf);
defineHandler(EventSource.prototype, 'message', stateOf);
defineHandler(EventSource.prototype, 'error', stateOf);
exposeInterface(EventSource, { __proto__: null, parent: EventTarget, has: Slot.has });
defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });
