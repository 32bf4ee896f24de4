// SPDX-License-Identifier: Apache-2.0
'use strict';

// internals.inspect(value, options): any value as text, after Node's util.inspect. Tenant code runs only
// where Node runs it too (custom inspectors, getters of names and tags), and may fail there.

const {
  ArrayPrototypeSort, Map, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertySymbols, ObjectGetPrototypeOf, ObjectIs, ObjectKeys, ObjectPrototypeHasOwnProperty,
  ObjectPrototypeIsPrototypeOf, ObjectPrototypePropertyIsEnumerable, ObjectSetPrototypeOf, RangeErrorPrototype,
  ReflectApply, ReflectOwnKeys, RegExpPrototypeExec, String, StringPrototypeRepeat, StringPrototypeSlice, SymbolFor,
  SymbolPrototypeToString, SymbolToStringTag,
} = primordials;
const { builtInNames } = internals;
const { each, isObject, list } = internals.webidl;
const { arrange, escape, indentLines, quote, splitLines } = internals.text;

const textLimit = 0x100000;
const defaults = {
  __proto__: null, showHidden: false, depth: 2, customInspect: true, showProxy: false, maxArrayLength: 100,
  maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false,
};
const optionNames = ObjectKeys(defaults);
const inspectors = [SymbolFor('rookery.inspect'), SymbolFor('nodejs.util.inspect.custom')];
const identifier = /^[A-Za-z_]\w*$/;

// A context: the options and
//   indentation  columns before the lines of the value that is being written
//   deepest      the level most recently reached
//   seen         the objects that enclose it
//   circular     those that a reference was written to, with their numbers; undefined: none yet
//   budget       characters that may still be written; nothing is read once it is spent
const contextOf = (options) => {
  const ctx = { ...defaults, __proto__: null, indentation: 0, deepest: 0, circular: undefined, budget: textLimit };
  ctx.seen = list();
  for (let i = 0; isObject(options) && i < optionNames.length; i++) {
    const key = optionNames[i];
    if (!ObjectPrototypeHasOwnProperty(options, key)) continue;
    const value = options[key];
    if (typeof defaults[key] === 'number') {
      if (typeof value === 'number') ctx[key] = value;
      else if (value === null) ctx[key] = Infinity;
      else if (value === false) ctx[key] = 0;
    } else {
      ctx[key] = value;
    }
  }
  return ctx;
};

const limitText = (text) => (text.length > textLimit ? `${StringPrototypeSlice(text, 0, textLimit)}...` : text);

const toText = (value) => {
  try {
    return limitText(String(value));
  } catch {
    return '';
  }
};

// ---- Reading

const tryGet = (object, key) => {
  try {
    return object[key];
  } catch {
    return undefined;
  }
};

const descriptorOf = (object, key) => {
  const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
  return descriptor && ObjectSetPrototypeOf(descriptor, null);
};

// What a proxy stands for: no trap runs. Null where it was revoked.
const targetOf = (value) => {
  for (let details; isObject(value) && (details = host.proxyDetails(value)) !== undefined;) value = details[0];
  return value;
};

const keysOf = (ctx, value, isIndexed) => {
  if (isIndexed) return ObjectSetPrototypeOf(host.ownNonIndexKeys(value, !ctx.showHidden), null);
  if (ctx.showHidden) return ObjectSetPrototypeOf(ReflectOwnKeys(value), null);
  const keys = ObjectSetPrototypeOf(ObjectKeys(value), null);
  const symbols = ObjectGetOwnPropertySymbols(value);
  for (let i = 0; i < symbols.length; i++) {
    if (ObjectPrototypePropertyIsEnumerable(value, symbols[i])) keys[keys.length] = symbols[i];
  }
  return keys;
};

// ---- Names

// Prototypes whose `constructor` tenants may change, and what they are called.
const knownPrototypes = list();
const knownNames = list();
each(ReflectOwnKeys(primordials), (key) => {
  const prototype = primordials[`${key}Prototype`];
  if (!prototype || typeof primordials[key] !== 'function') return;
  knownPrototypes[knownPrototypes.length] = prototype;
  knownNames[knownNames.length] = key;
});

const knownNameOf = (object) => {
  for (let i = 0; i < knownPrototypes.length; i++) if (knownPrototypes[i] === object) return knownNames[i];
  return undefined;
};

