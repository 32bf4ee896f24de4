// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectSetPrototypeOf, TypedArrayPrototypeGetBuffer, TypeError } = primordials;
const { decoderFor, DOMException, holdTimer, startTimer } = internals;
const {
  defineConstants, exposeInterface, list, makeSlot, requireArguments, toBoolean, toDOMString, toDouble,
} = internals.webidl;
const { defineHandler, Event, eventMembers, EventTarget, fire, makeTarget, setUpEvent } = internals.events;
internals.parts.blob;
const { bytesOf, isBlob, peek, stateOf: blobOf } = internals.blob;
const { toLatin1, view, withoutMark } = internals.bytes;

// ---- ProgressEvent

const progressMembers = list();
for (let i = 0; i < eventMembers.length; i++) progressMembers[i] = eventMembers[i];
progressMembers[progressMembers.length] = ['lengthComputable', toBoolean, false];
progressMembers[progressMembers.length] = ['loaded', toDouble, 0];
progressMembers[progressMembers.length] = ['total', toDouble, 0];

class ProgressEvent {
  #init;

  constructor(type, init = undefined) {
    this.#init = setUpEvent(this, 'ProgressEvent', arguments.length, type, init, progressMembers);
  }

  get lengthComputable() { return this.#init.lengthComputable; }
  get loaded() { return this.#init.loaded; }
  get total() { return this.#init.total; }
}

exposeInterface(ProgressEvent, { __proto__: null, parent: Event });

// ---- What is read

const decoderOrNothing = (label) => {
  try {
    return label === undefined ? undefined : decoderFor(label);
  } catch {
    return undefined; // an encoding that nobody knows
  }
};

// A byte order mark comes before what anybody says.
const markOf = (bytes) => {
  if (bytes[0] === 0xEF && bytes[1] === 0xBB && bytes[2] === 0xBF) return 'utf-8';
  if (bytes[0] === 0xFE && bytes[1] === 0xFF) return 'utf-16be';
  return bytes[0] === 0xFF && bytes[1] === 0xFE ? 'utf-16le' : undefined;
};

const charsetOf = (type) => {
  internals.parts.mime;
  return internals.mime.parse(type)?.get('charset');
};

const toText = (state, label) => {
  const bytes = peek(state);
  const decode = decoderOrNothing(markOf(bytes)) ?? decoderOrNothing(label) ??
    decoderOrNothing(charsetOf(state.type)) ?? decoderFor('utf-8');
  return withoutMark(decode(view(bytes, 0, state.size), false));
};

const toDataUrl = (state) =>
  `data:${state.type || 'application/octet-stream'};base64,${host.base64Encode(toLatin1(peek(state)))}`;

const toBuffer = (state) => TypedArrayPrototypeGetBuffer(bytesOf(state));
const toBinary = (state) => toLatin1(peek(state));

const toLabel = (value, where) => (value === undefined ? undefined : toDOMString(value, where));

// ---- FileReader

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

class ReaderState {
  constructor(reader) {
    this.reader = reader;
    this.readyState = EMPTY;
    this.result = null;
    this.error = null;
    this.reading = 0; // the number of the reading under way
  }
}
ObjectSetPrototypeOf(ReaderState.prototype, null);

const Slot = makeSlot();
const { get: stateOf } = Slot;

const tell = (state, type, loaded, total) => {
  fire(state.reader, new ProgressEvent(type, { __proto__: null, lengthComputable: true, loaded, total }));
  host.runMicrotasks(); // as after every callback of a task
};

const finish = (state, blob, convert) => {
  let type = 'load';
  try {
    state.result = convert(blob);
  } catch {
    state.error = new DOMException('The content does not fit into memory', 'NotReadableError');
    type = 'error';
  }
  state.readyState = DONE;
  tell(state, type, blob.size, blob.size);
  if (state.readyState !== LOADING) tell(state, 'loadend', blob.size, blob.size);
};

const read = (state, blob, convert) => {
  if (state.readyState === LOADING) throw new DOMException('The FileReader is reading', 'InvalidStateError');
  state.readyState = LOADING;
  state.result = state.error = null;
  const reading = ++state.reading;
  // Each in a task of its own, unless the reading was aborted.
  const soon = (work) => holdTimer(startTimer(() => {
    if (state.reading === reading && state.readyState === LOADING) work();
  }, 0), true);
  soon(() => {
    soon(() => {
      if (blob.size > 0) tell(state, 'progress', blob.size, blob.size);
      soon(() => finish(state, blob, convert));
    });
    tell(state, 'loadstart', 0, blob.size);
  });
};

const toBlob = (count, value, method) => {
  requireArguments(count, 1, method);
  if (!isBlob(value)) throw new TypeError(`${method}: argument 1 is not a Blob`);
  return blobOf(value);
};

class FileReader {
  constructor() {
    makeTarget(this);
    new Slot(this, new ReaderState(this));
  }

  get readyState() { return stateOf(this).readyState; }
  get result() { return stateOf(this).result; }
  get error() { return stateOf(this).error; }

  readAsArrayBuffer(blob) {
    const state = stateOf(this);
    read(state, toBlob(arguments.length, blob, 'FileReader.readAsArrayBuffer'), toBuffer);
  }

  readAsBinaryString(blob) {
    const state = stateOf(this);
    read(state, toBlob(arguments.length, blob, 'FileReader.readAsBinaryString'), toBinary);
  }

  readAsText(blob, encoding = undefined) {
    const state = stateOf(this);
    const content = toBlob(arguments.length, blob, 'FileReader.readAsText');
    const label = toLabel(encoding, 'FileReader.readAsText: argument 2');
    read(state, content, (given) => toText(given, label));
  }

  readAsDataURL(blob) {
    const state = stateOf(this);
    read(state, toBlob(arguments.length, blob, 'FileReader.readAsDataURL'), toDataUrl);
  }

  abort() {
    const state = stateOf(this);
    if (state.readyState !== LOADING) {
      state.result = null;
      return;
    }
    state.readyState = DONE;
    state.result = null;
    state.reading++;
    const event = (type) => new ProgressEvent(type, { __proto__: null, lengthComputable: false, loaded: 0, total: 0 });
    fire(this, event('abort'));
    if (state.readyState !== LOADING) fire(this, event('loadend'));
  }
}

exposeInterface(FileReader, { __proto__: null, parent: EventTarget });
defineConstants(FileReader, { EMPTY, LOADING, DONE });
const types = ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend'];
for (let i = 0; i < types.length; i++) defineHandler(FileReader.prototype, types[i], stateOf);

// ---- FileReaderSync

class FileReaderSync {
  #brand;

  readAsArrayBuffer(blob) {
    this.#brand;
    return toBuffer(toBlob(arguments.length, blob, 'FileReaderSync.readAsArrayBuffer'));
  }

  readAsBinaryString(blob) {
    this.#brand;
    return toBinary(toBlob(arguments.length, blob, 'FileReaderSync.readAsBinaryString'));
  }

  readAsText(blob, encoding = undefined) {
    this.#brand;
    const content = toBlob(arguments.length, blob, 'FileReaderSync.readAsText');
    return toText(content, toLabel(encoding, 'FileReaderSync.readAsText: argument 2'));
  }

  readAsDataURL(blob) {
    this.#brand;
    return toDataUrl(toBlob(arguments.length, blob, 'FileReaderSync.readAsDataURL'));
  }
}

exposeInterface(FileReaderSync);
