// SPDX-License-Identifier: Apache-2.0
'use strict';

const { exposeInterface, makeSlot, requireArguments } = internals.webidl;
const { wrap } = internals.headers;
const { clone, defineBody } = internals.body;
const { construct, signalOf } = internals.requests;

const Slot = makeSlot();
const { get: stateOf, has: isRequest } = Slot;

const make = (state) => {
  const request = { __proto__: Request.prototype };
  new Slot(request, state);
  return request;
};

const headersOf = (state) => state.headersObject ??= wrap(state.headers);

class Request {
  constructor(input, init = undefined) {
    requireArguments(arguments.length, 1, 'Request');
    new Slot(this, construct(input, isRequest(input) ? stateOf(input) : undefined, init));
  }

  get method() { return stateOf(this).method; }
  get url() { return stateOf(this).url; }
  get headers() { return headersOf(stateOf(this)); }

  get destination() {
    stateOf(this);
    return '';
  }

  get referrer() { return stateOf(this).referrer; }
  get referrerPolicy() { return stateOf(this).referrerPolicy; }
  get mode() { return stateOf(this).mode; }
  get credentials() { return stateOf(this).credentials; }
  get cache() { return stateOf(this).cache; }
  get redirect() { return stateOf(this).redirect; }
  get integrity() { return stateOf(this).integrity; }
  get keepalive() { return stateOf(this).keepalive; }

  get isReloadNavigation() {
    stateOf(this);
    return false;
  }

  get isHistoryNavigation() {
    stateOf(this);
    return false;
  }

  get signal() { return signalOf(stateOf(this)); }

  get duplex() {
    stateOf(this);
    return 'half';
  }

  clone() {
    const state = stateOf(this);
    const body = state.body === null ? null : clone(state.body);
    return make(state.copy(state.headers.copy(state.headers.guard), body));
  }
}

defineBody(Request, stateOf);
exposeInterface(Request, {
  __proto__: null, has: isRequest,
  view(request) {
    const state = stateOf(request);
    return { __proto__: null, method: state.method, url: state.url, headers: headersOf(state) };
  },
});

internals.requests.isRequest = isRequest;
internals.requests.make = make;
internals.requests.stateOf = stateOf;
