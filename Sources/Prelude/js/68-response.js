// SPDX-License-Identifier: Apache-2.0
'use strict';

// Response (WHATWG Fetch, 5.5).

const { JSONStringify, ObjectSetPrototypeOf, RangeError, RegExpPrototypeExec, TypeError } = primordials;
const {
  exposeInterface, makeSlot, requireArguments, toByteString, toDictionary, toUnsignedShort, toUSVString,
} = internals.webidl;
const { fill, HeaderList, toHeadersInit, wrap } = internals.headers;
const { Body, clone, defineBody, extract, toBodyInit } = internals.body;
const { parseUrl } = internals.requests;

class ResponseState {
  constructor(status, statusText, headers, body) {
    this.type = 'default';
    this.url = ''; // without a fragment
    this.redirected = false;
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.headersObject = undefined;
    this.body = body; // or null
    this.webSocket = null; // the state of the one that goes with it
  }

  copy() {
    const { body, headers } = this;
    if (this.webSocket !== null) throw new TypeError('Response.clone: a response with a webSocket cannot be cloned');
    const copied = new ResponseState(this.status, this.statusText, headers.copy(headers.guard),
      body === null ? null : clone(body));
    copied.type = this.type;
    copied.url = this.url;
    copied.redirected = this.redirected;
    return copied;
  }
}
ObjectSetPrototypeOf(ResponseState.prototype, null);

const toWebSocket = (value, where) => {
  if (value === null) return null;
  internals.parts.webSocket;
  return internals.sockets.endOf(value, where);
};

const members = [
  ['headers', toHeadersInit], ['status', toUnsignedShort, 200], ['statusText', toByteString, ''],
  ['webSocket', toWebSocket, null], // of Workers, not of the standard
];

const hasNoBody = (status) => status === 204 || status === 205 || status === 304;
const isRedirect = (status) => status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

// `body` or null, with what `init` says.
const construct = (body, { headers, status, statusText, webSocket }, where) => {
  if (webSocket !== null) checkUpgrade(body, status, where);
  else if (status < 200 || status > 599) {
    throw new RangeError(
      `${where}: the status ${status} is not from 200 to 599${status === 101 ? ', and there is no webSocket' : ''}`);
  }
  if (RegExpPrototypeExec(/[^\t\x20-\x7E\x80-\xFF]/, statusText) !== null) {
    throw new TypeError(`${where}: the statusText has a character that HTTP does not allow`);
  }
  const list = new HeaderList('response');
  if (headers !== undefined) fill(list, headers, where);
  if (body !== null) {
    if (hasNoBody(status)) throw new TypeError(`${where}: a response with status ${status} has no body`);
    if (body.type !== undefined && !list.has('content-type')) list.add('content-type', body.type);
  }
  const state = new ResponseState(status, statusText, list, body);
  state.webSocket = webSocket;
  return state;
};

const checkUpgrade = (body, status, where) => {
  if (status !== 101) throw new RangeError(`${where}: a response with a webSocket has the status 101, not ${status}`);
  if (body !== null) throw new TypeError(`${where}: a response with a webSocket has no body`);
};

// ---- Interface

const Slot = makeSlot();
const { get: stateOf, has: isResponse } = Slot;

const make = (state) => {
  const response = { __proto__: Response.prototype };
  new Slot(response, state);
  return response;
};

const headersOf = (state) => state.headersObject ??= wrap(state.headers);
const isOk = ({ status }) => status >= 200 && status <= 299;

class Response {
  constructor(body = null, init = undefined) {
    const given = body === null ? null : toBodyInit(body, 'Response: argument 1');
    const options = toDictionary(init, members, 'Response: argument 2');
    new Slot(this, construct(given === null ? null : extract(given), options, 'Response'));
  }

  static error() {
    const state = new ResponseState(0, '', new HeaderList('immutable'), null);
    state.type = 'error';
    return make(state);
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, 'Response.json');
    const options = toDictionary(init, members, 'Response.json: argument 2');
    const text = JSONStringify(data);
    if (text === undefined) throw new TypeError('Response.json: argument 1 is nothing that JSON can say');
    return make(construct(new Body(text, 'application/json'), options, 'Response.json'));
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const text = toUSVString(url, 'Response.redirect: argument 1');
    const code = toUnsignedShort(status, 'Response.redirect: argument 2');
    const href = parseUrl(text, 'Response.redirect');
    if (!isRedirect(code)) {
      throw new RangeError(`Response.redirect: the status ${code} is none of 301, 302, 303, 307 and 308`);
    }
    const headers = new HeaderList('immutable');
    headers.add('location', href);
    return make(new ResponseState(code, '', headers, null));
  }

  get type() { return stateOf(this).type; }
  get url() { return stateOf(this).url; }
  get redirected() { return stateOf(this).redirected; }
  get status() { return stateOf(this).status; }
  get ok() { return isOk(stateOf(this)); }
  get statusText() { return stateOf(this).statusText; }
  get headers() { return headersOf(stateOf(this)); }
  get webSocket() { return stateOf(this).webSocket?.object ?? null; }
  clone() { return make(stateOf(this).copy()); }
}

defineBody(Response, stateOf);
exposeInterface(Response, {
  __proto__: null, has: isResponse,
  view(response) {
    const state = stateOf(response);
    const { redirected, status, statusText, type, url } = state;
    return { __proto__: null, status, statusText, headers: headersOf(state), ok: isOk(state), redirected, type, url };
  },
});

internals.responses = {
  __proto__: null, construct, hasNoBody, isOk, isRedirect, isResponse, make, ResponseState, stateOf,
};
