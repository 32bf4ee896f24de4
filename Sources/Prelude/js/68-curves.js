// SPDX-License-Identifier: Apache-2.0
'use strict';

// ECDSA and ECDH, Ed25519 and Ed448, X25519 and X448. The parts of a key are the public key (of P curves a point,
// uncompressed) and the private one.

const { TypedArrayPrototypeGetBuffer, TypeError, Uint8Array } = primordials;
const { DOMException } = internals;
const { list, required, toDOMString } = internals.webidl;
const {
  areEqual, concatenate, dataError, der, derBits, derNumber, DerReader, fromHex, lengthOf, partOf, readPkcs8, readSpki,
  tags, toBase64url, writePkcs8, writeSpki,
} = internals.keyBytes;
const { checkUsages, commonUsages, has, KeyState, makeUsages, requireUsages, shorten, stateOf } = internals.keys;
const { checkJwk, makeJwk, takeMember } = internals.jwk;
const {
  andThen, compute, computeNow, formatError, hashes, operationError, operations, register, requireType, toBytes, toHash,
} = internals.algorithms;

const nothing = new Uint8Array(0);
const one = fromHex('01');

// `number` is the shim's; `size` is that of a private key. `identifier` is the AlgorithmIdentifier, `signature` the alg
// of a JSON Web Key for signatures.
const curveOf = (number, size, object, parameters = '', signature = undefined) => ({
  __proto__: null, number, size, object: fromHex(object), parameters: fromHex(parameters), signature,
});
const ecPublicKey = '2a8648ce3d0201';
const curves = {
  '__proto__': null,
  'P-256': curveOf(0, 32, ecPublicKey, '06082a8648ce3d030107', 'ES256'),
  'P-384': curveOf(1, 48, ecPublicKey, '06052b81040022', 'ES384'),
  'P-521': curveOf(2, 66, ecPublicKey, '06052b81040023', 'ES512'),
  'Ed25519': curveOf(3, 32, '2b6570'),
  'Ed448': curveOf(4, 57, '2b6571'),
  'X25519': curveOf(5, 32, '2b656e'),
  'X448': curveOf(6, 56, '2b656f'),
};
const isPoint = (curve) => lengthOf(curve.parameters) > 0;

// ---- Parts

// The public key in the form that keys have it in.
const toPublic = (curve, bytes) => {
  const result = computeNow(operations.curvePublic, curve.number, bytes);
  if (result === undefined) throw dataError('The public key is no point of the curve');
  return new Uint8Array(result);
};

// `given`: the public key, where there is one.
const toPair = (curve, secret, given) => {
  const derived = computeNow(operations.curveDerive, curve.number, secret);
  if (derived === undefined) throw dataError('The private key is none of the curve');
  const parts = list();
  parts[0] = new Uint8Array(derived);
  parts[1] = secret;
  if (given !== undefined && !areEqual(toPublic(curve, given), parts[0])) {
    throw dataError('The public key is not that of the private key');
  }
  return parts;
};

const toSingle = (curve, bytes) => {
  const parts = list();
  parts[0] = toPublic(curve, bytes);
  return parts;
};

// ---- Forms

const checkAlgorithm = (curve, { object, parameters }) => {
  if (!areEqual(object, curve.object) || !areEqual(parameters, curve.parameters)) {
    throw dataError('The key is of another algorithm or another curve');
  }
};

const readWhole = (bytes, tag) => {
  const reader = new DerReader(bytes);
  const contents = reader.take(tag);
  reader.end();
  return contents;
};

const fromSpki = (curve, data) => {
  const read = readSpki(data);
  checkAlgorithm(curve, read);
  return toSingle(curve, read.key);
};

