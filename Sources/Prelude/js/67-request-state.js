// SPDX-License-Identifier: Apache-2.0
'use strict';

// What requests are, and how they are made (WHATWG Fetch, 5.4). There is no origin.

const {
  ObjectSetPrototypeOf, ReflectOwnKeys, StringPrototypeSlice, StringPrototypeToUpperCase, TypeError, Uint32Array,
  globalThis,
} = primordials;
const { makeAbortSignal, makeDependentAbortSignal, toAbortSignal } = internals;
const {
  list, toBoolean, toByteString, toDictionary, toDOMString, toEnumeration, toUSVString,
} = internals.webidl;
const { isToken } = internals.bytes;
const { fill, HeaderList, toHeadersInit } = internals.headers;
const { extract, isUnusable, take, toBodyInit } = internals.body;

// ---- URLs

const ends = new Uint32Array(9); // of the URL that was parsed last (UrlText::End)

const shorten = (text) => (text.length > 200 ? `${StringPrototypeSlice(text, 0, 200)}...` : text);

// A worker has no location. Where a script has defined one, its URL is the base of those that are relative.
const baseUrl = () => {
  try {
    const href = globalThis.location?.href;
    return typeof href === 'string' ? href : undefined;
  } catch {
    return undefined;
  }
};

// The href; throws where there is none.
const parseUrl = (text, where) => {
  const href = host.urlParse(text, undefined, ends);
  if (href !== undefined) return href;
  const base = baseUrl();
  if (base === undefined) {
    throw new TypeError(`${where}: '${shorten(text)}' is not an absolute URL, and there is no base for relative ones`);
  }
  const resolved = host.urlParse(text, base, ends);
  if (resolved === undefined) throw new TypeError(`${where}: '${shorten(text)}' is no URL, relative to '${shorten(base)}'`);
  return resolved;
};

// ---- States

class RequestState {
  constructor(method, url, headers, body) {
    this.method = method;
    this.url = url;
    this.scheme = ''; // with its colon
    this.blob = undefined; // the state of the blob that a blob URL meant when the request was made
    this.headers = headers;
    this.headersObject = undefined;
    this.body = body; // or null
    this.mode = 'cors';
    this.credentials = 'same-origin';
    this.cache = 'default';
    this.redirect = 'follow';
    this.referrer = 'about:client';
    this.referrerPolicy = '';
    this.integrity = '';
    this.keepalive = false;
    this.priority = 'auto';
    this.followed = undefined; // the signal that its own follows, and those of its copies
    this.signal = undefined; // made when it is asked for
  }

  // But for the headers, the body and the signal itself.
  copy(headers, body) {
    const copied = new RequestState(this.method, this.url, headers, body);
    copied.scheme = this.scheme;
    copied.blob = this.blob;
    copied.mode = this.mode;
    copied.credentials = this.credentials;
    copied.cache = this.cache;
    copied.redirect = this.redirect;
    copied.referrer = this.referrer;
    copied.referrerPolicy = this.referrerPolicy;
    copied.integrity = this.integrity;
    copied.keepalive = this.keepalive;
    copied.priority = this.priority;
    copied.followed = this.followed;
    return copied;
  }
}
ObjectSetPrototypeOf(RequestState.prototype, null);

const makeState = (input) => {
  const url = parseUrl(input, 'Request');
  if (ends[3] > ends[2]) {
    throw new TypeError('Request: a URL with a username or password is refused; send an Authorization header');
  }
  const state = new RequestState('GET', url, new HeaderList('request'), null);
  state.scheme = StringPrototypeSlice(url, 0, ends[0]);
  if (state.scheme === 'blob:') state.blob = internals.blob?.findUrl(StringPrototypeSlice(url, 0, ends[8]));
  return state;
};

const makeSignal = (followed) => {
  if (followed === undefined) return makeAbortSignal();
  const signals = list();
  signals[0] = followed;
  return makeDependentAbortSignal(signals);
};

const signalOf = (state) => state.signal ??= makeSignal(state.followed);

// ---- Conversions

const among = (...names) => {
  const values = { __proto__: null };
  for (let i = 0; i < names.length; i++) values[names[i]] = true;
  return (value, where) => toEnumeration(value, values, where);
};
const orNull = (convert) => (value, where) => (value === null ? null : convert(value, where));

