// SPDX-License-Identifier: Apache-2.0
'use strict';

// RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP. The parts of a key are n, e, and of a private key d, p, q, dp, dq, qi.

const { Uint8Array } = primordials;
const { DOMException } = internals;
const { list, required } = internals.webidl;
const {
  areEqual, concatenate, dataError, der, derNumber, DerReader, fromHex, lengthOf, readPkcs8, readSpki, tags,
  toBase64url, withoutZeros, writePkcs8, writeSpki,
} = internals.keyBytes;
const { checkUsages, commonUsages, KeyState, makeUsages, requireUsages } = internals.keys;
const { checkJwk, makeJwk, takeMember } = internals.jwk;
const {
  andThen, compute, computeNow, formatError, hashes, operationError, operations, register, toBigInteger, toBytes,
  toHash, toUnsignedLong,
} = internals.algorithms;

const mostBits = 16384;
const memberNames = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
const nothing = new Uint8Array(0);
const objectIdentifier = fromHex('2a864886f70d010101');
const noParameters = fromHex('0500');
const identifier = concatenate(der(tags.object, objectIdentifier), noParameters);

const bitsOf = (number) => {
  const short = withoutZeros(number);
  if (lengthOf(short) === 0) return 0;
  let bits = lengthOf(short) * 8;
  for (let bit = 0x80; (short[0] & bit) === 0; bit >>= 1) bits--;
  return bits;
};

const isExponent = (number) => {
  const bits = bitsOf(number);
  return bits > 1 && bits <= 64 && (number[lengthOf(number) - 1] & 1) === 1;
};

// ---- Forms

const readKey = ({ key, object, parameters }) => {
  const isNull = lengthOf(parameters) === 0 || areEqual(parameters, noParameters);
  if (!isNull || !areEqual(object, objectIdentifier)) throw dataError('The key is none of RSA');
  const outer = new DerReader(key);
  const reader = outer.read(tags.sequence);
  outer.end();
  return reader;
};

const takeNumbers = (reader, count) => {
  const parts = list();
  for (let i = 0; i < count; i++) parts[i] = reader.takeNumber();
  reader.end();
  return parts;
};

const fromSpki = (data) => takeNumbers(readKey(readSpki(data)), 2);

const fromPkcs8 = (data) => {
  const reader = readKey(readPkcs8(data));
  if (lengthOf(reader.takeNumber()) !== 0) throw dataError('The key has more than two primes');
  return takeNumbers(reader, 8);
};

const fromJwk = (jwk) => {
  if (jwk.oth !== undefined) {
    throw new DOMException('Keys with more than two primes are not supported', 'NotSupportedError');
  }
  const parts = list();
  const count = jwk.d === undefined ? 2 : 8;
  for (let i = 0; i < count; i++) parts[i] = withoutZeros(takeMember(jwk, memberNames[i]));
  return parts;
};

const toDer = (parts) => {
  let numbers = parts.length > 2 ? derNumber(nothing) : nothing;
  for (let i = 0; i < parts.length; i++) numbers = concatenate(numbers, derNumber(parts[i]));
  return der(tags.sequence, numbers);
};

// ---- What the three share

const generateMembers = [
  ['modulusLength', toUnsignedLong, required], ['publicExponent', toBigInteger, required], ['hash', toHash, required],
];
const importMembers = [['hash', toHash, required]];

const requireType = (key, type) => {
  if (key.type !== type) throw new DOMException(`This takes a ${type} key`, 'InvalidAccessError');
};

