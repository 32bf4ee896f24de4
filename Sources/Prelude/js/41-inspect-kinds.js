// SPDX-License-Identifier: Apache-2.0
'use strict';

// What internals.inspect shows of each kind of object besides its properties.

const {
  ArrayPrototypeSort, BigIntPrototypeValueOf, BooleanPrototypeValueOf, DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, DatePrototypeGetTime, DatePrototypeToISOString,
  FunctionPrototypeToString, MapIteratorPrototypeNext, MapPrototypeEntries, MapPrototypeGetSize, MathMax, MathMin,
  NumberIsNaN, NumberPrototypeToString, NumberPrototypeValueOf, ObjectGetPrototypeOf, ObjectKeys,
  ObjectPrototypeHasOwnProperty, ObjectSetPrototypeOf, ReflectApply, ReflectOwnKeys, RegExpPrototypeExec,
  RegExpPrototypeGetSource, RegExpPrototypeToString, SetIteratorPrototypeNext, SetPrototypeGetSize,
  SetPrototypeValues, StringPrototypePadStart, StringPrototypeValueOf, SymbolPrototypeValueOf,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength, Uint8Array,
} = primordials;
const { each, interfaces, isOf, list } = internals.webidl;
const { arrange } = internals.text;
const {
  countOf, formatInside, formatPrimitive, formatProperty, formatSlot, formatValue, isError, keysOf, kinds, moreThan,
  plainPrefixOf, prefixOf, slotOf, toText, tryGet,
} = internals.inspection;

const push = (output, text) => { output[output.length] = text; };

const limitOf = (ctx, length) => MathMin(MathMax(0, ctx.maxArrayLength), length);

const pushRest = (output, rest, noun = 'item') => {
  if (rest > 0) push(output, moreThan(rest, noun));
};

// ---- Arrays

// The first index from `index` on that the array has, or its length.
const nextIndex = (array, index) => {
  const end = MathMin(index + 10000, array.length);
  for (; index < end; index++) if (ObjectPrototypeHasOwnProperty(array, index)) return index;
  if (index === array.length) return index;
  const keys = ObjectKeys(array); // the indices come first, in order
  for (let i = 0; i < keys.length; i++) {
    const key = +keys[i];
    if (!(key < array.length)) break;
    if (key >= index) return key;
  }
  return array.length;
};

const addElements = (ctx, { value, level }, output) => {
  const { length } = value;
  const limit = limitOf(ctx, length);
  let index = 0;
  while (output.length < limit && index < length && ctx.budget > 0) {
    if (ObjectPrototypeHasOwnProperty(value, index)) {
      push(output, formatSlot(ctx, slotOf(value, index), level, value));
      index++;
    } else {
      const next = nextIndex(value, index);
      push(output, `<${countOf(next - index, 'empty item')}>`);
      index = next;
    }
  }
  pushRest(output, length - index);
};

kinds.Array = (ctx, value, frame) => {
  const { length } = value;
  frame.keys = keysOf(ctx, value, true);
  frame.open = `${frame.constructor !== 'Array' || frame.tag !== '' ? prefixOf(frame, 'Array', `(${length})`) : ''}[`;
  frame.close = ']';
  frame.isArray = true;
  frame.entries = addElements;
  if (length === 0) frame.bare = `${frame.open}]`;
};

const addNumbers = (ctx, { value, level }, output) => {
  const length = TypedArrayPrototypeGetLength(value);
  const limit = limitOf(ctx, length);
  let index = 0;
  for (; index < limit && ctx.budget > 0; index++) push(output, formatValue(ctx, value[index], level));
  pushRest(output, length - index);
  if (!ctx.showHidden) return;
  const size = TypedArrayPrototypeGetByteLength(value);
  push(output, `[BYTES_PER_ELEMENT]: ${size / length || toText(tryGet(value, 'BYTES_PER_ELEMENT'))}`);
  push(output, `[length]: ${length}`);
  push(output, `[byteLength]: ${size}`);
  push(output, `[byteOffset]: ${TypedArrayPrototypeGetByteOffset(value)}`);
  ctx.indentation += 2;
  push(output, `[buffer]: ${formatValue(ctx, TypedArrayPrototypeGetBuffer(value), level, true)}`);
  ctx.indentation -= 2;
};

