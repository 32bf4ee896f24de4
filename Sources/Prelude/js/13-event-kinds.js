// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ArrayPrototype, ObjectFreeze, ObjectSetPrototypeOf, TypeError } = primordials;
const {
  exposeInterface, required, toDOMString, toObject, toSequence, toUnsignedLong, toUSVString,
} = internals.webidl;
const { Event, eventMembers, resetEvent, setUpEvent } = internals.events;

const options = { __proto__: null, parent: Event };
const toAny = (value) => value;

// ---- CustomEvent

const customMembers = [...eventMembers, ['detail', toAny, null]];

class CustomEvent {
  #detail;

  constructor(type, init = undefined) {
    this.#detail = setUpEvent(this, 'CustomEvent', arguments.length, type, init, customMembers).detail;
  }

  get detail() { return this.#detail; }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    this.#detail;
    if (resetEvent(this, 'initCustomEvent', arguments.length, type, bubbles, cancelable)) this.#detail = detail;
  }
}

// ---- ErrorEvent

const errorMembers = [
  ...eventMembers, ['colno', toUnsignedLong, 0], ['error', toAny], ['filename', toUSVString, ''],
  ['lineno', toUnsignedLong, 0], ['message', toDOMString, ''],
];

class ErrorEvent {
  #init;

  constructor(type, init = undefined) {
    this.#init = setUpEvent(this, 'ErrorEvent', arguments.length, type, init, errorMembers);
  }

  get message() { return this.#init.message; }
  get filename() { return this.#init.filename; }
  get lineno() { return this.#init.lineno; }
  get colno() { return this.#init.colno; }
  get error() { return this.#init.error; }

  // What an `onerror` of the global gets; undefined for another event.
  static { internals.events.errorArgumentsOf = (event) => {
    if (!(#init in event)) return undefined;
    const { colno, error, filename, lineno, message } = event.#init;
    return [message, filename, lineno, colno, error];
  }; }
}

// ---- MessageEvent

// While nothing has loaded what makes ports, there are none.
const toPort = (value, where) => {
  if (!internals.isMessagePort?.(value)) throw new TypeError(`${where} is not a MessagePort`);
  return value;
};
const toSource = (value, where) => (value === null || value === undefined ? null : toPort(value, where));
const toPorts = (value, where) =>
  ObjectFreeze(ObjectSetPrototypeOf(toSequence(value, toPort, where), ArrayPrototype));

const messageMembers = [
  ...eventMembers, ['data', toAny, null], ['lastEventId', toDOMString, ''], ['origin', toUSVString, ''],
  ['ports', toPorts], ['source', toSource, null],
];

class MessageEvent {
  #init;

  constructor(type, init = undefined) {
    this.#init = setUpEvent(this, 'MessageEvent', arguments.length, type, init, messageMembers);
    this.#init.ports ??= ObjectFreeze([]);
  }

  get data() { return this.#init.data; }
  get origin() { return this.#init.origin; }
  get lastEventId() { return this.#init.lastEventId; }
  get source() { return this.#init.source; }
  get ports() { return this.#init.ports; }

  // `ports`: a list.
  static { internals.events.makeMessageEvent = (data, origin, ports, type = 'message', lastEventId = '') => {
    const event = new MessageEvent(type, { __proto__: null, data, origin, lastEventId });
    event.#init.ports = ObjectFreeze(ObjectSetPrototypeOf(ports, ArrayPrototype));
    return event;
  }; }

  initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '',
    source = null, ports = undefined) {
    this.#init;
    const where = 'initMessageEvent: an argument';
    const init = {
      __proto__: null, data, origin: toUSVString(origin, where), lastEventId: toDOMString(lastEventId, where),
      source: toSource(source, where), ports: ports === undefined ? ObjectFreeze([]) : toPorts(ports, where),
    };
    if (resetEvent(this, 'initMessageEvent', arguments.length, type, bubbles, cancelable)) this.#init = init;
  }
}

// ---- PromiseRejectionEvent

const rejectionMembers = [...eventMembers, ['promise', toObject, required], ['reason', toAny]];

class PromiseRejectionEvent {
  #init;

  constructor(type, init) {
    this.#init = setUpEvent(this, 'PromiseRejectionEvent', arguments.length, type, init, rejectionMembers, 2);
  }

  get promise() { return this.#init.promise; }
  get reason() { return this.#init.reason; }
}

exposeInterface(CustomEvent, options);
exposeInterface(ErrorEvent, options);
exposeInterface(MessageEvent, options);
exposeInterface(PromiseRejectionEvent, options);

internals.events.ErrorEvent = ErrorEvent;
internals.events.PromiseRejectionEvent = PromiseRejectionEvent;
