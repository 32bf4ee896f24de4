// SPDX-License-Identifier: Apache-2.0
'use strict';

// Channels between scripts of one context. A message is cloned when it is posted and delivered as a task of its own.
// Only a script can post, so a port that waits for messages holds no run: there is a run while somebody could post.

const { ObjectSetPrototypeOf, ReflectApply, SymbolIterator, TypeError } = primordials;
const { DOMException, queueTask } = internals;
const {
  exposeInterface, isObject, list, makeSlot, requireArguments, toDictionary,
} = internals.webidl;
const { defineHandler, Event, EventTarget, fire, makeMessageEvent, makeTarget } = internals.events;
internals.parts.clone;
const { cloneWithTransfer, toTransfer, transferMembers } = internals;

// What a MessagePort stands for; when it is transferred another object does.
class Port {
  constructor() {
    this.object = undefined;
    this.onMessage = undefined; // takes the data of messages, where there is no object
    this.other = undefined; // the port at the other end
    this.first = undefined; // messages, a chain by their `next`
    this.last = undefined;
    this.isStarted = false;
  }

  post(data, ports) {
    const { other } = this;
    if (other === undefined) return;
    const message = { __proto__: null, data, ports, next: undefined };
    if (other.first === undefined) other.first = message;
    else other.last.next = message;
    other.last = message;
    if (other.isStarted) queueTask(() => other.#deliver());
  }

  start() {
    if (this.isStarted) return;
    this.isStarted = true;
    for (let message = this.first; message !== undefined; message = message.next) queueTask(() => this.#deliver());
  }

  #deliver() {
    const { first } = this;
    if (first === undefined || !this.isStarted) return; // closed, or transferred, meanwhile
    this.first = first.next;
    if (this.onMessage === undefined) fire(this.object, makeMessageEvent(first.data, '', first.ports));
    else this.onMessage(first.data);
  }

  // What it has posted arrives all the same.
  close() {
    const { other } = this;
    this.first = this.last = this.other = undefined;
    if (other === undefined) return;
    other.other = undefined;
    if (other.object === undefined) return;
    queueTask(() => {
      if (other.object !== undefined) fire(other.object, new Event('close'));
    });
  }

  static pair() {
    const port = new Port();
    port.other = new Port();
    port.other.other = port;
    return port;
  }
}
ObjectSetPrototypeOf(Port.prototype, null);

// Of { port }, which is undefined once the object is closed or was transferred.
const Slot = makeSlot();
const { get: handleOf, has } = Slot;

const makeObject = (port) => {
  const object = { __proto__: MessagePort.prototype };
  makeTarget(object);
  new Slot(object, { __proto__: null, port });
  port.object = object;
  return object;
};

const toOptions = (value, where) => {
  const method = isObject(value) ? value[SymbolIterator] : undefined;
  if (method === undefined || method === null) return toDictionary(value, transferMembers, where).transfer ?? list();
  return toTransfer(value, where, method);
};

const includes = (transfer, object) => {
  for (let i = 0; i < transfer.length; i++) if (transfer[i] === object) return true;
  return false;
};

class MessagePort {
  constructor() { throw new TypeError('Illegal constructor'); }

  postMessage(message, options = undefined) {
    const { port } = handleOf(this);
    requireArguments(arguments.length, 1, 'MessagePort.postMessage');
    const transfer = toOptions(options, 'MessagePort.postMessage: argument 2');
    if (includes(transfer, this)) throw new DOMException('A port cannot be transferred through itself', 'DataCloneError');
    // The other end through this one: nobody is left to read it.
    const isLost = port?.other !== undefined && includes(transfer, port.other.object);
    const { received, value } = cloneWithTransfer(message, transfer);
    if (port === undefined || isLost) return;
    const ports = list();
    for (let i = 0; i < received.length; i++) if (has(received[i])) ports[ports.length] = received[i];
    port.post(value, ports);
  }

  start() { handleOf(this).port?.start(); }

  close() {
    const handle = handleOf(this);
    const { port } = handle;
    if (port === undefined) return;
    handle.port = port.object = undefined;
    port.close();
  }
}

// Takes the port from an object.
const transfer = (object) => {
  const handle = handleOf(object);
  const { port } = handle;
  if (port === undefined) throw new DOMException('The MessagePort is closed or was transferred before', 'DataCloneError');
  handle.port = undefined;
  port.isStarted = false;
  return makeObject(port);
};

class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const port = Port.pair();
    this.#port1 = makeObject(port);
    this.#port2 = makeObject(port.other);
  }

  get port1() { return this.#port1; }
  get port2() { return this.#port2; }
}

exposeInterface(MessageChannel);
exposeInterface(MessagePort, { __proto__: null, parent: EventTarget, has, transfer });
defineHandler(MessagePort.prototype, 'message', handleOf, (object) => handleOf(object).port?.start());
defineHandler(MessagePort.prototype, 'messageerror', handleOf);
defineHandler(MessagePort.prototype, 'close', handleOf);

internals.isMessagePort = has;
internals.Port = Port;
