// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayBufferIsView, ObjectSetPrototypeOf, ReflectApply, TypedArrayPrototypeGetBuffer, TypeError, Uint8Array,
} = primordials;
const { DOMException } = internals;
const {
  bytesOf, exposeInterface, isArrayBuffer, makeSlot, requireArguments, toBoolean, toBufferSource, toEnumeration,
  toSequence, toUnsignedLong,
} = internals.webidl;
const { copyOf } = internals.keyBytes;
const { has, makeUsages, requireUsages, showKey, stateOf } = internals.keys;
const { parseJwk, serializeJwk, showJwk, toJwk } = internals.jwk;
const { algorithmOf, andThen, normalize, promised, toIdentifier } = internals.algorithms;

// ---- Conversions

const formats = { __proto__: null, raw: true, spki: true, pkcs8: true, jwk: true };
const usageValues = makeUsages(
  'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey');

const toFormat = (value, where) => toEnumeration(value, formats, where);
const toUsage = (value, where) => toEnumeration(value, usageValues, where);
const toUsages = (value, where) => {
  const given = toSequence(value, toUsage, where);
  const usages = { __proto__: null };
  for (let i = 0; i < given.length; i++) usages[given[i]] = true;
  return usages;
};
const toKey = (value, where) => {
  if (!has(value)) throw new TypeError(`${where} is not a CryptoKey`);
  return stateOf(value);
};
const isBytes = (value) => ArrayBufferIsView(value) || isArrayBuffer(value);
const toKeyData = (value, where) => (isBytes(value) ? value : toJwk(value, where));
const toLength = (value, where) => (value === null || value === undefined ? null : toUnsignedLong(value, where));

// ---- Steps

const invalidAccess = (message) => new DOMException(message, 'InvalidAccessError');

const requireKey = (key, { name }, usage) => {
  if (key.algorithm.name !== name) throw invalidAccess(`The key is of ${key.algorithm.name}, and not of ${name}`);
  if (!(usage in key.usages)) throw invalidAccess(`The key has no usage '${usage}'`);
};

// What an operation of the algorithm that `parameters` names returns for them and what follows.
const runWith = (operation, ...rest) => ReflectApply(algorithmOf(rest[0].name)[operation], undefined, rest);

// A key that is made must have a use, unless it is public.
const finishKey = (state) => {
  if (state.type !== 'public') requireUsages(state.usages);
  return showKey(state);
};

const importKey = (parameters, format, data, extractable, usages) =>
  finishKey(runWith('importKey', parameters, format, data, extractable, usages));

// A view of bytes or a JSON Web Key, of the key itself.
const exportKey = (key, format) => {
  const algorithm = algorithmOf(key.algorithm.name);
  if (algorithm.exportKey === undefined) {
    throw new DOMException(`Keys of ${key.algorithm.name} cannot be exported`, 'NotSupportedError');
  }
  if (!key.extractable) throw invalidAccess('The key is not extractable');
  return algorithm.exportKey(key, format);
};

const deriveBits = (parameters, key, length) => runWith('deriveBits', parameters, key, length);

// To wrap and unwrap some algorithms have their own operation, and others encrypt and decrypt.
const normalizeWrapping = (identifier, operation, instead, where) => {
  try {
    const parameters = normalize(identifier, operation, where);
    parameters.operation = operation;
    return parameters;
  } catch {
    const parameters = normalize(identifier, instead, where);
    parameters.operation = instead;
    return parameters;
  }
};

// ---- Interface

const Slot = makeSlot();

// Runs an operation's conversions and its steps. `prepare` gets a function that says where an argument is.
const operate = (subtle, name, count, wanted, prepare) => promised(() => {
  Slot.get(subtle);
  const where = `SubtleCrypto.${name}`;
  requireArguments(count, wanted, where);
  return prepare((place) => `${where}: argument ${place}`);
});

class SubtleCrypto {
  constructor() { throw new TypeError('Illegal constructor'); }

  encrypt(algorithm, key, data) {
    return operate(this, 'encrypt', arguments.length, 3, (at) => crypt('encrypt', algorithm, key, data, at));
  }

  decrypt(algorithm, key, data) {
    return operate(this, 'decrypt', arguments.length, 3, (at) => crypt('decrypt', algorithm, key, data, at));
  }

  sign(algorithm, key, data) {
    return operate(this, 'sign', arguments.length, 3, (at) => crypt('sign', algorithm, key, data, at));
  }

  verify(algorithm, key, signature, data) {
    return operate(this, 'verify', arguments.length, 4, (at) => {
      const identifier = toIdentifier(algorithm, at(1));
      const state = toKey(key, at(2));
      toBufferSource(signature, at(3));
      toBufferSource(data, at(4));
      const parameters = normalize(identifier, 'verify', at(1));
      return () => {
        requireKey(state, parameters, 'verify');
        return runWith('verify', parameters, state, bytesOf(signature), bytesOf(data));
      };
    });
  }

  digest(algorithm, data) {
    return operate(this, 'digest', arguments.length, 2, (at) => {
      const identifier = toIdentifier(algorithm, at(1));
      toBufferSource(data, at(2));
      const parameters = normalize(identifier, 'digest', at(1));
      return () => runWith('digest', parameters, bytesOf(data));
    });
  }

