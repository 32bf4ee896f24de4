// SPDX-License-Identifier: Apache-2.0
'use strict';

const { exposeInterface, required, toDouble, toEnumeration } = internals.webidl;
const { defineGlobalHandler, Event, eventMembers, fire, setUpEvent } = internals.events;

const { globalThis: global } = primordials;
const limits = { __proto__: null, cpu: true, wall: true, memory: true };
const members = [
  ...eventMembers, ['limit', (value, where) => toEnumeration(value, limits, where), required],
  ['total', toDouble, 0], ['used', toDouble, 0],
];

// `used` and `total` are milliseconds of CPU and elapsed time, bytes of memory.
class LimitApproachingEvent {
  #init;

  constructor(type, init) {
    this.#init = setUpEvent(this, 'LimitApproachingEvent', arguments.length, type, init, members, 2);
  }

  get limit() { return this.#init.limit; }
  get used() { return this.#init.used; }
  get total() { return this.#init.total; }
}

exposeInterface(LimitApproachingEvent, { __proto__: null, parent: Event });
defineGlobalHandler('limitapproaching');

internals.approachLimit = (limit, used, total) => {
  fire(global, new LimitApproachingEvent('limitapproaching', { __proto__: null, limit, used, total }));
};
