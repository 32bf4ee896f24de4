// SPDX-License-Identifier: Apache-2.0
'use strict';

// What other files do with streams, which they have as objects.

const {
  ObjectSetPrototypeOf, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  TypeError, Uint8Array,
} = primordials;
const { streams } = internals;
const { list } = internals.webidl;
const { nothing, Pipe, tee } = streams;
const {
  beginSoon, cancel, DefaultController, isReadable, makeReadable, read, Reader, release, requireUnlocked, stateOf,
} = internals.readable;
const { ByteController } = internals.readableBytes;
const { stateOf: writableOf } = internals.writable;

// Reads the bytes of all chunks, which have to be of Uint8Array.
class Gathering {
  constructor(reader, onDone, onFailed) {
    this.reader = reader;
    this.onDone = onDone;
    this.onFailed = onFailed;
    this.next = undefined;
    this.chunks = list();
    this.length = 0;
    this.isReading = false;
    this.isLooping = false;
    this.#loop();
  }

  #loop() {
    this.isLooping = true;
    while (!this.isReading && this.reader.stream !== undefined) {
      this.isReading = true;
      read(this.reader, this);
    }
    this.isLooping = false;
  }

  chunk(value) {
    this.isReading = false;
    const { chunks } = this;
    if (TypedArrayPrototypeGetSymbolToStringTag(value) !== 'Uint8Array') {
      const error = new TypeError('The stream gave something else than a Uint8Array');
      cancel(this.reader.stream, error, nothing, nothing);
      if (this.reader.stream !== undefined) this.#end(this.onFailed, error);
      return;
    }
    chunks[chunks.length] = value;
    this.length += TypedArrayPrototypeGetLength(value);
    if (!this.isLooping) this.#loop();
  }

  close() {
    const bytes = new Uint8Array(this.length);
    for (let i = 0, offset = 0; i < this.chunks.length; i++) {
      TypedArrayPrototypeSet(bytes, this.chunks[i], offset);
      offset += TypedArrayPrototypeGetLength(this.chunks[i]);
    }
    this.#end(this.onDone, bytes);
  }

  error(error) { this.#end(this.onFailed, error); }

  #end(callback, argument) {
    if (this.reader.stream === undefined) return;
    release(this.reader);
    callback(argument);
  }
}

ObjectSetPrototypeOf(Gathering.prototype, null);

streams.isReadable = isReadable;
streams.isDisturbed = (object) => stateOf(object).isDisturbed;
streams.isLocked = (object) => stateOf(object).reader !== undefined;

// { object, controller } of `pull` and `cancel`, algorithms that may be undefined. The controller has enqueue, close,
// fail and isOpen, and byobRequest with respond where the stream is one of bytes.
streams.create = (pull, stop, highWaterMark, isBytes) => {
  const stream = makeReadable(isBytes ? ByteController : DefaultController, pull, stop, highWaterMark);
  beginSoon(stream);
  return stream;
};

// Calls back with a Uint8Array, soon or at once.
streams.readAll = (object, onDone, onFailed) => { new Gathering(new Reader(stateOf(object), false), onDone, onFailed); };
streams.cancel = (object, reason, onDone, onFailed) => cancel(stateOf(object), reason, onDone, onFailed);
streams.close = (object) => stateOf(object).controller.close();
streams.enqueue = (object, chunk) => stateOf(object).controller.enqueue(chunk);
streams.error = (object, error) => stateOf(object).controller.fail(error);

// Two objects; chunks are cloned for the second.
streams.teeObjects = (object) => {
  const branches = tee(requireUnlocked(stateOf(object)), true);
  const objects = list();
  objects[0] = branches[0].object;
  objects[1] = branches[1].object;
  return objects;
};

// `options`: { preventAbort, preventCancel, preventClose, signal }; `deferred` as of Deferred, or undefined.
streams.pipe = (object, target, options, deferred) => {
  new Pipe(requireUnlocked(stateOf(object)), writableOf(target), options, deferred);
};
