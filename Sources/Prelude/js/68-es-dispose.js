// SPDX-License-Identifier: Apache-2.0
'use strict';

// Explicit resource management without its syntax, which compilers turn into calls of these.

internals.parts.ecma;
const {
  Error, ErrorPrototype, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectPrototype, ObjectSetPrototypeOf,
  PromiseReject, PromiseResolve, ReferenceError, ReflectApply, ReflectConstruct, Symbol, SymbolToStringTag, TypeError,
} = primordials;
const { asyncDispose: SymbolAsyncDispose, dispose: SymbolDispose } = Symbol;
const { define, isObject, list, toCallback } = internals.webidl;
const { expose, getMethod } = internals.ecma;

// ---- SuppressedError

function SuppressedError(error, suppressed, message) {
  const made = ReflectConstruct(Error, message === undefined ? [] : [message], new.target ?? SuppressedError);
  // What a subclass has in place of a prototype may be none.
  if (ObjectGetPrototypeOf(made) === ErrorPrototype && (new.target ?? SuppressedError).prototype !== ErrorPrototype) {
    ObjectSetPrototypeOf(made, SuppressedError.prototype);
  }
  define(made, 'error', error, false);
  define(made, 'suppressed', suppressed, false);
  return made;
}
ObjectSetPrototypeOf(SuppressedError, Error);
ObjectSetPrototypeOf(SuppressedError.prototype, ErrorPrototype);
define(SuppressedError.prototype, 'name', 'SuppressedError', false);
define(SuppressedError.prototype, 'message', '', false);
ObjectDefineProperty(SuppressedError, 'prototype', { __proto__: null, writable: false });
internals.exposed.SuppressedError = SuppressedError;

// ---- Resources: what is to be called, with which receiver and argument, and whether its answer is awaited

const toMethod = (value, isAsync, where) => {
  if (!isObject(value)) throw new TypeError(`${where}: argument 1 is neither an object nor null or undefined`);
  if (isAsync) {
    const method = getMethod(value, SymbolAsyncDispose, `${where}: the Symbol.asyncDispose of argument 1`);
    if (method !== undefined) return { __proto__: null, method, isAwaited: true };
  }
  const method = getMethod(value, SymbolDispose, `${where}: the Symbol.dispose of argument 1`);
  if (method !== undefined) return { __proto__: null, method, isAwaited: false };
  throw new TypeError(`${where}: argument 1 has no method Symbol.${isAsync ? 'asyncDispose' : 'dispose'}`);
};

class Resources {
  constructor(name, isAsync) {
    this.name = name;
    this.isAsync = isAsync;
    this.isDisposed = false;
    this.all = list();
  }

  require(method) {
    if (this.isDisposed) throw new ReferenceError(`${this.name}.${method}: the stack is disposed`);
  }

  add(method, receiver, args, isAwaited) {
    this.all[this.all.length] = { __proto__: null, method, receiver, args, isAwaited };
  }

  use(value) {
    this.require('use');
    if (value === undefined || value === null) {
      // Is awaited still, if nothing else is.
      if (this.isAsync) this.add(undefined, undefined, [], false);
    } else {
      const { method, isAwaited } = toMethod(value, this.isAsync, `${this.name}.use`);
      this.add(method, value, [], isAwaited);
    }
    return value;
  }

  adopt(value, callback) {
    this.require('adopt');
    this.add(toCallback(callback, `${this.name}.adopt: argument 2`), undefined, [value], this.isAsync);
    return value;
  }

  defer(callback) {
    this.require('defer');
    this.add(toCallback(callback, `${this.name}.defer: argument 1`), undefined, [], this.isAsync);
  }

  move() {
    this.require('move');
    const moved = new Resources(this.name, this.isAsync);
    moved.all = this.all;
    this.all = list();
    this.isDisposed = true;
    return moved;
  }
}
ObjectSetPrototypeOf(Resources.prototype, null);

// The errors of several disposals are one, in which the later suppresses the earlier.
class Failure {
  constructor() { this.isThrown = false; }

