// SPDX-License-Identifier: Apache-2.0
'use strict';

// What all streams are made of. An algorithm is a function of (argument, onDone, onFailed) that calls one of the
// two in a later microtask; undefined is one that does nothing. So a chunk costs neither closures nor promises
// that are seen, and nothing that scripts put on Promise is looked up.

const {
  NumberIsNaN, ObjectSetPrototypeOf, Promise, PromisePrototype, PromisePrototypeThen, PromiseReject, PromiseThen,
  RangeError, ReflectApply,
} = primordials;
const {
  define, each, exposeInterface, isObject, makeSlot, required, requireArguments, toCallback, toDictionary,
  toUnrestrictedDouble,
} = internals.webidl;

// ---- Promises

// `then` of a promise asks for its constructor, and that for its species. Those of this class have none.
// No script reaches the class, so `super` is Promise for ever.
class OwnPromise extends Promise {
  constructor(executor) { super(executor); }
}
ObjectSetPrototypeOf(OwnPromise.prototype, null);
define(OwnPromise.prototype, 'constructor', undefined);
define(OwnPromise.prototype, 'then', PromiseThen);

let resolveLast;
let rejectLast;
const executor = (resolve, reject) => {
  resolveLast = resolve;
  rejectLast = reject;
};

class Deferred {
  constructor(Class = Promise) {
    this.promise = new Class(executor);
    this.resolve = resolveLast;
    this.reject = rejectLast;
  }
}

const nothing = () => {};

// A promise for scripts whose rejection nobody need handle.
const makeHandled = () => {
  const deferred = new Deferred(OwnPromise);
  PromisePrototypeThen(deferred.promise, undefined, nothing);
  ObjectSetPrototypeOf(deferred.promise, PromisePrototype);
  return deferred;
};

// Calls in a microtask, with undefined.
const settled = new OwnPromise((resolve) => { resolve(); });
const soon = (callback) => { PromisePrototypeThen(settled, callback); };

let entering = 0;
const settle = async (value, onDone, onFailed) => {
  let result;
  try {
    result = await value;
  } catch (error) {
    if (entering > 0) await undefined; // the getter of the promise's constructor threw
    onFailed(error);
    return;
  }
  onDone(result);
};

// What a callback has returned: await looks up no more than Web IDL does.
const follow = (value, onDone, onFailed) => {
  if (!isObject(value)) {
    soon(onDone);
    return;
  }
  entering++;
  try {
    settle(value, onDone, onFailed);
  } finally {
    entering--;
  }
};

const failSoon = (onFailed, error) => soon(() => onFailed(error));

// The algorithm that calls a script. `controller`, where given, is its last argument.
const algorithmOf = (callback, receiver, takesArgument, controller) => {
  if (callback === undefined) return undefined;
  return (argument, onDone, onFailed) => {
    let result;
    try {
      result = ReflectApply(callback, receiver, controller === undefined ? takesArgument ? [argument] : []
        : takesArgument ? [argument, controller] : [controller]);
    } catch (error) {
      failSoon(onFailed, error);
      return;
    }
    follow(result, onDone, onFailed);
  };
};

const run = (algorithm, argument, onDone, onFailed) => {
  if (algorithm === undefined) soon(onDone);
  else algorithm(argument, onDone, onFailed);
};

// What a promise is told, without the promise until somebody asks for one.
class Outcome {
  constructor(isHandled) {
    this.isHandled = isHandled;
    this.state = 0; // 1: resolved, 2: rejected
    this.error = undefined;
    this.shown = undefined; // to scripts
    this.own = undefined;
  }

  resolve() {
    if (this.state !== 0) return;
    this.state = 1;
    this.shown?.resolve();
    this.own?.resolve();
  }

  reject(error) {
    if (this.state !== 0) return;
    this.state = 2;
    this.error = error;
    this.shown?.reject(error);
    this.own?.reject(error);
  }

  // Rejected, or replaced by one that is, where it is settled.
  fail(error) {
    if (this.state !== 0) this.reset();
    this.reject(error);
  }

  reset() {
    this.state = 0;
    this.shown = this.own = undefined;
  }

