// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectSetPrototypeOf, PromiseReject, RangeError, ReflectApply, TypeError } = primordials;
const { makeAbortSignal, signalAbort } = internals;
const {
  each, exposeInterface, makeSlot, requireArguments, toDictionary, toCallback, toObject,
} = internals.webidl;
const {
  algorithmOf, attempt, Deferred, follow, hidden, markOf, Outcome, Queue, run, sizeOf, toStrategy,
} = internals.streams;

// ---- Inside

class Writable {
  constructor() {
    this.object = undefined;
    this.state = 'writable';
    this.error = undefined;
    this.writer = undefined;
    this.controller = undefined;
    this.isFull = false;
    this.requests = new Queue(); // of writes, each with resolve and reject
    this.write = undefined; // these are being done
    this.close = undefined;
    this.closeRequest = undefined;
    this.abortRequest = undefined; // { outcome, reason, wasErroring }
  }
}

class Writer {
  constructor(stream) {
    if (stream.writer !== undefined) throw new TypeError('The stream is locked to a writer');
    this.stream = stream;
    this.ready = new Outcome(true);
    this.closed = new Outcome(true);
    this.watcher = undefined; // its method `change` is called when the stream may have become ready, idle or failed
    stream.writer = this;
    const { state } = stream;
    if (state === 'erroring' || state === 'errored') this.ready.reject(stream.error);
    else if (state === 'closed' || isClosing(stream) || !stream.isFull) this.ready.resolve();
    if (state === 'closed') this.closed.resolve();
    else if (state === 'errored') this.closed.reject(stream.error);
  }
}

const closeMark = { __proto__: null };
const silent = { __proto__: null, resolve() {}, reject() {} }; // the request of a write that nobody waits for

const isClosing = (stream) => stream.closeRequest !== undefined || stream.close !== undefined;
const isBusy = (stream) => stream.write !== undefined || stream.close !== undefined;

const startErroring = (stream, reason) => {
  stream.state = 'erroring';
  stream.error = reason;
  stream.writer?.ready.fail(reason);
  if (!isBusy(stream) && stream.controller.isStarted) finishErroring(stream);
};

const rejectClosed = (stream) => {
  if (stream.closeRequest !== undefined) {
    stream.closeRequest.reject(stream.error);
    stream.closeRequest = undefined;
  }
  stream.writer?.closed.reject(stream.error);
};

const finishErroring = (stream) => {
  stream.state = 'errored';
  const { abortRequest, controller, error, requests } = stream;
  controller.queue.clear();
  while (requests.first !== undefined) requests.shift().reject(error);
  stream.abortRequest = undefined;
  if (abortRequest === undefined || abortRequest.wasErroring) {
    abortRequest?.outcome.reject(error);
    rejectClosed(stream);
  } else {
    const { abortAlgorithm } = controller;
    const { outcome } = abortRequest;
    run(abortAlgorithm, abortRequest.reason, () => {
      outcome.resolve();
      rejectClosed(stream);
    }, (reason) => {
      outcome.reject(reason);
      rejectClosed(stream);
    });
    clearAlgorithms(controller);
  }
  stream.writer?.watcher?.change();
};

const reject = (stream, error) => {
  if (stream.state === 'writable') startErroring(stream, error);
  else finishErroring(stream);
};

const setFull = (stream, isFull) => {
  if (isFull === stream.isFull) return;
  stream.isFull = isFull;
  const { writer } = stream;
  if (writer === undefined) return;
  if (isFull) writer.ready.reset();
  else {
    writer.ready.resolve();
    writer.watcher?.change();
  }
};

// The outcome of the abort.
const abort = (stream, reason) => {
  const done = new Outcome(false);
  if (stream.state !== 'closed' && stream.state !== 'errored') {
    const { controller } = stream;
    if (!controller.isAborted) {
      controller.isAborted = true;
      controller.reason = reason;
      if (controller.signal !== undefined) signalAbort(controller.signal, reason);
    }
  }
  if (stream.state === 'closed' || stream.state === 'errored') {
    done.resolve();
    return done;
  }
  if (stream.abortRequest !== undefined) return stream.abortRequest.outcome;
  const wasErroring = stream.state === 'erroring';
  stream.abortRequest = { __proto__: null, outcome: done, reason: wasErroring ? undefined : reason, wasErroring };
  if (!wasErroring) startErroring(stream, reason);
  return done;
};

const close = (stream) => {
  const { controller, state, writer } = stream;
  if (state === 'closed' || state === 'errored') throw new TypeError(`The stream is ${state}`);
  const request = stream.closeRequest = new Outcome(false);
  if (stream.isFull && state === 'writable') writer?.ready.resolve();
  controller.queue.push(closeMark, 0);
  advance(controller);
  return request;
};