  add(error) {
    this.error = this.isThrown ? new SuppressedError(error, this.error) : error;
    this.isThrown = true;
  }
}
ObjectSetPrototypeOf(Failure.prototype, null);

const disposeSync = (resources) => {
  const { all } = resources;
  const failure = new Failure();
  for (let i = all.length - 1; i >= 0; i--) {
    const { method, receiver, args } = all[i];
    try {
      ReflectApply(method, receiver, args);
    } catch (error) {
      failure.add(error);
    }
  }
  if (failure.isThrown) throw failure.error;
};

const disposeAsync = async (resources) => {
  const { all } = resources;
  const failure = new Failure();
  let needsAwait = false;
  let hasAwaited = false;
  for (let i = all.length - 1; i >= 0; i--) {
    const { method, receiver, args, isAwaited } = all[i];
    if (method === undefined) {
      needsAwait = true;
      continue;
    }
    try {
      const answer = ReflectApply(method, receiver, args);
      hasAwaited = true;
      await (isAwaited ? answer : undefined);
    } catch (error) {
      // What is disposed at once fails as a promise would.
      if (!isAwaited) {
        hasAwaited = true;
        await undefined;
      }
      failure.add(error);
    }
  }
  if (needsAwait && !hasAwaited) await undefined;
  if (failure.isThrown) throw failure.error;
};

const ignoreResult = async (value) => { await value; };

// ---- Interfaces

// Where a subclass has no prototype of its own, the object has that of the class.
const setUp = (object, { prototype }, target) => {
  if (ObjectGetPrototypeOf(object) === ObjectPrototype && target.prototype !== ObjectPrototype) {
    ObjectSetPrototypeOf(object, prototype);
  }
};

class DisposableStack {
  #resources = new Resources('DisposableStack', false);

  constructor() { setUp(this, DisposableStack, new.target); }

  get disposed() { return this.#resources.isDisposed; }

  adopt(value, onDispose) { return this.#resources.adopt(value, onDispose); }

  defer(onDispose) { this.#resources.defer(onDispose); }

  dispose() {
    const resources = this.#resources;
    if (resources.isDisposed) return;
    resources.isDisposed = true;
    disposeSync(resources);
  }

  move() {
    const resources = this.#resources.move();
    const stack = new DisposableStack();
    stack.#resources = resources;
    return stack;
  }

  use(value) { return this.#resources.use(value); }
}

class AsyncDisposableStack {
  #resources = new Resources('AsyncDisposableStack', true);

  constructor() { setUp(this, AsyncDisposableStack, new.target); }

  get disposed() { return this.#resources.isDisposed; }

  adopt(value, onDisposeAsync) { return this.#resources.adopt(value, onDisposeAsync); }

  defer(onDisposeAsync) { this.#resources.defer(onDisposeAsync); }

  disposeAsync() {
    let resources;
    try {
      resources = this.#resources;
    } catch (error) {
      return PromiseReject(error);
    }
    if (resources.isDisposed) return PromiseResolve();
    resources.isDisposed = true;
    return disposeAsync(resources);
  }

  move() {
    const resources = this.#resources.move();
    const stack = new AsyncDisposableStack();
    stack.#resources = resources;
    return stack;
  }

  use(value) { return this.#resources.use(value); }
}

const finish = (Class, symbol, method) => {
  define(Class.prototype, symbol, Class.prototype[method], false);
  ObjectDefineProperty(Class.prototype, SymbolToStringTag, { __proto__: null, value: Class.name, configurable: true });
  internals.exposed[Class.name] = Class;
};
finish(DisposableStack, SymbolDispose, 'dispose');
finish(AsyncDisposableStack, SymbolAsyncDispose, 'disposeAsync');

expose('AsyncIteratorPrototype', {
  [SymbolAsyncDispose]() {
    try {
      const method = getMethod(this, 'return', 'The return of an asynchronous iterator');
      return method === undefined ? PromiseResolve() : ignoreResult(ReflectApply(method, this, [undefined]));
    } catch (error) {
      return PromiseReject(error);
    }
  },
});
