// SPDX-License-Identifier: Apache-2.0
// Iterator, its methods and the iterators that these make. The output is that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (typeof value === 'object' && value !== null && 'done' in value) return `{${show(value.value)} ${value.done}}`;
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
  if (typeof value !== 'function') return `${String(key)}: ${String(value)} w${+writable} e${+enumerable} c${+configurable}`;
  let constructs = true;
  try {
    Reflect.construct(Object, [], value);
  } catch {
    constructs = false;
  }
  return `${value.name}/${value.length} w${+writable} e${+enumerable} c${+configurable} new:${constructs} own:${Reflect.ownKeys(value).sort((a, b) => (String(a) < String(b) ? -1 : 1)).map(String)}`;
};
// An iterator that says what is asked of it, and ends after `count`.
const make = (log, count = 3, rest = {}) => {
  let i = 0;
  const iterator = {
    next(...args) {
      log.push(`next(${args})`);
      return {
        get done() {
          log.push('done');
          return i >= count;
        },
        get value() {
          log.push('value');
          return i++;
        },
      };
    },
    return(...args) {
      log.push(`return(${args})`);
      return {};
    },
    ...rest,
  };
  Object.setPrototypeOf(iterator, Iterator.prototype);
  return new Proxy(iterator, { get(target, key, receiver) {
    if (!Reflect.has(Iterator.prototype, key)) log.push(`get ${String(key)}`);
    return Reflect.get(target, key, receiver);
  } });
};
const logged = (name, fn, ...rest) => {
  const log = [];
  let text;
  try {
    text = show(fn(make(log, ...rest), log));
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text} | ${log.join(' ')}`);
};

console.log('# Properties');
const lazy = ['drop', 'filter', 'flatMap', 'map', 'take'];
const eager = ['every', 'find', 'forEach', 'reduce', 'some', 'toArray'];
for (const name of [...lazy, ...eager, Symbol.dispose]) console.log(shape(Iterator.prototype, name));
console.log(shape(Iterator, 'from'), shape(Iterator, 'concat'), shape(Iterator, 'prototype'));
console.log(shape(globalThis, 'Iterator').replace(/,(zip|zipKeyed)/g, ''));
const helper = [].values().map((x) => x);
const HelperPrototype = Object.getPrototypeOf(helper);
const wrapper = Iterator.from({ next: () => ({ done: true }) });
const WrapperPrototype = Object.getPrototypeOf(wrapper);
for (const prototype of [HelperPrototype, WrapperPrototype]) {
  console.log(Object.getPrototypeOf(prototype) === Iterator.prototype, Reflect.ownKeys(prototype).map((key) => shape(prototype, key)).join('; '));
}
console.log(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) === Iterator.prototype);
console.log(Object.getPrototypeOf([].values().filter(Boolean)) === HelperPrototype, Object.getPrototypeOf(Iterator.concat()) === HelperPrototype);
console.log(Object.prototype.toString.call(helper), Object.prototype.toString.call(wrapper), [].values() instanceof Iterator);

console.log('# The accessors');
for (const key of ['constructor', Symbol.toStringTag]) {
  const { get, set, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(Iterator.prototype, key);
  console.log(typeof get, typeof set, get.length, set.length, enumerable, configurable, value);
  console.log(get.call(5) === (key === 'constructor' ? Iterator : 'Iterator'));
  attempt('set on a primitive', () => set.call(5, 1));
  attempt('set on Iterator.prototype', () => { Iterator.prototype[key] = 1; });
  const heir = Object.create(Iterator.prototype);
  heir[key] = 'own';
  console.log(JSON.stringify(Object.getOwnPropertyDescriptor(heir, key)));
  attempt('set on a frozen heir', () => set.call(Object.freeze(Object.create(Iterator.prototype)), 1));
  let seen;
  set.call({ set [key](to) { seen = to; } }, 'through');
  console.log(seen);
  attempt('set on a read-only property', () => set.call(Object.defineProperty({}, key, { value: 1 }), 2));
}

console.log('# The constructor');
attempt('called', () => Iterator());
attempt('new', () => new Iterator());
attempt('a subclass', () => new (class extends Iterator {})() instanceof Iterator);
attempt('as another', () => Object.getPrototypeOf(Reflect.construct(Iterator, [], Object)) === Object.prototype);
const bare = function () {};
bare.prototype = null;
attempt('without a prototype', () => Object.getPrototypeOf(Reflect.construct(Iterator, [], bare)) === Iterator.prototype);

console.log('# What each does');
attempt('map', () => [1, 2, 3].values().map((x, i) => x * 10 + i).toArray());
attempt('filter', () => [1, 2, 3, 4].values().filter((x, i) => x % 2 && i < 3).toArray());
attempt('take', () => [1, 2, 3].values().take(2).toArray());
attempt('take all', () => [1, 2, 3].values().take(Infinity).toArray());
attempt('take a fraction', () => [1, 2, 3].values().take(1.9).toArray());
attempt('take a negative fraction', () => [1, 2, 3].values().take(-0.9).toArray());
attempt('drop', () => [1, 2, 3].values().drop(1).toArray());
attempt('drop all', () => [1, 2, 3].values().drop(Infinity).toArray());
attempt('flatMap', () => [1, 2].values().flatMap((x, i) => [x, i]).toArray());
attempt('flatMap of iterators', () => [1].values().flatMap(() => new Set(['a', 'b']).values()).toArray());
attempt('flatMap of what only has next', () => [1].values().flatMap(() => ({ next() { return { done: this.was, value: this.was = 5 }; } })).toArray());
attempt('flatMap of a String object', () => [1].values().flatMap(() => new String('ab')).toArray());
for (const value of ['ab', 1, null, undefined, Symbol('s'), { [Symbol.iterator]: 1 }, { [Symbol.iterator]: () => 1 }]) {
  attempt(`flatMap of ${typeof value}`, () => [1].values().flatMap(() => value).toArray());
}
attempt('reduce', () => [1, 2, 3].values().reduce((sum, x, i) => `${sum}+${x}@${i}`));
attempt('reduce from', () => [1, 2].values().reduce((sum, x, i) => `${sum}+${x}@${i}`, undefined));
attempt('reduce nothing', () => [].values().reduce((a, b) => a + b));
attempt('reduce nothing from', () => [].values().reduce((a, b) => a + b, 'start'));
attempt('toArray', () => [1, undefined].values().toArray());
attempt('forEach', () => {
  const seen = [];
  return [[5, 6].values().forEach((...args) => { seen.push(args); }), seen];
});
for (const name of ['some', 'every', 'find']) attempt(name, () => [1, 2, 3].values()[name]((x) => x === 2));
for (const name of ['some', 'every', 'find']) attempt(`${name} of none`, () => [].values()[name]((x) => x === 2));
attempt('this of a callback', () => [1].values().map(function () { return this; }).toArray());
attempt('a chain', () => [1, 2, 3, 4, 5, 6].values().filter((x) => x % 2).map((x) => x * x).drop(1).take(1).toArray());
attempt('a generator', () => (function* () { yield* [1, 2]; })().map((x) => x + 1).toArray());

console.log('# What is asked, in order');
logged('map', (it) => it.map((x) => x).next());
logged('map nothing', (it) => it.map((x) => x) && 'made');
logged('map to the end', (it) => it.map((x) => x).toArray(), 1);
logged('drop', (it) => it.drop(1).next());
logged('take 0', (it) => it.take(0).next());
logged('take past', (it) => {
  const one = it.take(1);
  return [one.next(), one.next(), one.next()];
});
logged('next takes no argument', (it) => it.map((x) => x).next('x'));
logged('some', (it) => it.some((x) => x === 1));
logged('every', (it) => it.every((x) => x < 1));
logged('find', (it) => it.find((x) => x === 1));
logged('find none', (it) => it.find(() => false), 1);
logged('reduce', (it) => it.reduce((a, b) => a + b), 2);
logged('toArray', (it) => it.toArray(), 1);
logged('dispose', (it) => it[Symbol.dispose]());
attempt('dispose without return', () => Iterator.prototype[Symbol.dispose].call({}));
attempt('dispose undefined', () => Iterator.prototype[Symbol.dispose].call(undefined));
attempt('dispose with another return', () => Iterator.prototype[Symbol.dispose].call({ return: 5 }));

console.log('# Wrong arguments close');
for (const name of [...lazy, ...eager]) {
  attempt(`${name} of undefined`, () => Iterator.prototype[name].call(undefined, () => {}));
  attempt(`${name} of a number`, () => Iterator.prototype[name].call(5, () => {}));
}
for (const name of ['filter', 'flatMap', 'map', ...eager.slice(0, 5)]) logged(`${name} without a function`, (it) => it[name]({}));
for (const name of ['drop', 'take']) {
  for (const limit of [undefined, NaN, 'x', -1, -Infinity, Symbol('s'), 1n]) logged(`${name} ${String(limit)}`, (it) => it[name](limit));
  logged(`${name} a limit that throws`, (it) => it[name]({ valueOf() { throw 'limit'; } }));
}
logged('a return that throws is not heard of', (it) => it.map(), 1, { return() { throw 'return'; } });
logged('a return that is none', (it) => it.take(NaN), 1, { return: 5 });

console.log('# Errors');
for (const name of ['filter', 'flatMap', 'map']) logged(`${name} callback`, (it) => it[name](() => { throw 'callback'; }).next());
for (const name of eager.slice(0, 5)) logged(`${name} callback`, (it) => it[name](() => { throw 'callback'; }, 0));
logged('next', (it) => it.map((x) => x).next(), 1, { next() { throw 'next'; } });
logged('a result that is none', (it) => it.map((x) => x).next(), 1, { next: () => 5 });
logged('done', (it) => it.map((x) => x).next(), 1, { next: () => ({ get done() { throw 'done'; } }) });
logged('value', (it) => it.map((x) => x).next(), 1, { next: () => ({ get value() { throw 'value'; } }) });
logged('no next', (it) => it.map((x) => x).next(), 1, { next: undefined });
logged('after an error', (it) => {
  const mapped = it.map(() => { throw 'callback'; });
  try {
    mapped.next();
  } catch {
    return [mapped.next(), mapped.return()];
  }
});
logged('the return of some', (it) => it.some(() => true), 1, { return() { throw 'return'; } });
logged('the return of some is no object', (it) => it.some(() => true), 1, { return: () => 5 });
logged('take closes with an error', (it) => it.take(0).next(), 1, { return() { throw 'return'; } });

console.log('# return');
for (const name of lazy) {
  const argument = name === 'take' || name === 'drop' ? 1 : (x) => [x];
  logged(`${name} before the start`, (it) => {
    const made = it[name](argument);
    return [made.return(), made.next(), made.return()];
  });
  logged(`${name} between`, (it) => {
    const made = it[name](argument);
    return [made.next(), made.return('x'), made.next(), made.return()];
  });
  logged(`${name} when closing fails`, (it) => {
    const made = it[name](argument);
    made.next();
    try {
      made.return();
    } catch (error) {
      return [error, made.next(), made.return()];
    }
  }, 3, { return() { throw 'return'; } });
}
logged('flatMap closes the inner first', (it, log) => {
  const made = it.flatMap(() => make(log, 3, { [Symbol.iterator]() { return this; } }));
  return [made.next(), made.return()];
});
logged('flatMap whose inner fails to close', (it, log) => {
  const made = it.flatMap(() => make(log, 3, { return() { throw 'inner'; } }));
  made.next();
  return made.return();
});
logged('flatMap whose inner fails', (it, log) => it.flatMap(() => make(log, 3, { next() { throw 'inner'; } })).next());
logged('a return that gives no object', (it) => it.map((x) => x).return(), 1, { return: () => 1 });

console.log('# Re-entrance');
for (const how of ['next', 'return']) {
  attempt(`${how} while it runs`, () => {
    const made = [1, 2].values().map(() => made[how]());
    return made.next();
  });
  attempt(`${how} while it closes between`, () => {
    const source = Object.setPrototypeOf({ next: () => ({ value: 1, done: false }), return() { return made[how](); } }, Iterator.prototype);
    const made = source.map((x) => x);
    made.next();
    return made.return();
  });
  attempt(`${how} while it closes before the start`, () => {
    const source = Object.setPrototypeOf({ next: () => ({ value: 1, done: false }), return() { return made[how](); } }, Iterator.prototype);
    const made = source.map((x) => x);
    return made.return();
  });
}
for (const method of ['next', 'return']) {
  for (const value of [undefined, {}, wrapper, (function* () {})()]) attempt(`${method} of another`, () => HelperPrototype[method].call(value));
}

console.log('# Iterator.from');
attempt('an array', () => Iterator.from([1, 2]).toArray());
attempt('a string', () => Iterator.from('a\u{1F600}').toArray());
attempt('an iterator is itself', () => {
  const it = [].values();
  return Iterator.from(it) === it;
});
attempt('an own iterator', () => {
  const it = { next: () => ({ done: true }) };
  return Iterator.from(it) === it;
});
for (const value of [undefined, null, 1, true, Symbol('s'), 1n]) attempt(typeof value, () => Iterator.from(value));
attempt('no next', () => Iterator.from({}).next());
attempt('a method that is none', () => Iterator.from({ [Symbol.iterator]: 5 }));
attempt('a method that gives none', () => Iterator.from({ [Symbol.iterator]: () => 5 }));
attempt('null as method', () => Iterator.from({ [Symbol.iterator]: null, next: () => ({ done: true, value: 7 }) }).next());
{
  const log = [];
  const from = Iterator.from({
    next(...args) {
      log.push(`next ${args.length}`, this === from);
      return 'as it is';
    },
    return(...args) {
      log.push(`return ${args.length}`);
      return 'too';
    },
  });
  console.log(from.next('x'), from.return('x'), log.join(' '));
}
attempt('no return', () => Iterator.from({ next() {} }).return());
attempt('a return that is none', () => Iterator.from({ next() {}, return: 5 }).return());
for (const method of ['next', 'return']) attempt(`${method} of another`, () => WrapperPrototype[method].call({}));
attempt('an iterable String', () => Iterator.from(new String('ab')).toArray());

console.log('# Iterator.concat');
attempt('none', () => Iterator.concat().next());
attempt('some', () => Iterator.concat([1], new Set([2]), 'x'.matchAll(/x/g)).toArray().length);
attempt('an iterator', () => Iterator.concat([1, 2].values(), [3]).toArray());
for (const value of ['ab', 1, null, undefined, {}, { [Symbol.iterator]: 5 }]) attempt(typeof value, () => Iterator.concat([], value));
attempt('an iterator that is none', () => Iterator.concat({ [Symbol.iterator]: () => 5 }).next());
{
  const log = [];
  const iterable = (name) => ({ get [Symbol.iterator]() {
    log.push(`get ${name}`);
    return () => {
      log.push(`open ${name}`);
      let i = 0;
      return {
        get next() {
          log.push(`next of ${name}`);
          return () => ({ value: `${name}${i}`, done: i++ > 0 });
        },
        return() {
          log.push(`close ${name}`);
          return {};
        },
      };
    };
  } });
  const all = Iterator.concat(iterable('a'), iterable('b'), iterable('c'));
  log.push('made');
  console.log(show([all.next(), all.next(), all.return(), all.next()]), log.join(', '));
  log.length = 0;
  console.log(show(Iterator.concat(iterable('a')).return()), log.join(', '));
}
attempt('an error of one', () => {
  const all = Iterator.concat({ [Symbol.iterator]: () => ({ next() { throw 'inner'; } }) }, [1]);
  try {
    all.next();
  } catch (error) {
    return [error, all.next()];
  }
});
