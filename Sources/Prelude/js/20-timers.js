// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeHas, MapPrototypeSet, ObjectSetPrototypeOf,
  ReflectApply, TypeError, globalThis,
} = primordials;
const { defineMembers, list, requireArguments } = internals.webidl;

class Timer {
  constructor(id, callback, args, delay, repeats) {
    this.id = id;
    this.callback = callback;
    this.args = args;
    this.delay = delay;
    this.repeats = repeats;
    this.level = 0;
    this.due = 0;
    this.order = 0;
    this.continuation = host.continuation();
    this.place = -1; // in the heap; -1: not there
  }
}
ObjectSetPrototypeOf(Timer.prototype, null);

const timers = new Map(); // those that a run waits for
const heap = list();
let lastID = 0;
let nextOrder = 0; // of scheduling, so that equal due times are first in, first out
let level = 0; // the nesting level of the timer whose task is running
let roundNow = 0; // when the latest round began; anything due earlier is due then
let armed = -1; // the due time that the host knows; -1: none
let armedHolds = false; // whether the host knows that a run waits

const isBefore = (a, b) => a.due < b.due || (a.due === b.due && a.order < b.order);

// A stack overflow or a termination may strike at any call or loop below: between two swaps the heap
// holds each timer once, at its place, so that the worst is a late timer.
const swap = (a, b) => {
  const timer = heap[a];
  const other = heap[b];
  heap[a] = other;
  other.place = a;
  heap[b] = timer;
  timer.place = b;
};

const sift = (place) => {
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isBefore(heap[place], heap[parent])) break;
    swap(place, parent);
    place = parent;
  }
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], heap[place])) return;
    swap(place, child);
    place = child;
  }
};

const insert = (timer) => {
  const place = heap.length;
  heap[place] = timer;
  timer.place = place;
  sift(place);
};

const remove = (timer) => {
  const { place } = timer;
  const last = heap[heap.length - 1];
  heap.length--;
  timer.place = -1;
  if (last === timer) return;
  heap[place] = last;
  last.place = place;
  sift(place);
};

// Called before tenant code can run again, so that the host is right even if that is terminated.
const arm = () => {
  const due = heap.length === 0 ? -1 : heap[0].due < roundNow ? roundNow : heap[0].due;
  const holds = MapPrototypeGetSize(timers) > 0;
  if (due === armed && holds === armedHolds) return;
  const wait = due < 0 ? -1 : due - host.now();
  host.armTimer(due >= 0 && wait < 0 ? 0 : wait, holds);
  armed = due;
  armedHolds = holds;
};

const schedule = (timer) => {
  timer.level = level + 1;
  timer.order = nextOrder++;
  timer.due = host.now() + (level > 5 && timer.delay < 4 ? 4 : timer.delay);
  insert(timer);
};

const start = (handler, timeout, args, repeats) => {
  // Compiling a string is a grant of its own.
  if (typeof handler !== 'function') throw new TypeError('A timer needs a function: strings are not compiled');
  const delay = timeout | 0;
  do lastID = lastID === 0x7FFFFFFF ? 1 : lastID + 1; while (MapPrototypeHas(timers, lastID));
  const timer = new Timer(lastID, handler, args, delay > 0 ? delay : 0, repeats);
  MapPrototypeSet(timers, timer.id, timer);
  schedule(timer);
  arm();
  return timer.id;
};

const clear = (id) => {
  const timer = MapPrototypeGet(timers, id | 0);
  if (timer === undefined) return;
  if (timer.place >= 0) remove(timer); // not there: its own callback clears it
  MapPrototypeDelete(timers, timer.id);
  arm();
};

defineMembers(globalThis, {
  setTimeout(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 1, 'setTimeout');
    return start(handler, timeout, args, false);
  },
  setInterval(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 1, 'setInterval');
    return start(handler, timeout, args, true);
  },
  clearTimeout(id = 0) { clear(id); },
  clearInterval(id = 0) { clear(id); },
});

// A timer of the prelude's own, which clearTimeout cannot reach. A run waits for it while it is held.
const startOwn = (callback, delay, isHeld) => {
  const timer = new Timer(undefined, callback, list(), delay, false);
  timer.id = timer;
  if (isHeld) MapPrototypeSet(timers, timer, timer);
  schedule(timer);
  arm();
  return timer;
};

internals.startTimer = (callback, delay) => startOwn(callback, delay, false);

// A task of its own, after those that wait already. A run waits for it.
internals.queueTask = (callback) => {
  const outer = level;
  level = 0; // however deep tasks nest, they are not slowed down
  startOwn(callback, 0, true);
  level = outer;
};

internals.holdTimer = (timer, isHeld) => {
  if (isHeld && timer.place >= 0) MapPrototypeSet(timers, timer, timer);
  else MapPrototypeDelete(timers, timer);
  arm();
};

// One round: every timer that is due when it begins, none that is scheduled meanwhile.
internals.runTimers = () => {
  const end = nextOrder;
  const now = roundNow = host.now();
  armed = NaN; // the host's timer has fired
  while (heap.length > 0) {
    const timer = heap[0];
    if (timer.due > now || timer.order >= end) break;
    remove(timer);
    if (!timer.repeats) MapPrototypeDelete(timers, timer.id);
    arm();
    level = timer.level;
    host.setContinuation(timer.continuation);
    try {
      ReflectApply(timer.callback, globalThis, timer.args);
    } catch (error) {
      internals.reportException(error);
    }
    if (timer.repeats && MapPrototypeGet(timers, timer.id) === timer) {
      schedule(timer);
      arm();
    }
    host.runMicrotasks();
    level = 0;
  }
  host.setContinuation(0);
  arm();
};
