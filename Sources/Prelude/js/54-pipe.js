// SPDX-License-Identifier: Apache-2.0
'use strict';

// A pipe reads with one request, which is itself, and writes without promises.

const { ObjectSetPrototypeOf, TypeError } = primordials;
const { abortReasonOf, addAbortAlgorithm, removeAbortAlgorithm } = internals;
const { failSoon, soon } = internals.streams;
const { cancel, read, Reader, release, watchEnd } = internals.readable;
const { abort, close, failIfWritable, isClosing, releaseWriter, silent, write, Writer } = internals.writable;

// Of pipes that write into one another's sources; what is deeper waits for a microtask.
let depth = 0;

class Pipe {
  constructor(source, target, options, deferred) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.deferred = deferred; // of the pipe's end; undefined: nobody waits
    this.reader = new Reader(source, false);
    this.writer = new Writer(target);
    this.next = undefined;
    this.isReading = false;
    this.isAwake = false; // looks now or soon
    this.isEnding = false;
    this.onIdle = undefined; // once everything read is written
    this.held = undefined; // read and not yet written, where `holds`
    this.holds = false;
    this.look = () => this.#look();
    this.onHeld = () => {
      const { held } = this;
      this.held = undefined;
      this.holds = false;
      if (this.reader.stream !== undefined) this.chunk(held);
    };
    this.onAbort = undefined;
    this.writer.watcher = this;
    source.isDisturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      this.onAbort = () => this.#abort(abortReasonOf(signal));
      if (abortReasonOf(signal) !== undefined) this.onAbort();
      else addAbortAlgorithm(signal, this.onAbort);
    }
    this.#check();
    if (!this.isEnding && (isClosing(target) || target.state === 'closed')) {
      const error = new TypeError('The target of the pipe is closed');
      this.#end(options.preventCancel ? undefined : this.#cancelling(error), true, error);
    }
    if (this.reader.stream === undefined) return;
    watchEnd(this.reader, this.look);
    this.change();
  }

  change() {
    if (this.isAwake) return;
    this.isAwake = true;
    soon(this.look);
  }

  // As a request.

  chunk(value) {
    if (depth > 20) {
      this.held = value;
      this.holds = true;
      soon(this.onHeld);
      return;
    }
    this.isReading = false;
    depth++;
    try {
      write(this.writer, value, silent);
    } catch (error) {
      failIfWritable(this.target.controller, error); // mostly it has failed already, which ends the pipe
    } finally {
      depth--;
    }
    this.change();
  }

  close() { this.isReading = false; }
  error() { this.isReading = false; }

  #look() {
    this.isAwake = false;
    if (this.reader.stream === undefined) return;
    this.#check();
    const { reader, source, target } = this;
    if (this.isEnding) {
      if (this.onIdle === undefined || (target.state !== 'errored' &&
        (this.holds || target.requests.first !== undefined || target.write !== undefined))) return;
      const { onIdle } = this;
      this.onIdle = undefined;
      onIdle();
      return;
    }
    this.isAwake = true;
    while (!this.isReading && !this.isEnding && source.state === 'readable' && target.state === 'writable' &&
      !target.isFull) {
      this.isReading = true;
      read(reader, this);
    }
    this.isAwake = false;
    if (this.isEnding) this.change();
  }

  #check() {
    if (this.isEnding) return;
    const { options, source, target } = this;
    if (source.state === 'errored') {
      const { error } = source;
      this.#end(options.preventAbort ? undefined : this.#aborting(error), true, error);
    } else if (target.state === 'errored') {
      const { error } = target;
      this.#end(options.preventCancel ? undefined : this.#cancelling(error), true, error);
    } else if (source.state === 'closed') {
      this.#end(options.preventClose ? undefined : (onDone, onFailed) => this.#closeTarget(onDone, onFailed), false);
    }
  }

  #aborting(error) { return (onDone, onFailed) => abort(this.target, error).then(onDone, onFailed); }
  #cancelling(error) { return (onDone, onFailed) => cancel(this.source, error, onDone, onFailed); }

  #closeTarget(onDone, onFailed) {
    const { target } = this;
    if (isClosing(target) || target.state === 'closed') onDone();
    else if (target.state === 'errored') onFailed(target.error);
    else close(target).then(onDone, onFailed);
  }

  #abort(reason) {
    const { options, source, target } = this;
    const actions = [undefined, undefined];
    let count = 0;
    if (!options.preventAbort && target.state === 'writable') actions[count++] = this.#aborting(reason);
    if (!options.preventCancel && source.state === 'readable') {
      // The failure of the first counts, where both fail at once.
      actions[count++] = (onDone, onFailed) => cancel(source, reason, onDone, (error) => failSoon(onFailed, error));
    }
    this.#end((onDone, onFailed) => {
      let rest = count;
      const onOneDone = () => {
        if (--rest === 0) onDone();
      };
      for (let i = 0; i < count; i++) actions[i](onOneDone, onFailed);
      if (count === 0) onDone();
    }, true, reason);
  }

  // `action` gets (onDone, onFailed).
  #end(action, isError, error) {
    if (this.isEnding) return;
    this.isEnding = true;
    const onDone = () => this.#finish(isError, error);
    const proceed = action === undefined ? onDone : () => action(onDone, (other) => this.#finish(true, other));
    if (this.target.state !== 'writable' || isClosing(this.target)) proceed();
    else {
      this.onIdle = proceed;
      this.change();
    }
  }

  #finish(isError, error) {
    const { deferred, options, reader, writer } = this;
    if (reader.stream === undefined) return;
    releaseWriter(writer);
    writer.watcher = undefined;
    release(reader);
    if (options.signal !== undefined) removeAbortAlgorithm(options.signal, this.onAbort);
    if (isError) deferred?.reject(error);
    else deferred?.resolve();
  }
}
ObjectSetPrototypeOf(Pipe.prototype, null);

internals.streams.Pipe = Pipe;
