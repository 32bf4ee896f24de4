// SPDX-License-Identifier: Apache-2.0
'use strict';

// WebSocket (WHATWG WebSockets). The protocol is the host's: operations of a binding of the capability websocket.

const {
  ArrayBufferIsView, ObjectSetPrototypeOf, ReflectApply, RegExpPrototypeExec, StringPrototypeSlice, SymbolIterator,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength, TypeError, Uint32Array,
} = primordials;
const { DOMException, queueTask } = internals;
const {
  defineConstants, exposeInterface, isArrayBuffer, isObject, list, makeSlot, requireArguments, toDOMString, toInteger,
  toSequence, toUSVString,
} = internals.webidl;
const {
  CloseEvent, defineHandler, ErrorEvent, Event, EventTarget, fire, makeMessageEvent, makeTarget,
} = internals.events;
internals.parts.blob;
const { copySource } = internals.bytes;
const { BlobState, bytesOf: bytesOfBlob, isBlob, make: makeBlob, stateOf: stateOfBlob } = internals.blob;
const hostSide = internals.host;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

// Of one call that sends.
const mostMessages = 32;
const mostBytes = 1048576;

const nothing = () => {};

// ---- URLs and subprotocols

const syntaxError = (message) => new DOMException(message, 'SyntaxError');

