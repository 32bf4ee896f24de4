// SPDX-License-Identifier: Apache-2.0
'use strict';

// The methods of Iterator that make iterators. What the standard says as generators is a pair of functions here.

const {
  IteratorPrototype, MathTrunc, ObjectDefineProperty, ObjectSetPrototypeOf, RangeError, SymbolIterator, SymbolToStringTag,
  TypeError,
} = primordials;
const { define, list, toObject } = internals.webidl;
const {
  abandon, advance, callFor, close, direct, expose, finished, flattenable, fromMethod, getMethod, requireCallback,
  requireIterator, step,
} = internals.ecma;

const fresh = 0;
const running = 1;
const waiting = 2;
const ended = 3;

class Helper {
  #state = fresh;
  #next;
  #close;

  // `next()` gives a value or `finished`, `close()` closes what that reads from. Neither is called after an error or
  // the end.
  constructor(next, close) {
    this.#next = next;
    this.#close = close;
  }

  next() {
    const state = this.#state;
    if (state === running) throw new TypeError('The iterator is running already');
    if (state === ended) return { value: undefined, done: true };
    this.#state = running;
    let value = finished;
    try {
      value = this.#next();
    } finally {
      this.#state = value === finished ? ended : waiting;
    }
    return value === finished ? { value: undefined, done: true } : { value, done: false };
  }

  return() {
    const state = this.#state;
    if (state === running) throw new TypeError('The iterator is running already');
    if (state === ended) return { value: undefined, done: true };
    this.#state = state === fresh ? ended : running;
    try {
      this.#close();
    } finally {
      this.#state = ended;
    }
    return { value: undefined, done: true };
  }
}
delete Helper.prototype.constructor;
ObjectSetPrototypeOf(Helper.prototype, IteratorPrototype);
ObjectDefineProperty(Helper.prototype, SymbolToStringTag,
  { __proto__: null, value: 'Iterator Helper', configurable: true });

// One that reads from `iterator` alone.
const help = (iterator, next) => new Helper(next, () => close(iterator));

// An integer from 0 to Infinity; the iterator is closed where it is none.
const toLimit = (iterator, value, where) => {
  requireIterator(iterator, where);
  let number;
  try {
    number = +value;
  } catch (error) {
    abandon(iterator);
    throw error;
  }
  const limit = MathTrunc(number);
  if (limit >= 0) return limit;
  abandon(iterator);
  throw new RangeError(`${where}: argument 1 is not a number from 0 to Infinity`);
};

expose('IteratorPrototype', {
  drop(limit) {
    let left = toLimit(this, limit, 'Iterator.prototype.drop');
    const record = direct(this);
    return help(this, () => {
      for (; left > 0; left--) if (advance(record) === undefined) return finished;
      return step(record);
    });
  },

  filter(predicate) {
    requireCallback(this, predicate, 'Iterator.prototype.filter');
    const record = direct(this);
    let index = 0;
    return help(this, () => {
      for (let value; (value = step(record)) !== finished;) {
        if (callFor(this, predicate, value, index++)) return value;
      }
      return finished;
    });
  },

  flatMap(mapper) {
    const where = 'Iterator.prototype.flatMap';
    requireCallback(this, mapper, where);
    const record = direct(this);
    let index = 0;
    let inner;
    // Closes this one for what goes wrong with the inner.
    const guard = (task) => {
      try {
        return task();
      } catch (error) {
        abandon(this);
        throw error;
      }
    };
    const next = () => step(inner);
    return new Helper(() => {
      for (;;) {
        if (inner === undefined) {
          const value = step(record);
          if (value === finished) return finished;
          inner = guard(() => flattenable(mapper(value, index++), false, `${where}: the answer of argument 1`));
        }
        const value = guard(next);
        if (value !== finished) return value;
        inner = undefined;
      }
    }, () => {
      if (inner !== undefined) guard(() => close(inner.iterator));
      close(this);
    });
  },

  map(mapper) {
    requireCallback(this, mapper, 'Iterator.prototype.map');
    const record = direct(this);
    let index = 0;
    return help(this, () => {
      const value = step(record);
      return value === finished ? finished : callFor(this, mapper, value, index++);
    });
  },

  take(limit) {
    let left = toLimit(this, limit, 'Iterator.prototype.take');
    const record = direct(this);
    return help(this, () => {
      if (left === 0) {
        close(this);
        return finished;
      }
      left--;
      return step(record);
    });
  },
});

const { concat } = {
  concat(...items) {
    const where = 'Iterator.concat: argument';
    const methods = list();
    for (let i = 0; i < items.length; i++) {
      const item = toObject(items[i], `${where} ${i + 1}`);
      methods[i] = getMethod(item, SymbolIterator, `${where} ${i + 1}: its Symbol.iterator`);
      if (methods[i] === undefined) throw new TypeError(`${where} ${i + 1} is not iterable`);
    }
    let index = 0;
    let record;
    return new Helper(() => {
      for (; index < items.length; index++) {
        record ??= fromMethod(items[index], methods[index], `${where} ${index + 1}`);
        const value = step(record);
        if (value !== finished) return value;
        record = undefined;
      }
      return finished;
    }, () => {
      if (record !== undefined) close(record.iterator);
    });
  },
};
define(internals.exposed.Iterator, 'concat', concat, false);