const releaseWriter = (writer) => {
  const error = new TypeError('The writer was released');
  writer.ready.fail(error);
  writer.closed.fail(error);
  writer.stream.writer = undefined;
  writer.stream = undefined;
};

// Throws where the chunk is not taken.
const write = (writer, chunk, request) => {
  const { stream } = writer;
  const { controller } = stream;
  let size = 1;
  try {
    if (controller.sizeAlgorithm !== undefined) size = controller.sizeAlgorithm(chunk);
  } catch (error) {
    failIfWritable(controller, error);
  }
  if (stream !== writer.stream) throw new TypeError('The writer was released');
  if (stream.state === 'errored') throw stream.error;
  if (isClosing(stream) || stream.state === 'closed') throw new TypeError('The stream is closing or closed');
  if (stream.state === 'erroring') throw stream.error;
  stream.requests.push(request, 0);
  try {
    controller.queue.push(chunk, size);
  } catch (error) {
    failIfWritable(controller, error);
    return;
  }
  setFull(stream, controller.isFull());
  advance(controller);
};

const desiredSizeOf = ({ controller, state }) => {
  if (state === 'errored' || state === 'erroring') return null;
  return state === 'closed' ? 0 : controller.highWaterMark - controller.queue.total;
};

const clearAlgorithms = (controller) => {
  controller.writeAlgorithm = controller.closeAlgorithm = controller.abortAlgorithm = undefined;
  controller.sizeAlgorithm = undefined;
};

const fail = (controller, error) => {
  clearAlgorithms(controller);
  startErroring(controller.stream, error);
};

const failIfWritable = (controller, error) => {
  if (controller.stream.state === 'writable') fail(controller, error);
};

const advance = (controller) => {
  const { queue, stream } = controller;
  if (!controller.isStarted || stream.write !== undefined) return;
  if (stream.state === 'erroring') {
    finishErroring(stream);
    return;
  }
  if (queue.first === undefined) return;
  const chunk = queue.first.value;
  if (chunk === closeMark) processClose(controller);
  else {
    stream.write = stream.requests.shift();
    run(controller.writeAlgorithm, chunk, controller.onWritten, controller.onWriteFailed);
  }
};

const processClose = (controller) => {
  const { stream } = controller;
  stream.close = stream.closeRequest;
  stream.closeRequest = undefined;
  controller.queue.shift();
  const { closeAlgorithm } = controller;
  run(closeAlgorithm, undefined, () => {
    stream.close.resolve();
    stream.close = undefined;
    if (stream.state === 'erroring') {
      stream.error = undefined;
      stream.abortRequest?.outcome.resolve();
      stream.abortRequest = undefined;
    }
    stream.state = 'closed';
    stream.writer?.closed.resolve();
  }, (error) => {
    stream.close.reject(error);
    stream.close = undefined;
    stream.abortRequest?.outcome.reject(error);
    stream.abortRequest = undefined;
    reject(stream, error);
  });
  clearAlgorithms(controller);
};

class Controller {
  constructor(stream, write, close, abort, highWaterMark, size) {
    this.stream = stream;
    this.object = undefined;
    this.queue = new Queue();
    this.isStarted = false;
    this.signal = undefined; // made when it is asked for
    this.isAborted = false;
    this.reason = undefined;
    this.highWaterMark = highWaterMark;
    this.sizeAlgorithm = size;
    this.writeAlgorithm = write;
    this.closeAlgorithm = close;
    this.abortAlgorithm = abort;
    this.onWritten = () => {
      const { state, write: request, writer } = stream;
      stream.write = undefined;
      request.resolve();
      this.queue.shift();
      if (!isClosing(stream) && state === 'writable') setFull(stream, this.isFull());
      if (writer?.watcher !== undefined && stream.requests.first === undefined) writer.watcher.change();
      advance(this);
    };
    this.onWriteFailed = (error) => {
      if (stream.state === 'writable') clearAlgorithms(this);
      const { write: request } = stream;
      stream.write = undefined;
      request.reject(error);
      reject(stream, error);
    };
    stream.controller = this;
    stream.isFull = this.isFull();
  }

  isFull() { return this.highWaterMark <= this.queue.total; }
}

const begin = (controller) => {
  controller.isStarted = true;
  advance(controller);
};

const failStart = (controller, error) => {
  controller.isStarted = true;
  reject(controller.stream, error);
};

each([Writable, Writer, Controller], (Class) => ObjectSetPrototypeOf(Class.prototype, null));

// ---- Interfaces

class WritableStreamDefaultController {
  constructor() { throw new TypeError('Illegal constructor'); }