// With a scheme of its own, and no fragment.
const toSocketUrl = (text) => {
  internals.parts.fetch;
  let href;
  try {
    href = internals.requests.parseUrl(text, 'WebSocket');
  } catch (error) {
    throw syntaxError(error.message);
  }
  const web = RegExpPrototypeExec(/^http(s?):/, href);
  if (web !== null) href = `ws${StringPrototypeSlice(href, 4)}`;
  if (RegExpPrototypeExec(/^wss?:/, href) === null) {
    throw syntaxError(`WebSocket: the scheme of '${href}' is none of ws, wss, http and https`);
  }
  if (RegExpPrototypeExec(/#/, href) !== null) throw syntaxError('WebSocket: the URL may have no fragment');
  return href;
};

const toProtocols = (value) => {
  const where = 'WebSocket: argument 2';
  if (isObject(value)) {
    const method = value[SymbolIterator];
    if (method !== undefined && method !== null) return toSequence(value, toDOMString, where, method);
  }
  const protocols = list();
  protocols[0] = toDOMString(value, where);
  return protocols;
};

const token = /^[-!#$%&'*+.^`|~\w]+$/;

const checkProtocols = (protocols) => {
  const seen = { __proto__: null };
  for (let i = 0; i < protocols.length; i++) {
    const name = protocols[i];
    if (RegExpPrototypeExec(token, name) === null) {
      throw syntaxError(`WebSocket: '${name}' cannot be the name of a subprotocol`);
    }
    if (seen[name]) throw syntaxError(`WebSocket: the subprotocol '${name}' is given twice`);
    seen[name] = true;
  }
};

// What the host wants of a URL: scheme, host, port, path, query, authorization.
const partsOf = (href) => {
  const ends = new Uint32Array(9); // UrlText::End
  host.urlParse(href, undefined, ends);
  const cut = (start, end) => (end > start ? StringPrototypeSlice(href, start, end) : '');
  const parts = list();
  parts[0] = cut(0, ends[0] - 1);
  parts[1] = cut(ends[3], ends[4]);
  const port = cut(ends[4] + 1, ends[5]);
  parts[2] = port === '' ? undefined : +port;
  parts[3] = cut(ends[6], ends[7]);
  parts[4] = cut(ends[7], ends[8]);
  if (ends[3] > ends[0] + 2) parts[5] = credentialsOf(cut(ends[0] + 2, ends[1]), cut(ends[1] + 1, ends[2]));
  else parts[5] = undefined;
  return parts;
};

const credentialsOf = (username, password) => {
  internals.parts.dataUrl;
  const { percentDecode } = internals.dataUrls;
  const { toLatin1 } = internals.bytes;
  return `Basic ${host.base64Encode(`${toLatin1(percentDecode(username))}:${toLatin1(percentDecode(password))}`)}`;
};

const originOf = (href) => {
  const ends = new Uint32Array(9);
  host.urlParse(href, undefined, ends);
  return `${StringPrototypeSlice(href, 0, ends[0])}//${StringPrototypeSlice(href, ends[3], ends[5])}`;
};

// ---- States

const sizeOf = (text) =>
  (RegExpPrototypeExec(/[^\0-\x7F]/, text) === null ? text.length : TypedArrayPrototypeGetLength(host.utf8Encode(text)));

class Connection {
  constructor(object, url) {
    this.object = object;
    this.url = url;
    this.origin = originOf(url);
    this.readyState = CONNECTING;
    this.extensions = '';
    this.protocol = '';
    this.binaryType = 'blob';
    this.bufferedAmount = 0;
    this.binding = hostSide.bindings.websocket;
    this.call = 0; // that opens the connection
    this.number = 0; // the host's, of the connection
    this.queue = list(); // what waits to be sent: { message, size } of strings and Uint8Arrays
    this.first = 0; // of the queue that is not sent
    this.isSending = false;
  }

  open(protocols) {
    if (this.binding?.capability !== 'websocket') {
      this.#failSoon(`connecting to ${this.url} is not granted; ` +
        '--allow-net=HOST, or a websocket binding with its host, would allow it');
      return;
    }
    const request = list();
    request[0] = this.binding;
    request[1] = 'connect';
    request[2] = undefined;
    request[3] = (opened) => this.#opened(opened[0], opened[1]);
    request[4] = (error) => this.#failSoon(error.message);
    const parts = partsOf(this.url);
    for (let i = 0; i < parts.length; i++) request[5 + i] = parts[i];
    for (let i = 0; i < protocols.length; i++) request[11 + i] = protocols[i];
    this.call = ReflectApply(hostSide.callLater, undefined, request);
  }

  #opened(number, selection) {
    this.number = number;
    queueTask(() => {
      if (this.readyState !== CONNECTING) { // closed meanwhile
        this.#tellClose(undefined, '');
        this.#failSoon('the connection was closed before it was open');
        return;
      }
      this.readyState = OPEN;
      this.extensions = selection.extensions;
      this.protocol = selection.protocol;
      fire(this.object, new Event('open'));
    });
    queueTask(() => this.#receive());
  }

  // Each message is a task; the next ones are asked for after the last, until the connection is over.
  #receive() {
    hostSide.callLater(this.binding, 'receive', undefined, (values) => {
      let isOver = false;
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        isOver = isEnding(value);
        queueTask(isOver ? () => this.#end(value) : () => this.#arrive(value));
      }
      if (!isOver) queueTask(() => this.#receive());
    }, (error) => this.#failSoon(error.message), this.number);
  }

  #arrive(value) {
    if (this.readyState !== OPEN) return;
    tell(this.object, value, this.binaryType, this.origin);
  }

  // ---- What is sent

  accept() {
    throw new TypeError('WebSocket.accept: this socket is its own connection: only those of a WebSocketPair are accepted');
  }

  send(message) {
    if (this.readyState === CONNECTING) {
      throw new DOMException('WebSocket.send: the connection is not open yet', 'InvalidStateError');
    }
    const size = typeof message === 'string' ? sizeOf(message) : TypedArrayPrototypeGetLength(message);
    this.bufferedAmount += size;
    if (this.readyState !== OPEN) return;
    this.queue[this.queue.length] = { __proto__: null, message, size };
    if (this.isSending) return;
    this.isSending = true;
    internals.enqueueMicrotask(() => this.#sendSome());
  }

  // One call at a time is under way, so that what the peer does not take waits here, where it is the script's.
  #sendSome() {
    if (!this.isSending || this.first >= this.queue.length) {
      this.isSending = false;
      return;
    }
    this.#sendBatch(() => this.#sendSome());
  }

  #sendBatch(onSent) {
    const { queue } = this;
    const request = list();
    request[0] = this.binding;
    request[1] = 'send';
    request[2] = undefined;
    request[5] = this.number;
    let size = 0;
    for (let count = 0; count < mostMessages && this.first < queue.length && size < mostBytes; count++) {
      const item = queue[this.first];
      queue[this.first++] = undefined;
      request[6 + count] = item.message;
      size += item.size;
    }
    if (this.first === queue.length) {
      this.queue = list();
      this.first = 0;
    }
    request[3] = () => {
      this.bufferedAmount -= size;
      onSent();
    };
    request[4] = (error) => {
      // Where the connection is over, the host says how.
      if (error.code === 'conflict' || error.code === 'unavailable') return;
      this.#tellClose(undefined, '');
      this.#failSoon(error.message);
    };
    ReflectApply(hostSide.callLater, undefined, request);
  }

  // ---- The end

  checkCode(code) {
    if (code === 1000 || (code >= 3000 && code <= 4999)) return;
    throw new DOMException(
      `WebSocket.close: the code ${code} is neither 1000 nor from 3000 to 4999`, 'InvalidAccessError');
  }

  close(code, reason) {
    if (this.readyState >= CLOSING) return;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSING;
    if (!wasOpen) {
      if (this.call !== 0) hostSide.cancelCall(this.call);
      return;
    }
    // The host sends in the order of the calls.
    while (this.first < this.queue.length) this.#sendBatch(nothing);
    this.isSending = false;
    this.#tellClose(code, reason);
  }

  #tellClose(code, reason) {
    hostSide.callLater(this.binding, 'close', undefined, nothing, nothing, this.number, code, reason);
  }

  #failSoon(message) {
    const ending = { __proto__: null, code: 1006, message: `WebSocket: ${message}`, reason: '', wasClean: false };
    queueTask(() => this.#end(ending));
  }

  #end({ code, message, reason, wasClean }) {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.queue = list();
    this.first = 0;
    tellEnd(this.object, code, reason, wasClean, message);
  }
}
ObjectSetPrototypeOf(Connection.prototype, null);

