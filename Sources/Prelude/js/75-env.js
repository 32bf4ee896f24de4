// SPDX-License-Identifier: Apache-2.0
'use strict';

// The objects of bindings, each made when a script first touches it.

const { ReflectOwnKeys } = primordials;
const { define, defineMembers } = internals.webidl;
const { bindings } = internals.host;

const small = (kind) => (binding) => {
  internals.parts.smallBindings;
  return internals.smallBindings[kind](binding);
};

const fetcher = (binding) => {
  internals.parts.network;
  return internals.network.makeFetcher(binding);
};

const makers = {
  __proto__: null,
  clock: small('clock'),
  env: small('env'),
  fetch: fetcher,
  files(binding) {
    internals.parts.files;
    return internals.files.make(binding);
  },
  kv(binding) {
    internals.parts.kv;
    return internals.kv.make(binding);
  },
  log: small('log'),
  random: small('random'),
  worker: fetcher,
};

// Of a binding that goes by the name of its capability, a global function or class is made.
const isGlobal = ({ name, capability }) => name === capability && (name === 'fetch' || name === 'websocket');


const makeOther = (binding) => {
  internals.parts.otherBindings;
  return internals.otherBindings.make(binding);
};

// ---- env

const made = { __proto__: null };
const objectOf = (binding) => made[binding.name] ??= (makers[binding.capability] ?? makeOther)(binding);

// A new object with a property for each binding.
internals.makeEnv = () => {
  const env = {};
  const names = ReflectOwnKeys(bindings);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const binding = bindings[name];
    if (isGlobal(binding)) continue;
    defineMembers(env, {
      get [name]() { return objectOf(binding); },
      set [name](value) { define(env, name, value); },
    });
  }
  return env;
};

let refusing; // the files of whom has none

// What rookery:files exports by default: the first binding that there is, or one that refuses everything.
internals.filesModule = () => {
  const names = ReflectOwnKeys(bindings);
  for (let i = 0; i < names.length; i++) {
    const binding = bindings[names[i]];
    if (binding.capability === 'files') return objectOf(binding);
  }
  return refusing ??= makers.files(undefined);
};
