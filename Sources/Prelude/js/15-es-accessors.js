// SPDX-License-Identifier: Apache-2.0
'use strict';

// Of ECMAScript's newer built-ins, what no part can bring when it is named.

const {
  ArrayBufferPrototype, ArrayBufferPrototypeGetByteLength, ArrayPrototype, IteratorPrototype, ObjectDefineProperty,
  ReflectGetOwnPropertyDescriptor, Symbol, SymbolToStringTag, TypeError,
} = primordials;
const { define, isObject } = internals.webidl;

for (const name of ['dispose', 'asyncDispose']) {
  if (!(name in Symbol)) ObjectDefineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}
for (const name of ['toReversed', 'toSorted', 'toSpliced']) ArrayPrototype[Symbol.unscopables][name] = true;

const defineAccessor = (target, key, source) => {
  if (ReflectGetOwnPropertyDescriptor(target, key) !== undefined) return;
  ObjectDefineProperty(target, key, { ...ReflectGetOwnPropertyDescriptor(source, key), enumerable: false });
};

defineAccessor(ArrayBufferPrototype, 'detached', {
  get detached() {
    ArrayBufferPrototypeGetByteLength(this); // throws for what is none
    return host.bufferState(this) === 1;
  },
});

// What inherits gets a property of its own (ECMA-262, SetterThatIgnoresPrototypeProperties).
const assign = (object, key, value) => {
  if (!isObject(object) || object === IteratorPrototype) throw new TypeError('The receiver cannot be assigned to');
  if (ReflectGetOwnPropertyDescriptor(object, key) === undefined) define(object, key, value);
  else object[key] = value;
};

for (const key of ['constructor', SymbolToStringTag]) {
  defineAccessor(IteratorPrototype, key, {
    get [key]() { return key === 'constructor' ? internals.parts.iterators.Iterator : 'Iterator'; },
    set [key](value) { assign(this, key, value); },
  });
}
