// SPDX-License-Identifier: Apache-2.0
'use strict';

const { globalThis } = primordials;

internals.webidl.defineMembers(globalThis, {
  fetch(input, init = undefined) {
    internals.parts.fetch;
    return internals.fetch(this, arguments.length, input, init);
  },
});
