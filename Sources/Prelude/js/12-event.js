// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectDefineProperty, ObjectSetPrototypeOf, ReflectGetOwnPropertyDescriptor } = primordials;
const {
  defineConstants, exposeInterface, makeSlot, requireArguments, toBoolean, toDictionary, toDOMString,
} = internals.webidl;

class EventState {
  constructor(type, init) {
    this.type = type;
    this.bubbles = init.bubbles;
    this.cancelable = init.cancelable;
    this.composed = init.composed;
    this.timeStamp = host.now();
    this.target = null;
    this.currentTarget = null;
    this.isTrusted = false;
    this.isDispatched = false; // now, which is where it has a phase and a path
    this.isStopped = false;
    this.isStoppedAtOnce = false;
    this.isCanceled = false;
    this.isPassive = false; // the listener that is being called
  }
}
ObjectSetPrototypeOf(EventState.prototype, null);

const Slot = makeSlot();
const { get: stateOf, has: isEvent } = Slot;

const eventMembers = [['bubbles', toBoolean, false], ['cancelable', toBoolean, false], ['composed', toBoolean, false]];

// Every event has it as its own.
const { get } = ReflectGetOwnPropertyDescriptor({ get isTrusted() { return stateOf(this).isTrusted; } }, 'isTrusted');
const isTrusted = { __proto__: null, get, enumerable: true };

// What the constructors of events do; `count` is of their arguments. The result has the members of `init`.
const setUpEvent = (event, name, count, type, init, members = eventMembers, wanted = 1) => {
  requireArguments(count, wanted, name);
  const text = toDOMString(type, `${name}: argument 1`);
  const dictionary = toDictionary(init, members, `${name}: argument 2`);
  new Slot(event, new EventState(text, dictionary));
  ObjectDefineProperty(event, 'isTrusted', isTrusted);
  return dictionary;
};

// What the methods such as initEvent do; false where the event is being dispatched and stays as it is.
const resetEvent = (event, name, count, type, bubbles, cancelable) => {
  const state = stateOf(event);
  requireArguments(count, 1, name);
  const text = toDOMString(type, `${name}: argument 1`);
  if (state.isDispatched) return false;
  state.type = text;
  state.bubbles = toBoolean(bubbles);
  state.cancelable = toBoolean(cancelable);
  state.target = null;
  state.isTrusted = state.isStopped = state.isStoppedAtOnce = state.isCanceled = false;
  return true;
};

const cancelEvent = (state) => {
  if (state.cancelable && !state.isPassive) state.isCanceled = true;
};

class Event {
  constructor(type, init = undefined) { setUpEvent(this, 'Event', arguments.length, type, init); }

  get type() { return stateOf(this).type; }
  get target() { return stateOf(this).target; }
  get srcElement() { return stateOf(this).target; }
  get currentTarget() { return stateOf(this).currentTarget; }

  composedPath() {
    const { currentTarget } = stateOf(this);
    return currentTarget === null ? [] : [currentTarget];
  }

  get eventPhase() { return stateOf(this).isDispatched ? 2 : 0; }

  stopPropagation() { stateOf(this).isStopped = true; }
  get cancelBubble() { return stateOf(this).isStopped; }
  set cancelBubble(value) {
    const state = stateOf(this);
    if (value) state.isStopped = true;
  }

  stopImmediatePropagation() {
    const state = stateOf(this);
    state.isStopped = state.isStoppedAtOnce = true;
  }

  get bubbles() { return stateOf(this).bubbles; }
  get cancelable() { return stateOf(this).cancelable; }
  get returnValue() { return !stateOf(this).isCanceled; }
  set returnValue(value) {
    const state = stateOf(this);
    if (!value) cancelEvent(state);
  }

  preventDefault() { cancelEvent(stateOf(this)); }
  get defaultPrevented() { return stateOf(this).isCanceled; }
  get composed() { return stateOf(this).composed; }
  get timeStamp() { return stateOf(this).timeStamp; }

  initEvent(type, bubbles = false, cancelable = false) {
    resetEvent(this, 'initEvent', arguments.length, type, bubbles, cancelable);
  }
}

exposeInterface(Event);
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

internals.events = { __proto__: null, cancelEvent, Event, eventMembers, isEvent, resetEvent, setUpEvent, stateOf };