const typedArray = (ctx, value, frame) => {
  const length = TypedArrayPrototypeGetLength(value);
  frame.keys = keysOf(ctx, value, true);
  frame.open = `${prefixOf(frame, frame.brand, `(${length})`)}[`;
  frame.close = ']';
  frame.isArray = true;
  frame.entries = addNumbers;
  if (length === 0 && !ctx.showHidden) frame.bare = `${frame.open}]`;
};
each(['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64', 'BigInt64',
  'BigUint64'], (type) => { kinds[`${type}Array`] = typedArray; });

// ---- Collections

const addCollected = (ctx, output, { level, value }, isMap) => {
  const size = isMap ? MapPrototypeGetSize(value) : SetPrototypeGetSize(value);
  const iterator = isMap ? MapPrototypeEntries(value) : SetPrototypeValues(value);
  const next = isMap ? MapIteratorPrototypeNext : SetIteratorPrototypeNext;
  const limit = limitOf(ctx, size);
  let index = 0;
  for (let step; index < limit && ctx.budget > 0 && !(step = next(iterator)).done; index++) {
    const entry = step.value;
    push(output, isMap ? `${formatInside(ctx, entry[0], level)} => ${formatInside(ctx, entry[1], level)}`
      : formatInside(ctx, entry, level));
  }
  pushRest(output, size - index);
};

const collection = (name, sizeOf, isMap) => (ctx, value, frame) => {
  const size = sizeOf(value);
  const prefix = prefixOf(frame, name, `(${size})`);
  frame.open = `${prefix}{`;
  frame.entries = (_, __, output) => addCollected(ctx, output, frame, isMap);
  if (size === 0) frame.bare = `${prefix}{}`;
};
kinds.Map = collection('Map', MapPrototypeGetSize, true);
kinds.Set = collection('Set', SetPrototypeGetSize, false);

// `form` writes the two parts of an entry.
const addPreview = (ctx, output, { level }, preview, form) => {
  const entries = preview[0];
  const step = preview[1] ? 2 : 1;
  const count = entries.length / step;
  const limit = limitOf(ctx, count);
  let index = 0;
  for (; index < limit && ctx.budget > 0; index++) {
    const first = formatInside(ctx, entries[index * step], level);
    push(output, step === 1 ? first : form(first, formatInside(ctx, entries[index * step + 1], level)));
  }
  return count - index;
};

const iterator = (name) => (ctx, value, frame) => {
  const preview = host.previewEntries(value);
  const tag = frame.tag === '' || frame.tag === `${name} Iterator` ? '' : `${frame.tag}] [`;
  frame.open = `[${tag}${name} ${preview[1] ? 'Entries' : 'Iterator'}] {`;
  frame.entries = (_, __, output) => {
    const pair = { __proto__: null, base: '', open: '[', close: ']', isArray: true, level: frame.level };
    pushRest(output, addPreview(ctx, output, frame, preview, (key, item) => {
      const parts = list();
      push(parts, key);
      push(parts, item);
      ctx.indentation += 2;
      const text = arrange(ctx, parts, pair);
      ctx.indentation -= 2;
      return text;
    }));
  };
};
kinds.MapIterator = iterator('Map');
kinds.SetIterator = iterator('Set');

const weak = (ctx, value, frame) => {
  frame.open = `${prefixOf(frame, frame.brand)}{`;
  frame.entries = (_, __, output) => {
    if (!ctx.showHidden) return push(output, '<items unknown>');
    const rest = addPreview(ctx, output, frame, host.previewEntries(value), (key, item) => `${key} => ${item}`);
    ArrayPrototypeSort(output); // the table has no order of its own
    pushRest(output, rest);
  };
};
kinds.WeakMap = weak;
kinds.WeakSet = weak;

// ---- Memory