  generateKey(algorithm, extractable, keyUsages) {
    return operate(this, 'generateKey', arguments.length, 3, (at) => {
      const identifier = toIdentifier(algorithm, at(1));
      const isExtractable = toBoolean(extractable);
      const usages = toUsages(keyUsages, at(3));
      const parameters = normalize(identifier, 'generateKey', at(1));
      return () => andThen(runWith('generateKey', parameters, isExtractable, usages), (made) => (
        made.privateKey === undefined ? finishKey(made)
          : { privateKey: finishKey(made.privateKey), publicKey: finishKey(made.publicKey) }));
    });
  }

  deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    return operate(this, 'deriveKey', arguments.length, 5, (at) => {
      const identifier = toIdentifier(algorithm, at(1));
      const state = toKey(baseKey, at(2));
      const derivedIdentifier = toIdentifier(derivedKeyType, at(3));
      const isExtractable = toBoolean(extractable);
      const usages = toUsages(keyUsages, at(5));
      const parameters = normalize(identifier, 'deriveBits', at(1));
      const derived = normalize(derivedIdentifier, 'importKey', at(3));
      const lengthParameters = normalize(derivedIdentifier, 'get key length', at(3));
      return () => {
        requireKey(state, parameters, 'deriveKey');
        const length = runWith('getKeyLength', lengthParameters);
        return andThen(deriveBits(parameters, state, length), (secret) =>
          importKey(derived, 'raw', new Uint8Array(secret), isExtractable, usages));
      };
    });
  }

  deriveBits(algorithm, baseKey, length = null) {
    return operate(this, 'deriveBits', arguments.length, 2, (at) => {
      const identifier = toIdentifier(algorithm, at(1));
      const state = toKey(baseKey, at(2));
      const bits = toLength(length, at(3));
      const parameters = normalize(identifier, 'deriveBits', at(1));
      return () => {
        requireKey(state, parameters, 'deriveBits');
        return deriveBits(parameters, state, bits);
      };
    });
  }

  importKey(format, keyData, algorithm, extractable, keyUsages) {
    return operate(this, 'importKey', arguments.length, 5, (at) => {
      const form = toFormat(format, at(1));
      const given = toKeyData(keyData, at(2));
      const identifier = toIdentifier(algorithm, at(3));
      const isExtractable = toBoolean(extractable);
      const usages = toUsages(keyUsages, at(5));
      const parameters = normalize(identifier, 'importKey', at(3));
      if (isBytes(given) === (form === 'jwk')) {
        throw new TypeError(form === 'jwk' ? `${at(2)} is bytes, and the form 'jwk' takes an object`
          : `${at(2)} is an object, and the form '${form}' takes bytes`);
      }
      const data = form === 'jwk' ? given : copyOf(given);
      return () => importKey(parameters, form, data, isExtractable, usages);
    });
  }

  exportKey(format, key) {
    return operate(this, 'exportKey', arguments.length, 2, (at) => {
      const form = toFormat(format, at(1));
      const state = toKey(key, at(2));
      return () => {
        const exported = exportKey(state, form);
        return form === 'jwk' ? showJwk(exported) : TypedArrayPrototypeGetBuffer(copyOf(exported));
      };
    });
  }

  wrapKey(format, key, wrappingKey, wrapAlgorithm) {
    return operate(this, 'wrapKey', arguments.length, 4, (at) => {
      const form = toFormat(format, at(1));
      const state = toKey(key, at(2));
      const wrapping = toKey(wrappingKey, at(3));
      const identifier = toIdentifier(wrapAlgorithm, at(4));
      const parameters = normalizeWrapping(identifier, 'wrapKey', 'encrypt', at(4));
      return () => {
        requireKey(wrapping, parameters, 'wrapKey');
        const exported = exportKey(state, form);
        const bytes = form === 'jwk' ? serializeJwk(exported) : exported;
        return runWith(parameters.operation, parameters, wrapping, bytes);
      };
    });
  }

  unwrapKey(
    format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
    return operate(this, 'unwrapKey', arguments.length, 7, (at) => {
      const form = toFormat(format, at(1));
      toBufferSource(wrappedKey, at(2));
      const unwrapping = toKey(unwrappingKey, at(3));
      const identifier = toIdentifier(unwrapAlgorithm, at(4));
      const keyIdentifier = toIdentifier(unwrappedKeyAlgorithm, at(5));
      const isExtractable = toBoolean(extractable);
      const usages = toUsages(keyUsages, at(7));
      const parameters = normalizeWrapping(identifier, 'unwrapKey', 'decrypt', at(4));
      const keyParameters = normalize(keyIdentifier, 'importKey', at(5));
      return () => {
        requireKey(unwrapping, parameters, 'unwrapKey');
        const opened = runWith(parameters.operation, parameters, unwrapping, bytesOf(wrappedKey));
        return andThen(opened, (result) => {
          const bytes = new Uint8Array(result);
          const data = form === 'jwk' ? parseJwk(bytes) : bytes;
          return importKey(keyParameters, form, data, isExtractable, usages);
        });
      };
    });
  }
}

// The steps of encrypt, decrypt and sign, which take an algorithm, a key and data.
const crypt = (operation, algorithm, key, data, at) => {
  const identifier = toIdentifier(algorithm, at(1));
  const state = toKey(key, at(2));
  toBufferSource(data, at(3));
  const parameters = normalize(identifier, operation, at(1));
  return () => {
    requireKey(state, parameters, operation);
    return runWith(operation, parameters, state, bytesOf(data));
  };
};

exposeInterface(SubtleCrypto, { __proto__: null, has: Slot.has });

const subtle = ObjectSetPrototypeOf({}, SubtleCrypto.prototype);
new Slot(subtle);
internals.parts.crypto;
internals.crypto.subtle = subtle;
