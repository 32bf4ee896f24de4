// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bodies of requests and responses (WHATWG Fetch, 2.2.4 and 5.2). One made of bytes or text has no stream until
// somebody asks for it.

const {
  ArrayBufferIsView, JSONParse, ObjectSetPrototypeOf, PromiseReject, PromiseResolve, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength, TypeError,
} = primordials;
const { defineMembers, isArrayBuffer, isObject, isTypedArray, list, toDOMString, toUSVString } = internals.webidl;
const { copySource, decode, defer, streamOf, withoutMark } = internals.bytes;

class Body {
  // `source`: a string, a Uint8Array of a whole ArrayBuffer that no script has, or the state of a blob; undefined where
  // there is only a stream.
  constructor(source, type, stream) {
    this.source = source;
    this.type = type; // what Content-Type says without being told; may be undefined
    this.stream = stream; // as an object; undefined until it is needed
    this.isUsed = false; // read without a stream
    this.isShared = false; // another body has the source too
    this.onUsed = undefined; // called once, when it begins to be read
    this.onEnd = undefined; // called once, when a stream of the host's has nothing more to bring
  }
}
ObjectSetPrototypeOf(Body.prototype, null);

// ---- Kinds of what a body is made of

const isStream = (value) => internals.readable?.isReadable !== undefined && internals.readable.isReadable(value);
const isBlob = (value) => internals.blob !== undefined && internals.blob.isBlob(value);
const isFormData = (value) => internals.formData !== undefined && internals.formData.isFormData(value);
const isParams = (value) => internals.searchParams !== undefined && internals.searchParams.isParams(value);
const isBuffer = (value) => ArrayBufferIsView(value) || isArrayBuffer(value);

// BodyInit, before `extract`.
const toBodyInit = (value, where) => {
  if (typeof value === 'string') return value;
  const isKnown = isObject(value) &&
    (isStream(value) || isBlob(value) || isFormData(value) || isParams(value) || isBuffer(value));
  return isKnown ? value : toDOMString(value, where);
};

