// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ObjectFreeze, globalThis } = primordials;
const { define } = internals.webidl;

// The little of `process` that scripts run from a command line read. `envEntries`: name, value, name, value …
internals.setProcess = (file, args, envEntries) => {
  internals.variables = envEntries;
  const argv = ['rookery', file];
  for (let i = 0; i < args.length; i++) define(argv, i + 2, args[i]);
  const env = {};
  for (let i = 0; i < envEntries.length; i += 2) define(env, envEntries[i], envEntries[i + 1]);
  define(globalThis, 'process', ObjectFreeze({ argv, env }), false);
};
