// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.webidl.exposeReplaceable({ get self() { return globalThis; } });

// The functions that the host takes by name.
const { runTimers, setProcess } = internals;
internals.exports = { __proto__: null, runTimers, setProcess };