// The name of the constructor, null without one. `inherited`, where given, gets the properties that tenants'
// prototypes have.
const findConstructorName = (ctx, value, level, inherited) => {
  const first = ObjectGetPrototypeOf(value);
  for (let object = value; object !== null; object = ObjectGetPrototypeOf(object)) {
    let name = object === value ? undefined : knownNameOf(object);
    const isKnown = name !== undefined;
    if (!isKnown) {
      const constructor = descriptorOf(object, 'constructor')?.value;
      if (typeof constructor !== 'function') continue;
      const { prototype } = constructor;
      if (!isObject(prototype) || !ObjectPrototypeIsPrototypeOf(prototype, value)) continue;
      name = limitText(String(constructor.name));
      if (name === '') continue;
    }
    if (inherited !== undefined && (first !== object || (!isKnown && !builtInNames[name]))) {
      addInherited(ctx, value, first === null || object === value ? value : first, level, inherited);
    }
    return name;
  }
  if (first === null) return null;

  const own = host.constructorName(value);
  if (level > ctx.depth) return `${own} <Complex prototype>`;
  const name = findConstructorName(ctx, first, level + 1, inherited);
  if (name !== null) return `${own} <${name}>`;
  return `${own} <${inspectWith({ ...ctx, __proto__: null, customInspect: false, depth: -1 }, first)}>`;
};

const constructorNameOf = (ctx, value, level, inherited) => {
  try {
    return findConstructorName(ctx, value, level, inherited);
  } catch {
    return host.constructorName(value);
  }
};

// Up to three layers of prototypes, until a built-in one.
const addInherited = (ctx, value, object, level, output) => {
  const covered = { __proto__: null };
  ctx.seen[ctx.seen.length] = value;
  for (let layer = 0; layer < 3; layer++) {
    if (layer > 0 || object === value) {
      object = ObjectGetPrototypeOf(object);
      if (object === null) break;
      const constructor = descriptorOf(object, 'constructor')?.value;
      if (typeof constructor === 'function' && builtInNames[String(constructor.name)]) break;
    }
    const keys = ReflectOwnKeys(object);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === 'constructor' || ObjectPrototypeHasOwnProperty(value, key) || covered[key]) continue;
      covered[key] = true;
      const descriptor = descriptorOf(object, key);
      if (typeof descriptor.value === 'function') continue;
      output[output.length] = formatProperty(ctx, key, descriptor, level, value);
    }
  }
  ctx.seen.length--;
};

const tagOf = (ctx, value) => {
  const tag = tryGet(value, SymbolToStringTag);
  if (typeof tag !== 'string' || tag === '') return '';
  // Shown as a property otherwise.
  const isShown = ctx.showHidden ? ObjectPrototypeHasOwnProperty : ObjectPrototypePropertyIsEnumerable;
  return isShown(value, SymbolToStringTag) ? '' : tag;
};

// 'Foo(2) [tag] ', '[Map(2): null prototype] '. `frame`: { constructor, tag }.
const prefixOf = (frame, fallback, size = '') => {
  const { constructor, tag } = frame;
  const suffix = tag === '' || tag === (constructor ?? fallback) ? '' : `[${tag}] `;
  return constructor === null ? `[${fallback}${size}: null prototype] ${suffix}` : `${constructor}${size} ${suffix}`;
};

const plainPrefixOf = (value, frame) => {
  if (frame.constructor !== null) return prefixOf(frame, '');
  const name = host.constructorName(value);
  return prefixOf(frame, name === frame.tag ? 'Object' : name);
};

// ---- Parts

const countOf = (count, noun) => `${count} ${noun}${count > 1 ? 's' : ''}`;
const moreThan = (count, noun) => `... ${countOf(count, `more ${noun}`)}`;

const formatPrimitive = (ctx, value) => {
  switch (typeof value) {
    case 'string': {
      let trailer = '';
      if (value.length > ctx.maxStringLength) {
        trailer = moreThan(value.length - ctx.maxStringLength, 'character');
        value = StringPrototypeSlice(value, 0, ctx.maxStringLength);
      }
      if (value.length <= 16 || value.length <= ctx.breakLength - ctx.indentation - 4) return quote(value) + trailer;
      const lines = splitLines(value);
      const last = lines.length - 1;
      let text = '';
      for (let i = 0; i <= last; i++) {
        if (i === last && i > 0 && lines[i] === '') break;
        if (i > 0) text += ` +\n${StringPrototypeRepeat(' ', ctx.indentation + 2)}`;
        text += quote(i < last ? `${lines[i]}\n` : lines[i]);
      }
      return text + trailer;
    }
    case 'number': return ObjectIs(value, -0) ? '-0' : `${value}`;
    case 'bigint': return `${value}n`;
    case 'symbol': return SymbolPrototypeToString(value);
    default: return `${value}`;
  }
};