// RFC 5915, and RFC 8410, whose key is a string within a string.
const fromPkcs8 = (curve, data) => {
  const read = readPkcs8(data);
  checkAlgorithm(curve, read);
  if (!isPoint(curve)) return toPair(curve, readWhole(read.key, tags.octets), undefined);
  const reader = new DerReader(readWhole(read.key, tags.sequence));
  if (!areEqual(reader.takeNumber(), one)) throw dataError('The key is of a version that is not known');
  const secret = reader.take(tags.octets);
  if (reader.has(0xA0) && !areEqual(reader.take(0xA0), curve.parameters)) {
    throw dataError('The key is of another curve');
  }
  const open = reader.has(0xA1) ? reader.read(0xA1).takeBits() : undefined;
  reader.end();
  return toPair(curve, secret, open);
};

const fromJwk = (curve, jwk, name) => {
  if (jwk.crv !== name) throw dataError(`The JSON Web Key's crv is not '${name}'`);
  const take = (key) => {
    const bytes = takeMember(jwk, key);
    if (lengthOf(bytes) !== curve.size) throw dataError(`The JSON Web Key's '${key}' has not ${curve.size} bytes`);
    return bytes;
  };
  const open = isPoint(curve) ? concatenate(fromHex('04'), take('x'), take('y')) : take('x');
  return jwk.d === undefined ? toSingle(curve, open) : toPair(curve, take('d'), open);
};

const toDer = {
  __proto__: null,
  raw: (_, { parts }) => parts[0],
  spki: (curve, { parts }) => writeSpki(identifierOf(curve), parts[0]),
  pkcs8(curve, { parts }) {
    const key = isPoint(curve)
      ? der(tags.sequence, derNumber(one), der(tags.octets, parts[1]), der(0xA1, derBits(parts[0])))
      : der(tags.octets, parts[1]);
    return writePkcs8(identifierOf(curve), key);
  },
};
const identifierOf = (curve) => concatenate(der(tags.object, curve.object), curve.parameters);

const toJwk = (curve, name, key) => {
  const open = key.parts[0];
  const jwk = { __proto__: null, kty: isPoint(curve) ? 'EC' : 'OKP', crv: name };
  if (isPoint(curve)) {
    jwk.x = toBase64url(partOf(open, 1, 1 + curve.size));
    jwk.y = toBase64url(partOf(open, 1 + curve.size));
  } else jwk.x = toBase64url(open);
  if (key.type === 'private') jwk.d = toBase64url(key.parts[1]);
  if (key.algorithm.name in signers && !isPoint(curve)) jwk.alg = key.algorithm.name;
  return makeJwk(jwk, key);
};

// ---- What all share

const signers = { __proto__: null, ECDSA: true, Ed25519: true, Ed448: true };
const curveMembers = [['namedCurve', toDOMString, required]];

const checkJwkName = (name, curve, alg) => {
  if (alg === undefined || !(name in signers)) return;
  if (isPoint(curve) ? alg === curve.signature : alg === name || alg === 'EdDSA') return;
  throw dataError(`The JSON Web Key's alg '${alg}' is of another algorithm`);
};

