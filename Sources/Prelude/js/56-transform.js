// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectSetPrototypeOf, RangeError, ReflectApply, TypeError } = primordials;
const { exposeInterface, makeSlot, toCallback, toDictionary, toObject } = internals.webidl;
const {
  algorithmOf, failSoon, follow, hidden, markOf, nothing, Outcome, run, sizeOf, soon, toStrategy,
} = internals.streams;
const { begin, DefaultController, desiredSizeOf, makeReadable } = internals.readable;
const { begin: beginWritable, failIfWritable, failStart, makeWritable } = internals.writable;

// ---- Inside

// Without an algorithm `transform` it passes chunks on.
class Transform {
  constructor(writableMark, writableSize, readableMark, readableSize) {
    this.transform = undefined;
    this.flush = undefined;
    this.cancel = undefined;
    this.isFull = true; // there is no room on the readable side
    this.chunk = undefined; // waits for room
    this.isWaiting = false;
    this.onPulled = undefined; // of a pull that waits until there is no room again
    this.finish = undefined; // the outcome of closing, aborting or canceling
    this.writable = makeWritable((chunk) => this.#write(chunk),
      (_, onDone, onFailed) => this.#close(onDone, onFailed),
      (reason, onDone, onFailed) => this.#abort(reason, onDone, onFailed), writableMark, writableSize);
    this.readable = makeReadable(DefaultController, (_, onDone) => {
      this.setFull(false);
      this.onPulled = onDone;
    }, (reason, onDone, onFailed) => this.#cancel(reason, onDone, onFailed), readableMark, readableSize);
    this.onTransformed = this.writable.controller.onWritten;
    this.onFailed = (error) => {
      this.fail(error);
      this.writable.controller.onWriteFailed(error);
    };
    this.onRoom = () => {
      const { chunk, writable } = this;
      this.chunk = undefined;
      if (writable.state === 'erroring') writable.controller.onWriteFailed(writable.error);
      else this.#perform(chunk);
    };
  }

  // Two microtasks later than other streams: the standard hands both sides a promise of a promise.
  start(result) {
    follow(result, () => soon(() => soon(() => {
      beginWritable(this.writable.controller);
      begin(this.readable.controller);
    })), (error) => soon(() => failSoon((reason) => {
      failStart(this.writable.controller, reason);
      this.readable.controller.fail(reason);
    }, error)));
  }

  setFull(isFull) {
    if (this.onPulled !== undefined) {
      soon(this.onPulled);
      this.onPulled = undefined;
    }
    this.isFull = isFull;
    if (isFull || !this.isWaiting) return;
    this.isWaiting = false;
    soon(this.onRoom);
  }

  enqueue(chunk) {
    const { controller } = this.readable;
    if (!controller.isOpen()) throw new TypeError('The readable side is closed, closing or failed');
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.failWritable(error);
      throw this.readable.error;
    }
    if (!controller.wantsMore() !== this.isFull) this.setFull(true);
  }

  fail(error) {
    this.readable.controller.fail(error);
    this.failWritable(error);
  }

  failWritable(error) {
    this.#clear();
    failIfWritable(this.writable.controller, error);
    if (this.isFull) this.setFull(false);
  }

  terminate() {
    this.readable.controller.close();
    this.failWritable(new TypeError('The stream was terminated'));
  }

  #clear() { this.transform = this.flush = this.cancel = undefined; }

  #write(chunk) {
    if (this.isFull) {
      this.chunk = chunk;
      this.isWaiting = true;
    } else this.#perform(chunk);
  }