  get signal() {
    const controller = controllerOf(this);
    if (controller.signal === undefined) {
      controller.signal = makeAbortSignal();
      if (controller.isAborted) signalAbort(controller.signal, controller.reason);
    }
    return controller.signal;
  }

  error(e = undefined) { failIfWritable(controllerOf(this), e); }
}

const { blank, get: controllerOf, make: makeController } = hidden(WritableStreamDefaultController);

const Slot = makeSlot();
const { get: stateOf, has: isWritable } = Slot;

// A stream of the prelude's own.
const makeWritable = (write, close, abort, highWaterMark, size) => {
  const stream = new Writable();
  stream.object = { __proto__: WritableStream.prototype };
  new Slot(stream.object, stream);
  new Controller(stream, write, close, abort, highWaterMark, size);
  return stream;
};

const requireUnlocked = (stream) => {
  if (stream.writer !== undefined) throw new TypeError('The stream is locked to a writer');
  return stream;
};

const closeOnce = (stream) => {
  if (isClosing(stream)) throw new TypeError('The stream is closing already');
  return close(stream).show();
};

const sinkMembers = [['abort', toCallback], ['close', toCallback], ['start', toCallback], ['type', (value) => value],
  ['write', toCallback]];

class WritableStream {
  constructor(underlyingSink = undefined, strategy = undefined) {
    const sink = underlyingSink === undefined ? undefined : toObject(underlyingSink, 'WritableStream: argument 1');
    const queuing = toStrategy(strategy, 'WritableStream: argument 2');
    const members = toDictionary(sink, sinkMembers, 'WritableStream: argument 1');
    if ('type' in members) throw new RangeError('WritableStream: there are no types of sinks');
    const stream = new Writable();
    stream.object = this;
    new Slot(this, stream);
    const object = blank();
    const controller = new Controller(stream, algorithmOf(members.write, sink, true, object),
      algorithmOf(members.close, sink, false), algorithmOf(members.abort, sink, true), markOf(queuing, 1),
      sizeOf(queuing));
    makeController(controller, object);
    follow(members.start && ReflectApply(members.start, sink, [object]), () => begin(controller),
      (error) => failStart(controller, error));
  }

  get locked() { return stateOf(this).writer !== undefined; }

  abort(reason = undefined) {
    return attempt(() => abort(requireUnlocked(stateOf(this)), reason).show());
  }

  close() { return attempt(() => closeOnce(requireUnlocked(stateOf(this)))); }

  getWriter() { return makeWriter(stateOf(this)); }
}

const requireStream = (writer) => {
  if (writer.stream === undefined) throw new TypeError('The writer was released');
  return writer.stream;
};

const WriterSlot = makeSlot();
const { get: writerOf } = WriterSlot;

const makeWriter = (stream) => {
  const object = { __proto__: WritableStreamDefaultWriter.prototype };
  new WriterSlot(object, new Writer(stream));
  return object;
};

class WritableStreamDefaultWriter {
  constructor(stream) {
    requireArguments(arguments.length, 1, 'WritableStreamDefaultWriter');
    new WriterSlot(this, new Writer(toWritable(stream, 'WritableStreamDefaultWriter: argument 1')));
  }

  get closed() { return attempt(() => writerOf(this).closed.show()); }
  get desiredSize() { return desiredSizeOf(requireStream(writerOf(this))); }
  get ready() { return attempt(() => writerOf(this).ready.show()); }

  abort(reason = undefined) { return attempt(() => abort(requireStream(writerOf(this)), reason).show()); }

  close() { return attempt(() => closeOnce(requireStream(writerOf(this)))); }

  releaseLock() {
    const writer = writerOf(this);
    if (writer.stream !== undefined) releaseWriter(writer);
  }

  write(chunk = undefined) {
    try {
      const writer = writerOf(this);
      requireStream(writer);
      const request = new Deferred();
      write(writer, chunk, request);
      return request.promise;
    } catch (error) {
      return PromiseReject(error);
    }
  }
}

const toWritable = (value, where) => {
  if (!isWritable(value)) throw new TypeError(`${where} is not a WritableStream`);
  return stateOf(value);
};

exposeInterface(WritableStream, {
  __proto__: null, has: isWritable,
  transfer(object) {
    internals.parts.streamTransfer;
    return internals.streams.transferWritable(stateOf(object));
  },
});
exposeInterface(WritableStreamDefaultWriter, { __proto__: null, has: WriterSlot.has });
exposeInterface(WritableStreamDefaultController);

internals.writable = {
  __proto__: null,
  abort, begin, close, failIfWritable, failStart, isBusy, isClosing, makeWritable, releaseWriter, silent, stateOf,
  toWritable, write, Writer,
};
