// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, ObjectSetPrototypeOf, PromiseReject, PromiseResolve, RangeError,
  ReflectApply, TypeError,
} = primordials;
const { toAbortSignal } = internals;
const {
  defineMembers, exposeInterface, makeSlot, required, requireArguments, toBoolean, toCallback, toDictionary, toEnumeration,
  toObject, toUnsignedLongLongEnforced,
} = internals.webidl;
const {
  algorithmOf, attempt, Deferred, hidden, markOf, Pipe, promiseOf, sizeOf, tee, toStrategy,
} = internals.streams;
const {
  cancel, DefaultController, desiredSizeOf, from, makeIterator, read, Readable, Reader, release, start,
} = internals.readable;
const { ByteController, partsOf, requireAttached } = internals.readableBytes;
const { toWritable } = internals.writable;

const Slot = makeSlot();
const { get: stateOf, has: isReadable } = Slot;

internals.readable.makeObject = (stream) => {
  stream.object = { __proto__: ReadableStream.prototype };
  new Slot(stream.object, stream);
};

const toReadable = (value, where) => {
  if (!isReadable(value)) throw new TypeError(`${where} is not a ReadableStream`);
  return stateOf(value);
};

const requireUnlocked = (stream) => {
  if (stream.reader !== undefined) throw new TypeError('The stream is locked to a reader');
  return stream;
};

// ---- Reads

// What a script asked for; the promise is made where the answer has to wait.
class Request {
  constructor() {
    this.next = undefined;
    this.promise = undefined;
    this.deferred = undefined;
  }

  chunk(value) { this.#resolve({ value, done: false }); }
  close(value = undefined) { this.#resolve({ value, done: true }); }

  error(error) {
    if (this.deferred === undefined) this.promise = PromiseReject(error);
    else this.deferred.reject(error);
  }

  #resolve(result) {
    if (this.deferred === undefined) this.promise = PromiseResolve(result);
    else this.deferred.resolve(result);
  }

  open() {
    if (this.promise === undefined) {
      this.deferred = new Deferred();
      this.promise = this.deferred.promise;
    }
    return this.promise;
  }
}

ObjectSetPrototypeOf(Request.prototype, null);

const requireStream = (reader) => {
  if (reader.stream === undefined) throw new TypeError('The reader was released');
  return reader.stream;
};

// The members of both readers, whose objects have their state in `get`.
const defineReader = (Interface, get) => defineMembers(Interface.prototype, {
  get closed() { return attempt(() => get(this).closed.show()); },
  cancel(reason = undefined) {
    return promiseOf((onDone, onFailed) => cancel(requireStream(get(this)), reason, onDone, onFailed));
  },
  releaseLock() {
    const reader = get(this);
    if (reader.stream !== undefined) release(reader);
  },
});

const DefaultSlot = makeSlot();

class ReadableStreamDefaultReader {
  constructor(stream) {
    requireArguments(arguments.length, 1, 'ReadableStreamDefaultReader');
    new DefaultSlot(this, new Reader(toReadable(stream, 'ReadableStreamDefaultReader: argument 1'), false));
  }

  read() {
    try {
      const reader = DefaultSlot.get(this);
      requireStream(reader);
      const request = new Request();
      read(reader, request);
      return request.open();
    } catch (error) {
      return PromiseReject(error);
    }
  }
}

const BYOBSlot = makeSlot();
const readMembers = [['min', toUnsignedLongLongEnforced, 1]];

const toView = (value, where) => {
  if (!ArrayBufferIsView(value)) throw new TypeError(`${where} is not a view of an ArrayBuffer`);
  return value;
};

const requireBytes = ({ buffer, length }) => {
  if (length === 0 || ArrayBufferPrototypeGetByteLength(buffer) === 0) throw new TypeError('The view is empty');
};

class ReadableStreamBYOBReader {
  constructor(stream) {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader');
    new BYOBSlot(this, new Reader(toReadable(stream, 'ReadableStreamBYOBReader: argument 1'), true));
  }

