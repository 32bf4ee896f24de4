// SPDX-License-Identifier: Apache-2.0
'use strict';

// Blob and File (W3C File API). The bytes are in segments that blobs share, so that slices copy nothing.

const {
  ArrayBufferIsView, DateNow, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet,
  ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf,
  StringPrototypeSlice, StringPrototypeToLowerCase, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength, TypeError,
} = primordials;
const {
  exposeInterface, isArrayBuffer, isObject, list, makeSlot, requireArguments, toDictionary, toDOMString, toEnumeration,
  toInteger, toSequence, toUnsignedLong, toUSVString,
} = internals.webidl;
const { answer, chunkSize, copySource, decode, join, streamOf, view } = internals.bytes;

class BlobState {
  constructor(segments, size, type) {
    this.segments = segments;
    this.size = size;
    this.type = type;
    this.name = undefined; // of a File
    this.lastModified = 0;
  }
}

// ---- Parts

const toPart = (value, where) => {
  if (isBlob(value)) return stateOf(value);
  return isObject(value) && (ArrayBufferIsView(value) || isArrayBuffer(value)) ? { __proto__: null, source: value }
    : toDOMString(value, where);
};

// Lines end as they do here.
const withNativeEndings = (text) => {
  let result = '';
  let start = 0;
  for (let end; (end = StringPrototypeIndexOf(text, '\r', start)) >= 0;) {
    result += `${StringPrototypeSlice(text, start, end)}\n`;
    start = StringPrototypeCharCodeAt(text, end + 1) === 0x0A ? end + 2 : end + 1;
  }
  return result + StringPrototypeSlice(text, start);
};

// Makes segments of pieces, which are small ones put together.
class Gathering {
  constructor() {
    this.segments = list();
    this.size = 0;
    this.pieces = list();
    this.pending = 0; // bytes of the pieces
  }

  add(bytes) {
    const length = TypedArrayPrototypeGetLength(bytes);
    if (length === 0) return;
    this.size += length;
    if (this.pending + length > chunkSize) this.flush();
    this.pieces[this.pieces.length] = bytes;
    this.pending += length;
  }

  flush() {
    const { pending, pieces, segments } = this;
    if (pieces.length === 0) return;
    segments[segments.length] = pieces.length === 1 ? pieces[0] : join(pieces, pending);
    this.pieces = list();
    this.pending = 0;
  }
}

// `parts`: strings, states of blobs, and { source } of buffer sources, which are copied.
const gather = (parts, type, isNative = false) => {
  const gathering = new Gathering();
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (typeof part === 'string') gathering.add(host.utf8Encode(isNative ? withNativeEndings(part) : part));
    else if (part.source !== undefined) gathering.add(copySource(part.source));
    else for (let j = 0; j < part.segments.length; j++) gathering.add(part.segments[j]);
  }
  gathering.flush();
  return new BlobState(gathering.segments, gathering.size, type);
};

const toType = (text) =>
  (RegExpPrototypeExec(/[^\x20-\x7E]/, text) === null ? StringPrototypeToLowerCase(text) : '');

// Another blob of the same bytes.
const withType = ({ segments, size }, type) => new BlobState(segments, size, type);

const asFile = (state, name, lastModified = DateNow()) => {
  const file = withType(state, state.type);
  file.name = name;
  file.lastModified = lastModified;
  return file;
};

const slice = ({ segments, size }, from, to, type) => {
  const start = from < 0 ? (size + from > 0 ? size + from : 0) : from < size ? from : size;
  const end = to < 0 ? (size + to > 0 ? size + to : 0) : to < size ? to : size;
  const kept = list();
  for (let i = 0, offset = 0; i < segments.length && offset < end; i++) {
    const length = TypedArrayPrototypeGetLength(segments[i]);
    const first = start > offset ? start - offset : 0;
    const last = end - offset < length ? end - offset : length;
    if (first < last) kept[kept.length] = last - first === length ? segments[i] : view(segments[i], first, last);
    offset += length;
  }
  return new BlobState(kept, end > start ? end - start : 0, type);
};

// Memory that is shared where it is one segment.
const peek = ({ segments, size }) => (segments.length === 1 ? segments[0] : join(segments, size));
const bytesOf = ({ segments, size }) => join(segments, size);

// ---- Interfaces

