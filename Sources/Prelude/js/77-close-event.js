// SPDX-License-Identifier: Apache-2.0
'use strict';

// CloseEvent (WHATWG WebSockets).

const { exposeInterface, toBoolean, toUnsignedShort, toUSVString } = internals.webidl;
const { Event, eventMembers, setUpEvent } = internals.events;

const closeMembers = [
  eventMembers[0], eventMembers[1], eventMembers[2],
  ['code', toUnsignedShort, 0], ['reason', toUSVString, ''], ['wasClean', toBoolean, false],
];

class CloseEvent {
  #init;

  constructor(type, init = undefined) {
    this.#init = setUpEvent(this, 'CloseEvent', arguments.length, type, init, closeMembers);
  }

  get wasClean() { return this.#init.wasClean; }
  get code() { return this.#init.code; }
  get reason() { return this.#init.reason; }
}

exposeInterface(CloseEvent, { __proto__: null, parent: Event });
internals.events.CloseEvent = CloseEvent;