const contentsOf = (ctx, bytes) => {
  const length = TypedArrayPrototypeGetLength(bytes);
  const limit = limitOf(ctx, length);
  let text = '';
  for (let i = 0; i < limit; i++) {
    text += `${i === 0 ? '' : ' '}${StringPrototypePadStart(NumberPrototypeToString(bytes[i], 16), 2, '0')}`;
  }
  return length > limit ? `${text} ${moreThan(length - limit, 'byte')}` : text;
};

const buffer = (ctx, value, frame) => {
  const prefix = prefixOf(frame, frame.brand);
  frame.open = `${prefix}{`;
  let bytes;
  try {
    bytes = new Uint8Array(value);
  } catch {
    // It is detached.
  }
  const length = bytes === undefined ? 0 : TypedArrayPrototypeGetLength(bytes);
  if (frame.isOfView) frame.bare = `${prefix}{ byteLength: ${length} }`;
  frame.entries = (_, __, output) => {
    if (!frame.isOfView) {
      push(output, bytes === undefined ? '(detached)' : `[Uint8Contents]: <${contentsOf(ctx, bytes)}>`);
    }
    push(output, `byteLength: ${length}`);
  };
};
kinds.ArrayBuffer = buffer;
kinds.SharedArrayBuffer = buffer;

kinds.DataView = (ctx, value, frame) => {
  frame.open = `${prefixOf(frame, 'DataView')}{`;
  frame.entries = (_, { level }, output) => {
    push(output, `byteLength: ${DataViewPrototypeGetByteLength(value)}`);
    push(output, `byteOffset: ${DataViewPrototypeGetByteOffset(value)}`);
    push(output, `buffer: ${formatInside(ctx, DataViewPrototypeGetBuffer(value), level)}`);
  };
};

// ---- Functions