const Slot = makeSlot();
const { get: stateOf, has: isBlob } = Slot;

const make = (state) => {
  const blob = { __proto__: (state.name === undefined ? Blob : File).prototype };
  new Slot(blob, state);
  return blob;
};

const toEndings = (value, where) =>
  toEnumeration(value, { __proto__: null, transparent: true, native: true }, where) === 'native';
const toLongLong = (value, where) => toInteger(value, 64, true, undefined, where);
const toClamped = (value, where) => toInteger(value, 64, true, 'clamp', where);
const blobMembers = [['endings', toEndings, false], ['type', toDOMString, '']];
const fileMembers = [blobMembers[0], blobMembers[1], ['lastModified', toLongLong]];

class Blob {
  constructor(blobParts = undefined, options = undefined) {
    const parts = blobParts === undefined ? list() : toSequence(blobParts, toPart, 'Blob: argument 1');
    const { endings, type } = toDictionary(options, blobMembers, 'Blob: argument 2');
    new Slot(this, gather(parts, toType(type), endings));
  }

  get size() { return stateOf(this).size; }
  get type() { return stateOf(this).type; }

  slice(start = undefined, end = undefined, contentType = undefined) {
    const state = stateOf(this);
    const from = start === undefined ? 0 : toClamped(start, 'Blob.slice: argument 1');
    const to = end === undefined ? state.size : toClamped(end, 'Blob.slice: argument 2');
    const type = contentType === undefined ? '' : toType(toDOMString(contentType, 'Blob.slice: argument 3'));
    return make(slice(state, from, to, type));
  }

  stream() { return streamOf(stateOf(this).segments); }

  textStream() {
    const stream = streamOf(stateOf(this).segments);
    return internals.streams.decodeText(stream);
  }

  text() { return answer(() => decode(peek(stateOf(this)))); }
  arrayBuffer() { return answer(() => TypedArrayPrototypeGetBuffer(bytesOf(stateOf(this)))); }
  bytes() { return answer(() => bytesOf(stateOf(this))); }
}

const fileOf = (file) => {
  const state = stateOf(file);
  if (state.name === undefined) throw new TypeError('Illegal invocation');
  return state;
};

class File {
  constructor(fileBits, fileName, options = undefined) {
    requireArguments(arguments.length, 2, 'File');
    const parts = toSequence(fileBits, toPart, 'File: argument 1');
    const name = toUSVString(fileName, 'File: argument 2');
    const { endings, lastModified, type } = toDictionary(options, fileMembers, 'File: argument 3');
    new Slot(this, asFile(gather(parts, toType(type), endings), name, lastModified));
  }

  get name() { return fileOf(this).name; }
  get lastModified() { return fileOf(this).lastModified; }
}

const Files = makeSlot();

// No script makes one.
class FileList {
  constructor() { throw new TypeError('Illegal constructor'); }

  get length() { return Files.get(this).length; }

  item(index) {
    const files = Files.get(this);
    requireArguments(arguments.length, 1, 'FileList.item');
    return files[toUnsignedLong(index)] ?? null;
  }
}

exposeInterface(Blob, { __proto__: null, has: isBlob, clone: (blob) => make(stateOf(blob)) });
exposeInterface(FileList, { __proto__: null, has: Files.has });
exposeInterface(File, { __proto__: null, parent: Blob });

// ---- URLs

const urls = new Map(); // states by their URLs

// The origin of a worker is opaque.
const createUrl = (value) => {
  if (!isBlob(value)) throw new TypeError('URL.createObjectURL: argument 1 is not a Blob');
  internals.parts.crypto;
  const url = `blob:null/${internals.crypto.makeId()}`;
  MapPrototypeSet(urls, url, stateOf(value));
  return url;
};

ObjectSetPrototypeOf(BlobState.prototype, null);
ObjectSetPrototypeOf(Gathering.prototype, null);

// A state has segments, size and type, and name (undefined: no File) and lastModified. Nobody changes one.
internals.blob = {
  __proto__: null,
  asFile, BlobState, bytesOf, createUrl, gather, isBlob, make, peek, slice, stateOf, toType, withType,
  findUrl: (url) => MapPrototypeGet(urls, url),
  revokeUrl: (url) => MapPrototypeDelete(urls, url),
};
