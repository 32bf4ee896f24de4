// SPDX-License-Identifier: Apache-2.0
'use strict';

// What blobs and bodies do with bytes. Segments are a list of Uint8Arrays that nobody writes to, whose memory no
// script has.

const {
  Promise, PromiseReject, PromiseResolve, ReflectApply, RegExpPrototypeExec, StringFromCharCode,
  StringPrototypeCharCodeAt, StringPrototypeSlice, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength, TypedArrayPrototypeSet, Uint8Array,
} = primordials;
const { bytesOf } = internals.webidl;

const chunkSize = 65536;

// ---- Memory

const view = (bytes, start, end) =>
  new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);

// One Uint8Array with memory of its own.
const join = (segments, length) => {
  const bytes = new Uint8Array(length);
  for (let i = 0, offset = 0; i < segments.length; i++) {
    TypedArrayPrototypeSet(bytes, segments[i], offset);
    offset += TypedArrayPrototypeGetLength(segments[i]);
  }
  return bytes;
};

const mostCleared = 16384; // bytes of memory that is cleared before it is written

const copy = (bytes) => {
  const length = TypedArrayPrototypeGetLength(bytes);
  if (length > mostCleared) return host.copyBytes(bytes);
  const copied = new Uint8Array(length);
  TypedArrayPrototypeSet(copied, bytes, 0);
  return copied;
};

const copySource = (source) => copy(bytesOf(source));

// ---- Text

const withoutMark = (text) =>
  (StringPrototypeCharCodeAt(text, 0) === 0xFEFF ? StringPrototypeSlice(text, 1) : text);

const decode = (bytes) => withoutMark(host.utf8Decode(bytes, false));

const token = /^[-!#$%&'*+.^`|~\w]+$/;
// What HTTP calls a token, as names and methods are.
const isToken = (text) => RegExpPrototypeExec(token, text) !== null;

// A character for each byte.
const toLatin1 = (bytes) => {
  const length = TypedArrayPrototypeGetLength(bytes);
  let text = '';
  for (let start = 0; start < length; start += 8192) {
    const end = start + 8192 < length ? start + 8192 : length;
    text += ReflectApply(StringFromCharCode, undefined, view(bytes, start, end));
  }
  return text;
};

const fromLatin1 = (text) => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = StringPrototypeCharCodeAt(text, i);
  return bytes;
};

// ---- Streams and promises

// A stream of the bytes, which are copied in chunks when they are asked for.
const streamOf = (segments) => {
  internals.parts.streams;
  const { create, failSoon, soon } = internals.streams;
  let index = 0;
  let offset = 0;
  const stream = create((_, onDone, onFailed) => {
    const { controller } = stream;
    try {
      if (index === segments.length) {
        controller.close();
        if (controller.byobRequest() !== undefined) controller.respond(0);
      } else {
        const segment = segments[index];
        const length = TypedArrayPrototypeGetLength(segment);
        const end = offset + chunkSize < length ? offset + chunkSize : length;
        controller.enqueue(copy(view(segment, offset, end)));
        offset = end;
        if (end === length) {
          index++;
          offset = 0;
        }
      }
    } catch (error) {
      failSoon(onFailed, error);
      return;
    }
    soon(onDone);
  }, undefined, 0, true);
  return stream.object;
};

// What a method answers that returns a promise.
const answer = (work) => {
  try {
    return PromiseResolve(work());
  } catch (error) {
    return PromiseReject(error);
  }
};

const defer = () => {
  const deferred = { __proto__: null, promise: undefined, resolve: undefined, reject: undefined };
  deferred.promise = new Promise((resolve, reject) => {
    deferred.resolve = resolve;
    deferred.reject = reject;
  });
  return deferred;
};

internals.bytes = {
  __proto__: null,
  answer, chunkSize, copySource, decode, defer, fromLatin1, isToken, join, streamOf, toLatin1, view, withoutMark,
};