  read(view, options = undefined) {
    try {
      const reader = BYOBSlot.get(this);
      requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader.read');
      toView(view, 'ReadableStreamBYOBReader.read: argument 1');
      const { min } = toDictionary(options, readMembers, 'ReadableStreamBYOBReader.read: argument 2');
      const parts = partsOf(view);
      requireBytes(parts);
      requireAttached(parts.buffer);
      if (min === 0) throw new TypeError('ReadableStreamBYOBReader.read: min is 0');
      if (min * parts.step > parts.length) throw new RangeError('ReadableStreamBYOBReader.read: min does not fit');
      const request = new Request();
      requireStream(reader).controller.pullInto(view, min, request);
      return request.open();
    } catch (error) {
      return PromiseReject(error);
    }
  }
}

defineReader(ReadableStreamDefaultReader, DefaultSlot.get);
defineReader(ReadableStreamBYOBReader, BYOBSlot.get);

const makeReader = (stream, isBYOB) => {
  const reader = new Reader(stream, isBYOB);
  const object = { __proto__: (isBYOB ? ReadableStreamBYOBReader : ReadableStreamDefaultReader).prototype };
  new (isBYOB ? BYOBSlot : DefaultSlot)(object, reader);
  return object;
};

// ---- Controllers

const requireOpen = (controller) => {
  if (!controller.isOpen()) throw new TypeError('The stream is closed, closing or failed');
  return controller;
};

class ReadableStreamDefaultController {
  constructor() { throw new TypeError('Illegal constructor'); }

  get desiredSize() { return desiredSizeOf(defaultController.get(this)); }
  close() { requireOpen(defaultController.get(this)).close(); }
  enqueue(chunk = undefined) { requireOpen(defaultController.get(this)).enqueue(chunk); }
  error(e = undefined) { defaultController.get(this).fail(e); }
}

class ReadableByteStreamController {
  constructor() { throw new TypeError('Illegal constructor'); }

  get byobRequest() {
    const request = byteController.get(this).byobRequest();
    return request === undefined ? null : request.object ??= byobRequest.make(request);
  }

  get desiredSize() { return desiredSizeOf(byteController.get(this)); }
  close() { requireOpen(byteController.get(this)).close(); }

  enqueue(chunk) {
    const controller = byteController.get(this);
    requireArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
    requireBytes(partsOf(toView(chunk, 'ReadableByteStreamController.enqueue: argument 1')));
    requireOpen(controller).enqueue(chunk);
  }

  error(e = undefined) { byteController.get(this).fail(e); }
}

const liveController = ({ controller }) => {
  if (controller === undefined) throw new TypeError('The request was answered');
  return controller;
};

class ReadableStreamBYOBRequest {
  constructor() { throw new TypeError('Illegal constructor'); }

  get view() { return byobRequest.get(this).view; }

  respond(bytesWritten) {
    const request = byobRequest.get(this);
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
    const count = toUnsignedLongLongEnforced(bytesWritten, 'ReadableStreamBYOBRequest.respond: argument 1');
    const controller = liveController(request);
    requireAttached(partsOf(request.view).buffer);
    controller.respond(count);
  }

