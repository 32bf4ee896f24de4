// SPDX-License-Identifier: Apache-2.0
'use strict';

const { TypeError, globalThis: global } = primordials;
const { defineMembers } = internals.webidl;

defineMembers(global, {
  get crypto() {
    if (this !== undefined && this !== null && this !== global) throw new TypeError('Illegal invocation');
    internals.parts.crypto;
    return internals.crypto.object;
  },
});
