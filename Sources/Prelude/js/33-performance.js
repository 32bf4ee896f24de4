// SPDX-License-Identifier: Apache-2.0
'use strict';

const { TypeError } = primordials;
const { exposeInterface, exposeReplaceable } = internals.webidl;

// Nothing here may keep a time: the snapshot is older than the isolates made of it.

let illegal = false;

class Performance {
  #brand;

  constructor() {
    if (illegal) throw new TypeError('Illegal constructor');
  }

  get timeOrigin() {
    this.#brand;
    return host.timeOrigin();
  }

  now() {
    this.#brand;
    return host.now();
  }

  toJSON() {
    this.#brand;
    return { timeOrigin: host.timeOrigin() };
  }
}

const performance = new Performance();
illegal = true;

exposeInterface(Performance);
exposeReplaceable({ get performance() { return performance; } });
