// SPDX-License-Identifier: Apache-2.0
'use strict';

// ReadableStream inside: the stream, its readers, and the controller of chunks of any kind. The controllers share
// the methods pull, cancel, release and wantsMore; requests have chunk, close and error, and a `next` for queues.

const { ObjectSetPrototypeOf, TypeError } = primordials;
const { each } = internals.webidl;
const { follow, Outcome, Queue, run, soon } = internals.streams;

class Readable {
  constructor() {
    this.object = undefined;
    this.state = 'readable';
    this.error = undefined;
    this.isDisturbed = false;
    this.reader = undefined;
    this.controller = undefined;
  }
}

class Reader {
  constructor(stream, isBYOB) {
    if (stream.reader !== undefined) throw new TypeError('The stream is locked to a reader');
    if (isBYOB && !stream.controller.isBytes) throw new TypeError('The stream is not one of bytes');
    this.stream = stream;
    this.isBYOB = isBYOB;
    this.requests = new Queue();
    this.closed = new Outcome(true);
    this.onEnd = undefined; // called soon after the stream has closed or failed
    stream.reader = this;
    if (stream.state === 'closed') this.closed.resolve();
    else if (stream.state === 'errored') this.closed.reject(stream.error);
  }
}

const watchEnd = (reader, onEnd) => {
  reader.onEnd = onEnd;
  if (reader.stream.state !== 'readable') soon(onEnd);
};

// Requests that are put in meanwhile are not touched.
const settleRequests = ({ requests }, method, argument) => {
  let request = requests.first;
  requests.clear();
  while (request !== undefined) {
    const { next } = request;
    request.next = undefined;
    request[method](argument);
    request = next;
  }
};

const hasRequests = ({ reader }) => reader !== undefined && reader.requests.first !== undefined;

const closeStream = (stream) => {
  stream.state = 'closed';
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve();
  if (reader.onEnd !== undefined) soon(reader.onEnd);
  if (!reader.isBYOB) settleRequests(reader, 'close');
};

const errorStream = (stream, error) => {
  stream.state = 'errored';
  stream.error = error;
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.reject(error);
  if (reader.onEnd !== undefined) soon(reader.onEnd);
  settleRequests(reader, 'error', error);
};

const read = (reader, request) => {
  const { stream } = reader;
  stream.isDisturbed = true;
  if (stream.state === 'closed') request.close();
  else if (stream.state === 'errored') request.error(stream.error);
  else stream.controller.pull(request);
};

const release = (reader) => {
  const { stream } = reader;
  const error = new TypeError('The reader was released');
  reader.closed.fail(error);
  stream.controller.release();
  stream.reader = undefined;
  reader.stream = undefined;
  reader.onEnd = undefined;
  settleRequests(reader, 'error', error);
};

const cancel = (stream, reason, onDone, onFailed) => {
  stream.isDisturbed = true;
  if (stream.state === 'closed') soon(onDone);
  else if (stream.state === 'errored') soon(() => onFailed(stream.error));
  else {
    closeStream(stream);
    if (stream.reader?.isBYOB) settleRequests(stream.reader, 'close');
    stream.controller.cancel(reason, onDone, onFailed);
  }
};

// ---- Controllers

// What both kinds begin with.
const setUp = (controller, stream, pull, cancel, highWaterMark) => {
  controller.stream = stream;
  controller.object = undefined;
  controller.queue = new Queue();
  controller.highWaterMark = highWaterMark;
  controller.pullAlgorithm = pull;
  controller.cancelAlgorithm = cancel;
  controller.isStarted = controller.isPulling = controller.pullsAgain = controller.closeRequested = false;
  controller.onPulled = () => {
    controller.isPulling = false;
    if (!controller.pullsAgain) return;
    controller.pullsAgain = false;
    pullIfNeeded(controller);
  };
  controller.onFailed = (error) => controller.fail(error);
  stream.controller = controller;
};

const pullIfNeeded = (controller) => {
  if (controller.pullAlgorithm === undefined || !controller.wantsMore()) return;
  if (controller.isPulling) {
    controller.pullsAgain = true;
    return;
  }
  controller.isPulling = true;
  controller.pullAlgorithm(undefined, controller.onPulled, controller.onFailed);
};

const begin = (controller) => {
  controller.isStarted = true;
  pullIfNeeded(controller);
};

const start = (controller, result) => follow(result, () => begin(controller), controller.onFailed);

const clearAlgorithms = (controller) => {
  controller.pullAlgorithm = controller.cancelAlgorithm = controller.sizeAlgorithm = undefined;
};

const cancelSource = (controller, reason, onDone, onFailed) => {
  const { cancelAlgorithm } = controller;
  controller.queue.clear();
  run(cancelAlgorithm, reason, onDone, onFailed);
  clearAlgorithms(controller);
};

const failStream = (controller, error) => {
  controller.queue.clear();
  clearAlgorithms(controller);
  errorStream(controller.stream, error);
};

const desiredSizeOf = ({ highWaterMark, queue, stream }) =>
  (stream.state === 'readable' ? highWaterMark - queue.total : stream.state === 'closed' ? 0 : null);

class DefaultController {
  constructor(stream, pull, cancel, highWaterMark, size) {
    setUp(this, stream, pull, cancel, highWaterMark);
    this.isBytes = false;
    this.sizeAlgorithm = size;
  }

  isOpen() { return !this.closeRequested && this.stream.state === 'readable'; }

  wantsMore() {
    return this.isOpen() && this.isStarted && (hasRequests(this.stream) || this.highWaterMark > this.queue.total);
  }

  pull(request) {
    const { queue, stream } = this;
    if (queue.first === undefined) {
      stream.reader.requests.add(request);
      pullIfNeeded(this);
      return;
    }
    const chunk = queue.shift();
    if (this.closeRequested && queue.first === undefined) {
      clearAlgorithms(this);
      closeStream(stream);
    } else pullIfNeeded(this);
    request.chunk(chunk);
  }

  cancel(reason, onDone, onFailed) { cancelSource(this, reason, onDone, onFailed); }

  release() {}

  close() {
    if (!this.isOpen()) return;
    this.closeRequested = true;
    if (this.queue.first !== undefined) return;
    clearAlgorithms(this);
    closeStream(this.stream);
  }

  enqueue(chunk) {
    if (!this.isOpen()) return;
    const { stream } = this;
    if (hasRequests(stream)) stream.reader.requests.take().chunk(chunk);
    else {
      try {
        const { sizeAlgorithm } = this;
        this.queue.push(chunk, sizeAlgorithm === undefined ? 1 : sizeAlgorithm(chunk));
      } catch (error) {
        this.fail(error);
        throw error;
      }
    }
    pullIfNeeded(this);
  }

  fail(error) {
    if (this.stream.state === 'readable') failStream(this, error);
  }
}

// A stream of the prelude's own, of which `last` is the strategy's size or the size of chunks to allocate.
const makeReadable = (Controller, pull, cancelAlgorithm, highWaterMark, last) => {
  const stream = new Readable();
  new Controller(stream, pull, cancelAlgorithm, highWaterMark, last);
  internals.readable.makeObject(stream); // of 55-readable.js
  return stream;
};

const beginSoon = ({ controller }) => soon(() => begin(controller));

each([Readable, Reader, DefaultController], (Class) => ObjectSetPrototypeOf(Class.prototype, null));

internals.readable = {
  __proto__: null,
  begin, beginSoon, cancel, cancelSource, clearAlgorithms, closeStream, DefaultController, desiredSizeOf, failStream,
  hasRequests, makeReadable, pullIfNeeded, read, Readable, Reader, release, setUp, start, watchEnd,
};
