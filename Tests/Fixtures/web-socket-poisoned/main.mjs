// SPDX-License-Identifier: Apache-2.0
// Every global and every member of what the language and the other parts have is changed before WebSocket and EventSource
// are first named: they neither notice nor call it.
const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { apply } = Reflect;
const { log } = console;
const { Promise: Original, Response: Answer, setTimeout: later } = globalThis;
const { encodeURIComponent: encode } = globalThis;
const url = `data:text/event-stream,${encode('id: 1\ndata: a\n\nevent: b\ndata: c\r\ndata: d\r\n\r\n')}`;

let watching = false;
let touched = '';
const spare = ['constructor', 'prototype', 'name', 'length', 'stackTraceLimit', 'prepareStackTrace', '__proto__', 'then'];
const { includes } = Array.prototype;
const poison = (name, holder) => {
  const keys = ownKeys(holder);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const old = getOwnPropertyDescriptor(holder, key);
    if (!old.configurable || apply(includes, spare, [key]) || key === Symbol.toStringTag) continue;
    defineProperty(holder, key, {
      __proto__: null, configurable: true,
      get() {
        if (watching) touched += ` ${name}.${typeof key === 'symbol' ? 'a symbol' : key}`;
        return old.get === undefined ? old.value : apply(old.get, this, []);
      },
      set(value) {
        if (watching) touched += ` set ${name}.${typeof key === 'symbol' ? 'a symbol' : key}`;
        defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      },
    });
  }
};
const names = ['Array', 'ArrayBuffer', 'Blob', 'Boolean', 'DataView', 'Date', 'DOMException', 'ErrorEvent', 'Error', 'Event', 'EventTarget', 'Function', 'Headers',
  'Map', 'MessageEvent', 'Number', 'Promise', 'ReadableStream', 'ReadableStreamDefaultReader', 'RegExp', 'Request', 'Response', 'Set', 'String',
  'TextDecoder', 'TypeError', 'Uint8Array', 'Uint32Array', 'URL', 'WeakMap'];
const classes = [];
for (let i = 0; i < names.length; i++) classes[i] = globalThis[names[i]];
const typed = getPrototypeOf(Uint8Array);
poison('TypedArray', typed);
poison('TypedArray.prototype', typed.prototype);
poison('iterator', getPrototypeOf([][Symbol.iterator]()));
for (let i = 0; i < classes.length; i++) {
  poison(names[i], classes[i]);
  if (names[i] !== 'Function' && names[i] !== 'Promise') poison(`${names[i]}.prototype`, classes[i].prototype);
}
const members = ['0', '1', '2', '5', 'get', 'set', 'value', 'code', 'message', 'reason', 'wasClean', 'data', 'type', 'status', 'cache', 'headers', 'credentials',
  'body', 'stream', 'next', 'done', 'bubbles', 'cancelable', 'composed', 'lastEventId', 'origin', 'ports', 'source', 'withCredentials', 'fetch', 'websocket'];
for (let i = 0; i < members.length; i++) {
  defineProperty(Object.prototype, members[i], {
    __proto__: null, configurable: true,
    get() { if (watching) touched += ` Object.prototype.${members[i]}`; return undefined; },
    set(value) {
      if (watching) touched += ` set Object.prototype.${members[i]}`;
      defineProperty(this, members[i], { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    },
  });
}

const report = (what) => {
  watching = false;
  log(what, touched === '' ? 'untouched' : touched);
  touched = '';
};

watching = true;
const socket = new WebSocket('http://a.test/x', 'chat');
socket.binaryType = 'arraybuffer';
socket.close(3000, 'r');
report('a WebSocket');
await new Original((resolve) => { watching = true; socket.onclose = ({ code, wasClean }) => { report(`closed ${code} ${wasClean}`); resolve(); }; });
watching = true;
socket.send('text');
socket.send('\u00e9');
const amount = socket.bufferedAmount;
report(`sent ${amount}`);

watching = true;
const source = new EventSource(url);
watching = false;
// What the script itself does with events does not count.
const own = (work) => (event) => {
  watching = false;
  work(event);
  watching = true;
};
source.onmessage = own(({ data, lastEventId }) => { log(data, lastEventId); });
source.addEventListener('b', own(({ data }) => { log(data === 'c\nd'); }));
await new Original((resolve) => {
  source.onerror = own(({ message }) => {
    report(`error: ${message},`);
    source.close();
    resolve();
  });
  watching = true;
});

watching = true;
const pair = new WebSocketPair();
const near = pair[1];
const far = pair[0];
near.accept();
near.send('through');
new Answer(null, { __proto__: null, status: 101, webSocket: far });
report('a pair');
await new Original((resolve) => {
  far.onmessage = own(({ data }) => { log(data); });
  far.onclose = ({ code, wasClean }) => { report(`closed ${code} ${wasClean},`); resolve(); };
  watching = true;
  far.accept();
  near.close(4000, 'r');
});
