// SPDX-License-Identifier: Apache-2.0
// getOrInsert and getOrInsertComputed of Map and WeakMap.
// The output is that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (value instanceof Set) return `Set{${[...value].map(show).join(' ')}}`;
  if (value instanceof Map) return `Map{${[...value].map(([key, held]) => `${show(key)}:${show(held)}`).join(' ')}}`;
  return Object.is(value, -0) ? '-0' : String(value);
};
const attempt = (name, fn) => {
  let text;
  try {
    text = show(fn());
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text}`);
};
const shape = (holder, key) => {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
  let constructs = true;
  try {
    Reflect.construct(Object, [], value);
  } catch {
    constructs = false;
  }
  return `${value.name}/${value.length} w${+writable} e${+enumerable} c${+configurable} new:${constructs} own:${Reflect.ownKeys(value).sort()}`;
};

for (const holder of [Map, WeakMap]) for (const name of ['getOrInsert', 'getOrInsertComputed']) console.log(shape(holder.prototype, name));
const key = { name: 'key' };
for (const holder of [Map, WeakMap]) {
  console.log(`# ${holder.name}`);
  const map = new holder();
  attempt('new', () => map.getOrInsert(key, 1));
  attempt('old', () => map.getOrInsert(key, 2));
  attempt('computed, old', () => map.getOrInsertComputed(key, () => { throw 'called'; }));
  const other = {};
  attempt('computed, new', () => map.getOrInsertComputed(other, (it) => it === other));
  attempt('has', () => [map.has(key), map.get(key), map.get(other)]);
  attempt('undefined is a value', () => {
    map.set(key, undefined);
    return [map.getOrInsert(key, 1), map.getOrInsertComputed(key, () => 2)];
  });
  attempt('this and arguments', () => {
    let seen;
    map.getOrInsertComputed({}, function (...args) { seen = [this, args.length]; });
    return seen;
  });
  attempt('a callback that throws', () => {
    const fresh = {};
    try {
      map.getOrInsertComputed(fresh, () => { throw 'it'; });
    } catch (error) {
      return [error, map.has(fresh)];
    }
  });
  attempt('a callback that inserts', () => {
    const fresh = {};
    const value = map.getOrInsertComputed(fresh, () => {
      map.set(fresh, 'inner');
      return 'outer';
    });
    return [value, map.get(fresh)];
  });
  attempt('a callback that deletes', () => {
    const fresh = {};
    map.getOrInsertComputed(fresh, () => {
      map.delete(fresh);
      return 1;
    });
    return map.get(fresh);
  });
  for (const callback of [undefined, null, {}, 1]) {
    attempt(`callback ${typeof callback}`, () => map.getOrInsertComputed({}, callback));
    attempt(`callback ${typeof callback}, for what is there`, () => map.getOrInsertComputed(key, callback));
  }
  for (const self of [undefined, {}, holder === Map ? new WeakMap() : new Map(), new Set(), holder.prototype]) {
    attempt(`of ${typeof self}`, () => holder.prototype.getOrInsert.call(self, key, 1));
    attempt(`of ${typeof self}`, () => holder.prototype.getOrInsertComputed.call(self, key, () => 1));
  }
  for (const wrong of [undefined, null, 1, 'x', Symbol.for('registered')]) {
    attempt(`key ${typeof wrong}`, () => new holder().getOrInsert(wrong, 1));
    attempt(`key ${typeof wrong}`, () => new holder().getOrInsertComputed(wrong, () => 1));
  }
}
console.log('# Order and zeros');
attempt('order', () => {
  const map = new Map([['a', 1]]);
  map.getOrInsert('b', 2);
  map.getOrInsert('a', 3);
  return map;
});
attempt('minus zero', () => {
  const map = new Map();
  let seen;
  map.getOrInsertComputed(-0, (it) => { seen = it; });
  map.getOrInsert(0, 1);
  return [seen, [...map.keys()], new Map().getOrInsert(NaN, -0)];
});
