// SPDX-License-Identifier: Apache-2.0
'use strict';

// A stream that is transferred leaves a pipe behind: into a writable end, whose messages a readable end receives.
// Messages are { type, value }, and `value` is cloned when it is sent.

const { DOMException } = internals;
internals.parts.messaging;
const { clone, Port } = internals;
const { failSoon, makeTransformObject, Outcome, soon } = internals.streams;
const { beginSoon, DefaultController, makeReadable } = internals.readable;
const { begin, failIfWritable, makeWritable } = internals.writable;

const send = (port, type, value = undefined) => port.post({ __proto__: null, type, value: clone(value) }, undefined);

// Sends, or calls back with what it failed with, of which the other end hears too.
const trySend = (port, type, value, onDone, onFailed) => {
  try {
    send(port, type, value);
  } catch (error) {
    try {
      send(port, 'error', error);
    } catch {
      // An error that cannot be cloned either.
    }
    failSoon(onFailed, error);
    return false;
  }
  soon(onDone);
  return true;
};

const sendLast = (port, type, value, onDone, onFailed) => {
  trySend(port, type, value, onDone, onFailed);
  port.close();
};

const readableEnd = (port) => {
  const pull = (_, onDone) => {
    send(port, 'pull');
    soon(onDone);
  };
  const cancel = (reason, onDone, onFailed) => sendLast(port, 'error', reason, onDone, onFailed);
  const stream = makeReadable(DefaultController, pull, cancel, 0);
  const { controller } = stream;
  port.onMessage = ({ type, value }) => {
    if (type === 'chunk') {
      controller.enqueue(value);
      return;
    }
    if (type === 'close') controller.close();
    else controller.fail(value);
    port.close();
  };
  beginSoon(stream);
  port.start();
  return stream;
};

const writableEnd = (port) => {
  let room = new Outcome(true); // resolved when the other end asks for a chunk
  const write = (chunk, onDone, onFailed) => room.then(() => {
    room = new Outcome(true);
    if (!trySend(port, 'chunk', chunk, onDone, onFailed)) port.close();
  }, onFailed);
  const close = (_, onDone, onFailed) => sendLast(port, 'close', undefined, onDone, onFailed);
  const abort = (reason, onDone, onFailed) => sendLast(port, 'error', reason, onDone, onFailed);
  const stream = makeWritable(write, close, abort, 1, undefined);
  port.onMessage = ({ type, value }) => {
    if (type === 'error') failIfWritable(stream.controller, value);
    room.resolve();
  };
  soon(() => begin(stream.controller));
  port.start();
  return stream;
};

const requireUnlocked = (owner, name) => {
  if (owner !== undefined) throw new DOMException(`A locked ${name} cannot be transferred`, 'DataCloneError');
};

const pipe = (readable, writable) => internals.streams.pipe(readable.object, writable.object,
  { __proto__: null, preventAbort: false, preventCancel: false, preventClose: false, signal: undefined }, undefined);

const transferReadable = (stream) => {
  requireUnlocked(stream.reader, 'ReadableStream');
  const port = Port.pair();
  pipe(stream, writableEnd(port));
  return readableEnd(port.other);
};

const transferWritable = (stream) => {
  requireUnlocked(stream.writer, 'WritableStream');
  const port = Port.pair();
  pipe(readableEnd(port), stream);
  return writableEnd(port.other);
};

internals.streams.transferReadable = (stream) => transferReadable(stream).object;
internals.streams.transferWritable = (stream) => transferWritable(stream).object;
internals.streams.transferTransform = ({ readable, writable }) => {
  requireUnlocked(readable.reader, 'TransformStream');
  requireUnlocked(writable.writer, 'TransformStream');
  return makeTransformObject({ __proto__: null, readable: transferReadable(readable), writable: transferWritable(writable) });
};
