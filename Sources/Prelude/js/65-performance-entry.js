// SPDX-License-Identifier: Apache-2.0
'use strict';

// Entries of the timeline. What a script records is on its own heap, and stays until it clears it.

const { ArrayPrototype, ArrayPrototypeSort, ObjectSetPrototypeOf, TypeError } = primordials;
const { exposeInterface, list, makeSlot, requireArguments, toDictionary, toDOMString, toDouble } = internals.webidl;

class EntryState {
  constructor(name, type, startTime, duration, detail) {
    this.name = name;
    this.type = type;
    this.startTime = startTime;
    this.duration = duration;
    this.detail = detail;
    this.object = undefined;
  }
}
ObjectSetPrototypeOf(EntryState.prototype, null);

const Slot = makeSlot();
const { get: stateOf } = Slot;

const attach = (object, state) => {
  state.object = object;
  new Slot(object, state);
  return object;
};

class PerformanceEntry {
  constructor() { throw new TypeError('Illegal constructor'); }

  get name() { return stateOf(this).name; }
  get entryType() { return stateOf(this).type; }
  get startTime() { return stateOf(this).startTime; }
  get duration() { return stateOf(this).duration; }

  toJSON() {
    const { detail, duration, name, startTime, type } = stateOf(this);
    return { name, entryType: type, startTime, duration, detail };
  }
}

const cloneDetail = (detail) => {
  if (detail === undefined || detail === null) return null;
  internals.parts.clone;
  return internals.clone(detail);
};

const toAny = (value) => value;
const markMembers = [['detail', toAny], ['startTime', toDouble]];

const requireTime = (time, where) => {
  if (time < 0) throw new TypeError(`${where}: the time is negative`);
  return time;
};

// What the constructor of marks does, which performance.mark shares.
const setUpMark = (object, where, count, name, options) => {
  requireArguments(count, 1, where);
  const text = toDOMString(name, `${where}: argument 1`);
  const { detail, startTime } = toDictionary(options, markMembers, `${where}: argument 2`);
  const time = startTime === undefined ? host.now() : requireTime(startTime, where);
  return attach(object, new EntryState(text, 'mark', time, 0, cloneDetail(detail)));
};

const detailOf = (object, type) => {
  const state = stateOf(object);
  if (state.type !== type) throw new TypeError('Illegal invocation');
  return state.detail;
};

class PerformanceMark {
  constructor(markName, markOptions = undefined) {
    setUpMark(this, 'PerformanceMark', arguments.length, markName, markOptions);
  }

  get detail() { return detailOf(this, 'mark'); }
}

class PerformanceMeasure {
  constructor() { throw new TypeError('Illegal constructor'); }

  get detail() { return detailOf(this, 'measure'); }
}

// ---- Lists of entries

// The states of `states` that have the name and the type, where these are given.
const select = (states, name, type) => {
  const selected = list();
  for (let i = 0; i < states.length; i++) {
    const state = states[i];
    if ((name === undefined || state.name === name) && (type === undefined || state.type === type)) {
      selected[selected.length] = state;
    }
  }
  return selected;
};

const byTime = (a, b) => a.startTime - b.startTime;

// An array for a script of the objects that were selected, in the order of their times.
const show = (states, name, type) => {
  const selected = select(states, name, type);
  ArrayPrototypeSort(selected, byTime);
  for (let i = 0; i < selected.length; i++) selected[i] = selected[i].object;
  return ObjectSetPrototypeOf(selected, ArrayPrototype);
};

// The methods that the timeline and the lists of observers share.
const byType = (states, owner, count, type) => {
  const where = `${owner}.getEntriesByType`;
  requireArguments(count, 1, where);
  return show(states, undefined, toDOMString(type, `${where}: argument 1`));
};

const byName = (states, owner, count, name, type) => {
  const where = `${owner}.getEntriesByName`;
  requireArguments(count, 1, where);
  const text = toDOMString(name, `${where}: argument 1`);
  return show(states, text, type === undefined ? undefined : toDOMString(type, `${where}: argument 2`));
};

exposeInterface(PerformanceEntry);
exposeInterface(PerformanceMark, { __proto__: null, parent: PerformanceEntry });
exposeInterface(PerformanceMeasure, { __proto__: null, parent: PerformanceEntry });

internals.timeline = {
  __proto__: null,
  byName, byType, requireTime, select, show, stateOf,
  makeMark: (count, name, options) =>
    setUpMark({ __proto__: PerformanceMark.prototype }, 'Performance.mark', count, name, options),
  makeMeasure: (name, startTime, duration, detail) => attach({ __proto__: PerformanceMeasure.prototype },
    new EntryState(name, 'measure', startTime, duration, cloneDetail(detail))),
};
