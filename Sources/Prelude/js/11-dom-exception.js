// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ErrorCaptureStackTrace, ErrorPrototype, ObjectSetPrototypeOf, ReflectGetOwnPropertyDescriptor, StringPrototypeSplit,
} = primordials;
const { define, defineConstants, exposeInterface, isObject, toDOMString } = internals.webidl;

// Both in the order of the codes, which begin at 1; a dash is a name that lost its code.
const constants = StringPrototypeSplit(
  'INDEX_SIZE DOMSTRING_SIZE HIERARCHY_REQUEST WRONG_DOCUMENT INVALID_CHARACTER NO_DATA_ALLOWED ' +
  'NO_MODIFICATION_ALLOWED NOT_FOUND NOT_SUPPORTED INUSE_ATTRIBUTE INVALID_STATE SYNTAX ' +
  'INVALID_MODIFICATION NAMESPACE INVALID_ACCESS VALIDATION TYPE_MISMATCH SECURITY NETWORK ABORT ' +
  'URL_MISMATCH QUOTA_EXCEEDED TIMEOUT INVALID_NODE_TYPE DATA_CLONE', ' ');
const names = StringPrototypeSplit(
  'IndexSize - HierarchyRequest WrongDocument InvalidCharacter - NoModificationAllowed NotFound ' +
  'NotSupported InUseAttribute InvalidState Syntax InvalidModification Namespace InvalidAccess - ' +
  'TypeMismatch Security Network Abort URLMismatch QuotaExceeded Timeout InvalidNodeType DataClone', ' ');

const codes = { __proto__: null };
const codeConstants = { __proto__: null };
for (let i = 0; i < constants.length; i++) {
  codeConstants[`${constants[i]}_ERR`] = i + 1;
  if (names[i] !== '-') codes[`${names[i]}Error`] = i + 1;
}

let getMessage;
let getName;
let isException;

class DOMException {
  #message;
  #name;
  #code;

  constructor(message = '', name = 'Error') {
    this.#message = toDOMString(message, 'DOMException: argument 1');
    this.#name = toDOMString(name, 'DOMException: argument 2');
    this.#code = codes[this.#name] ?? 0;
    ErrorCaptureStackTrace(this, DOMException);
  }

  get name() { return this.#name; }
  get message() { return this.#message; }
  get code() { return this.#code; }

  static {
    isException = (object) => #code in object;
    getMessage = (exception) => exception.#message;
    getName = (exception) => exception.#name;
  }
}

ObjectSetPrototypeOf(DOMException.prototype, ErrorPrototype);
exposeInterface(DOMException, {
  __proto__: null, has: isException,
  clone(exception) {
    const copy = new DOMException(getMessage(exception), getName(exception));
    const stack = ReflectGetOwnPropertyDescriptor(exception, 'stack');
    if (stack === undefined) return copy;
    const { value } = ObjectSetPrototypeOf(stack, null);
    if (typeof value === 'string') define(copy, 'stack', value, false);
    return copy;
  },
});
defineConstants(DOMException, codeConstants);

internals.DOMException = DOMException;
internals.messageOf = getMessage;
internals.isDOMException = (value) => isObject(value) && isException(value);
