// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectSetPrototypeOf, ReflectApply, TypeError } = primordials;
const { DOMException } = internals;
const {
  defineInterface, defineMembers, exposeInterface, isObject, list, makeSlot, requireArguments, toBoolean,
  toDictionary, toDOMString, toObject,
} = internals.webidl;
const { cancelEvent, errorArgumentsOf, isEvent, stateOf } = internals.events;

class Listener {
  constructor(type, callback, capture, once, passive, signal) {
    this.type = type;
    this.callback = callback;
    this.capture = capture;
    this.once = once;
    this.passive = passive;
    this.signal = signal;
    this.algorithm = undefined; // of the signal
    this.isRemoved = false;
    this.handler = undefined; // the value of an event handler attribute, where it is of one
  }
}
ObjectSetPrototypeOf(Listener.prototype, null);

class TargetState {
  constructor() {
    this.listeners = list(); // replaced when one is removed, so that a dispatch can go through it
    this.handlers = undefined; // listeners of event handler attributes by their types
    this.onChange = undefined; // called when the listeners have changed
  }
}
ObjectSetPrototypeOf(TargetState.prototype, null);

// The global object's own private fields would not outlast the snapshot.
const { globalThis: global } = primordials;
const globalState = new TargetState();
const Slot = makeSlot();
const targetOf = (object) => (object === global ? globalState : Slot.get(object));

const makeTarget = (object) => {
  const state = new TargetState();
  new Slot(object, state);
  return state;
};

// ---- Listeners

const find = ({ listeners }, type, callback, capture) => {
  for (let i = 0; i < listeners.length; i++) {
    const listener = listeners[i];
    if (listener.callback === callback && listener.type === type && listener.capture === capture) return listener;
  }
  return undefined;
};

const remove = (state, listener) => {
  const { listeners } = state;
  const kept = list();
  for (let i = 0; i < listeners.length; i++) if (listeners[i] !== listener) kept[kept.length] = listeners[i];
  listener.isRemoved = true;
  state.listeners = kept;
  if (listener.signal !== undefined) internals.removeAbortAlgorithm(listener.signal, listener.algorithm);
  state.onChange?.();
};

const add = (state, listener) => {
  const { callback, capture, signal, type } = listener;
  if (signal !== undefined && internals.abortReasonOf(signal) !== undefined) return;
  if (callback === null || find(state, type, callback, capture) !== undefined) return;
  state.listeners[state.listeners.length] = listener;
  if (signal !== undefined) internals.addAbortAlgorithm(signal, listener.algorithm = () => remove(state, listener));
  state.onChange?.();
};

// ---- Dispatch

const call = (callback, target, event) => {
  if (typeof callback === 'function') return ReflectApply(callback, target, [event]);
  const { handleEvent } = callback;
  if (typeof handleEvent !== 'function') throw new TypeError('The handleEvent of an event listener is not a function');
  return ReflectApply(handleEvent, callback, [event]);
};

const invoke = (target, event, eventState, capture) => {
  if (eventState.isStopped) return;
  const state = targetOf(target);
  const { listeners } = state;
  const { length } = listeners; // without those that are added now
  for (let i = 0; i < length && !eventState.isStoppedAtOnce; i++) {
    const listener = listeners[i];
    if (listener.isRemoved || listener.type !== eventState.type || listener.capture !== capture) continue;
    if (listener.once) remove(state, listener);
    eventState.isPassive = listener.passive;
    try {
      call(listener.callback, target, event);
    } catch (error) {
      internals.reportException(error);
    }
    eventState.isPassive = false;
  }
};

// No target has a parent, so that the target is the whole path.
const dispatch = (target, event, isTrusted) => {
  const eventState = stateOf(event);
  eventState.isTrusted = isTrusted;
  eventState.isDispatched = true;
  eventState.target = eventState.currentTarget = target;
  try {
    invoke(target, event, eventState, true);
    invoke(target, event, eventState, false);
  } finally {
    eventState.currentTarget = null;
    eventState.isDispatched = eventState.isStopped = eventState.isStoppedAtOnce = eventState.isPassive = false;
  }
  return !eventState.isCanceled;
};

// ---- Event handler attributes

// Calls an event handler. An `onerror` of the global takes the parts of an error, and cancels with true.
const handle = (handler, target, type, event) => {
  const parts = target === global && type === 'error' ? errorArgumentsOf(event) : undefined;
  if (ReflectApply(handler, target, parts ?? [event]) === (parts !== undefined)) cancelEvent(stateOf(event));
};

