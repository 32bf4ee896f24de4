// SPDX-License-Identifier: Apache-2.0
'use strict';

// What the objects of bindings share: calls with promises, contents that are written, streams of the host's.

const {
  ArrayBufferIsView, Error, ObjectSetPrototypeOf, PromiseReject, StringPrototypeIndexOf, StringPrototypeSlice,
  TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypeError,
} = primordials;
const { bytesOf, define, defineInterface, isArrayBuffer, isObject, makeSlot, toUSVString } = internals.webidl;
const hostSide = internals.host;
const { defer, view } = internals.bytes;

// ---- Calls

// Operations are named in full, so that a test can find them: 'kv.get' is the binding's 'get'.
const nameOf = (operation) => StringPrototypeSlice(operation, StringPrototypeIndexOf(operation, '.') + 1);

const asIs = (value) => value;

// The promise of what `convert` makes of the answer. No operation takes more arguments.
const call = (binding, operation, convert, a, b, c, d, e) => {
  const { promise, reject, resolve } = defer();
  hostSide.callLater(binding, operation, undefined, (value) => {
    try {
      resolve(convert(value));
    } catch (error) {
      reject(error);
    }
  }, reject, a, b, c, d, e);
  return promise;
};

// What a method that returns a promise does: `work` returns one, or throws.
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return PromiseReject(error);
  }
};

// As the host makes them.
const capabilityError = (code, message) => {
  const error = new Error(message);
  define(error, 'name', 'CapabilityError', false);
  define(error, 'code', code, false);
  return error;
};

// A class whose objects only the prelude makes, each with a state: `make(state)`, `get(object)`.
const seal = (Interface) => {
  const Slot = makeSlot();
  const make = (state) => {
    const object = { __proto__: Interface.prototype };
    new Slot(object, state);
    return object;
  };
  defineInterface(Interface, { __proto__: null, has: Slot.has, view: () => ({ __proto__: null }) });
  return { __proto__: null, get: Slot.get, make };
};

// ---- Contents

const isStream = (value) => internals.readable?.isReadable !== undefined && internals.readable.isReadable(value);

// Of a body, which may be null, of a request or response.
const contentOfBody = (body) => {
  if (body === null) return '';
  const { isUnusable, openStream, takeBytes } = internals.body;
  if (isUnusable(body)) throw new TypeError('The body was read already, or its stream is locked');
  return takeBytes(body) ?? openStream(body);
};

// What can be written: a string, bytes, or a stream.
const toContent = (value, where) => {
  if (typeof value === 'string' || ArrayBufferIsView(value)) return value;
  if (isObject(value)) {
    if (isArrayBuffer(value) || isStream(value)) return value;
    if (internals.blob?.isBlob(value)) return internals.blob.bytesOf(internals.blob.stateOf(value));
    if (internals.responses?.isResponse(value)) return contentOfBody(internals.responses.stateOf(value).body);
    if (internals.requests?.isRequest(value)) return contentOfBody(internals.requests.stateOf(value).body);
  }
  throw new TypeError(`${where} is none of what can be written: a string, an ArrayBuffer or a view of one, a ` +
    'ReadableStream, a Blob, a Request or Response; JSON.stringify makes a string of other values');
};

const isBytes = (value) => ArrayBufferIsView(value) || isArrayBuffer(value);

// Chunks of what is written: bytes or text.
const toBytes = (chunk) => {
  if (typeof chunk === 'string') return host.utf8Encode(toUSVString(chunk));
  if (isBytes(chunk)) return bytesOf(chunk);
  throw new TypeError('A chunk of what is written is neither text nor bytes');
};

// Of bodies.
const toOwnBytes = (chunk) => {
  if (TypedArrayPrototypeGetSymbolToStringTag(chunk) === 'Uint8Array') return chunk;
  throw new TypeError('The stream of the body gave something else than a Uint8Array');
};

// ---- Streams

const mostAtOnce = 262144; // bytes that cross together

