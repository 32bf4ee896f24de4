// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayPrototype, ArrayPrototypeIncludes, ObjectFreeze, ObjectSetPrototypeOf, ReflectApply, TypeError,
} = primordials;
const { DOMException, queueTask } = internals;
const {
  exposeInterface, list, makeSlot, requireArguments, toBoolean, toCallback, toDictionary, toDOMString,
  toSequence,
} = internals.webidl;
const { byName, byType, select, show } = internals.timeline;

const types = ObjectFreeze(['mark', 'measure']);

// ---- The lists that callbacks get

const ListSlot = makeSlot();

class PerformanceObserverEntryList {
  constructor() { throw new TypeError('Illegal constructor'); }

  getEntries() { return show(ListSlot.get(this), undefined, undefined); }

  getEntriesByType(type) {
    return byType(ListSlot.get(this), 'PerformanceObserverEntryList', arguments.length, type);
  }

  getEntriesByName(name, type = undefined) {
    return byName(ListSlot.get(this), 'PerformanceObserverEntryList', arguments.length, name, type);
  }
}

// ---- Observers

class ObserverState {
  constructor(object, callback) {
    this.object = object;
    this.callback = callback;
    this.isMultiple = undefined; // whether `observe` was called with entryTypes
    this.observed = list(); // of types
    this.waiting = list(); // states of entries that the callback has to see
    this.countsDropped = false; // the next call of the callback says how many were dropped, which none are
  }
}
ObjectSetPrototypeOf(ObserverState.prototype, null);

let registered = list(); // replaced when one leaves
let isQueued = false;

const notify = (state) => {
  const { callback, object, waiting } = state;
  if (waiting.length === 0) return;
  state.waiting = list();
  const entries = { __proto__: PerformanceObserverEntryList.prototype };
  new ListSlot(entries, waiting);
  const details = state.countsDropped ? { droppedEntriesCount: 0 } : {};
  state.countsDropped = false;
  try {
    ReflectApply(callback, object, [entries, object, details]);
  } catch (error) {
    internals.reportException(error);
  }
};

const queue = () => {
  if (isQueued) return;
  isQueued = true;
  queueTask(() => {
    isQueued = false;
    const states = registered;
    const { length } = states;
    for (let i = 0; i < length; i++) notify(states[i]);
  });
};

const observes = ({ observed }, type) => {
  for (let i = 0; i < observed.length; i++) if (observed[i] === type) return true;
  return false;
};

// Tells observers of a new entry.
internals.timeline.announce = (entry) => {
  for (let i = 0; i < registered.length; i++) {
    const { waiting } = registered[i];
    if (!observes(registered[i], entry.type)) continue;
    waiting[waiting.length] = entry;
    queue();
  }
};

const register = (state) => {
  for (let i = 0; i < registered.length; i++) if (registered[i] === state) return;
  registered[registered.length] = state;
};

const toTypes = (value, where) => toSequence(value, toDOMString, where);
const members = [['buffered', toBoolean], ['entryTypes', toTypes], ['type', toDOMString]];

const Slot = makeSlot();
const { get: stateOf, has } = Slot;

const observeTypes = (state, wanted) => {
  const observed = list();
  for (let i = 0; i < wanted.length; i++) {
    if (ArrayPrototypeIncludes(types, wanted[i])) observed[observed.length] = wanted[i];
  }
  if (observed.length === 0) return;
  state.observed = observed;
  register(state);
};

const observeType = (state, type, buffered) => {
  if (!ArrayPrototypeIncludes(types, type)) return;
  if (!observes(state, type)) state.observed[state.observed.length] = type;
  register(state);
  if (!buffered) return;
  const past = select(internals.timeline.entries(), undefined, type);
  for (let i = 0; i < past.length; i++) state.waiting[state.waiting.length] = past[i];
  queue();
};

class PerformanceObserver {
  constructor(callback) {
    requireArguments(arguments.length, 1, 'PerformanceObserver');
    new Slot(this, new ObserverState(this, toCallback(callback, 'PerformanceObserver: argument 1')));
  }

  static get supportedEntryTypes() { return types; }

  observe(options = undefined) {
    const state = stateOf(this);
    const { buffered, entryTypes, type } = toDictionary(options, members, 'PerformanceObserver.observe: argument 1');
    const isMultiple = entryTypes !== undefined;
    if (!isMultiple && type === undefined) throw new TypeError('PerformanceObserver.observe needs "type" or "entryTypes"');
    if (isMultiple && (type !== undefined || buffered !== undefined)) {
      throw new TypeError('PerformanceObserver.observe: "entryTypes" goes with no other option');
    }
    if ((state.isMultiple ??= isMultiple) !== isMultiple) {
      throw new DOMException('PerformanceObserver.observe was called with the other of "type" and "entryTypes" before',
        'InvalidModificationError');
    }
    state.countsDropped = true;
    if (isMultiple) observeTypes(state, entryTypes);
    else observeType(state, type, buffered);
  }

  disconnect() {
    const state = stateOf(this);
    const kept = list();
    for (let i = 0; i < registered.length; i++) if (registered[i] !== state) kept[kept.length] = registered[i];
    registered = kept;
    state.waiting = list();
    state.observed = list();
    state.isMultiple = undefined;
  }

  takeRecords() {
    const state = stateOf(this);
    const { waiting } = state;
    state.waiting = list();
    for (let i = 0; i < waiting.length; i++) waiting[i] = waiting[i].object;
    return ObjectSetPrototypeOf(waiting, ArrayPrototype);
  }
}

exposeInterface(PerformanceObserverEntryList, { __proto__: null, has: ListSlot.has });
exposeInterface(PerformanceObserver, { __proto__: null, has });
