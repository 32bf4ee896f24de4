// SPDX-License-Identifier: Apache-2.0
'use strict';

// The controller of streams of bytes. What it takes is transferred, so that no script has the memory meanwhile.

const {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, DataView, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset, ObjectSetPrototypeOf, RangeError, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet, TypeError, Uint8Array,
} = primordials;
const { each, list } = internals.webidl;
const { Queue } = internals.streams;
const {
  cancelSource, clearAlgorithms, closeStream, failStream, hasRequests, pullIfNeeded, setUp,
} = internals.readable;

const transfer = (buffer) => host.transferArrayBuffer(buffer);

const isDetached = (buffer) => {
  if (ArrayBufferPrototypeGetByteLength(buffer) > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
};

const requireAttached = (buffer) => {
  if (isDetached(buffer)) throw new TypeError('The ArrayBuffer is detached');
};

// { buffer, offset, length, View, step }: the parts of a view; `step` is the size of an element.
const partsOf = (view) => {
  const tag = TypedArrayPrototypeGetSymbolToStringTag(view);
  return tag === undefined ? {
    __proto__: null, buffer: DataViewPrototypeGetBuffer(view), offset: offsetOfDataView(view),
    length: lengthOfDataView(view), View: DataView, step: 1,
  } : {
    __proto__: null, buffer: TypedArrayPrototypeGetBuffer(view), offset: TypedArrayPrototypeGetByteOffset(view),
    length: TypedArrayPrototypeGetByteLength(view), View: primordials[tag],
    step: primordials[`${tag}BYTES_PER_ELEMENT`],
  };
};

// These throw where the buffer is detached.
const orZero = (get) => (view) => (isDetached(DataViewPrototypeGetBuffer(view)) ? 0 : get(view));
const offsetOfDataView = orZero(DataViewPrototypeGetByteOffset);
const lengthOfDataView = orZero(DataViewPrototypeGetByteLength);

const copy = (target, targetOffset, source, sourceOffset, length) => {
  TypedArrayPrototypeSet(new Uint8Array(target, targetOffset, length), new Uint8Array(source, sourceOffset, length));
};

class Entry {
  constructor(buffer, offset, length) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    this.next = undefined;
  }
}

// Memory that waits to be filled. `kind`: default for a chunk of the stream's own making, byob, none without a reader.
class PullInto {
  constructor({ buffer, length, offset, step, View }, minimum, kind) {
    this.buffer = buffer;
    this.bufferLength = ArrayBufferPrototypeGetByteLength(buffer);
    this.offset = offset;
    this.length = length;
    this.filled = 0;
    this.minimum = minimum;
    this.step = step;
    this.View = View;
    this.kind = kind;
    this.next = undefined;
  }
}

const convert = ({ buffer, filled, offset, step, View }) => new View(transfer(buffer), offset, filled / step);

const commit = (stream, into) => {
  const view = convert(into);
  const request = stream.reader.requests.take();
  if (stream.state === 'closed') request.close(view);
  else request.chunk(view);
};

const commitAll = (stream, intos) => {
  for (let i = 0; i < intos.length; i++) commit(stream, intos[i]);
};

class ByteController {
  constructor(stream, pull, cancel, highWaterMark, autoSize) {
    setUp(this, stream, pull, cancel, highWaterMark);
    this.isBytes = true;
    this.autoSize = autoSize;
    this.request = undefined; // of the first that is pending: { controller, view, object }
    this.pending = new Queue();
  }

  isOpen() { return !this.closeRequested && this.stream.state === 'readable'; }

  wantsMore() {
    return this.isOpen() && this.isStarted && (hasRequests(this.stream) || this.highWaterMark > this.queue.total);
  }

