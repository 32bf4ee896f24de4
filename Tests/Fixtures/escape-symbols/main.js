// SPDX-License-Identifier: Apache-2.0
// Well-known symbols let a script stand in for species, tags, instance checks, spreading, scopes and conversions. No lie
// told by them may make the prelude or the host take an object for another kind, or hand over one of its own.
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const thrownBy = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
};
const refused = (...uses) => {
  for (const use of uses) {
    const error = thrownBy(use);
    if (!(error instanceof TypeError || error instanceof DOMException)) return `accepted: ${use}`;
  }
  return undefined;
};
const TypedArray = Object.getPrototypeOf(Uint8Array);
const lie = (tag, target = {}) => Object.defineProperty(target, Symbol.toStringTag, { value: tag });
const withSpecies = (holder, species, run) => {
  const old = Object.getOwnPropertyDescriptor(holder, Symbol.species);
  Object.defineProperty(holder, Symbol.species, { configurable: true, get: () => species });
  try {
    return run();
  } finally {
    Object.defineProperty(holder, Symbol.species, old);
  }
};

attempt('species of bytes', () => {
  let made;
  class Spy extends Uint8Array {
    constructor(...args) {
      super(...args);
      made = 'a buffer of the prelude';
    }
  }
  return withSpecies(TypedArray, Spy, () => {
    for (const label of ['utf-8', 'utf-16le', 'utf-16be', 'latin1']) {
      const decoder = new TextDecoder(label);
      decoder.decode(new Uint8Array([0xE2, 0x82]), { stream: true });
      decoder.decode(new Uint8Array([0xAC]), { stream: true });
      decoder.decode();
    }
    new TextEncoder().encodeInto('xyz', new Uint8Array(2));
    new TextEncoder().encode('xyz');
    return made;
  });
});
attempt('species of buffers', () => {
  let made;
  class Spy extends ArrayBuffer {
    constructor(...args) {
      super(...args);
      made = 'a buffer of the prelude';
    }
  }
  return withSpecies(ArrayBuffer, Spy, () => {
    structuredClone(new ArrayBuffer(4));
    const buffer = new ArrayBuffer(4);
    structuredClone(buffer, { transfer: [buffer] });
    return made;
  });
});
attempt('species of arrays', () => {
  let made;
  const Spy = function () {
    made = 'an array of the prelude';
    return [];
  };
  return withSpecies(Array, Spy, () => {
    console.log(['a', 'b'], new Array(3));
    console.dir({ b: 1, a: 2 }, { sorted: true });
    structuredClone([1, [2]], { transfer: [] });
    return made;
  });
});
attempt('species of patterns', () => {
  let made;
  class Spy extends RegExp {
    constructor(...args) {
      super(...args);
      made = 'a pattern of the prelude';
    }
  }
  return withSpecies(RegExp, Spy, () => {
    console.log(["it's \u0007", 'wide \uFF21']);
    new TextDecoder(' UTF8 ').decode();
    return made;
  });
});
attempt('a tag is no brand', () => refused(
  () => new TextDecoder().decode(lie('Uint8Array')),
  () => new TextDecoder().decode(lie('ArrayBuffer', Object.create(ArrayBuffer.prototype))),
  () => new TextDecoder().decode(lie('DataView', Object.create(DataView.prototype))),
  () => new TextEncoder().encodeInto('x', lie('Uint8Array', Object.create(Uint8Array.prototype))),
  () => new TextEncoder().encodeInto('x', lie('Uint8Array', new Uint16Array(2))),
  () => new TextEncoder().encodeInto('x', new Proxy(new Uint8Array(2), {})),
  () => structuredClone(1, { transfer: [lie('ArrayBuffer')] }),
  () => structuredClone(1, { transfer: [new Proxy(new ArrayBuffer(1), {})] })));
attempt('a prototype is no brand', () => refused(
  () => Object.create(performance).now(),
  () => Object.setPrototypeOf({}, Performance.prototype).timeOrigin,
  () => Object.create(new TextDecoder()).decode(),
  () => Object.create(TextEncoder.prototype).encode('x'),
  () => Object.create(DOMException.prototype).code,
  () => Reflect.construct(Performance, [], Object)));
attempt('instance checks', () => {
  let asked;
  for (const holder of [Error, TypeError, DOMException, ArrayBuffer, Uint8Array, Map, Set, Promise, Function, Object, TextDecoder]) {
    Object.defineProperty(holder, Symbol.hasInstance, { configurable: true, value: (value) => { asked = value; return true; } });
  }
  thrownBy(() => structuredClone({}, { transfer: [{}] }));
  thrownBy(() => atob('*'));
  console.log('%s', new Map(), new Set());
  new TextDecoder().decode(new Uint8Array(1));
  for (const holder of [Error, TypeError, DOMException, ArrayBuffer, Uint8Array, Map, Set, Promise, Function, Object, TextDecoder]) {
    delete holder[Symbol.hasInstance];
  }
  return asked === undefined ? undefined : 'they were asked';
});
attempt('spreading', () => {
  let asked;
  for (const holder of [Array.prototype, Object.prototype, String.prototype, Function.prototype]) {
    Object.defineProperty(holder, Symbol.isConcatSpreadable, { configurable: true, get() { asked = this; return true; } });
  }
  console.log('%o', [1], 'x');
  structuredClone([1], { transfer: [] });
  clearTimeout(setTimeout(() => {}, 1, [1]));
  for (const holder of [Array.prototype, Object.prototype, String.prototype, Function.prototype]) {
    delete holder[Symbol.isConcatSpreadable];
  }
  return asked === undefined ? undefined : 'it was asked';
});
attempt('scopes', () => {
  let asked;
  Object.defineProperty(globalThis, Symbol.unscopables, { configurable: true, get() { asked = this; return { console: true }; } });
  Object.defineProperty(Object.prototype, Symbol.unscopables, { configurable: true, get() { asked = this; return { host: true }; } });
  console.debug('in no scope');
  atob('YWJj');
  delete globalThis[Symbol.unscopables];
  delete Object.prototype[Symbol.unscopables];
  return asked === undefined ? undefined : 'they were asked';
});
attempt('a tag that is an object', () => {
  let seen;
  const value = { get [Symbol.toStringTag]() { seen = this; return { toString() { throw new Error('x'); } }; } };
  console.log(value);
  return seen === value ? undefined : 'another receiver';
});
attempt('conversions with hints', () => {
  const hints = [];
  const value = { [Symbol.toPrimitive](...args) { hints.push(args.join()); return '1'; } };
  btoa(value);
  clearTimeout(setTimeout(() => {}, value));
  new TextDecoder().encoding;
  new DOMException(value);
  return hints.join(' ') === 'string number string' ? undefined : hints.join(' ');
});
attempt('matching and splitting', () => {
  let asked;
  for (const symbol of [Symbol.match, Symbol.matchAll, Symbol.replace, Symbol.search, Symbol.split]) {
    Object.defineProperty(String.prototype, symbol, { configurable: true, get() { asked = symbol; } });
    Object.defineProperty(Object.prototype, symbol, { configurable: true, get() { asked = symbol; } });
  }
  console.log('%s', "it's\nthere");
  new TextDecoder('LATIN1').decode(new Uint8Array([0x80]));
  for (const symbol of [Symbol.match, Symbol.matchAll, Symbol.replace, Symbol.search, Symbol.split]) {
    delete String.prototype[symbol];
    delete Object.prototype[symbol];
  }
  return asked === undefined ? undefined : String(asked);
});
