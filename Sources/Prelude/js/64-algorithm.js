// SPDX-License-Identifier: Apache-2.0
'use strict';

// The algorithms, how scripts name them, and how they are computed.

const {
  ObjectSetPrototypeOf, Promise, PromisePrototypeThen, PromiseReject, ReflectApply, RegExpPrototypeExec,
  StringPrototypeToLowerCase, TypedArrayPrototypeGetSymbolToStringTag, TypeError,
} = primordials;
const { DOMException } = internals;
const { isObject, required, toBufferSource, toDictionary, toDOMString } = internals.webidl;
const { copyOf } = internals.keyBytes;

// ---- Registry

// By the name in lower case: { name, parameters, and a function for each operation }. `parameters` has for each
// operation the members of the dictionary that it takes, as toDictionary wants them, or nothing.
const algorithms = { __proto__: null };
const register = (name, algorithm) => {
  algorithm.name = name;
  ObjectSetPrototypeOf(algorithm, null);
  ObjectSetPrototypeOf(algorithm.parameters, null);
  algorithms[StringPrototypeToLowerCase(name)] = algorithm;
};
const algorithmOf = (name) => algorithms[StringPrototypeToLowerCase(name)];

// ---- Normalization

// AlgorithmIdentifier and HashAlgorithmIdentifier.
const toIdentifier = (value, where) => (isObject(value) ? value : toDOMString(value, where));
// As much of it as scripts can see now; `normalize` does the rest.
const toHash = (value, where) => toIdentifier(value, where);
const toBytes = (value, where) => toBufferSource(value, where);
const toBigInteger = (value, where) => {
  if (TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array') return value;
  throw new TypeError(`${where} is not a Uint8Array`);
};

const nameMember = ['name', toDOMString, required];
const identified = [nameMember];

const normalize = (identifier, operation, where) => {
  const given = typeof identifier === 'string' ? { __proto__: null, name: identifier } : identifier;
  const { name } = toDictionary(given, identified, where);
  // Of letters outside of ASCII, some have a lower case inside.
  const algorithm = RegExpPrototypeExec(/[^\0-\x7F]/, name) === null ? algorithmOf(name) : undefined;
  const members = algorithm?.parameters[operation];
  if (members === undefined) {
    throw new DOMException(`${where}: '${name}' is no algorithm for ${operation}`, 'NotSupportedError');
  }
  toDictionary(given, identified, where); // read once more, as a member of the algorithm's own dictionary
  const parameters = toDictionary(given, members, where);
  for (let i = 0; i < members.length; i++) {
    const key = members[i][0];
    const convert = members[i][1];
    const value = parameters[key];
    if (value === undefined) continue;
    if (convert === toBytes || convert === toBigInteger) parameters[key] = copyOf(value);
    else if (convert === toHash) parameters[key] = normalize(value, 'digest', `${where}: '${key}'`).name;
  }
  parameters.name = algorithm.name;
  return parameters;
};

// ---- Computations. The numbers are the shim's.

const operations = {
  __proto__: null,
  digest: 0, hmac: 1, hmacVerify: 2, pbkdf2: 3, hkdf: 4, cipher: 5, rsaGenerate: 6, rsaCheck: 7, rsaSign: 8,
  rsaVerify: 9, rsaOaep: 10, curveGenerate: 11, curvePublic: 12, curveDerive: 13, curveSign: 14, curveVerify: 15,
  curveAgree: 16,
};
const hashes = { '__proto__': null, 'SHA-1': 0, 'SHA-256': 1, 'SHA-384': 2, 'SHA-512': 3 };

const operationError = (message) => new DOMException(message, 'OperationError');

// A result that a job has still to compute.
class Later {
  #brand;

  static has(value) { return isObject(value) && #brand in value; }

  constructor(promise, job, next) {
    // No `then` or constructor of scripts.
    this.promise = ObjectSetPrototypeOf(promise, null);
    this.job = job;
    this.next = next;
  }
}
ObjectSetPrototypeOf(Later.prototype, null);
const isLater = Later.has;

// `next` of a value, now or later.
const andThen = (value, next) => {
  if (!isLater(value)) return next(value);
  const before = value.next;
  value.next = (result) => andThen(before(result), next);
  return value;
};

const resultOf = (result) => {
  if (result === undefined) throw operationError('It failed: the key, the data or the parameters do not fit');
  return result;
};
const itself = (result) => result;

// Has the shim compute: at once, or as a job. Without a result that is an OperationError.
const compute = (...request) => {
  const result = ReflectApply(host.crypto, undefined, request);
  if (typeof result !== 'number') {
    if (result === null) throw operationError('Too many operations are pending: await some of them first');
    return resultOf(result);
  }
  const promise = host.runJob(result);
  if (promise !== undefined) return new Later(promise, result, itself);
  host.finishJob(result);
  throw operationError('Too many operations are pending: await some of them first');
};
// What is short in any case.
const computeNow = (...request) => ReflectApply(host.crypto, undefined, request);

const settle = (value, resolve, reject) => {
  if (!isLater(value)) {
    resolve(value);
    return;
  }
  PromisePrototypeThen(value.promise, () => {
    let result;
    try {
      result = value.next(resultOf(host.finishJob(value.job)));
    } catch (error) {
      reject(error);
      return;
    }
    settle(result, resolve, reject);
  });
};

// The promise of an operation. `prepare` does what the standard does before it returns one, whose errors reject it at
// once, and returns the rest, whose result comes in a later microtask at the earliest.
const promised = (prepare) => {
  let work;
  try {
    work = prepare();
  } catch (error) {
    return PromiseReject(error);
  }
  let resolve;
  let reject;
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  let finish;
  try {
    const value = work();
    finish = () => settle(value, resolve, reject);
  } catch (error) {
    finish = () => reject(error);
  }
  internals.enqueueMicrotask(finish);
  return promise;
};

internals.algorithms = {
  __proto__: null,
  algorithmOf, andThen, compute, computeNow, hashes, normalize, operationError, operations, promised, register, settle,
  toBigInteger, toBytes, toHash, toIdentifier,
};
