// SPDX-License-Identifier: Apache-2.0
'use strict';

const { StringPrototypeSlice, Uint8Array } = primordials;
const { required, toInteger, toUnsignedShortEnforced } = internals.webidl;
const { dataError, lengthOf, toBase64url } = internals.keyBytes;
const { checkUsages, KeyState, makeUsages } = internals.keys;
const { checkJwk, makeJwk, takeMember } = internals.jwk;
const { compute, formatError, operationError, operations, register, single, toBytes } = internals.algorithms;

const toOctet = (value, where) => toInteger(value, 8, false, 'enforce', where);
const nothing = new Uint8Array(0);
const isLength = { __proto__: null, 128: true, 192: true, 256: true };
const isTagLength = { __proto__: null, 32: true, 64: true, 96: true, 104: true, 112: true, 120: true, 128: true };

const checkLength = (length) => {
  if (!(length in isLength)) throw operationError('A key of AES has 128, 192 or 256 bits');
};

// ---- Modes: what is checked first, and what the shim takes besides the key and the data

const lengthMembers = [['length', toUnsignedShortEnforced, required]];

const run = (mode, encrypts, bits, key, data, vector, additional) =>
  compute(operations.cipher, mode, encrypts ? 1 : 0, bits, key.parts[0], data, vector, additional);

const modes = {
  '__proto__': null,

  'AES-CBC': {
    members: [['iv', toBytes, required]],
    crypt({ iv }, encrypts, key, data) {
      if (lengthOf(iv) !== 16) throw operationError('The iv of AES-CBC has 16 bytes');
      return run(0, encrypts, 0, key, data, iv, nothing);
    },
  },

  'AES-CTR': {
    members: [['counter', toBytes, required], ['length', toOctet, required]],
    crypt({ counter, length }, encrypts, key, data) {
      if (lengthOf(counter) !== 16) throw operationError('The counter of AES-CTR has 16 bytes');
      if (length < 1 || length > 128) throw operationError('The length of the counter is from 1 to 128 bits');
      return run(1, encrypts, length, key, data, counter, nothing);
    },
  },

  'AES-GCM': {
    members: [['additionalData', toBytes], ['iv', toBytes, required], ['tagLength', toOctet]],
    crypt({ additionalData = nothing, iv, tagLength = 128 }, encrypts, key, data) {
      if (!(tagLength in isTagLength)) {
        throw operationError('The tagLength of AES-GCM is 32, 64, 96, 104, 112, 120 or 128');
      }
      return run(2, encrypts, tagLength, key, data, iv, additionalData);
    },
  },
};

// ---- What they share

const registerAes = (name, usages, own) => {
  const jwkNameOf = (bits) => `A${bits}${StringPrototypeSlice(name, 4)}`;

  const make = (bytes, extractable, given) => new KeyState(
    'secret', extractable, { __proto__: null, name, length: lengthOf(bytes) * 8 }, given, single(bytes));

  register(name, {
    parameters: {
      generateKey: lengthMembers, importKey: [], exportKey: [], 'get key length': lengthMembers, ...own.parameters,
    },

    generateKey({ length }, extractable, given) {
      checkUsages(given, usages);
      checkLength(length);
      return make(host.randomBytes(length / 8), extractable, given);
    },

    importKey(_, format, data, extractable, given) {
      checkUsages(given, usages);
      let bytes = data;
      if (format === 'jwk') {
        if (data.kty === 'oct') bytes = takeMember(data, 'k');
        checkJwk(data, 'oct', 'enc', extractable, given);
      } else if (format !== 'raw') throw formatError(format);
      const length = lengthOf(bytes) * 8;
      if (!(length in isLength)) throw dataError(`A key of AES has 128, 192 or 256 bits, and not ${length}`);
      if (format === 'jwk' && data.alg !== undefined && data.alg !== jwkNameOf(length)) {
        throw dataError(`The JSON Web Key's alg is not '${jwkNameOf(length)}'`);
      }
      return make(bytes, extractable, given);
    },

    exportKey(key, format) {
      if (format === 'raw') return key.parts[0];
      if (format !== 'jwk') throw formatError(format);
      return makeJwk({
        __proto__: null, kty: 'oct', k: toBase64url(key.parts[0]), alg: jwkNameOf(key.algorithm.length),
      }, key);
    },

    getKeyLength({ length }) {
      checkLength(length);
      return length;
    },

    ...own.operations,
  });
};

for (const name in modes) {
  const { crypt, members } = modes[name];
  registerAes(name, makeUsages('encrypt', 'decrypt', 'wrapKey', 'unwrapKey'), {
    parameters: { encrypt: members, decrypt: members },
    operations: {
      encrypt: (parameters, key, data) => crypt(parameters, true, key, data),
      decrypt: (parameters, key, data) => crypt(parameters, false, key, data),
    },
  });
}

registerAes('AES-KW', makeUsages('wrapKey', 'unwrapKey'), {
  parameters: { wrapKey: [], unwrapKey: [] },
  operations: {
    wrapKey: (_, key, data) => run(3, true, 0, key, data, nothing, nothing),
    unwrapKey: (_, key, data) => run(3, false, 0, key, data, nothing, nothing),
  },
});
