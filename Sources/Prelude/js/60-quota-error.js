// SPDX-License-Identifier: Apache-2.0
'use strict';

// QuotaExceededError (Web IDL, 4.3): a DOMException that may say what there is and what was wanted.

const { RangeError, ReflectConstruct } = primordials;
const { DOMException, messageOf } = internals;
const { exposeInterface, makeSlot, toDictionary, toDOMString, toDouble } = internals.webidl;

const Slot = makeSlot();
const name = 'QuotaExceededError';
const members = [['quota', toDouble], ['requested', toDouble]];

class QuotaExceededError {
  constructor(message = '', options = undefined) {
    const text = toDOMString(message, `${name}: argument 1`);
    const { quota = null, requested = null } = toDictionary(options, members, `${name}: argument 2`);
    if (quota !== null && quota < 0) throw new RangeError(`${name}: the quota is negative`);
    if (requested !== null && requested < 0) throw new RangeError(`${name}: what was requested is negative`);
    if (quota !== null && requested !== null && requested < quota) {
      throw new RangeError(`${name}: what was requested is less than the quota`);
    }
    const error = ReflectConstruct(DOMException, [text, name], new.target);
    new Slot(error, { __proto__: null, quota, requested });
    return error;
  }

  get quota() { return Slot.get(this).quota; }
  get requested() { return Slot.get(this).requested; }
}

exposeInterface(QuotaExceededError, {
  __proto__: null, has: Slot.has, parent: DOMException,
  clone(error) {
    const { quota, requested } = Slot.get(error);
    const options = { __proto__: null, quota: quota ?? undefined, requested: requested ?? undefined };
    return new QuotaExceededError(messageOf(error), options);
  },
});

internals.QuotaExceededError = QuotaExceededError;
