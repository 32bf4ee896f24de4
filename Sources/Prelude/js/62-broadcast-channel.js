// SPDX-License-Identifier: Apache-2.0
'use strict';

const { queueTask, DOMException } = internals;
const { exposeInterface, list, makeSlot, requireArguments, toDOMString } = internals.webidl;
const { defineHandler, EventTarget, fire, makeMessageEvent, makeTarget } = internals.events;
const { clone } = internals;

const Slot = makeSlot();
const { get: stateOf } = Slot;

let open = list(); // the states of channels, in the order in which they were made; replaced when one closes

class BroadcastChannel {
  constructor(name) {
    requireArguments(arguments.length, 1, 'BroadcastChannel');
    const state = { __proto__: null, object: this, name: toDOMString(name, 'BroadcastChannel: argument 1'), isClosed: false };
    makeTarget(this);
    new Slot(this, state);
    open[open.length] = state;
  }

  get name() { return stateOf(this).name; }

  postMessage(message) {
    const state = stateOf(this);
    requireArguments(arguments.length, 1, 'BroadcastChannel.postMessage');
    if (state.isClosed) throw new DOMException('The BroadcastChannel is closed', 'InvalidStateError');
    const data = clone(message);
    const { length } = open;
    let isFirst = true;
    for (let i = 0; i < length; i++) {
      const receiver = open[i];
      if (receiver === state || receiver.name !== state.name) continue;
      const own = isFirst ? data : clone(data);
      isFirst = false;
      queueTask(() => {
        if (!receiver.isClosed) fire(receiver.object, makeMessageEvent(own, 'null', list()));
      });
    }
  }

  close() {
    const state = stateOf(this);
    if (state.isClosed) return;
    state.isClosed = true;
    const kept = list();
    for (let i = 0; i < open.length; i++) if (open[i] !== state) kept[kept.length] = open[i];
    open = kept;
  }
}

exposeInterface(BroadcastChannel, { __proto__: null, parent: EventTarget });
defineHandler(BroadcastChannel.prototype, 'message', stateOf);
defineHandler(BroadcastChannel.prototype, 'messageerror', stateOf);