  #perform(chunk) {
    if (this.transform !== undefined) {
      this.transform(chunk, this.onTransformed, this.onFailed);
      return;
    }
    try {
      this.enqueue(chunk);
      soon(this.onTransformed);
    } catch (error) {
      failSoon(this.onFailed, error);
    }
  }

  // Closing, aborting or canceling, whichever comes first; `other` is the side that it was not asked of.
  #end(algorithm, argument, other, onDone, onFailed, succeed, fail) {
    if (this.finish === undefined) {
      const finish = this.finish = new Outcome(true);
      run(algorithm, argument, () => {
        if (other.state === 'errored') finish.reject(other.error);
        else {
          succeed();
          finish.resolve();
        }
      }, (error) => {
        fail(error);
        finish.reject(error);
      });
      this.#clear();
    }
    this.finish.then(onDone, onFailed);
  }

  #close(onDone, onFailed) {
    const { controller } = this.readable;
    this.#end(this.flush, undefined, this.readable, onDone, onFailed, () => controller.close(),
      (error) => controller.fail(error));
  }

  #abort(reason, onDone, onFailed) {
    const { controller } = this.readable;
    this.#end(this.cancel, reason, this.readable, onDone, onFailed, () => controller.fail(reason),
      (error) => controller.fail(error));
  }

  #cancel(reason, onDone, onFailed) {
    const failBoth = (error) => {
      failIfWritable(this.writable.controller, error);
      if (this.isFull) this.setFull(false);
    };
    this.#end(this.cancel, reason, this.writable, onDone, onFailed, () => failBoth(reason), failBoth);
  }
}
ObjectSetPrototypeOf(Transform.prototype, null);

// ---- Interfaces

class TransformStreamDefaultController {
  constructor() { throw new TypeError('Illegal constructor'); }

  get desiredSize() { return desiredSizeOf(controllerOf(this).readable.controller); }
  enqueue(chunk = undefined) { controllerOf(this).enqueue(chunk); }
  error(reason = undefined) { controllerOf(this).fail(reason); }
  terminate() { controllerOf(this).terminate(); }
}

const { get: controllerOf, make: makeController } = hidden(TransformStreamDefaultController);

const Slot = makeSlot();
const { get: stateOf } = Slot;
const any = (value) => value;
const transformerMembers = [['cancel', toCallback], ['flush', toCallback], ['readableType', any], ['start', toCallback],
  ['transform', toCallback], ['writableType', any]];

class TransformStream {
  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    const where = 'TransformStream: argument 1';
    const receiver = transformer === undefined ? undefined : toObject(transformer, where);
    const writing = toStrategy(writableStrategy, 'TransformStream: argument 2');
    const reading = toStrategy(readableStrategy, 'TransformStream: argument 3');
    const members = toDictionary(receiver, transformerMembers, where);
    if ('readableType' in members || 'writableType' in members) throw new RangeError(`${where}: there are no types`);
    const readableMark = markOf(reading, 0);
    const state = new Transform(markOf(writing, 1), sizeOf(writing), readableMark, sizeOf(reading));
    new Slot(this, state);
    const object = makeController(state);
    state.transform = algorithmOf(members.transform, receiver, true, object);
    state.flush = algorithmOf(members.flush, receiver, false, object);
    state.cancel = algorithmOf(members.cancel, receiver, true);
    state.start(members.start && ReflectApply(members.start, receiver, [object]));
  }

  get readable() { return stateOf(this).readable.object; }
  get writable() { return stateOf(this).writable.object; }
}

exposeInterface(TransformStream, {
  __proto__: null, has: Slot.has,
  transfer(object) {
    internals.parts.streamTransfer;
    return internals.streams.transferTransform(stateOf(object));
  },
});
exposeInterface(TransformStreamDefaultController);

// A transform of the prelude's own: functions that may throw, `transform` of (chunk) and `flush` of ().
const makeTransform = (transform, flush) => {
  const state = new Transform(1, undefined, 0, undefined);
  const synchronous = (work) => (argument, onDone, onFailed) => {
    try {
      work(argument);
    } catch (error) {
      failSoon(onFailed, error);
      return;
    }
    soon(onDone);
  };
  state.transform = synchronous(transform);
  state.flush = synchronous(flush);
  state.start(undefined);
  return state;
};

internals.streams.makeTransform = makeTransform;

// Another stream of the same chunks; this one is locked and disturbed.
internals.streams.passOn = (object) => {
  const transform = makeTransform((chunk) => transform.enqueue(chunk), nothing);
  internals.streams.pipe(object, transform.writable.object, { __proto__: null }, undefined);
  return transform.readable.object;
};

internals.streams.makeTransformObject = (state) => {
  const object = { __proto__: TransformStream.prototype };
  new Slot(object, state);
  return object;
};