// `own`: { use, jwkNames: by hash, publicUsages, privateUsages, parameters, operations }.
const registerRsa = (name, own) => {
  const { jwkNames, privateUsages, publicUsages, use } = own;
  const allUsages = { __proto__: null, ...publicUsages, ...privateUsages };

  const make = (parts, hash, extractable, usages) => {
    const algorithm = {
      __proto__: null, name, hash, modulusLength: bitsOf(parts[0]), publicExponent: withoutZeros(parts[1]),
    };
    return new KeyState(parts.length > 2 ? 'private' : 'public', extractable, algorithm, usages, parts);
  };

  register(name, {
    parameters: { generateKey: generateMembers, importKey: importMembers, exportKey: [], ...own.parameters },

    generateKey({ hash, modulusLength, publicExponent }, extractable, usages) {
      checkUsages(usages, allUsages);
      if (!isExponent(publicExponent)) throw operationError('The publicExponent is odd, above 1, and below 2 ** 64');
      requireUsages(commonUsages(usages, privateUsages));
      if (modulusLength > mostBits) throw operationError(`A key of RSA has at most ${mostBits} bits`);
      return andThen(compute(operations.rsaGenerate, modulusLength, publicExponent), (made) => {
        const parts = list();
        const open = list();
        for (let i = 0; i < made.length; i++) parts[i] = made[i];
        open[0] = parts[0];
        open[1] = parts[1];
        return {
          __proto__: null,
          publicKey: make(open, hash, true, commonUsages(usages, publicUsages)),
          privateKey: make(parts, hash, extractable, commonUsages(usages, privateUsages)),
        };
      });
    },

    importKey({ hash }, format, data, extractable, usages) {
      const isPrivate = format === 'pkcs8' || (format === 'jwk' && data.d !== undefined);
      checkUsages(usages, isPrivate ? privateUsages : publicUsages);
      let parts;
      if (format === 'spki') parts = fromSpki(data);
      else if (format === 'pkcs8') parts = fromPkcs8(data);
      else if (format === 'jwk') {
        checkJwk(data, 'RSA', use, extractable, usages);
        if (data.alg !== undefined && data.alg !== jwkNames[hash]) {
          throw dataError(`The JSON Web Key's alg is not '${jwkNames[hash]}'`);
        }
        parts = fromJwk(data);
      } else throw formatError(format);
      if (computeNow(operations.rsaCheck, parts) !== true) throw dataError('The numbers are no key of RSA');
      return make(parts, hash, extractable, usages);
    },

    exportKey(key, format) {
      if (format === 'jwk') {
        const jwk = { __proto__: null, kty: 'RSA', alg: jwkNames[key.algorithm.hash] };
        for (let i = 0; i < key.parts.length; i++) jwk[memberNames[i]] = toBase64url(withoutZeros(key.parts[i]));
        return makeJwk(jwk, key);
      }
      if (format !== 'spki' && format !== 'pkcs8') throw formatError(format);
      requireType(key, format === 'spki' ? 'public' : 'private');
      return (format === 'spki' ? writeSpki : writePkcs8)(identifier, toDer(key.parts));
    },

    ...own.operations,
  });
};

const jwkNamesOf = (first, prefix) => ({
  '__proto__': null, 'SHA-1': first, 'SHA-256': `${prefix}256`, 'SHA-384': `${prefix}384`, 'SHA-512': `${prefix}512`,
});

// ---- Signatures

const registerSignature = (name, prefix, members, isPss, saltOf) => registerRsa(name, {
  use: 'sig',
  jwkNames: jwkNamesOf(`${prefix}1`, prefix),
  publicUsages: makeUsages('verify'),
  privateUsages: makeUsages('sign'),
  parameters: { sign: members, verify: members },
  operations: {
    sign(parameters, key, data) {
      requireType(key, 'private');
      return compute(operations.rsaSign, isPss, hashes[key.algorithm.hash], saltOf(parameters), data, key.parts);
    },
    verify(parameters, key, signature, data) {
      requireType(key, 'public');
      return compute(
        operations.rsaVerify, isPss, hashes[key.algorithm.hash], saltOf(parameters), data, signature, key.parts);
    },
  },
});

registerSignature('RSASSA-PKCS1-v1_5', 'RS', [], 0, () => 0);
registerSignature('RSA-PSS', 'PS', [['saltLength', toUnsignedLong, required]], 1, ({ saltLength }) => saltLength);

// ---- Encryption

const labelMembers = [['label', toBytes]];
const crypt = (encrypts) => ({ label = nothing }, key, data) => {
  requireType(key, encrypts ? 'public' : 'private');
  return compute(operations.rsaOaep, encrypts ? 1 : 0, hashes[key.algorithm.hash], data, label, key.parts);
};

registerRsa('RSA-OAEP', {
  use: 'enc',
  jwkNames: jwkNamesOf('RSA-OAEP', 'RSA-OAEP-'),
  publicUsages: makeUsages('encrypt', 'wrapKey'),
  privateUsages: makeUsages('decrypt', 'unwrapKey'),
  parameters: { encrypt: labelMembers, decrypt: labelMembers },
  operations: { encrypt: crypt(true), decrypt: crypt(false) },
});

internals.algorithms.requireType = requireType;
