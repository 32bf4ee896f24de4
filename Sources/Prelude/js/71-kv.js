// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bindings of the capability kv. As Cloudflare's, with versions.

const {
  JSONParse, JSONStringify, ObjectPrototypeHasOwnProperty, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength,
  TypeError,
} = primordials;
const {
  define, isObject, list, requireArguments, toDictionary, toDouble, toDOMString, toEnumeration, toInteger,
  toUnsignedLong,
} = internals.webidl;
const { attempt, call, isStream, nameOf, seal, toContent } = internals.hostCalls;
const { defer, streamOf } = internals.bytes;
const { json } = internals.host;

const GET = nameOf('kv.get');
const SET = nameOf('kv.set');
const DELETE = nameOf('kv.delete');
const LIST = nameOf('kv.list');

// ---- Options

const toVersion = (value, where) => toInteger(value, 64, false, 'enforce', where);
const toSeconds = (value, where) => {
  const seconds = toDouble(value, where);
  if (seconds <= 0) throw new TypeError(`${where} is not a number of seconds above zero`);
  return seconds;
};

const types = { __proto__: null, arrayBuffer: true, bytes: true, json: true, stream: true, text: true };
const getMembers = [['type', (value, where) => toEnumeration(value, types, where), 'text']];
const putMembers = [
  ['expiration', toSeconds], ['expirationTtl', toSeconds], ['ifVersion', toVersion], ['metadata', (value) => value],
];
const deleteMembers = [['ifVersion', toVersion]];
const orAbsent = (convert) => (value, where) => (value === null ? undefined : convert(value, where));
const listMembers = [
  ['cursor', orAbsent(toDOMString)], ['limit', orAbsent(toUnsignedLong)], ['prefix', orAbsent(toDOMString)],
];

const toType = (value, where) => (value === undefined || value === null || isObject(value)
  ? toDictionary(value, getMembers, where).type : toEnumeration(value, types, where));

const toJson = (value, where) => {
  const text = JSONStringify(value);
  if (text === undefined) throw new TypeError(`${where} is nothing that JSON can say`);
  return json(text);
};

// ---- Values

const conversions = {
  __proto__: null,
  arrayBuffer: (bytes) => TypedArrayPrototypeGetBuffer(bytes),
  bytes: (bytes) => bytes,
  json: (bytes) => JSONParse(host.utf8Decode(bytes, false)),
  stream: (bytes) => {
    const segments = list();
    if (TypedArrayPrototypeGetLength(bytes) > 0) segments[0] = bytes;
    return streamOf(segments);
  },
  text: (bytes) => host.utf8Decode(bytes, false),
};

// ---- The object

class KVNamespace {
  constructor() { throw new TypeError('Illegal constructor'); }

  get(key, options = undefined) {
    return attempt(() => {
      const { binding, namespace } = stateOf(this);
      requireArguments(arguments.length, 1, 'KVNamespace.get');
      const name = toDOMString(key, 'KVNamespace.get: argument 1');
      const type = toType(options, 'KVNamespace.get: argument 2');
      return call(binding, GET, (found) => (found === null ? null : conversions[type](found[0])), namespace, name);
    });
  }

  getWithMetadata(key, options = undefined) {
    return attempt(() => {
      const { binding, namespace } = stateOf(this);
      requireArguments(arguments.length, 1, 'KVNamespace.getWithMetadata');
      const name = toDOMString(key, 'KVNamespace.getWithMetadata: argument 1');
      const type = toType(options, 'KVNamespace.getWithMetadata: argument 2');
      return call(binding, GET, (found) => (found === null ? { value: null, metadata: null, version: 0 }
        : { value: conversions[type](found[0]), metadata: found[1], version: found[2] }), namespace, name);
    });
  }

  // The promise of the new version.
  put(key, value, options = undefined) {
    return attempt(() => {
      const { binding, namespace } = stateOf(this);
      requireArguments(arguments.length, 2, 'KVNamespace.put');
      const name = toDOMString(key, 'KVNamespace.put: argument 1');
      const { expiration, expirationTtl, ifVersion, metadata } =
        toDictionary(options, putMembers, 'KVNamespace.put: argument 3');
      const times = json(JSONStringify({
        __proto__: null, ifVersion,
        expiration: expiration === undefined ? undefined : expiration * 1000,
        expirationTtl: expirationTtl === undefined ? undefined : expirationTtl * 1000,
      }));
      const about = metadata === undefined || metadata === null ? undefined
        : toJson(metadata, "KVNamespace.put: argument 3: 'metadata'");
      const content = toContent(value, 'KVNamespace.put: argument 2');
      if (!isStream(content)) return call(binding, SET, (version) => version, namespace, name, content, times, about);
      const { promise, reject, resolve } = defer();
      internals.streams.readAll(content, (bytes) => {
        internals.host.callLater(binding, SET, undefined, resolve, reject, namespace, name, bytes, times, about);
      }, reject);
      return promise;
    });
  }

  // The promise of whether it was there.
  delete(key, options = undefined) {
    return attempt(() => {
      const { binding, namespace } = stateOf(this);
      requireArguments(arguments.length, 1, 'KVNamespace.delete');
      const name = toDOMString(key, 'KVNamespace.delete: argument 1');
      const given = toDictionary(options, deleteMembers, 'KVNamespace.delete: argument 2');
      return call(binding, DELETE, (wasThere) => wasThere, namespace, name, json(JSONStringify(given)));
    });
  }

  list(options = undefined) {
    return attempt(() => {
      const { binding, namespace } = stateOf(this);
      const given = toDictionary(options, listMembers, 'KVNamespace.list: argument 1');
      return call(binding, LIST, toPage, namespace, json(JSONStringify(given)));
    });
  }

  // One of several namespaces that the binding grants.
  namespace(name) {
    const { binding } = stateOf(this);
    requireArguments(arguments.length, 1, 'KVNamespace.namespace');
    return make({ __proto__: null, binding, namespace: toDOMString(name, 'KVNamespace.namespace: argument 1') });
  }
}

const { get: stateOf, make } = seal(KVNamespace);

// The host tells milliseconds.
const toKey = (found) => {
  const key = { name: found.name };
  if (ObjectPrototypeHasOwnProperty(found, 'expiration')) define(key, 'expiration', found.expiration / 1000);
  if (ObjectPrototypeHasOwnProperty(found, 'metadata')) define(key, 'metadata', found.metadata);
  define(key, 'version', found.version);
  return key;
};

const toPage = (page) => {
  const { keys } = page;
  for (let i = 0; i < keys.length; i++) keys[i] = toKey(keys[i]);
  return ObjectPrototypeHasOwnProperty(page, 'cursor') ? { keys, list_complete: false, cursor: page.cursor }
    : { keys, list_complete: true };
};

internals.kv = { __proto__: null, make: (binding) => make({ __proto__: null, binding, namespace: undefined }) };
