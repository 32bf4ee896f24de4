// SPDX-License-Identifier: Apache-2.0
'use strict';

const { DOMException } = internals;
const { defineMembers, requireArguments, toDOMString } = internals.webidl;

const orInvalid = (string, message) => {
  if (string === undefined) throw new DOMException(message, 'InvalidCharacterError');
  return string;
};

defineMembers(globalThis, {
  atob(data) {
    requireArguments(arguments.length, 1, 'atob');
    return orInvalid(host.base64Decode(toDOMString(data, 'atob: argument 1')), 'The string is not valid base64');
  },
  btoa(data) {
    requireArguments(arguments.length, 1, 'btoa');
    return orInvalid(host.base64Encode(toDOMString(data, 'btoa: argument 1')),
      'The string holds a character greater than U+00FF');
  },
});
