// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  AsyncIteratorPrototype, ObjectDefineProperty, ObjectSetPrototypeOf, ReflectApply, SymbolAsyncIterator, SymbolIterator,
  SymbolToStringTag,
} = primordials;
const { defineMembers, isObject, makeSlot, toCallback, toObject } = internals.webidl;
const { attempt, Deferred, failSoon, follow, Queue, soon } = internals.streams;
const { beginSoon, cancel, DefaultController, makeReadable, read, Reader, release } = internals.readable;

// ---- Iterators of streams

const IteratorSlot = makeSlot();

// Steps are done one after another. It is the request of its reads.
class Iteration {
  constructor(stream, preventCancel) {
    this.reader = new Reader(stream, false);
    this.preventCancel = preventCancel;
    this.next = undefined;
    this.steps = new Queue(); // with the deferreds; the first is being done
    this.isFinished = false;
    this.onStep = () => this.#step();
    this.value = undefined;
    this.onChunk = () => {
      const { value } = this;
      this.value = undefined;
      this.#settle('resolve', { value, done: false });
    };
  }

  add(isReturn, value) {
    const deferred = new Deferred();
    this.steps.add({ __proto__: null, deferred, isReturn, next: undefined, value });
    if (this.steps.first === this.steps.last) this.#step();
    return deferred.promise;
  }

  #step() {
    const { isReturn, value } = this.steps.first;
    if (this.isFinished) this.#settle('resolve', { value: isReturn ? value : undefined, done: true });
    else if (!isReturn) read(this.reader, this);
    else {
      this.isFinished = true;
      const { preventCancel, reader } = this;
      const onDone = () => this.#settle('resolve', { value, done: true });
      if (preventCancel) soon(onDone);
      else cancel(reader.stream, value, onDone, (error) => this.#settle('reject', error));
      release(reader);
    }
  }

  #settle(method, result) {
    this.steps.take().deferred[method](result);
    if (this.steps.first !== undefined) soon(this.onStep);
  }

  #finish() {
    this.isFinished = true;
    if (this.reader.stream !== undefined) release(this.reader);
  }

  chunk(value) {
    this.value = value;
    soon(this.onChunk);
  }

  close() {
    this.#finish();
    this.#settle('resolve', { value: undefined, done: true });
  }

  error(error) {
    this.#finish();
    this.#settle('reject', error);
  }
}

ObjectSetPrototypeOf(Iteration.prototype, null);

const iteratorPrototype = { __proto__: AsyncIteratorPrototype };
defineMembers(iteratorPrototype, {
  next() { return attempt(() => IteratorSlot.get(this).add(false, undefined)); },
  return(value) { return attempt(() => IteratorSlot.get(this).add(true, value)); },
});
ObjectDefineProperty(iteratorPrototype, SymbolToStringTag,
  { __proto__: null, value: 'ReadableStream AsyncIterator', configurable: true });

const makeIterator = (stream, preventCancel) => {
  const object = { __proto__: iteratorPrototype };
  new IteratorSlot(object, new Iteration(stream, preventCancel));
  return object;
};

// ---- Streams of what iterables give

const answerName = 'ReadableStream.from: what the iterator returned';

const from = (iterable) => {
  let method = iterable[SymbolAsyncIterator];
  const isSync = method === undefined || method === null;
  if (isSync) method = iterable[SymbolIterator];
  const iterator = toObject(ReflectApply(toCallback(method, 'ReadableStream.from: its iterator'), iterable, []),
    answerName);
  const { next } = iterator;
  const ask = (call, args, onResult, onFailed) => {
    const onAnswer = (answer) => {
      try {
        onResult(toObject(answer, answerName));
      } catch (error) {
        onFailed(error);
      }
    };
    try {
      const answer = ReflectApply(call, iterator, args);
      if (!isSync) {
        follow(answer, onAnswer, onFailed);
        return;
      }
      const { done } = toObject(answer, answerName);
      const { value } = answer;
      const give = (given) => onAnswer({ __proto__: null, done, value: given });
      if (isObject(value)) follow(value, give, onFailed);
      else soon(() => give(value));
    } catch (error) {
      failSoon(onFailed, error);
    }
  };
  const pull = (_, onDone, onFailed) => ask(next, [], (answer) => {
    if (answer.done) stream.controller.close();
    else stream.controller.enqueue(answer.value);
    onDone();
  }, onFailed);
  const stop = (reason, onDone, onFailed) => {
    let call;
    try {
      call = iterator.return;
    } catch (error) {
      failSoon(onFailed, error);
      return;
    }
    if (call === undefined || call === null) soon(onDone);
    else ask(call, [reason], () => onDone(), onFailed);
  };
  const stream = makeReadable(DefaultController, pull, stop, 0);
  beginSoon(stream);
  return stream.object;
};

internals.readable.from = from;
internals.readable.makeIterator = makeIterator;
