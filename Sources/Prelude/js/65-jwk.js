// SPDX-License-Identifier: Apache-2.0
'use strict';

// JSON Web Keys.

const {
  ArrayIsArray, ArrayPrototype, JSONParse, JSONStringify, ObjectPrototypeHasOwnProperty, ObjectSetPrototypeOf,
  ReflectOwnKeys,
} = primordials;
const { define, isObject, list, toBoolean, toDictionary, toDOMString, toSequence } = internals.webidl;
const { dataError, fromBase64url } = internals.keyBytes;
const { namesOf } = internals.keys;

const toStrings = (value, where) => toSequence(value, toDOMString, where);
const primeMembers = [['d', toDOMString], ['r', toDOMString], ['t', toDOMString]];
const toPrimes = (value, where) => toSequence(value, (item, place) => toDictionary(item, primeMembers, place), where);

const members = [
  ['alg', toDOMString], ['crv', toDOMString], ['d', toDOMString], ['dp', toDOMString], ['dq', toDOMString],
  ['e', toDOMString], ['ext', toBoolean], ['k', toDOMString], ['key_ops', toStrings], ['kty', toDOMString],
  ['n', toDOMString], ['oth', toPrimes], ['p', toDOMString], ['q', toDOMString], ['qi', toDOMString],
  ['use', toDOMString], ['x', toDOMString], ['y', toDOMString],
];
const toJwk = (value, where) => toDictionary(value, members, where);

// What all keys have to keep. `use` is what the member of the name may say.
const checkJwk = (jwk, kty, use, extractable, usages) => {
  if (jwk.kty !== kty) throw dataError(`The JSON Web Key is none of the type '${kty}'`);
  const names = namesOf(usages);
  if (names.length > 0 && jwk.use !== undefined && jwk.use !== use) {
    throw dataError(`The JSON Web Key is not for the use '${use}'`);
  }
  const { key_ops: given } = jwk;
  if (given !== undefined) {
    const seen = { __proto__: null };
    for (let i = 0; i < given.length; i++) {
      if (given[i] in seen) throw dataError(`The JSON Web Key has '${given[i]}' in key_ops twice`);
      seen[given[i]] = true;
    }
    for (let i = 0; i < names.length; i++) {
      if (!(names[i] in seen)) throw dataError(`The JSON Web Key has no '${names[i]}' in key_ops`);
    }
  }
  if (jwk.ext === false && extractable) throw dataError('The JSON Web Key is not extractable');
};

// The bytes of a member that must be there.
const takeMember = (jwk, name) => {
  if (jwk[name] === undefined) throw dataError(`The JSON Web Key has no '${name}'`);
  return fromBase64url(jwk[name], `The JSON Web Key's '${name}'`);
};

// A key's own members, which have no prototype, with those that all have.
const makeJwk = (own, { extractable, usages }) => {
  const names = namesOf(usages);
  const operations = list();
  for (let i = 0; i < names.length; i++) operations[i] = names[i];
  own.key_ops = operations;
  own.ext = extractable;
  return own;
};

// For scripts.
const showJwk = (jwk) => {
  const shown = {};
  const keys = ReflectOwnKeys(jwk);
  for (let i = 0; i < keys.length; i++) define(shown, keys[i], jwk[keys[i]]);
  ObjectSetPrototypeOf(jwk.key_ops, ArrayPrototype);
  return shown;
};

// ---- As bytes, for wrapped keys

const toText = (value) => {
  if (isObject(value)) throw dataError('The wrapped key is no JSON Web Key');
  return `${value}`;
};

const serializeJwk = (jwk) => host.utf8Encode(JSONStringify(jwk));

// Of what was parsed nothing is asked that scripts can change. `oth` matters only by being there.
const parseJwk = (bytes) => {
  const text = host.utf8Decode(bytes, true);
  let value;
  try {
    value = JSONParse(text);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) throw dataError('The wrapped key is no JSON Web Key');
  const jwk = { __proto__: null };
  for (let i = 0; i < members.length; i++) {
    const name = members[i][0];
    if (!ObjectPrototypeHasOwnProperty(value, name)) continue;
    const member = value[name];
    if (name === 'ext') jwk.ext = !!member;
    else if (name === 'oth') jwk.oth = list();
    else if (name !== 'key_ops') jwk[name] = toText(member);
    else {
      if (!ArrayIsArray(member)) throw dataError("The wrapped key's key_ops are no list");
      jwk.key_ops = list();
      for (let j = 0; j < member.length; j++) jwk.key_ops[j] = toText(member[j]);
    }
  }
  return jwk;
};

internals.jwk = { __proto__: null, checkJwk, makeJwk, parseJwk, serializeJwk, showJwk, takeMember, toJwk };
