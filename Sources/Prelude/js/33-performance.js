// SPDX-License-Identifier: Apache-2.0
'use strict';

const { exposeReplaceable } = internals.webidl;

exposeReplaceable({
  get performance() {
    internals.parts.performance;
    return internals.performance;
  },
});