  respondWithNewView(view) {
    const request = byobRequest.get(this);
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    toView(view, 'ReadableStreamBYOBRequest.respondWithNewView: argument 1');
    liveController(request).respondWithNewView(view);
  }
}

const defaultController = hidden(ReadableStreamDefaultController);
const byteController = hidden(ReadableByteStreamController);
const byobRequest = hidden(ReadableStreamBYOBRequest);

// ---- Streams

const toMode = (value, where) => toEnumeration(value, { __proto__: null, byob: true }, where);
const toType = (value, where) => toEnumeration(value, { __proto__: null, bytes: true }, where);
const sourceMembers = [['autoAllocateChunkSize', toUnsignedLongLongEnforced], ['cancel', toCallback], ['pull', toCallback],
  ['start', toCallback], ['type', toType]];
const modeMembers = [['mode', toMode]];
const pipeMembers = [['preventAbort', toBoolean, false], ['preventCancel', toBoolean, false],
  ['preventClose', toBoolean, false], ['signal', toAbortSignal]];
const pairMembers = [
  ['readable', (value, where) => toReadable(value, where).object, required], ['writable', toWritable, required],
];
const valuesMembers = [['preventCancel', toBoolean, false]];

const requireTarget = (target) => {
  if (target.writer !== undefined) throw new TypeError('The WritableStream is locked to a writer');
};

class ReadableStream {
  constructor(underlyingSource = undefined, strategy = undefined) {
    const where = 'ReadableStream: argument 1';
    const source = underlyingSource === undefined ? undefined : toObject(underlyingSource, where);
    const queuing = toStrategy(strategy, 'ReadableStream: argument 2');
    const members = toDictionary(source, sourceMembers, where);
    const stream = new Readable();
    stream.object = this;
    new Slot(this, stream);
    const isBytes = members.type === 'bytes';
    const { blank, make } = isBytes ? byteController : defaultController;
    const object = blank();
    const pull = algorithmOf(members.pull, source, false, object);
    const stop = algorithmOf(members.cancel, source, true);
    if (isBytes) {
      if (queuing.size !== undefined) throw new RangeError('The strategy of a stream of bytes has no size');
      const mark = markOf(queuing, 0);
      if (members.autoAllocateChunkSize === 0) throw new TypeError(`${where}: autoAllocateChunkSize is 0`);
      new ByteController(stream, pull, stop, mark, members.autoAllocateChunkSize);
    } else new DefaultController(stream, pull, stop, markOf(queuing, 1), sizeOf(queuing));
    make(stream.controller, object);
    start(stream.controller, members.start && ReflectApply(members.start, source, [object]));
  }

  static from(asyncIterable) {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    return from(asyncIterable);
  }

  get locked() { return stateOf(this).reader !== undefined; }

  cancel(reason = undefined) {
    return promiseOf((onDone, onFailed) => cancel(requireUnlocked(stateOf(this)), reason, onDone, onFailed));
  }

  getReader(options = undefined) {
    const stream = stateOf(this);
    const { mode } = toDictionary(options, modeMembers, 'ReadableStream.getReader: argument 1');
    return makeReader(stream, mode !== undefined);
  }

  pipeThrough(transform, options = undefined) {
    const stream = stateOf(this);
    requireArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
    const pair = toDictionary(transform, pairMembers, 'ReadableStream.pipeThrough: argument 1');
    const given = toDictionary(options, pipeMembers, 'ReadableStream.pipeThrough: argument 2');
    requireUnlocked(stream);
    requireTarget(pair.writable);
    new Pipe(stream, pair.writable, given, undefined);
    return pair.readable;
  }

  pipeTo(destination, options = undefined) {
    return attempt(() => {
      const stream = stateOf(this);
      requireArguments(arguments.length, 1, 'ReadableStream.pipeTo');
      const target = toWritable(destination, 'ReadableStream.pipeTo: argument 1');
      const given = toDictionary(options, pipeMembers, 'ReadableStream.pipeTo: argument 2');
      requireUnlocked(stream);
      requireTarget(target);
      const deferred = new Deferred();
      new Pipe(stream, target, given, deferred);
      return deferred.promise;
    });
  }

  tee() {
    const branches = tee(requireUnlocked(stateOf(this)), false);
    return [branches[0].object, branches[1].object];
  }

  values(options = undefined) {
    const stream = stateOf(this);
    const { preventCancel } = toDictionary(options, valuesMembers, 'ReadableStream.values: argument 1');
    return makeIterator(stream, preventCancel);
  }
}

exposeInterface(ReadableStream, {
  __proto__: null, asyncIterable: 'values', has: isReadable,
  transfer(object) {
    internals.parts.streamTransfer;
    return internals.streams.transferReadable(stateOf(object));
  },
});
exposeInterface(ReadableStreamDefaultReader, { __proto__: null, has: DefaultSlot.has });
exposeInterface(ReadableStreamBYOBReader, { __proto__: null, has: BYOBSlot.has });
exposeInterface(ReadableStreamDefaultController);
exposeInterface(ReadableByteStreamController);
exposeInterface(ReadableStreamBYOBRequest);

internals.readable.isReadable = isReadable;
internals.readable.requireUnlocked = requireUnlocked;
internals.readable.stateOf = stateOf;
