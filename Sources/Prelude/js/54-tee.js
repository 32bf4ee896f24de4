// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayBuffer, ObjectSetPrototypeOf, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, Uint8Array,
} = primordials;
const { Outcome, soon } = internals.streams;
const { beginSoon, cancel, DefaultController, makeReadable, read, Reader, release, watchEnd } = internals.readable;
const { ByteController, copy } = internals.readableBytes;

// Two branches, of which each may be canceled; the source is when both are. What the kinds have in common.
class Tee {
  constructor(source, Controller, highWaterMark) {
    this.source = source;
    this.reader = undefined;
    this.next = undefined;
    this.value = undefined;
    this.isReading = false;
    this.readsAgain = [false, false];
    this.isCanceled = [false, false];
    this.reasons = [undefined, undefined];
    this.outcome = new Outcome(true);
    this.onCanceled = () => this.outcome.resolve();
    this.onCancelFailed = (error) => this.outcome.reject(error);
    this.onChunk = () => this.deliver();
    this.take(false);
    const pull = (i) => (_, onDone) => {
      this.pull(i);
      soon(onDone);
    };
    this.branches = [makeReadable(Controller, pull(0), this.cancelling(0), highWaterMark),
      makeReadable(Controller, pull(1), this.cancelling(1), highWaterMark)];
    for (let i = 0; i < 2; i++) beginSoon(this.branches[i]);
  }

  take(isBYOB) {
    const reader = this.reader = new Reader(this.source, isBYOB);
    watchEnd(reader, () => {
      if (this.reader !== reader || this.source.state !== 'errored') return;
      this.failBranches(this.source.error);
      this.finish();
    });
  }

  failBranches(error) {
    for (let i = 0; i < 2; i++) this.branches[i].controller.fail(error);
  }

  finish() {
    if (!this.isCanceled[0] || !this.isCanceled[1]) this.outcome.resolve();
  }

  cancelling(i) {
    return (reason, onDone, onFailed) => {
      this.isCanceled[i] = true;
      this.reasons[i] = reason;
      this.outcome.then(onDone, onFailed);
      if (this.isCanceled[1 - i]) {
        cancel(this.source, [this.reasons[0], this.reasons[1]], this.onCanceled, this.onCancelFailed);
      }
    };
  }

  pull(i) {
    if (this.isReading) this.readsAgain[i] = true;
    else {
      this.isReading = true;
      this.read(i);
    }
  }

  chunk(value) {
    this.value = value;
    soon(this.onChunk);
  }

  error() { this.isReading = false; }

  deliver() {
    const { readsAgain, value } = this;
    this.value = undefined;
    readsAgain[0] = readsAgain[1] = false;
    try {
      this.share(value);
    } catch (error) {
      this.failBranches(error);
      cancel(this.source, error, this.onCanceled, this.onCancelFailed);
      return;
    }
    this.isReading = false;
    if (readsAgain[0]) this.pull(0);
    else if (readsAgain[1]) this.pull(1);
  }
}

class DefaultTee extends Tee {
  constructor(source, clones) {
    super(source, DefaultController, 1);
    this.clones = clones; // for the second branch
  }

  read() { read(this.reader, this); }

  share(value) {
    const { branches, isCanceled } = this;
    internals.parts.clone;
    const second = this.clones && !isCanceled[1] ? internals.clone(value) : value;
    if (!isCanceled[0]) branches[0].controller.enqueue(value);
    if (!isCanceled[1]) branches[1].controller.enqueue(second);
  }

  close() {
    this.isReading = false;
    for (let i = 0; i < 2; i++) if (!this.isCanceled[i]) this.branches[i].controller.close();
    this.finish();
  }
}

const cloneBytes = (view) => {
  const length = TypedArrayPrototypeGetByteLength(view);
  const buffer = new ArrayBuffer(length);
  copy(buffer, 0, TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view), length);
  return new Uint8Array(buffer);
};

class ByteTee extends Tee {
  constructor(source) {
    super(source, ByteController, 0);
    this.filled = -1; // the branch whose memory is read into
  }

  read(i) {
    const request = this.branches[i].controller.byobRequest();
    const isBYOB = request !== undefined;
    if (isBYOB !== this.reader.isBYOB) {
      release(this.reader);
      this.take(isBYOB);
    }
    this.filled = isBYOB ? i : -1;
    if (isBYOB) this.source.controller.pullInto(request.view, 1, this);
    else read(this.reader, this);
  }

  share(value) {
    const { branches, filled, isCanceled } = this;
    const first = filled < 0 ? 0 : filled;
    const other = 1 - first;
    const copied = !isCanceled[other] && (filled >= 0 || !isCanceled[first]) ? cloneBytes(value) : value;
    if (!isCanceled[first]) {
      if (filled < 0) branches[first].controller.enqueue(value);
      else branches[first].controller.respondWithNewView(value);
    }
    if (!isCanceled[other]) branches[other].controller.enqueue(copied);
  }

  close(view = undefined) {
    const { branches, filled, isCanceled } = this;
    this.isReading = false;
    const first = filled < 0 ? 0 : filled;
    for (let k = 0; k < 2; k++) {
      const i = k === 0 ? first : 1 - first;
      if (!isCanceled[i]) branches[i].controller.close();
    }
    if (filled < 0 || view !== undefined) {
      for (let k = 0; k < 2; k++) {
        const i = k === 0 ? first : 1 - first;
        const { controller } = branches[i];
        if (i === filled) {
          if (!isCanceled[i]) controller.respondWithNewView(view);
        } else if (!(filled >= 0 && isCanceled[i]) && controller.pending.first !== undefined) controller.respond(0);
      }
    }
    this.finish();
  }
}

ObjectSetPrototypeOf(Tee.prototype, null);

// The states of the branches.
const tee = (stream, clones) => (stream.controller.isBytes ? new ByteTee(stream) : new DefaultTee(stream, clones)).branches;

internals.streams.tee = tee;