const isEnding = (value) => typeof value === 'object' && !ArrayBufferIsView(value);

const blobOf = (bytes) => {
  const segments = list();
  const length = TypedArrayPrototypeGetLength(bytes);
  if (length > 0) segments[0] = bytes;
  return makeBlob(new BlobState(segments, length, ''));
};

// ---- Events

// `value` is a string or a Uint8Array that has its buffer for itself.
const tell = (object, value, binaryType, origin) => {
  let data = value;
  if (typeof value !== 'string') data = binaryType === 'blob' ? blobOf(value) : TypedArrayPrototypeGetBuffer(value);
  fire(object, makeMessageEvent(data, origin, list()));
};

const tellEnd = (object, code, reason, wasClean, message) => {
  if (message !== '') fire(object, new ErrorEvent('error', { __proto__: null, message }));
  fire(object, new CloseEvent('close', { __proto__: null, code, reason, wasClean }));
};

// ---- Interface

const Slot = makeSlot();
const { get: stateOf } = Slot;
const toCode = (value, where) => toInteger(value, 16, false, 'clamp', where);

class WebSocket {
  constructor(url, protocols = undefined) {
    requireArguments(arguments.length, 1, 'WebSocket');
    const text = toUSVString(url, 'WebSocket: argument 1');
    const names = protocols === undefined ? list() : toProtocols(protocols);
    const href = toSocketUrl(text);
    checkProtocols(names);
    const state = new Connection(this, href);
    makeTarget(this);
    new Slot(this, state);
    state.open(names);
  }

  get url() { return stateOf(this).url; }
  get readyState() { return stateOf(this).readyState; }
  get bufferedAmount() { return stateOf(this).bufferedAmount; }
  get extensions() { return stateOf(this).extensions; }
  get protocol() { return stateOf(this).protocol; }

  get binaryType() { return stateOf(this).binaryType; }
  set binaryType(value) {
    const state = stateOf(this);
    const type = toDOMString(value, 'WebSocket.binaryType');
    if (type === 'blob' || type === 'arraybuffer') state.binaryType = type;
  }

  close(code = undefined, reason = undefined) {
    const state = stateOf(this);
    const number = code === undefined ? undefined : toCode(code, 'WebSocket.close: argument 1');
    const text = reason === undefined ? '' : toUSVString(reason, 'WebSocket.close: argument 2');
    if (number !== undefined) state.checkCode(number);
    if (sizeOf(text) > 123) throw syntaxError('WebSocket.close: the reason has more than 123 bytes');
    state.close(number ?? (text === '' ? undefined : 1000), text);
  }

  // Of a pair's: from now on it is used here.
  accept() { stateOf(this).accept(); }

  send(data) {
    const state = stateOf(this);
    requireArguments(arguments.length, 1, 'WebSocket.send');
    let message;
    if (isObject(data) && (ArrayBufferIsView(data) || isArrayBuffer(data))) message = copySource(data);
    else if (isObject(data) && isBlob(data)) message = bytesOfBlob(stateOfBlob(data));
    else message = toUSVString(data, 'WebSocket.send: argument 1');
    state.send(message);
  }
}

defineHandler(WebSocket.prototype, 'open', stateOf);
defineHandler(WebSocket.prototype, 'error', stateOf);
defineHandler(WebSocket.prototype, 'close', stateOf);
defineHandler(WebSocket.prototype, 'message', stateOf);
exposeInterface(WebSocket, { __proto__: null, parent: EventTarget, has: Slot.has });
defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });

internals.webSockets = {
  __proto__: null, CLOSED, CLOSING, OPEN, tell, tellEnd,
  make(state) {
    const socket = { __proto__: WebSocket.prototype };
    makeTarget(socket);
    new Slot(socket, state);
    return socket;
  },
  stateOf: (object) => (Slot.has(object) ? stateOf(object) : undefined),
};