const extract = (init, isKeptAlive = false) => {
  if (typeof init === 'string') return new Body(init, 'text/plain;charset=UTF-8');
  if (isStream(init)) {
    if (isKeptAlive) throw new TypeError('A request with keepalive takes no stream as its body');
    const { isDisturbed, isLocked } = internals.streams;
    if (isDisturbed(init) || isLocked(init)) throw new TypeError('The stream of a body was read already, or is locked');
    return new Body(undefined, undefined, init);
  }
  if (isBlob(init)) {
    const state = internals.blob.stateOf(init);
    return new Body(state, state.type === '' ? undefined : state.type);
  }
  if (isFormData(init)) {
    internals.parts.multipart;
    const { boundary, content } = internals.multipart.write(internals.formData.entriesOf(init));
    return new Body(content, `multipart/form-data; boundary=${boundary}`);
  }
  if (isParams(init)) {
    const { pairsOf, serialize } = internals.searchParams;
    return new Body(serialize(pairsOf(init)), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  return new Body(copySource(init));
};

// ---- Sources

const isOfBlob = (source) => typeof source !== 'string' && !isTypedArray(source);

const textOf = (source) => {
  if (typeof source === 'string') return withoutMark(toUSVString(source));
  return decode(isOfBlob(source) ? internals.blob.peek(source) : source);
};

// Memory of its own, if nobody else has the source.
const bytesOf = (source, isShared) => {
  if (typeof source === 'string') return host.utf8Encode(source);
  if (isOfBlob(source)) return internals.blob.bytesOf(source);
  return isShared ? copySource(source) : source;
};

const segmentsOf = (source, isShared) => {
  if (isOfBlob(source)) return source.segments;
  const bytes = bytesOf(source, isShared);
  const segments = list();
  if (TypedArrayPrototypeGetLength(bytes) > 0) segments[0] = bytes;
  return segments;
};

// ---- States

const isUsed = (body) =>
  (body.stream === undefined ? body.isUsed : internals.streams.isDisturbed(body.stream));
const isUnusable = (body) => isUsed(body) || (body.stream !== undefined && internals.streams.isLocked(body.stream));

const unusable = () => new TypeError('The body was read already, or its stream is locked');

const use = (body) => {
  body.isUsed = true;
  const { onUsed } = body;
  body.onUsed = undefined;
  onUsed?.();
};

// Locks it for ever, as reading a body does.
const lock = (stream) => {
  const { Reader, stateOf } = internals.readable;
  const state = stateOf(stream);
  state.isDisturbed = true;
  return new Reader(state, false);
};

const openStream = (body) => {
  if (body.stream === undefined) {
    internals.parts.streams;
    body.stream = streamOf(body.isUsed ? list() : segmentsOf(body.source, true));
    if (body.isUsed) {
      internals.streams.close(body.stream);
      lock(body.stream);
    }
  }
  return body.stream;
};

// Errors what is not read yet.
const fail = (body, reason) => {
  if (body.stream !== undefined || !body.isUsed) internals.streams.error(openStream(body), reason);
};

// ---- Reading

// Calls back with a source and whether it is shared, at once or later.
const read = (body, onDone, onFailed) => {
  if (isUnusable(body)) {
    onFailed(unusable());
    return;
  }
  const { stream } = body;
  use(body);
  if (stream === undefined) onDone(body.source, body.isShared);
  else {
    internals.streams.readAll(stream, (bytes) => {
      lock(stream);
      onDone(bytes, false);
    }, (error) => {
      lock(stream);
      onFailed(error);
    });
  }
};

// The promise of what `convert` makes of a source. `body` may be null.
const consume = (body, headers, convert) => {
  if (body === null) return PromiseResolve(convert('', false, headers));
  if (body.stream === undefined) {
    if (body.isUsed) return PromiseReject(unusable());
    use(body);
    return PromiseResolve(convert(body.source, body.isShared, headers));
  }
  const { promise, reject, resolve } = defer();
  read(body, (source, isShared) => {
    try {
      resolve(convert(source, isShared, headers));
    } catch (error) {
      reject(error);
    }
  }, reject);
  return promise;
};

// The bytes of a body that is not used; undefined where they have to be read from its stream, which stays as it is.
const takeBytes = (body) => {
  if (body.stream !== undefined) return undefined;
  use(body);
  return bytesOf(body.source, body.isShared);
};

// Another body of the same content; `body` goes on with its half.
const clone = (body) => {
  if (isUnusable(body)) throw unusable();
  if (body.stream === undefined) {
    const copied = new Body(body.source, body.type);
    copied.isShared = body.isShared = true;
    return copied;
  }
  const branches = internals.streams.teeObjects(body.stream);
  body.stream = branches[0];
  return new Body(body.source, body.type, branches[1]);
};

// Another body that takes the content over; `body` is used then.
const take = (body) => {
  if (body.stream === undefined) {
    const taken = new Body(body.source, body.type);
    taken.isShared = body.isShared;
    use(body);
    return taken;
  }
  use(body);
  return new Body(body.source, body.type, internals.streams.passOn(body.stream));
};

// ---- Conversions

const toBuffer = (source, isShared) => TypedArrayPrototypeGetBuffer(bytesOf(source, isShared));
const toJson = (source) => JSONParse(textOf(source));

const typeOf = (headers) => {
  internals.parts.mime;
  return internals.mime.extract(headers.get('content-type'));
};

const toBlob = (source, isShared, headers) => {
  internals.parts.blob;
  const { BlobState, make, withType } = internals.blob;
  const type = typeOf(headers)?.toText() ?? '';
  if (isOfBlob(source)) return make(withType(source, type));
  const segments = segmentsOf(source, isShared);
  return make(new BlobState(segments, segments.length === 0 ? 0 : TypedArrayPrototypeGetLength(segments[0]), type));
};

const toFormData = (source, isShared, headers) => {
  const type = typeOf(headers);
  if (type?.essence === 'multipart/form-data') {
    const boundary = type.get('boundary');
    if (boundary === undefined) throw new TypeError('The Content-Type of the body has no boundary');
    internals.parts.multipart;
    internals.parts.formData;
    return internals.makeFormData(internals.multipart.read(bytesOf(source, isShared), boundary));
  }
  if (type?.essence === 'application/x-www-form-urlencoded') {
    internals.parts.url;
    internals.parts.formData;
    return internals.makeFormData(internals.searchParams.parse(textOf(source)));
  }
  throw new TypeError(
    'The Content-Type of the body is neither multipart/form-data nor application/x-www-form-urlencoded');
};

// ---- The mixin

// `holderOf(object)` has `body` (or null) and `headers`, and throws for what is none of the interface.
const defineBody = (Interface, holderOf) => defineMembers(Interface.prototype, {
  get body() {
    const { body } = holderOf(this);
    return body === null ? null : openStream(body);
  },
  get bodyUsed() {
    const { body } = holderOf(this);
    return body !== null && isUsed(body);
  },
  arrayBuffer() { return answer(this, holderOf, toBuffer); },
  blob() { return answer(this, holderOf, toBlob); },
  bytes() { return answer(this, holderOf, bytesOf); },
  formData() { return answer(this, holderOf, toFormData); },
  json() { return answer(this, holderOf, toJson); },
  text() { return answer(this, holderOf, textOf); },
  textStream() {
    const { body } = holderOf(this);
    internals.parts.streams;
    if (body !== null && isUnusable(body)) throw unusable();
    return internals.streams.decodeText(body === null ? streamOf(list()) : openStream(body));
  },
});

const answer = (object, holderOf, convert) => {
  try {
    const { body, headers } = holderOf(object);
    return consume(body, headers, convert);
  } catch (error) {
    return PromiseReject(error);
  }
};

internals.body = {
  __proto__: null,
  Body, bytesOf, clone, defineBody, extract, fail, isUnusable, openStream, read, take, takeBytes, toBodyInit,
};
