// SPDX-License-Identifier: Apache-2.0
'use strict';

// A signal is held by its timer, and by the signals it follows only while somebody listens to it; otherwise it
// takes over their reason when it is asked. So signals of short lives that follow one of a long life leave nothing.

const {
  ArrayPrototypeSort, ObjectSetPrototypeOf, Set, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach,
  SetPrototypeGetSize, TypeError,
} = primordials;
const { DOMException, holdTimer, startTimer } = internals;
const {
  exposeInterface, list, makeSlot, requireArguments, toSequence, toUnsignedLongLongEnforced,
} = internals.webidl;
const { defineHandler, Event, EventTarget, fire, makeTarget } = internals.events;

let clock = 0; // counts signals and aborts

class SignalState {
  constructor(signal) {
    this.signal = signal;
    this.target = makeTarget(signal);
    this.target.onChange = () => watch(this);
    this.madeAt = ++clock;
    this.abortedAt = 0;
    this.reason = undefined; // not aborted
    this.algorithms = undefined; // sets are made when something is put in
    this.sources = undefined; // that it follows, none of which follows another
    this.followers = undefined; // that somebody listens to
    this.isWatched = false; // somebody listens
    this.timer = undefined;
  }
}
ObjectSetPrototypeOf(SignalState.prototype, null);

const Slot = makeSlot();
const { get: stateOf } = Slot;

const isFilled = (set) => set !== undefined && SetPrototypeGetSize(set) > 0;

const forEach = (set, visit) => {
  if (set !== undefined) SetPrototypeForEach(set, visit);
};

const makeSignal = () => {
  const signal = { __proto__: AbortSignal.prototype };
  const state = new SignalState(signal);
  new Slot(signal, state);
  return state;
};

// The reason; undefined where the signal is not aborted.
const settle = (state) => {
  if (state.reason !== undefined || state.sources === undefined) return state.reason;
  let first;
  forEach(state.sources, (source) => {
    if (source.reason !== undefined && !(source.abortedAt > first?.abortedAt)) first = source;
  });
  if (first !== undefined) {
    take(state, first);
    state.sources = undefined;
  }
  return state.reason;
};

const take = (state, source) => {
  state.reason = source.reason;
  state.abortedAt = source.abortedAt;
};

// To be called when anything may have changed that `isWatched` is made of.
const watch = (state) => {
  const isWatched = settle(state) === undefined && (state.target.listeners.length > 0 ||
    isFilled(state.algorithms) || isFilled(state.followers));
  if (isWatched === state.isWatched) return;
  state.isWatched = isWatched;
  if (state.timer !== undefined) holdTimer(state.timer, isWatched);
  forEach(state.sources, (source) => {
    if (isWatched) SetPrototypeAdd(source.followers ??= new Set(), state);
    else SetPrototypeDelete(source.followers, state);
    watch(source);
  });
};

const abort = (state, reason = new DOMException('The operation was aborted', 'AbortError')) => {
  if (settle(state) !== undefined) return;
  state.reason = reason;
  state.abortedAt = ++clock;
  const aborted = list();
  aborted[0] = state;
  forEach(state.followers, (follower) => {
    take(follower, state);
    aborted[aborted.length] = follower;
  });
  ArrayPrototypeSort(aborted, (a, b) => a.madeAt - b.madeAt);
  for (let i = 0; i < aborted.length; i++) watch(aborted[i]);
  for (let i = 0; i < aborted.length; i++) {
    const { algorithms, signal, target } = aborted[i];
    aborted[i].sources = undefined;
    forEach(algorithms, (algorithm) => {
      SetPrototypeDelete(algorithms, algorithm);
      algorithm();
    });
    if (target.listeners.length > 0) fire(signal, new Event('abort'));
  }
};

// `signals`: a list of signals.
const follow = (signals) => {
  const state = makeSignal();
  const sources = new Set();
  for (let i = 0; i < signals.length; i++) {
    const signal = stateOf(signals[i]);
    if (settle(signal) !== undefined) {
      take(state, signal);
      return state.signal;
    }
    if (signal.sources === undefined) SetPrototypeAdd(sources, signal);
    else forEach(signal.sources, (source) => SetPrototypeAdd(sources, source));
  }
  state.sources = sources;
  return state.signal;
};

const toAbortSignal = (value, where) => {
  if (!Slot.has(value)) throw new TypeError(`${where} is not an AbortSignal`);
  return value;
};

class AbortSignal {
  constructor() { throw new TypeError('Illegal constructor'); }

  static abort(reason = undefined) {
    const state = makeSignal();
    abort(state, reason);
    return state.signal;
  }

  static timeout(milliseconds) {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delay = toUnsignedLongLongEnforced(milliseconds, 'AbortSignal.timeout: argument 1');
    const state = makeSignal();
    state.timer = startTimer(() => {
      state.timer = undefined;
      abort(state, new DOMException('The operation timed out', 'TimeoutError'));
    }, delay);
    return state.signal;
  }

  static any(signals) {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    return follow(toSequence(signals, toAbortSignal, 'AbortSignal.any: argument 1'));
  }

  get aborted() { return settle(stateOf(this)) !== undefined; }
  get reason() { return settle(stateOf(this)); }

  throwIfAborted() {
    const reason = settle(stateOf(this));
    if (reason !== undefined) throw reason;
  }
}

class AbortController {
  #signal = makeSignal();

  get signal() { return this.#signal.signal; }

  abort(reason = undefined) { abort(this.#signal, reason); }
}

exposeInterface(AbortSignal, { __proto__: null, parent: EventTarget });
defineHandler(AbortSignal.prototype, 'abort', stateOf);
exposeInterface(AbortController);

internals.toAbortSignal = toAbortSignal;
internals.makeAbortSignal = () => makeSignal().signal;
internals.makeDependentAbortSignal = follow;
internals.signalAbort = (signal, reason) => abort(stateOf(signal), reason);
internals.abortReasonOf = (signal) => settle(stateOf(signal)); // undefined: not aborted

internals.isAbortWatched = (signal) => stateOf(signal).isWatched; // somebody listens

internals.addAbortAlgorithm = (signal, algorithm) => {
  const state = stateOf(signal);
  if (settle(state) !== undefined) return;
  SetPrototypeAdd(state.algorithms ??= new Set(), algorithm);
  watch(state);
};

internals.removeAbortAlgorithm = (signal, algorithm) => {
  const state = stateOf(signal);
  if (state.algorithms !== undefined && SetPrototypeDelete(state.algorithms, algorithm)) watch(state);
};
