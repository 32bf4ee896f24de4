// SPDX-License-Identifier: Apache-2.0
'use strict';

const { Set, SetPrototypeAdd, SetPrototypeHas } = primordials;
const { DOMException } = internals;
const { defineMembers, isArrayBuffer, requireArguments, toDictionary, toObject, toSequence } = internals.webidl;

const toTransfer = (value, where) => toSequence(value, toObject, where);
const options = [['transfer', toTransfer]];
const makeError = (message) => new DOMException(message, 'DataCloneError');

defineMembers(globalThis, {
  structuredClone(value, init = undefined) {
    requireArguments(arguments.length, 1, 'structuredClone');
    const { transfer } = toDictionary(init, options, 'structuredClone: argument 2');
    if (transfer === undefined || transfer.length === 0) return host.structuredClone(value, undefined, makeError);
    const seen = new Set();
    for (let i = 0; i < transfer.length; i++) {
      if (!isArrayBuffer(transfer[i])) throw makeError('Only an ArrayBuffer can be transferred');
      if (SetPrototypeHas(seen, transfer[i])) throw makeError('An ArrayBuffer is transferred twice');
      SetPrototypeAdd(seen, transfer[i]);
    }
    return host.structuredClone(value, transfer, makeError);
  },
});
