// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, MathMin, NumberMAX_SAFE_INTEGER, RangeError, TypedArrayPrototypeSet,
  TypeError, Uint8Array,
} = primordials;
const { expose, toIntegerOrInfinity } = internals.ecma;

// Of this V8's buffers none is resizable, so that both methods do the same.
const transfer = (buffer, newLength, where) => {
  const oldLength = ArrayBufferPrototypeGetByteLength(buffer); // throws for what is none
  const length = newLength === undefined ? oldLength : toIntegerOrInfinity(newLength);
  if (length < 0 || length > NumberMAX_SAFE_INTEGER) throw new RangeError(`${where}: there is no length ${length}`);
  const state = host.bufferState(buffer);
  if (state !== 0) throw new TypeError(`${where}: the buffer ${state === 1 ? 'is' : 'cannot be'} detached`);
  if (length === oldLength) return host.transferArrayBuffer(buffer);
  const copy = new ArrayBuffer(length);
  TypedArrayPrototypeSet(new Uint8Array(copy), new Uint8Array(buffer, 0, MathMin(length, oldLength)));
  host.transferArrayBuffer(buffer);
  return copy;
};

expose('ArrayBufferPrototype', {
  transfer(newLength = undefined) { return transfer(this, newLength, 'ArrayBuffer.prototype.transfer'); },
  transferToFixedLength(newLength = undefined) {
    return transfer(this, newLength, 'ArrayBuffer.prototype.transferToFixedLength');
  },
});