const classSource = /^class(?!\s*\()[\s{/]/;

const classBase = (value, { constructor, tag }) => {
  const name = ObjectPrototypeHasOwnProperty(value, 'name') ? tryGet(value, 'name') : '';
  let base = `class ${toText(name) || '(anonymous)'}`;
  if (constructor !== 'Function' && constructor !== null) base += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  if (constructor === null) return `[${base} extends [null prototype]]`;
  const parent = toText(tryGet(ObjectGetPrototypeOf(value), 'name') ?? '');
  return `[${base}${parent === '' ? '' : ` extends ${parent}`}]`;
};

const functionBase = (value, { brand, constructor, tag }) => {
  const name = toText(tryGet(value, 'name'));
  let base = `[${brand}${constructor === null ? ' (null prototype)' : ''}`;
  base += name === '' ? ' (anonymous)]' : `: ${name}]`;
  if (constructor !== brand && constructor !== null) base += ` ${constructor}`;
  return tag !== '' && constructor !== tag ? `${base} [${tag}]` : base;
};

const callable = (ctx, value, frame) => {
  const isClass = RegExpPrototypeExec(classSource, FunctionPrototypeToString(value)) !== null;
  frame.base = frame.bare = (isClass ? classBase : functionBase)(value, frame);
};
each(['', 'Async', 'Generator', 'AsyncGenerator'], (type) => { kinds[`${type}Function`] = callable; });

// ---- Boxes, dates, patterns, promises

const boxed = (valueOf) => (ctx, value, frame) => {
  const { brand, constructor, tag } = frame;
  if (brand === 'String') frame.keys = keysOf(ctx, value, true);
  const owner = constructor === brand ? '' : ` (${constructor ?? 'null prototype'})`;
  const suffix = tag === '' || tag === constructor ? '' : ` [${tag}]`;
  frame.base = frame.bare = `[${brand}${owner}: ${formatPrimitive(ctx, valueOf(value))}]${suffix}`;
};
kinds.BigInt = boxed(BigIntPrototypeValueOf);
kinds.Boolean = boxed(BooleanPrototypeValueOf);
kinds.Number = boxed(NumberPrototypeValueOf);
kinds.String = boxed(StringPrototypeValueOf);
kinds.Symbol = boxed(SymbolPrototypeValueOf);

const withPrefix = (frame, name, text) => {
  const prefix = prefixOf(frame, name);
  frame.base = frame.bare = prefix === `${name} ` ? text : prefix + text;
};

kinds.Date = (ctx, value, frame) => {
  const isInvalid = NumberIsNaN(DatePrototypeGetTime(value));
  withPrefix(frame, 'Date', isInvalid ? 'Invalid Date' : DatePrototypeToISOString(value));
};

kinds.RegExp = (ctx, value, frame) => {
  let text;
  try {
    text = RegExpPrototypeToString(value);
  } catch {
    text = `/${RegExpPrototypeGetSource(value)}/`;
  }
  withPrefix(frame, 'RegExp', text);
};

kinds.Promise = (ctx, value, frame) => {
  frame.open = `${prefixOf(frame, 'Promise')}{`;
  frame.entries = (_, { level }, output) => {
    const details = host.promiseDetails(value);
    if (details[0] === 0) return push(output, '<pending>');
    push(output, `${details[0] === 2 ? '<rejected> ' : ''}${formatInside(ctx, details[1], level)}`);
  };
};

// ---- The rest

kinds.Module = (ctx, value, frame) => {
  frame.open = `${prefixOf(frame, 'Module')}{`;
  frame.bare = `${frame.open}}`;
  const keys = ReflectOwnKeys(value); // the tag is last
  if (!ctx.showHidden) keys.length--;
  frame.keys = ObjectSetPrototypeOf(keys, null);
};

// ---- Objects of interfaces

const hasNothing = ({ getters, pairsOf, view }, value) => view === undefined && getters.length === 0 &&
  (pairsOf === undefined || pairsOf(value).length === 0);

// The records that have something to show, the nearest interface first. No trap of a proxy runs.
const recordsOf = (value) => {
  const found = list();
  for (let object = host.prototypeOf(value); object !== null; object = host.prototypeOf(object)) {
    for (let i = interfaces.length - 1; i >= 0; i--) {
      const record = interfaces[i];
      if (record.prototype !== object || !isOf(record, value) || hasNothing(record, value)) continue;
      found[found.length] = record;
    }
  }
  return found;
};

const addFields = (ctx, level, output, fields) => {
  const keys = ObjectKeys(fields);
  for (let i = 0; i < keys.length; i++) {
    if (ctx.budget <= 0) return push(output, moreThan(keys.length - i, 'property'));
    push(output, formatProperty(ctx, keys[i], slotOf(fields, keys[i]), level, fields));
  }
};

const addAttributes = (records) => (ctx, { level, value }, output) => {
  for (let i = records.length - 1; i >= 0; i--) {
    const { getters, pairsOf, view } = records[i];
    if (view !== undefined) {
      addFields(ctx, level, output, view(value));
      continue;
    }
    for (let j = 0; j < getters.length && ctx.budget > 0; j += 2) {
      let answer;
      try {
        answer = ReflectApply(getters[j + 1], value, []);
      } catch {
        continue; // it has none now
      }
      push(output, `${getters[j]}: ${formatInside(ctx, answer, level)}`);
    }
    const pairs = pairsOf === undefined ? list() : pairsOf(value);
    const limit = limitOf(ctx, pairs.length / 2) * 2;
    for (let j = 0; j < limit && ctx.budget > 0; j += 2) {
      push(output, `${formatInside(ctx, pairs[j], level)} => ${formatInside(ctx, pairs[j + 1], level)}`);
    }
    pushRest(output, (pairs.length - limit) / 2, 'entry');
  }
};

kinds.Object = (ctx, value, frame) => {
  if (isError(value)) return kinds.Error(ctx, value, frame);
  if (frame.brand === 'Arguments' && frame.constructor === 'Object') frame.open = '[Arguments] {';
  else if (frame.constructor !== 'Object' || frame.tag !== '') frame.open = `${plainPrefixOf(value, frame)}{`;
  const records = recordsOf(value);
  if (records.length === 0) frame.bare = `${frame.open}}`;
  else frame.entries = addAttributes(records);
};
