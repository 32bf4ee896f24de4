// SPDX-License-Identifier: Apache-2.0
'use strict';

const { Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, ObjectSetPrototypeOf, ReflectApply,
  TypeError } = primordials;
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
    this.place = -1; // in the heap; -1: not there
  }
}
ObjectSetPrototypeOf(Timer.prototype, null);

const timers = new Map();
const heap = list();
let lastID = 0;
let nextOrder = 0; // of scheduling, so that equal due times are first in, first out
let level = 0; // the nesting level of the timer whose task is running
let roundNow = 0; // when the latest round began; anything due earlier is due then
let armed = -1; // the due time that the host knows; -1: none

const isBefore = (a, b) => a.due < b.due || (a.due === b.due && a.order < b.order);

const put = (timer, place) => {
  heap[place] = timer;
  timer.place = place;
};

const moveUp = (timer, place) => {
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isBefore(timer, heap[parent])) break;
    put(heap[parent], place);
    place = parent;
  }
  put(timer, place);
};

const moveDown = (timer, place) => {
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], timer)) break;
    put(heap[child], place);
    place = child;
  }
  put(timer, place);
};

const remove = (timer) => {
  const { place } = timer;
  timer.place = -1;
  const last = heap[heap.length - 1];
  heap.length--;
  if (last === timer) return;
  if (place > 0 && isBefore(last, heap[(place - 1) >> 1])) moveUp(last, place);
  else moveDown(last, place);
};

// Called before tenant code can run again, so that the host is right even if that is terminated.
const arm = () => {
  const due = heap.length === 0 ? -1 : heap[0].due < roundNow ? roundNow : heap[0].due;
  if (due === armed) return;
  armed = due;
  if (due < 0) return host.armTimer(-1);
  const wait = due - host.now();
  host.armTimer(wait > 0 ? wait : 0);
};

const schedule = (timer) => {
  timer.level = level + 1;
  timer.order = nextOrder++;
  timer.due = host.now() + (level > 5 && timer.delay < 4 ? 4 : timer.delay);
  moveUp(timer, heap.length);
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
  MapPrototypeDelete(timers, timer.id);
  if (timer.place < 0) return; // its own callback clears it
  remove(timer);
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
    try {
      ReflectApply(timer.callback, globalThis, timer.args);
    } catch (error) {
      host.reportException(error);
    }
    if (timer.repeats && MapPrototypeGet(timers, timer.id) === timer) {
      schedule(timer);
      arm();
    }
    host.runMicrotasks();
    level = 0;
  }
  arm();
};
