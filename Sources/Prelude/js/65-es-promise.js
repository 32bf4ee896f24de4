// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const { ReflectApply, TypeError } = primordials;
const { isObject, toCallback } = internals.webidl;
const { expose } = internals.ecma;

// NewPromiseCapability: a promise of any class that takes what Promise takes.
const makeCapability = (Class, where) => {
  if (!isObject(Class)) throw new TypeError(`${where}: this is not a class of promises`);
  let resolve;
  let reject;
  const promise = new Class((resolveIt, rejectIt) => {
    if (resolve !== undefined || reject !== undefined) throw new TypeError(`${where}: the executor was called twice`);
    resolve = resolveIt;
    reject = rejectIt;
  });
  toCallback(resolve, `${where}: what resolves a promise`);
  toCallback(reject, `${where}: what rejects a promise`);
  return { promise, resolve, reject };
};

expose('Promise', {
  try(callback, ...args) {
    const { promise, resolve, reject } = makeCapability(this, 'Promise.try');
    let value;
    try {
      value = ReflectApply(callback, undefined, args);
    } catch (error) {
      reject(error);
      return promise;
    }
    resolve(value);
    return promise;
  },

  withResolvers() { return makeCapability(this, 'Promise.withResolvers'); },
});