const formatKey = (key, isEnumerable) => {
  if (typeof key === 'symbol') return `[${escape(SymbolPrototypeToString(key), 0x27)}]`;
  if (key === '__proto__') return "['__proto__']";
  if (!isEnumerable) return `[${escape(key, 0x27)}]`;
  return RegExpPrototypeExec(identifier, key) !== null ? key : quote(key);
};

const formatGetter = (ctx, descriptor, label, level, receiver) => {
  const { getters } = ctx;
  if (getters !== true && getters !== (descriptor.set === undefined ? 'get' : 'set')) return `[${label}]`;
  let value;
  try {
    value = ReflectApply(descriptor.get, receiver, []);
  } catch (error) {
    return `[${label}: <Inspection threw (${toText(tryGet(error, 'message'))})>]`;
  }
  if (isObject(value)) return `[${label}] ${formatInside(ctx, value, level)}`;
  return `[${label}: ${formatPrimitive(ctx, value)}]`;
};

const formatSlot = (ctx, descriptor, level, receiver) => {
  const { get, set, value } = descriptor;
  if (value !== undefined) return formatInside(ctx, value, level);
  if (get !== undefined) {
    return formatGetter(ctx, descriptor, set === undefined ? 'Getter' : 'Getter/Setter', level, receiver);
  }
  return set === undefined ? 'undefined' : '[Setter]';
};

const formatProperty = (ctx, key, descriptor, level, receiver) => {
  const name = formatKey(key, descriptor.enumerable);
  ctx.budget -= name.length;
  return `${name}: ${descriptor.uninitialized ? '<uninitialized>' : formatSlot(ctx, descriptor, level, receiver)}`;
};

// Reading a binding of a module fails before it is initialized.
const slotOf = (value, key) => {
  try {
    return descriptorOf(value, key) ?? { __proto__: null, value: tryGet(value, key), enumerable: true };
  } catch {
    return { __proto__: null, uninitialized: true, enumerable: true };
  }
};

const formatInside = (ctx, value, level) => {
  ctx.indentation += 2;
  const text = formatValue(ctx, value, level);
  ctx.indentation -= 2;
  return text;
};

// ---- Values

// By brand, functions of (ctx, value, frame) that fill in what the frame of such a value holds.
const kinds = { __proto__: null };

// Undefined where there is no inspector or it fails.
const inspectCustom = (ctx, value, target, level) => {
  for (let i = 0; i < inspectors.length; i++) {
    const inspector = tryGet(target, inspectors[i]);
    if (typeof inspector !== 'function') continue;
    const constructor = tryGet(target, 'constructor');
    if (isObject(constructor) && tryGet(constructor, 'prototype') === target) continue;
    const options = { ...defaults, stylize: toText };
    for (let j = 0; j < optionNames.length; j++) options[optionNames[j]] = ctx[optionNames[j]];
    let result;
    try {
      result = ReflectApply(inspector, value, [ctx.depth - level, options, inspect]);
    } catch {
      return undefined;
    }
    if (result === value) return undefined;
    if (typeof result !== 'string') return formatValue(ctx, result, level);
    ctx.budget -= result.length;
    return indentLines(limitText(result), ctx.indentation);
  }
  return undefined;
};

const referenceTo = (ctx, value) => {
  ctx.circular ??= new Map();
  let number = MapPrototypeGet(ctx.circular, value);
  if (number === undefined) MapPrototypeSet(ctx.circular, value, number = MapPrototypeGetSize(ctx.circular) + 1);
  return `[Circular *${number}]`;
};

const sortKeys = (ctx, output, count) => {
  const tail = list();
  const start = output.length - count;
  for (let i = start; i < output.length; i++) tail[tail.length] = output[i];
  ArrayPrototypeSort(tail, ctx.sorted === true ? undefined : ctx.sorted);
  for (let i = 0; i < count; i++) output[start + i] = tail[i];
};