const setHandler = (target, type, value) => {
  const state = targetOf(target);
  const handlers = state.handlers ??= { __proto__: null };
  const old = handlers[type];
  if (!isObject(value)) {
    if (old === undefined) return;
    delete handlers[type];
    remove(state, old);
  } else if (old !== undefined) {
    old.handler = value; // at its old place
  } else {
    const listener = new Listener(type, (event) => {
      const { handler } = listener;
      if (typeof handler === 'function') handle(handler, target, type, event);
    }, false, false, false, undefined);
    listener.handler = value;
    handlers[type] = listener;
    add(state, listener);
  }
};

// Puts on${type} on an interface's prototype. `requireThis` throws for what is none of the interface; `onSet`, where
// given, is called with the target when a script has set it.
const defineHandler = (holder, type, requireThis, onSet = undefined) => {
  const name = `on${type}`;
  defineMembers(holder, {
    get [name]() {
      const target = this ?? global;
      requireThis(target);
      return targetOf(target).handlers?.[type]?.handler ?? null;
    },
    set [name](value) {
      const target = this ?? global;
      requireThis(target);
      setHandler(target, type, value);
      onSet?.(target);
    },
  });
};

const defineGlobalHandler = (type) => {
  defineHandler(global, type, (target) => {
    if (target !== global) throw new TypeError('Illegal invocation');
  });
};

// ---- Interfaces

const toListener = (value, where) => (value === null || value === undefined ? null : toObject(value, where));
const removeMembers = [['capture', toBoolean, false]];
const addMembers = [
  ...removeMembers, ['once', toBoolean, false], ['passive', toBoolean, false],
  ['signal', (value, where) => internals.toAbortSignal(value, where)],
];
const toOptions = (value, members, where) =>
  (value === undefined || value === null || isObject(value) ? toDictionary(value, members, where)
    : { __proto__: null, capture: !!value, once: false, passive: false });

class EventTarget {
  constructor() { makeTarget(this); }

  addEventListener(type, callback, options = undefined) {
    const state = targetOf(this ?? global);
    requireArguments(arguments.length, 2, 'addEventListener');
    const name = toDOMString(type, 'addEventListener: argument 1');
    const listener = toListener(callback, 'addEventListener: argument 2');
    const { capture, once, passive, signal } = toOptions(options, addMembers, 'addEventListener: argument 3');
    add(state, new Listener(name, listener, capture, once, passive, signal));
  }

  removeEventListener(type, callback, options = undefined) {
    const state = targetOf(this ?? global);
    requireArguments(arguments.length, 2, 'removeEventListener');
    const name = toDOMString(type, 'removeEventListener: argument 1');
    const listener = toListener(callback, 'removeEventListener: argument 2');
    const { capture } = toOptions(options, removeMembers, 'removeEventListener: argument 3');
    const found = find(state, name, listener, capture);
    if (found !== undefined) remove(state, found);
  }

  dispatchEvent(event) {
    const target = this ?? global;
    targetOf(target);
    requireArguments(arguments.length, 1, 'dispatchEvent');
    if (!isEvent(event)) throw new TypeError('dispatchEvent: argument 1 is not an Event');
    if (stateOf(event).isDispatched) {
      throw new DOMException('The event is being dispatched already', 'InvalidStateError');
    }
    return dispatch(target, event, false);
  }
}

// No global names it: programs that find the name expect a browser's worker, with importScripts and postMessage.
class WorkerGlobalScope {
  constructor() { throw new TypeError('Illegal constructor'); }
}

exposeInterface(EventTarget, { __proto__: null, has: Slot.has });
defineInterface(WorkerGlobalScope, { __proto__: null, parent: EventTarget, has: (object) => object === global });
ObjectSetPrototypeOf(global, WorkerGlobalScope.prototype);

const listens = (target, type) => {
  const { listeners } = targetOf(target);
  for (let i = 0; i < listeners.length; i++) if (listeners[i].type === type) return true;
  return false;
};

internals.events.defineGlobalHandler = defineGlobalHandler;
internals.events.defineHandler = defineHandler;
internals.events.EventTarget = EventTarget;
internals.events.listens = listens;
internals.events.makeTarget = makeTarget;
// An event of the prelude's own.
internals.events.fire = (target, event) => dispatch(target, event, true);
