// SPDX-License-Identifier: Apache-2.0
'use strict';

// SHA, HMAC, and the two that derive from a secret: HKDF and PBKDF2.

const { ArrayBuffer, TypeError, Uint8Array } = primordials;
const { DOMException } = internals;
const { list, required, toInteger } = internals.webidl;
const { dataError, lengthOf, partOf, toBase64url } = internals.keyBytes;
const { checkUsages, KeyState, makeUsages } = internals.keys;
const { checkJwk, makeJwk, takeMember } = internals.jwk;
const { compute, hashes, operationError, operations, register, toBytes, toHash } = internals.algorithms;

const toUnsignedLong = (value, where) => toInteger(value, 32, false, 'enforce', where);
const single = (part) => {
  const parts = list();
  parts[0] = part;
  return parts;
};
const formatError = (format) => new DOMException(`A key of this kind has no form '${format}'`, 'NotSupportedError');

// ---- SHA

for (const name in hashes) {
  register(name, {
    parameters: { digest: [] },
    digest: (_, data) => compute(operations.digest, hashes[name], data),
  });
}

// ---- HMAC

const blockBits = { '__proto__': null, 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 };
const jwkNames = { '__proto__': null, 'SHA-1': 'HS1', 'SHA-256': 'HS256', 'SHA-384': 'HS384', 'SHA-512': 'HS512' };
const macUsages = makeUsages('sign', 'verify');
const macMembers = [['hash', toHash, required], ['length', toUnsignedLong]];
const mostKeyBits = 2 ** 27; // 16 MiB

const hmacKey = (bytes, hash, length, extractable, usages) =>
  new KeyState('secret', extractable, { __proto__: null, name: 'HMAC', hash, length }, usages, single(bytes));

register('HMAC', {
  parameters: {
    generateKey: macMembers, importKey: macMembers, exportKey: [], 'get key length': macMembers, sign: [], verify: [],
  },

  generateKey({ hash, length }, extractable, usages) {
    checkUsages(usages, macUsages);
    const bits = length ?? blockBits[hash];
    if (bits === 0) throw operationError('A key of HMAC has one bit at least');
    if (bits > mostKeyBits) throw operationError(`A key of HMAC has at most ${mostKeyBits} bits here`);
    const bytes = new Uint8Array(bits + 7 >> 3);
    for (let i = 0; i < lengthOf(bytes); i += 65536) {
      host.randomFill(partOf(bytes, i, i + 65536 < lengthOf(bytes) ? i + 65536 : lengthOf(bytes)));
    }
    return hmacKey(bytes, hash, bits, extractable, usages);
  },

  importKey({ hash, length }, format, data, extractable, usages) {
    checkUsages(usages, macUsages);
    let bytes = data;
    if (format === 'jwk') {
      if (data.kty === 'oct') bytes = takeMember(data, 'k');
      checkJwk(data, 'oct', 'sig', extractable, usages);
      if (data.alg !== undefined && data.alg !== jwkNames[hash]) {
        throw dataError(`The JSON Web Key's alg is not '${jwkNames[hash]}'`);
      }
    } else if (format !== 'raw') throw formatError(format);
    const bits = lengthOf(bytes) * 8;
    if (bits === 0) throw dataError('The key is empty');
    if (length !== undefined && (length > bits || length <= bits - 8)) {
      throw dataError(`The key has ${bits} bits, which are not as many as the length says`);
    }
    return hmacKey(bytes, hash, length ?? bits, extractable, usages);
  },

  exportKey(key, format) {
    if (format === 'raw') return key.parts[0];
    if (format !== 'jwk') throw formatError(format);
    return makeJwk({
      __proto__: null, kty: 'oct', k: toBase64url(key.parts[0]), alg: jwkNames[key.algorithm.hash],
    }, key);
  },

  getKeyLength({ hash, length }) {
    if (length === 0) throw new TypeError('A key of HMAC has one bit at least');
    return length ?? blockBits[hash];
  },

  sign: (_, key, data) => compute(operations.hmac, hashes[key.algorithm.hash], key.parts[0], data),
  verify: (_, key, signature, data) =>
    compute(operations.hmacVerify, hashes[key.algorithm.hash], key.parts[0], data, signature),
});

// ---- HKDF and PBKDF2

const sizes = { '__proto__': null, 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
const secretUsages = makeUsages('deriveKey', 'deriveBits');

const registerDerivation = (name, members, derive) => {
  register(name, {
    parameters: { importKey: [], 'get key length': [], deriveBits: members },

    importKey(_, format, data, extractable, usages) {
      if (format !== 'raw') throw formatError(format);
      checkUsages(usages, secretUsages);
      if (extractable) throw new DOMException(`A key of ${name} cannot be extractable`, 'SyntaxError');
      return new KeyState('secret', false, { __proto__: null, name }, usages, single(data));
    },

    getKeyLength: () => null,

    deriveBits(parameters, key, length) {
      if (length === null || length % 8 !== 0) throw operationError(`${name} derives a number of bits divisible by 8`);
      return derive(parameters, key.parts[0], length / 8);
    },
  });
};

registerDerivation('HKDF', [['hash', toHash, required], ['info', toBytes, required], ['salt', toBytes, required]],
  ({ hash, info, salt }, secret, count) => {
    if (count > 255 * sizes[hash]) throw operationError(`HKDF derives at most ${255 * sizes[hash]} bytes with ${hash}`);
    return compute(operations.hkdf, hashes[hash], count, secret, salt, info);
  });

registerDerivation('PBKDF2',
  [['hash', toHash, required], ['iterations', toUnsignedLong, required], ['salt', toBytes, required]],
  ({ hash, iterations, salt }, password, count) => {
    if (iterations === 0) throw operationError('PBKDF2 takes one iteration at least');
    if (count === 0) return new ArrayBuffer(0);
    return compute(operations.pbkdf2, hashes[hash], iterations, count, password, salt);
  });

internals.algorithms.formatError = formatError;
internals.algorithms.single = single;
internals.algorithms.toUnsignedLong = toUnsignedLong;