const formatObject = (ctx, value, level, brand, isOfView) => {
  const isWithin = level <= ctx.depth;
  const inherited = ctx.showHidden && isWithin ? list() : undefined;
  const frame = {
    __proto__: null, brand, level, value, isOfView,
    constructor: constructorNameOf(ctx, value, level, inherited),
    tag: tagOf(ctx, value),
    keys: undefined, // of the properties to list; a kind may choose them
    base: '', open: '{', close: '}',
    isArray: false, // entries may stand in columns
    bare: undefined, // the whole text where there are no properties to list
    entries: undefined, // a function of (ctx, frame, output) that adds what is no property
  };
  (kinds[brand] ?? kinds.Object)(ctx, value, frame);
  ctx.budget -= frame.base.length + frame.open.length;
  const keys = frame.keys ??= keysOf(ctx, value, false);
  const hasProperties = keys.length > 0 || (inherited !== undefined && inherited.length > 0);
  if (frame.bare !== undefined && (!hasProperties || (brand === 'RegExp' && !isWithin))) return frame.bare;
  if (!isWithin) {
    const name = StringPrototypeSlice(plainPrefixOf(value, frame), 0, -1);
    return frame.constructor === null ? name : `[${name}]`;
  }

  frame.level = ctx.deepest = level + 1;
  ctx.seen[ctx.seen.length] = value;
  const output = list();
  if (frame.entries !== undefined) frame.entries(ctx, frame, output);
  const count = output.length;
  for (let i = 0; i < keys.length; i++) {
    if (ctx.budget <= 0) {
      output[output.length] = moreThan(keys.length - i, 'property');
      break;
    }
    output[output.length] = formatProperty(ctx, keys[i], slotOf(value, keys[i]), frame.level, value);
  }
  for (let i = 0; inherited !== undefined && i < inherited.length; i++) output[output.length] = inherited[i];
  ctx.seen.length--;
  const number = ctx.circular === undefined ? undefined : MapPrototypeGet(ctx.circular, value);
  if (number !== undefined) frame.base = `<ref *${number}>${frame.base === '' ? '' : ` ${frame.base}`}`;
  if (ctx.sorted) sortKeys(ctx, output, frame.isArray ? output.length - count : output.length);
  return arrange(ctx, output, frame);
};

const formatReference = (ctx, value, level, isOfView) => {
  let brand = host.classOf(value);
  let target = value;
  if (brand === 'Proxy') {
    const details = host.proxyDetails(value);
    target = targetOf(value);
    if (target === null) return '<Revoked Proxy>';
    if (ctx.showProxy) return formatProxy(ctx, details, level);
    brand = host.classOf(target);
  }
  if (ctx.customInspect) {
    const text = inspectCustom(ctx, value, target, level);
    if (text !== undefined) return text;
  }
  for (let i = 0; i < ctx.seen.length; i++) if (ctx.seen[i] === target) return referenceTo(ctx, target);
  return formatObject(ctx, target, level, brand, isOfView);
};

const formatProxy = (ctx, details, level) => {
  if (level > ctx.depth) return 'Proxy [Array]';
  const output = list();
  output[0] = formatInside(ctx, details[0], level + 1);
  output[1] = formatInside(ctx, details[1], level + 1);
  const frame = { __proto__: null, base: '', open: 'Proxy [', close: ']', isArray: true, level: level + 1 };
  return arrange(ctx, output, frame);
};

const formatValue = (ctx, value, level, isOfView = false) => {
  if (ctx.budget <= 0) return '...';
  if (!isObject(value)) {
    const text = formatPrimitive(ctx, value);
    ctx.budget -= text.length + 2;
    return text;
  }
  ctx.budget -= 4;
  const { indentation } = ctx;
  const { length } = ctx.seen;
  try {
    return formatReference(ctx, value, level, isOfView);
  } catch (error) {
    ctx.indentation = indentation;
    ctx.seen.length = length;
    const cause = ObjectPrototypeIsPrototypeOf(RangeErrorPrototype, error) ? ' Maximum call stack size exceeded.' : '';
    return `[${host.constructorName(value)}: Inspection interrupted prematurely.${cause}]`;
  }
};

const inspectWith = (ctx, value) => limitText(formatValue(ctx, value, 0));
const inspect = (value, options) => inspectWith(contextOf(options), value);

internals.inspect = inspect;
internals.textLimit = textLimit;
internals.inspection = {
  __proto__: null,
  contextOf, descriptorOf, formatInside, formatPrimitive, formatProperty, formatValue, keysOf, kinds, moreThan, countOf,
  plainPrefixOf, prefixOf, slotOf, formatSlot, targetOf, toText, tryGet,
};
