// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bindings of capabilities that the prelude does not know: an object with a method for each operation.

const {
  ArrayIsArray, ArrayPrototypePop, JSONStringify, ObjectGetPrototypeOf, ReflectApply, ReflectOwnKeys, TypeError,
} = primordials;
const { define, isObject, list } = internals.webidl;
const { attempt, isBytes, isStream, readableOf, toBytes, Upload, writableOf } = internals.hostCalls;
const { defer } = internals.bytes;
const hostSide = internals.host;

const nothing = () => {};

// Primitives and bytes as they are, all else as JSON.
const toArgument = (value, where) => {
  const type = typeof value;
  if (value === undefined || value === null || type === 'boolean' || type === 'number' || type === 'string') {
    return value;
  }
  if (isObject(value) && isBytes(value)) return value;
  if (isObject(value) && isStream(value)) {
    throw new TypeError(`${where} is a stream; only the last argument may be one`);
  }
  const text = JSONStringify(value);
  if (text === undefined) throw new TypeError(`${where} is nothing that JSON can say`);
  return hostSide.json(text);
};

// Numbers of streams come in objects without a prototype, which JSON never makes.
const toResult = (value) => {
  if (!isObject(value)) return value;
  if (ObjectGetPrototypeOf(value) === null) {
    if (value.stream !== undefined) return readableOf(value.stream);
    if (value.sink !== undefined) return writableOf(value.sink);
  } else if (ArrayIsArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = toResult(value[i]);
  }
  return value;
};

const toArguments = (binding, operation, values) => {
  const args = list();
  for (let i = 0; i < values.length; i++) {
    args[i] = toArgument(values[i], `${binding.name}.${operation}: argument ${i + 1}`);
  }
  return args;
};

// Streams what the operation reads from its last argument.
const upload = (stream, onFailed) => {
  const pipe = hostSide.makePipe();
  const stop = (error) => {
    uploading.stop(error);
    hostSide.cancelStream(pipe);
    onFailed(error);
  };
  const uploading = new Upload(stream, toBytes, {
    __proto__: null,
    write: (bytes, onDone, onRefused) => hostSide.writeSink(pipe, bytes, onDone, onRefused),
    finish: () => hostSide.finishSink(pipe, nothing, nothing),
    fail: stop,
    refuse() {}, // the operation reads no further, and answers
  });
  internals.streams.soon(uploading.read);
  return { __proto__: null, pipe, stop };
};

const callLater = (binding, operation, values) => {
  const { promise, reject, resolve } = defer();
  const { length } = values;
  const last = length > 0 && isObject(values[length - 1]) && isStream(values[length - 1])
    ? ArrayPrototypePop(values) : undefined;
  const given = toArguments(binding, operation, values);
  const uploading = last === undefined ? undefined : upload(last, reject);
  const args = list();
  args[0] = binding;
  args[1] = operation;
  args[2] = uploading?.pipe;
  args[3] = (value) => {
    try {
      resolve(toResult(value));
    } catch (error) {
      reject(error);
    }
  };
  args[4] = uploading?.stop ?? reject;
  for (let i = 0; i < given.length; i++) args[5 + i] = given[i];
  ReflectApply(hostSide.callLater, undefined, args);
  return promise;
};

const callNow = (binding, operation, values) => {
  const args = list();
  args[0] = binding;
  args[1] = operation;
  const given = toArguments(binding, operation, values);
  for (let i = 0; i < given.length; i++) args[2 + i] = given[i];
  return toResult(ReflectApply(hostSide.callNow, undefined, args));
};

const make = (binding) => {
  const object = {};
  const names = ReflectOwnKeys(binding.operations);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const { method } = binding.sync[name]
      ? { method(...values) { return callNow(binding, name, values); } }
      : { method(...values) { return attempt(() => callLater(binding, name, values)); } };
    define(method, 'name', name, false);
    define(object, name, method);
  }
  return object;
};

internals.otherBindings = { __proto__: null, make };