  pull(request) {
    if (this.queue.total > 0) {
      this.#serve(request);
      return;
    }
    if (this.autoSize !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(this.autoSize);
      } catch (error) {
        request.error(error);
        return;
      }
      const parts = { __proto__: null, buffer, offset: 0, length: this.autoSize, View: Uint8Array, step: 1 };
      this.pending.add(new PullInto(parts, 1, 'default'));
    }
    this.stream.reader.requests.add(request);
    pullIfNeeded(this);
  }

  pullInto(view, minimum, request) {
    const { pending, queue, stream } = this;
    stream.isDisturbed = true;
    if (stream.state === 'errored') {
      request.error(stream.error);
      return;
    }
    const parts = partsOf(view);
    try {
      parts.buffer = transfer(parts.buffer);
    } catch (error) {
      request.error(error);
      return;
    }
    const into = new PullInto(parts, minimum * parts.step, 'byob');
    if (pending.first === undefined) {
      if (stream.state === 'closed') {
        request.close(new into.View(into.buffer, into.offset, 0));
        return;
      }
      if (queue.total > 0) {
        if (this.#fill(into)) {
          const filled = convert(into);
          this.#drained();
          request.chunk(filled);
          return;
        }
        if (this.closeRequested) {
          const error = new TypeError('The stream closed within an element of the view');
          this.fail(error);
          request.error(error);
          return;
        }
      }
    }
    pending.add(into);
    stream.reader.requests.add(request);
    pullIfNeeded(this);
  }

  cancel(reason, onDone, onFailed) {
    this.#forgetPending();
    cancelSource(this, reason, onDone, onFailed);
  }

  release() {
    const { first } = this.pending;
    if (first === undefined) return;
    first.kind = 'none';
    this.pending.clear();
    first.next = undefined;
    this.pending.add(first);
  }

  close() {
    if (!this.isOpen()) return;
    if (this.queue.total > 0) {
      this.closeRequested = true;
      return;
    }
    const { first } = this.pending;
    if (first !== undefined && first.filled % first.step !== 0) {
      const error = new TypeError('The stream closed within an element of a view');
      this.fail(error);
      throw error;
    }
    clearAlgorithms(this);
    closeStream(this.stream);
  }

  enqueue(chunk) {
    if (!this.isOpen()) return;
    const { pending, stream } = this;
    const { buffer, length, offset } = partsOf(chunk);
    requireAttached(buffer);
    const memory = transfer(buffer);
    const { first } = pending;
    if (first !== undefined) {
      requireAttached(first.buffer);
      this.#invalidate();
      first.buffer = transfer(first.buffer);
      if (first.kind === 'none') this.#keepDetached(first);
    }
    const { reader } = stream;
    if (reader === undefined) this.#keep(memory, offset, length);
    else if (reader.isBYOB) {
      this.#keep(memory, offset, length);
      commitAll(stream, this.#fillPending());
    } else {
      const { requests } = reader;
      while (requests.first !== undefined && this.queue.total > 0) this.#serve(requests.take());
      if (requests.first === undefined) this.#keep(memory, offset, length);
      else {
        if (pending.first !== undefined) pending.take();
        requests.take().chunk(new Uint8Array(memory, offset, length));
      }
    }
    pullIfNeeded(this);
  }

  fail(error) {
    if (this.stream.state !== 'readable') return;
    this.#forgetPending();
    failStream(this, error);
  }

  // The request for the first that is pending.
  byobRequest() {
    const { first } = this.pending;
    if (this.request === undefined && first !== undefined) {
      const view = new Uint8Array(first.buffer, first.offset + first.filled, first.length - first.filled);
      this.request = { __proto__: null, controller: this, view, object: null };
    }
    return this.request;
  }

  respond(count) {
    const { first } = this.pending;
    if (this.stream.state === 'closed') {
      if (count !== 0) throw new TypeError('The stream is closed and takes no bytes');
    } else {
      if (count === 0) throw new TypeError('No bytes were written');
      if (first.filled + count > first.length) throw new RangeError('More bytes were written than fit');
    }
    first.buffer = transfer(first.buffer);
    this.#respond(first, count);
  }

  respondWithNewView(view) {
    const { first } = this.pending;
    const { buffer, length, offset } = partsOf(view);
    requireAttached(buffer);
    if (this.stream.state === 'closed') {
      if (length !== 0) throw new TypeError('The stream is closed and takes no bytes');
    } else if (length === 0) throw new TypeError('The view is empty');
    if (first.offset + first.filled !== offset || first.bufferLength !== ArrayBufferPrototypeGetByteLength(buffer) ||
      first.filled + length > first.length) throw new RangeError('The view is not of the memory that was asked for');
    first.buffer = transfer(buffer);
    this.#respond(first, length);
  }

  #respond(first, count) {
    const { pending, stream } = this;
    this.#invalidate();
    if (stream.state === 'closed') {
      if (first.kind === 'none') pending.take();
      if (stream.reader?.isBYOB) while (hasRequests(stream)) commit(stream, pending.take());
    } else {
      first.filled += count;
      if (first.kind === 'none') {
        this.#keepDetached(first);
        commitAll(stream, this.#fillPending());
      } else if (first.filled >= first.minimum) {
        pending.take();
        const rest = first.filled % first.step;
        if (rest > 0) this.#keepCopy(first.buffer, first.offset + first.filled - rest, rest);
        first.filled -= rest;
        const others = this.#fillPending();
        commit(stream, first);
        commitAll(stream, others);
      }
    }
    pullIfNeeded(this);
  }

  #keep(buffer, offset, length) {
    this.queue.add(new Entry(buffer, offset, length));
    this.queue.total += length;
  }

  #keepCopy(buffer, offset, length) {
    let memory;
    try {
      memory = new ArrayBuffer(length);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    copy(memory, 0, buffer, offset, length);
    this.#keep(memory, 0, length);
  }

  #keepDetached(first) {
    if (first.filled > 0) this.#keepCopy(first.buffer, first.offset, first.filled);
    this.pending.take();
  }

  // From the queue; whether it is enough.
  #fill(into) {
    const { queue } = this;
    let rest = queue.total < into.length - into.filled ? queue.total : into.length - into.filled;
    const aligned = into.filled + rest - (into.filled + rest) % into.step;
    const isEnough = aligned >= into.minimum;
    if (isEnough) rest = aligned - into.filled;
    while (rest > 0) {
      const { first } = queue;
      const count = rest < first.length ? rest : first.length;
      copy(into.buffer, into.offset + into.filled, first.buffer, first.offset, count);
      if (first.length === count) queue.take();
      else {
        first.offset += count;
        first.length -= count;
      }
      queue.total -= count;
      into.filled += count;
      rest -= count;
    }
    return isEnough;
  }

  // Those that are filled are no longer pending.
  #fillPending() {
    const filled = list();
    const { pending, queue } = this;
    while (pending.first !== undefined && queue.total > 0 && this.#fill(pending.first)) {
      filled[filled.length] = pending.take();
    }
    return filled;
  }

  #serve(request) {
    const { buffer, length, offset } = this.queue.take();
    this.queue.total -= length;
    this.#drained();
    request.chunk(new Uint8Array(buffer, offset, length));
  }

  #drained() {
    if (this.queue.total === 0 && this.closeRequested) {
      clearAlgorithms(this);
      closeStream(this.stream);
    } else pullIfNeeded(this);
  }

  #invalidate() {
    if (this.request === undefined) return;
    this.request.controller = undefined;
    this.request.view = null;
    this.request = undefined;
  }

  #forgetPending() {
    this.#invalidate();
    this.pending.clear();
  }
}

each([Entry, PullInto, ByteController], (Class) => ObjectSetPrototypeOf(Class.prototype, null));

internals.readableBytes = { __proto__: null, ByteController, copy, partsOf, requireAttached };