// `curveName` is the only curve; undefined: it is a parameter, and one of the P curves.
const registerCurve = (name, curveName, own) => {
  const signs = name in signers;
  const publicUsages = signs ? makeUsages('verify') : makeUsages();
  const privateUsages = signs ? makeUsages('sign') : makeUsages('deriveKey', 'deriveBits');
  const allUsages = { __proto__: null, ...publicUsages, ...privateUsages };
  const members = curveName === undefined ? curveMembers : [];
  const pick = ({ namedCurve = curveName }) => {
    const curve = curves[namedCurve];
    if (curve !== undefined && (curveName !== undefined || isPoint(curve))) return curve;
    throw new DOMException(`There is no curve '${namedCurve}' for ${name}`, 'NotSupportedError');
  };
  const make = (parts, { namedCurve }, extractable, usages) => new KeyState(
    parts.length > 1 ? 'private' : 'public', extractable, { __proto__: null, name, namedCurve }, usages, parts);

  register(name, {
    parameters: { generateKey: members, importKey: members, exportKey: [], ...own.parameters },

    generateKey(parameters, extractable, usages) {
      checkUsages(usages, allUsages);
      const curve = pick(parameters);
      requireUsages(commonUsages(usages, privateUsages));
      return andThen(compute(operations.curveGenerate, curve.number), (made) => {
        const parts = list();
        const open = list();
        parts[0] = open[0] = made[0];
        parts[1] = made[1];
        return {
          __proto__: null,
          publicKey: make(open, parameters, true, commonUsages(usages, publicUsages)),
          privateKey: make(parts, parameters, extractable, commonUsages(usages, privateUsages)),
        };
      });
    },

    importKey(parameters, format, data, extractable, usages) {
      const isPrivate = format === 'pkcs8' || (format === 'jwk' && data.d !== undefined);
      const curve = pick(parameters);
      checkUsages(usages, isPrivate ? privateUsages : publicUsages);
      let parts;
      if (format === 'raw') parts = toSingle(curve, data);
      else if (format === 'spki') parts = fromSpki(curve, data);
      else if (format === 'pkcs8') parts = fromPkcs8(curve, data);
      else {
        checkJwk(data, isPoint(curve) ? 'EC' : 'OKP', signs ? 'sig' : 'enc', extractable, usages);
        checkJwkName(name, curve, data.alg);
        parts = fromJwk(curve, data, parameters.namedCurve ?? curveName);
      }
      return make(parts, parameters, extractable, usages);
    },

    exportKey(key, format) {
      const curve = pick(key.algorithm);
      if (format === 'jwk') return toJwk(curve, key.algorithm.namedCurve ?? curveName, key);
      if (!(format in toDer)) throw formatError(format);
      requireType(key, format === 'pkcs8' ? 'private' : 'public');
      return toDer[format](curve, key);
    },

    ...own.operations(pick),
  });
};

// ---- Signatures

const registerSigner = (name, curveName, members) => registerCurve(name, curveName, {
  parameters: { sign: members, verify: members },
  operations: (pick) => ({
    sign({ context = nothing, hash = 'SHA-512' }, key, data) {
      requireType(key, 'private');
      return compute(operations.curveSign, pick(key.algorithm).number, hashes[hash], data, context, key.parts);
    },
    verify({ context = nothing, hash = 'SHA-512' }, key, signature, data) {
      requireType(key, 'public');
      return compute(
        operations.curveVerify, pick(key.algorithm).number, hashes[hash], data, context, key.parts[0], signature);
    },
  }),
});

registerSigner('ECDSA', undefined, [['hash', toHash, required]]);
registerSigner('Ed25519', 'Ed25519', []);
registerSigner('Ed448', 'Ed448', [['context', toBytes]]);

// ---- Agreement

const toKey = (value, where) => {
  if (!has(value)) throw new TypeError(`${where} is not a CryptoKey`);
  return stateOf(value);
};
const publicMembers = [['public', toKey, required]];

const registerAgreement = (name, curveName) => registerCurve(name, curveName, {
  parameters: { deriveBits: publicMembers },
  operations: (pick) => ({
    deriveBits({ public: other }, key, length) {
      requireType(key, 'private');
      requireType(other, 'public');
      if (other.algorithm.name !== name || other.algorithm.namedCurve !== key.algorithm.namedCurve) {
        throw new DOMException('The public key is of another algorithm or another curve', 'InvalidAccessError');
      }
      const curve = pick(key.algorithm);
      return andThen(compute(operations.curveAgree, curve.number, key.parts[1], other.parts[0]), (secret) => {
        if (length === null) return secret;
        if (length > curve.size * 8) throw operationError(`The secret has ${curve.size * 8} bits, not ${length}`);
        return TypedArrayPrototypeGetBuffer(shorten(secret, length));
      });
    },
  }),
});

registerAgreement('ECDH', undefined);
registerAgreement('X25519', 'X25519');
registerAgreement('X448', 'X448');
