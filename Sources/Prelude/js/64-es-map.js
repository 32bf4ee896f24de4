// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const {
  MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, TypeError, WeakMapPrototypeGet, WeakMapPrototypeHas,
  WeakMapPrototypeSet,
} = primordials;
const { isObject, toCallback } = internals.webidl;
const { expose } = internals.ecma;

expose('MapPrototype', {
  getOrInsert(key, value) {
    if (MapPrototypeHas(this, key)) return MapPrototypeGet(this, key);
    MapPrototypeSet(this, key, value);
    return value;
  },

  getOrInsertComputed(key, callback) {
    const isThere = MapPrototypeHas(this, key);
    toCallback(callback, 'Map.prototype.getOrInsertComputed: argument 2');
    if (isThere) return MapPrototypeGet(this, key);
    const value = callback(key === 0 ? 0 : key); // there is no key -0
    MapPrototypeSet(this, key, value);
    return value;
  },
});

const requireKey = (key, method) => {
  if (!isObject(key)) throw new TypeError(`WeakMap.prototype.${method}: argument 1 is not an object`);
};

expose('WeakMapPrototype', {
  getOrInsert(key, value) {
    const isThere = WeakMapPrototypeHas(this, key);
    requireKey(key, 'getOrInsert');
    if (isThere) return WeakMapPrototypeGet(this, key);
    WeakMapPrototypeSet(this, key, value);
    return value;
  },

  getOrInsertComputed(key, callback) {
    const isThere = WeakMapPrototypeHas(this, key);
    requireKey(key, 'getOrInsertComputed');
    toCallback(callback, 'WeakMap.prototype.getOrInsertComputed: argument 2');
    if (isThere) return WeakMapPrototypeGet(this, key);
    const value = callback(key);
    WeakMapPrototypeSet(this, key, value);
    return value;
  },
});
