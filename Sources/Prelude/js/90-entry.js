// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.webidl.exposeReplaceable({ get self() { return globalThis; } });

// The functions that the host takes by name.
const { inspect, runTimers, setProcess } = internals;
const inspectError = (value) => inspect(value);
internals.exports = { __proto__: null, inspectError, runTimers, setProcess };