const members = [
  ['body', orNull(toBodyInit)],
  ['cache', among('default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached')],
  ['credentials', among('omit', 'same-origin', 'include')],
  ['duplex', among('half')],
  ['headers', toHeadersInit],
  ['integrity', toDOMString],
  ['keepalive', toBoolean],
  ['method', toByteString],
  ['mode', among('navigate', 'same-origin', 'no-cors', 'cors')],
  ['priority', among('high', 'low', 'auto')],
  ['redirect', among('follow', 'error', 'manual')],
  ['referrer', toUSVString],
  ['referrerPolicy', among('', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin',
    'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url')],
  ['signal', orNull(toAbortSignal)],
  ['window', (value) => value],
];

const usual = { __proto__: null, DELETE: true, GET: true, HEAD: true, OPTIONS: true, POST: true, PUT: true };
const forbidden = { __proto__: null, CONNECT: true, TRACE: true, TRACK: true };

const toMethod = (text) => {
  if (usual[text]) return text;
  if (!isToken(text)) throw new TypeError(`Request: '${text}' is not a method of HTTP`);
  const upper = StringPrototypeToUpperCase(text);
  if (forbidden[upper]) throw new TypeError(`Request: the method ${upper} is forbidden`);
  return usual[upper] ? upper : text;
};

const toReferrer = (text) => (text === '' ? '' : parseUrl(text, 'Request: the referrer'));

const plain = ['referrerPolicy', 'credentials', 'cache', 'redirect', 'integrity', 'keepalive', 'priority'];

const applyInit = (state, init) => {
  if (init.window !== undefined && init.window !== null) {
    throw new TypeError("Request: 'window' can only be null");
  }
  if (state.mode === 'navigate') state.mode = 'same-origin';
  state.referrer = 'about:client';
  state.referrerPolicy = '';
  if (init.referrer !== undefined) state.referrer = toReferrer(init.referrer);
  if (init.mode === 'navigate') throw new TypeError("Request: the mode 'navigate' is for browsers only");
  state.mode = init.mode ?? state.mode;
  for (let i = 0; i < plain.length; i++) state[plain[i]] = init[plain[i]] ?? state[plain[i]];
  if (state.cache === 'only-if-cached' && state.mode !== 'same-origin') {
    throw new TypeError("Request: the cache 'only-if-cached' needs the mode 'same-origin'");
  }
  if (init.method !== undefined) state.method = toMethod(init.method);
  if (init.signal !== undefined) state.followed = init.signal ?? undefined;
};

const applyHeaders = (state, init) => {
  if (state.mode === 'no-cors') {
    if (state.method !== 'GET' && state.method !== 'HEAD' && state.method !== 'POST') {
      throw new TypeError(`Request: the mode 'no-cors' has no method ${state.method}`);
    }
    const { items } = state.headers;
    state.headers = new HeaderList('request-no-cors');
    fill(state.headers, init.headers ?? items, 'Request');
  } else if (init.headers !== undefined) {
    state.headers = new HeaderList('request');
    fill(state.headers, init.headers, 'Request');
  }
};

// `source`: the state of the request that is copied, if any. The body is that of `init`, or taken from it.
const applyBody = (state, init, source) => {
  const inputBody = source === undefined ? null : source.body;
  const given = init.body ?? null;
  if ((given !== null || inputBody !== null) && (state.method === 'GET' || state.method === 'HEAD')) {
    throw new TypeError(`Request: a ${state.method} has no body`);
  }
  const made = given === null ? null : extract(given, state.keepalive);
  if (made !== null && made.type !== undefined && !state.headers.has('content-type')) {
    state.headers.add('content-type', made.type);
  }
  const body = made ?? inputBody;
  if (body !== null && body.source === undefined) {
    if (made !== null && init.duplex === undefined) {
      throw new TypeError("Request: a body that is a stream needs duplex: 'half'");
    }
    if (state.mode === 'no-cors') throw new TypeError("Request: the mode 'no-cors' takes no stream as a body");
  }
  if (made === null && inputBody !== null) {
    if (isUnusable(inputBody)) throw new TypeError('Request: the body was read already, or its stream is locked');
    state.body = take(inputBody);
  } else state.body = made;
};

// The state of `new Request(input, init)`; `source` is the state of what `input` is, where that is a request.
const construct = (input, source, init) => {
  const text = source === undefined ? toUSVString(input, 'Request: argument 1') : '';
  const given = toDictionary(init, members, 'Request: argument 2');
  const state = source === undefined ? makeState(text) : source.copy(source.headers.copy('request'), null);
  if (ReflectOwnKeys(given).length > 0) applyInit(state, given);
  applyHeaders(state, given);
  applyBody(state, given, source);
  return state;
};

internals.requests = { __proto__: null, construct, parseUrl, RequestState, signalOf };
