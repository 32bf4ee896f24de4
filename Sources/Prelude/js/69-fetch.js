// SPDX-License-Identifier: Apache-2.0
'use strict';

const { globalThis } = primordials;

internals.userAgent = 'Rookery/0.1.0'; // the version that the command line tells

internals.webidl.defineMembers(globalThis, {
  fetch(input, init = undefined) {
    internals.parts.fetch;
    return internals.fetch(this, arguments.length, input, init);
  },
});
