// SPDX-License-Identifier: Apache-2.0
'use strict';

// WebSocketPair (Cloudflare Workers): two sockets, each the other's other end. One of them goes to the client with a
// response of status 101; what the client sends comes to the other then.

const { Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ObjectSetPrototypeOf, TypeError } = primordials;
const { queueTask } = internals;
const { define, exposeInterface, isObject, list, makeSlot } = internals.webidl;
const { CLOSED, CLOSING, OPEN, make, stateOf, tell, tellEnd } = internals.webSockets;

// Ends whose other end is with a client, by the host's numbers.
const sockets = new Map();

const closing = (code, reason, wasClean, message) =>
  ({ __proto__: null, isClosing: true, data: undefined, code, reason, wasClean, message });

// One side of a pair.
class End {
  constructor() {
    this.object = make(this);
    this.other = undefined;
    this.url = '';
    this.readyState = OPEN;
    this.extensions = '';
    this.protocol = '';
    this.binaryType = 'arraybuffer';
    this.bufferedAmount = 0;
    this.isAccepted = false;
    this.isGiven = false; // to a client
    this.number = 0; // the host's, from then on
    this.arrived = list(); // what waits until it is accepted, or given away
  }

  accept() {
    if (this.isGiven) throw new TypeError('WebSocket.accept: the socket went to the client with a response');
    if (this.isAccepted) return;
    this.isAccepted = true;
    const { arrived } = this;
    this.arrived = list();
    for (let i = 0; i < arrived.length; i++) queueTask(() => this.#handle(arrived[i]));
    if (this.other.isGiven) host.receiveSocket(this.other.number);
  }

  send(data) {
    this.#check('send');
    if (this.readyState === CLOSING) throw new TypeError('WebSocket.send: close() was called before');
    // That the client has left is no mistake of the script's.
    if (this.readyState === OPEN) this.other.#take({ __proto__: null, isClosing: false, data });
  }

  checkCode(code) {
    if (code >= 1000 && code <= 4999 && code !== 1004 && code !== 1005 && code !== 1006 && code !== 1015) return;
    throw new TypeError(`WebSocket.close: the code ${code} is not from 1000 to 4999, or none that may be sent`);
  }

  close(code = 1000, reason) {
    this.#check('close');
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.other.#take(closing(code, reason, true, ''));
  }

  #check(name) {
    if (!this.isAccepted) throw new TypeError(`WebSocket.${name}: accept() has to be called on this socket before`);
  }

  // From the other end.
  #take(item) {
    if (this.isGiven) this.#forward(item);
    else if (this.isAccepted) queueTask(() => this.#handle(item));
    else this.arrived[this.arrived.length] = item;
  }

  #forward({ isClosing, data, code, reason }) {
    if (isClosing) host.closeSocket(this.number, code, reason);
    else host.sendSocket(this.number, data);
  }

  #handle(item) {
    if (!item.isClosing) {
      this.receive(item.data);
      return;
    }
    const answers = this.readyState === OPEN;
    this.readyState = CLOSED;
    // The other side of one in this isolate is closed too.
    if (answers && !this.other.isGiven) this.other.#take(item);
    tellEnd(this.object, item.code, item.reason, item.wasClean, item.message);
  }

  receive(data) {
    if (this.readyState === OPEN) tell(this.object, data, this.binaryType, '');
  }

  end(item) {
    if (this.isAccepted) this.#handle(item);
    else this.arrived[this.arrived.length] = item;
  }

  // It goes to the client of a dispatch, and what waits for it too.
  give(dispatch, headers) {
    if (this.isGiven) throw new TypeError('The webSocket of the response went with another response already');
    if (this.isAccepted) {
      throw new TypeError('The webSocket of the response was accepted here: give the other one of the pair to the client');
    }
    const protocol = host.openSocket(dispatch, headers);
    if (protocol === undefined) return; // nobody waits for the response any more
    this.isGiven = true;
    this.number = dispatch;
    this.protocol = this.other.protocol = protocol;
    MapPrototypeSet(sockets, dispatch, this.other);
    const { arrived } = this;
    this.arrived = list();
    for (let i = 0; i < arrived.length; i++) this.#forward(arrived[i]);
    if (this.other.isAccepted) host.receiveSocket(dispatch);
  }
}
ObjectSetPrototypeOf(End.prototype, null);

// ---- Interface

const Slot = makeSlot();

class WebSocketPair {
  constructor() {
    new Slot(this, undefined);
    const first = new End();
    const second = new End();
    first.other = second;
    second.other = first;
    define(this, '0', first.object);
    define(this, '1', second.object);
  }
}

exposeInterface(WebSocketPair, { __proto__: null, has: Slot.has });

internals.sockets = {
  __proto__: null,
  endOf(value, where) {
    const state = isObject(value) ? stateOf(value) : undefined;
    if (state === undefined || host.prototypeOf(state) !== End.prototype) {
      throw new TypeError(`${where} is no socket of a WebSocketPair`);
    }
    return state;
  },
  open(end, dispatch, headers) { end.give(dispatch, headers); },

  // From the host. What the listeners begin is the socket's.
  receive(number, data) {
    host.setContinuation(number);
    MapPrototypeGet(sockets, number)?.receive(data);
    host.setContinuation(0);
  },
  end(number, code, reason, wasClean, message) {
    const end = MapPrototypeGet(sockets, number);
    if (end === undefined) return;
    MapPrototypeDelete(sockets, number);
    host.setContinuation(number);
    end.end(closing(code, reason, wasClean, message));
    host.setContinuation(0);
  },
};
