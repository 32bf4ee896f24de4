// SPDX-License-Identifier: Apache-2.0
'use strict';

// Iterator, and the methods of Iterator.prototype that use it up.

internals.parts.ecma;
const {
  IteratorPrototype, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectPrototype, ObjectPrototypeIsPrototypeOf,
  ObjectSetPrototypeOf, ReflectApply, Symbol, SymbolIterator, TypeError,
} = primordials;
const { dispose: SymbolDispose } = Symbol;
const { define, isObject } = internals.webidl;
const { abandon, callFor, close, collect, direct, expose, finished, fromMethod, getMethod, step } = internals.ecma;

// A function, whose prototype can be set, where that of a class cannot.
function Iterator() {
  if (new.target === undefined) throw new TypeError('Iterator is a class, which needs new');
  if (new.target === Iterator) throw new TypeError('Iterator is an abstract class, which others extend');
  // What a subclass has in place of a prototype may be none.
  if (ObjectGetPrototypeOf(this) === ObjectPrototype && new.target.prototype !== ObjectPrototype) {
    ObjectSetPrototypeOf(this, IteratorPrototype);
  }
}
ObjectDefineProperty(Iterator, 'prototype', { __proto__: null, value: IteratorPrototype, writable: false });
internals.exposed.Iterator = Iterator;

// ---- What the methods begin with: `this` is an object and not looked at before the arguments are right

const requireIterator = (value, where) => {
  if (!isObject(value)) throw new TypeError(`${where}: this is not an object`);
};

const requireCallback = (iterator, callback, where) => {
  requireIterator(iterator, where);
  if (typeof callback === 'function') return;
  abandon(iterator);
  throw new TypeError(`${where}: argument 1 is not a function`);
};

// The iterator of what is iterable or an iterator itself.
const flattenable = (value, takesStrings, where) => {
  if (!isObject(value) && !(takesStrings && typeof value === 'string')) {
    throw new TypeError(`${where} is neither iterable nor an iterator`);
  }
  const method = getMethod(value, SymbolIterator, `${where}: its Symbol.iterator`);
  if (method !== undefined) return fromMethod(value, method, where);
  if (!isObject(value)) throw new TypeError(`${where} is not iterable`);
  return direct(value);
};

internals.ecma.flattenable = flattenable;
internals.ecma.requireCallback = requireCallback;
internals.ecma.requireIterator = requireIterator;

// ---- Methods

// Calls back for each value, and answers with `find(value, answer)` where that is not `finished`.
const search = (iterator, callback, where, find) => {
  requireCallback(iterator, callback, where);
  const record = direct(iterator);
  let index = 0;
  for (let value; (value = step(record)) !== finished;) {
    const found = find(value, callFor(iterator, callback, value, index++));
    if (found !== finished) {
      close(iterator);
      return found;
    }
  }
  return finished;
};

expose('IteratorPrototype', {
  every(predicate) {
    const found = search(this, predicate, 'Iterator.prototype.every', (_, answer) => (answer ? finished : false));
    return found === finished;
  },

  find(predicate) {
    const found = search(this, predicate, 'Iterator.prototype.find', (value, answer) => (answer ? value : finished));
    return found === finished ? undefined : found;
  },

  forEach(callback) { search(this, callback, 'Iterator.prototype.forEach', () => finished); },

  reduce(reducer) {
    requireCallback(this, reducer, 'Iterator.prototype.reduce');
    const record = direct(this);
    let index = 0;
    let result;
    if (arguments.length > 1) result = arguments[1];
    else {
      result = step(record);
      if (result === finished) throw new TypeError('Iterator.prototype.reduce: there is no value to begin with');
      index = 1;
    }
    for (let value; (value = step(record)) !== finished; index++) {
      try {
        result = reducer(result, value, index);
      } catch (error) {
        abandon(this);
        throw error;
      }
    }
    return result;
  },

  some(predicate) {
    const found = search(this, predicate, 'Iterator.prototype.some', (_, answer) => (answer ? true : finished));
    return found !== finished;
  },

  toArray() {
    requireIterator(this, 'Iterator.prototype.toArray');
    const record = direct(this);
    return collect(() => step(record));
  },

  [SymbolDispose]() {
    const method = getMethod(this, 'return', 'The return of an iterator');
    if (method !== undefined) ReflectApply(method, this, []);
  },
});

// ---- Iterator.from

let wrap;

// What Iterator.from makes of an iterator that inherits nothing of Iterator.
class Wrapper {
  #record;

  static { wrap = (record) => new Wrapper(record); }

  constructor(record) { this.#record = record; }

  next() {
    const { iterator, next } = this.#record;
    return ReflectApply(next, iterator, []);
  }

  return() {
    const { iterator } = this.#record;
    const method = getMethod(iterator, 'return', 'The return of an iterator');
    return method === undefined ? { value: undefined, done: true } : ReflectApply(method, iterator, []);
  }
}
delete Wrapper.prototype.constructor;
ObjectSetPrototypeOf(Wrapper.prototype, IteratorPrototype);

const { from } = {
  from(value) {
    const record = flattenable(value, true, 'Iterator.from: argument 1');
    return ObjectPrototypeIsPrototypeOf(IteratorPrototype, record.iterator) ? record.iterator : wrap(record);
  },
};
define(Iterator, 'from', from, false);
