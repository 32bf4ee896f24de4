// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const { Map, MapPrototypeGet, MapPrototypeSet, ReflectOwnKeys } = primordials;
const { isObject, list, toCallback } = internals.webidl;
const { abandon, expose, finished, getIterator, requireCoercible, step, toArray } = internals.ecma;

// An object is converted only once.
const toPropertyKey = (value) => (isObject(value) ? ReflectOwnKeys({ __proto__: null, [value]: undefined })[0] : value);

// Calls `groupOf(key)`, a list, for each item.
const group = (items, callback, where, groupOf) => {
  requireCoercible(items, `${where}: argument 1`);
  toCallback(callback, `${where}: argument 2`);
  const record = getIterator(items, `${where}: argument 1`);
  let index = 0;
  for (let value; (value = step(record)) !== finished;) {
    let members;
    try {
      members = groupOf(callback(value, index++));
    } catch (error) {
      abandon(record.iterator);
      throw error;
    }
    members[members.length] = value;
  }
};

expose('Object', {
  groupBy(items, callback) {
    const groups = { __proto__: null };
    group(items, callback, 'Object.groupBy', (value) => (groups[toPropertyKey(value)] ??= list()));
    const keys = ReflectOwnKeys(groups);
    for (let i = 0; i < keys.length; i++) groups[keys[i]] = toArray(groups[keys[i]]);
    return groups;
  },
});

expose('Map', {
  groupBy(items, callback) {
    const groups = new Map();
    const keys = list();
    group(items, callback, 'Map.groupBy', (key) => {
      let members = MapPrototypeGet(groups, key);
      if (members === undefined) {
        MapPrototypeSet(groups, key, members = list());
        keys[keys.length] = key;
      }
      return members;
    });
    for (let i = 0; i < keys.length; i++) MapPrototypeSet(groups, keys[i], toArray(MapPrototypeGet(groups, keys[i])));
    return groups;
  },
});