// Writes all bytes, piece after piece. `write` takes (bytes, onDone, onFailed).
const writeAll = (bytes, write, onDone, onFailed) => {
  let start = 0;
  const next = () => {
    const length = TypedArrayPrototypeGetLength(bytes); // 0 once a script has detached it
    if (start >= length) {
      onDone();
      return;
    }
    const end = start + mostAtOnce < length ? start + mostAtOnce : length;
    const piece = view(bytes, start, end);
    start = end;
    write(piece, next, onFailed);
  };
  next();
};

// Reads a stream of a script's to its end and writes it to `target`, which has write(bytes, onDone, onFailed),
// finish(), fail(error) for when the stream fails, and refuse(error) for when writing does. The stream stays locked.
class Upload {
  constructor(object, convert, target) {
    const { Reader, stateOf } = internals.readable;
    this.reader = new Reader(stateOf(object), false); // throws where it is locked
    this.convert = convert;
    this.target = target;
    this.hasEnded = false;
    this.next = undefined; // it is the request of each read
    this.read = () => { if (!this.hasEnded) internals.readable.read(this.reader, this); };
    this.write = (bytes, onDone, onFailed) => target.write(bytes, onDone, onFailed);
    this.refuse = (error) => this.stop(error, 'refuse');
  }

  chunk(value) {
    if (this.hasEnded) return;
    let bytes;
    try {
      bytes = this.convert(value);
    } catch (error) {
      this.stop(error, 'fail');
      return;
    }
    // Never deeper: a stream may have any number of empty chunks.
    if (TypedArrayPrototypeGetLength(bytes) === 0) internals.streams.soon(this.read);
    else writeAll(bytes, this.write, this.read, this.refuse);
  }

  close() { this.#end('finish'); }
  error(error) { this.#end('fail', error); }

  // Cancels the stream; `method` of the target, if any, hears of it.
  stop(error, method = undefined) {
    if (this.hasEnded) return;
    const { cancel } = internals.readable;
    const { nothing } = internals.streams;
    this.hasEnded = true;
    cancel(this.reader.stream, error, nothing, nothing);
    if (method !== undefined) this.target[method](error);
  }

  #end(method, argument) {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.target[method](argument);
  }
}
ObjectSetPrototypeOf(Upload.prototype, null);

// A ReadableStream of a stream of the host's. `toError` makes what scripts see of its errors; `onEnd` is called once
// when nothing more can come.
const readableOf = (number, toError = asIs, onEnd = undefined) => {
  internals.parts.streams;
  const { create, soon } = internals.streams;
  const stream = create((_, onDone, onFailed) => {
    hostSide.readStream(number, mostAtOnce, (bytes) => {
      const { controller } = stream;
      try {
        if (bytes === undefined) {
          onEnd?.();
          controller.close();
          if (controller.byobRequest() !== undefined) controller.respond(0);
        } else controller.enqueue(bytes);
      } catch (error) {
        onFailed(error);
        return;
      }
      onDone();
    }, (error) => {
      onEnd?.();
      onFailed(toError(error));
    });
  }, (_, onDone) => {
    hostSide.cancelStream(number);
    onEnd?.();
    soon(onDone);
  }, 0, true);
  return stream.object;
};

// A WritableStream of a sink of the host's.
const writableOf = (number) => {
  internals.parts.streams;
  const { soon } = internals.streams;
  const { begin, makeWritable } = internals.writable;
  const write = (bytes, onDone, onFailed) => hostSide.writeSink(number, bytes, onDone, onFailed);
  const stream = makeWritable((chunk, onDone, onFailed) => {
    try {
      const bytes = toBytes(chunk);
      if (TypedArrayPrototypeGetLength(bytes) === 0) soon(onDone);
      else writeAll(bytes, write, onDone, onFailed);
    } catch (error) {
      hostSide.cancelStream(number);
      soon(() => onFailed(error));
    }
  }, (_, onDone, onFailed) => hostSide.finishSink(number, onDone, onFailed), (_, onDone) => {
    hostSide.cancelStream(number);
    soon(onDone);
  }, 1, undefined);
  soon(() => begin(stream.controller));
  return stream.object;
};

internals.hostCalls = {
  __proto__: null,
  asIs, attempt, call, capabilityError, isBytes, isStream, nameOf, readableOf, seal, toBytes, toContent, toOwnBytes,
  Upload, writableOf,
};
