// SPDX-License-Identifier: Apache-2.0
// The methods of Set that take another.
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

const names = ['difference', 'intersection', 'isDisjointFrom', 'isSubsetOf', 'isSupersetOf', 'symmetricDifference', 'union'];
const logged = (name, fn) => {
  const log = [];
  let text;
  try {
    text = show(fn(log));
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text} | ${log.join(' ')}`);
};
// What is asked of another, in order. `keys` are those it has.
const make = (log, keys, size = keys.length, rest = {}) => new Proxy({
  size,
  has(key) {
    log.push(`has(${show(key)})`);
    return keys.includes(key);
  },
  keys(...args) {
    log.push(`keys(${args})`);
    let i = 0;
    return {
      get next() {
        log.push('get next');
        return () => {
          log.push('next');
          return i < keys.length ? { value: keys[i++], done: false } : { done: true };
        };
      },
      return() {
        log.push('return');
        return {};
      },
    };
  },
  ...rest,
}, { get(target, key) {
  log.push(`get ${String(key)}`);
  return target[key];
} });

console.log('# Properties');
for (const name of names) console.log(shape(Set.prototype, name));

console.log('# What each does');
for (const name of names) {
  const results = [];
  for (const [a, b] of [[[], []], [[1], []], [[], [1]], [[1, 2, 3], [3, 2]], [[3, 2], [1, 2, 3]], [[1, 2], [3, 4]], [[1, 2, 3], [4, 3, 1, 5]]]) {
    results.push(show(new Set(a)[name](new Set(b))));
  }
  console.log(`${name}: ${results.join(' ')}`);
}
for (const name of names) attempt(`${name} of a Map`, () => new Set(['a', 'b'])[name](new Map([['b', 1], ['c', 2]])));
attempt('a new Set, whatever the class', () => {
  class Sub extends Set { static get [Symbol.species]() { throw 'species'; } add() { throw 'add'; } }
  const sub = new Sub();
  return names.slice(0, 2).concat('symmetricDifference', 'union').map((name) => Object.getPrototypeOf(sub[name](new Set([1]))) === Set.prototype);
});
attempt('the original stays', () => {
  const set = new Set([1]);
  return [set.union(new Set([2])) === set, set];
});
attempt('minus zero', () => [new Set([1]).union({ size: 1, has() {}, keys: () => [-0].values() }), new Set([0, 5, 6]).intersection({ size: 1, has() {}, keys: () => [-0].values() }),
  new Set([0]).symmetricDifference({ size: 1, has() {}, keys: () => [-0].values() })].map((set) => [...set]));
attempt('NaN', () => new Set([NaN]).intersection(new Set([NaN])));

console.log('# What is asked, in order');
for (const name of names) {
  logged(`${name}, smaller`, (log) => new Set([1, 2])[name](make(log, [2, 3, 4])));
  logged(`${name}, larger`, (log) => new Set([1, 2, 3])[name](make(log, [3, 1])));
  logged(`${name}, the same`, (log) => new Set([1, 2])[name](make(log, [1, 2])));
}

console.log('# Arguments');
for (const name of names) {
  for (const other of [undefined, null, 1, 'ab', Symbol('s'), [], {}]) attempt(`${name} with ${typeof other}`, () => new Set()[name](other));
  attempt(`${name} of none`, () => Set.prototype[name].call(new Map(), new Set()));
  attempt(`${name} of a WeakSet`, () => Set.prototype[name].call(new WeakSet(), new Set()));
}
for (const size of [undefined, NaN, 'x', 1n, Symbol('s'), -1, -Infinity, null, '2', -0.5, Infinity, { valueOf: () => 1 }]) {
  logged(`size ${String(size)}`, (log) => new Set([1, 2]).union(make(log, [5], size, { size })));
}
logged('has', (log) => new Set().union(make(log, [], 0, { has: 1 })));
logged('keys', (log) => new Set().union(make(log, [], 0, { keys: null })));
logged('an iterator that is none', (log) => new Set().union(make(log, [], 0, { keys: () => 5 })));
logged('next that is none', (log) => new Set().union(make(log, [], 0, { keys: () => ({}) })));
logged('a result that is none', (log) => new Set().union(make(log, [], 0, { keys: () => ({ next: () => 5 }) })));
logged('an infinite size is never passed', (log) => new Set([1]).isSubsetOf(make(log, [1], Infinity)));
logged('fractions are cut off', (log) => new Set([1, 2]).isSubsetOf(make(log, [1, 2], 1.9)));
logged('closing that fails', () => new Set([1, 2]).isSupersetOf({ size: 1, has() {}, keys: () => ({ next: () => ({ value: 9 }), return() { throw 'return'; } }) }));
logged('closing that gives no object', () => new Set([1, 2]).isDisjointFrom({ size: 1, has() {}, keys: () => ({ next: () => ({ value: 1 }), return: () => 5 }) }));

console.log('# Changed meanwhile');
const changing = (name, change) => {
  const set = new Set([1, 2, 3]);
  const seen = [];
  attempt(name, () => [set[name]({ size: 9, has(key) {
    seen.push(key);
    change(set, key);
    return key === 1 || key === 3;
  }, keys: () => [1, 3].values() }), set, seen]);
};
for (const name of ['difference', 'intersection', 'isSubsetOf']) {
  changing(name, (set, key) => { if (key < 9) set.add(key + 3); });
  changing(name, (set) => { set.delete(2); });
  changing(name, (set) => { set.clear(); });
  changing(name, (set, key) => {
    if (key !== 1 || set.has(7)) return;
    set.clear();
    set.add(7).add(1);
  });
}
attempt('intersection that removes and adds again', () => {
  const set = new Set([1, 2]);
  let times = 0;
  return [set.intersection({ size: 9, has(key) {
    if (times++ === 0) {
      set.delete(key);
      set.add(key);
    }
    return true;
  }, keys() {} }), times];
});
for (const name of ['difference', 'intersection', 'symmetricDifference', 'union', 'isSupersetOf', 'isDisjointFrom']) {
  const set = new Set([1, 2, 3, 4]);
  attempt(`${name} while its keys are read`, () => [set[name]({ size: 2, has() {}, *keys() {
    set.delete(2);
    yield 2;
    set.add(9);
    yield 9;
    set.delete(1);
    yield 1;
    yield 1;
    set.clear();
    yield 3;
  } }), set]);
}
attempt('changed while it is asked for its keys', () => {
  const set = new Set([1]);
  return set.union({ size: 0, has() {}, keys() {
    set.add(2);
    return [].values();
  } });
});
attempt('changed while its size is read', () => {
  const set = new Set([1]);
  return set.difference({ get size() {
    set.add(2).add(3);
    return 2;
  }, has: () => true, keys: () => [1].values() });
});
