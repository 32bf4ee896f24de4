// SPDX-License-Identifier: Apache-2.0
'use strict';

const { defineMembers, requireArguments } = internals.webidl;

defineMembers(globalThis, {
  structuredClone(value, init = undefined) {
    requireArguments(arguments.length, 1, 'structuredClone');
    internals.parts.clone;
    return internals.structuredClone(value, init);
  },
});