  show() {
    if (this.shown === undefined) {
      const deferred = this.shown = this.isHandled ? makeHandled() : new Deferred();
      if (this.state === 1) deferred.resolve();
      else if (this.state === 2) deferred.reject(this.error);
    }
    return this.shown.promise;
  }

  then(onDone, onFailed) {
    if (this.state === 1) soon(onDone);
    else if (this.state === 2) failSoon(onFailed, this.error);
    else PromisePrototypeThen((this.own ??= new Deferred(OwnPromise)).promise, onDone, onFailed);
  }
}

// The promise of what `work` does: it gets onDone and onFailed. What it throws is a rejection too.
const promiseOf = (work) => {
  const { promise, reject, resolve } = new Deferred();
  try {
    work(() => resolve(), reject);
  } catch (error) {
    reject(error);
  }
  return promise;
};

const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return PromiseReject(error);
  }
};

// ---- Queues

class Item {
  constructor(value, size) {
    this.value = value;
    this.size = size;
    this.next = undefined;
  }
}

// A chain of objects by their `next`.
class Queue {
  constructor() {
    this.first = undefined;
    this.last = undefined;
    this.total = 0; // of the sizes
  }

  add(item) {
    if (this.first === undefined) this.first = item;
    else this.last.next = item;
    this.last = item;
  }

  take() {
    const { first } = this;
    this.first = first.next;
    if (this.first === undefined) this.last = undefined;
    first.next = undefined;
    return first;
  }

  clear() {
    this.first = this.last = undefined;
    this.total = 0;
  }

  push(value, size) {
    if (!(size >= 0 && size < Infinity)) throw new RangeError('The size of a chunk is not a finite number from 0 on');
    this.add(new Item(value, size));
    this.total += size;
  }

  shift() {
    const { size, value } = this.take();
    this.total -= size;
    if (this.total < 0) this.total = 0; // sums of fractions
    return value;
  }
}

each([Deferred, Outcome, Item, Queue], (Class) => ObjectSetPrototypeOf(Class.prototype, null));

// ---- Strategies

const strategyMembers = [['highWaterMark', toUnrestrictedDouble], ['size', toCallback]];
const toStrategy = (value, where) => toDictionary(value, strategyMembers, where);

const markOf = ({ highWaterMark }, fallback) => {
  if (highWaterMark === undefined) return fallback;
  if (NumberIsNaN(highWaterMark) || highWaterMark < 0) throw new RangeError('highWaterMark is not a number from 0 on');
  return highWaterMark;
};

// Undefined where every chunk counts 1.
const sizeOf = ({ size }) => size && ((chunk) => +ReflectApply(size, undefined, [chunk]));

const initMembers = [['highWaterMark', toUnrestrictedDouble, required]];
const markFrom = (init, count, name) => {
  requireArguments(count, 1, name);
  return toDictionary(init, initMembers, `${name}: argument 1`).highWaterMark;
};

// The functions are of the realm, not of the strategy.
const { size: byteSize } = { size(chunk) { return chunk.byteLength; } };
const { size: countSize } = { size() { return 1; } };

class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) { this.#highWaterMark = markFrom(init, arguments.length, 'ByteLengthQueuingStrategy'); }

  get highWaterMark() { return this.#highWaterMark; }

  get size() {
    this.#highWaterMark;
    return byteSize;
  }
}

class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) { this.#highWaterMark = markFrom(init, arguments.length, 'CountQueuingStrategy'); }

  get highWaterMark() { return this.#highWaterMark; }

  get size() {
    this.#highWaterMark;
    return countSize;
  }
}

exposeInterface(ByteLengthQueuingStrategy);
exposeInterface(CountQueuingStrategy);

// For an interface whose objects only the prelude makes: `get` and `has` are its Slot's, `make` is an object of a state.
const hidden = ({ prototype }) => {
  const Slot = makeSlot();
  const blank = () => ({ __proto__: prototype });
  const make = (state, object = blank()) => {
    new Slot(object, state);
    return object;
  };
  return { __proto__: null, blank, get: Slot.get, has: Slot.has, make };
};

internals.streams = {
  __proto__: null,
  algorithmOf, attempt, Deferred, failSoon, follow, hidden, markOf, nothing, Outcome, promiseOf, Queue, run, sizeOf, soon,
  toStrategy,
};
