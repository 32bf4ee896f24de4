// SPDX-License-Identifier: Apache-2.0
'use strict';

// What internals.inspect shows of an error: its stack, with what the header lacks, then properties,
// among them the cause and the errors of an aggregate.

const {
  ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypeJoin, ErrorPrototype, ErrorPrototypeToString, MathMin,
  ObjectPrototypeIsPrototypeOf, ReflectHas, RegExpPrototypeExec, StringPrototypeEndsWith, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
} = primordials;
const { isObject, list } = internals.webidl;
const { indentLines, splitLines } = internals.text;
const { keysOf, kinds, prefixOf, toText, tryGet } = internals.inspection;

const frameStart = '\n    at';
const headerName = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n {4}at)|^([a-z_A-Z0-9-]*Error)$/;

// Also of errors that are no native ones, such as DOMException.
const isError = (value) => {
  try {
    return isObject(value) && (host.classOf(value) === 'Error' || ObjectPrototypeIsPrototypeOf(ErrorPrototype, value));
  } catch {
    return false;
  }
};

const stackOf = (error) => {
  const stack = toText(tryGet(error, 'stack') || '');
  if (stack !== '') return stack;
  try {
    return ErrorPrototypeToString(error);
  } catch {
    return 'Error';
  }
};

// Says the class where it differs from the name that the stack begins with.
const improveHeader = (stack, frame, name) => {
  let { length } = name;
  let fallback = 'Error';
  if (frame.constructor === null) {
    const match = RegExpPrototypeExec(headerName, stack);
    const found = (match && (match[1] || match[2])) || '';
    length = found.length;
    fallback = found || 'Error';
  } else {
    const after = stack[length];
    if (!StringPrototypeEndsWith(name, 'Error') || !StringPrototypeStartsWith(stack, name) ||
      (stack.length !== length && after !== ':' && after !== '\n')) return stack;
  }
  const prefix = StringPrototypeSlice(prefixOf(frame, fallback), 0, -1);
  if (name === prefix) return stack;
  const rest = StringPrototypeSlice(stack, length);
  if (!StringPrototypeIncludes(prefix, name)) return `${prefix} [${name}]${rest}`;
  return length === 0 ? `${prefix}: ${stack}` : prefix + rest;
};

const matchAt = (lines, others, start) => {
  for (let from = 0; from < others.length; from++) {
    if (others[from] !== lines[start]) continue;
    const limit = MathMin(lines.length - start, others.length - from);
    let length = 1;
    while (length < limit && lines[start + length] === others[from + length]) length++;
    return length;
  }
  return 0;
};

// Leaves out lines, if more than three in a row, that the stack of the cause has too.
const withoutSharedLines = (text, error) => {
  const cause = tryGet(error, 'cause');
  if (!isError(cause)) return text;
  const causeStack = stackOf(cause);
  const start = StringPrototypeIndexOf(causeStack, frameStart);
  if (start < 0) return text;
  const lines = splitLines(text);
  const others = splitLines(StringPrototypeSlice(causeStack, start + 1));
  for (let i = 0; i < lines.length - 3; i++) {
    const length = matchAt(lines, others, i);
    if (length <= 3) continue;
    const kept = list();
    for (let j = 0; j < lines.length; j++) {
      if (j === i + 1) kept[kept.length] = `    ... ${length - 2} lines matching cause stack trace ...`;
      if (j <= i || j >= i + length - 1) kept[kept.length] = lines[j];
    }
    return ArrayPrototypeJoin(kept, '\n');
  }
  return text;
};

// Name, message and stack are shown already where the stack has them.
const propertiesOf = (ctx, error, stack) => {
  const all = keysOf(ctx, error, false);
  const keys = list();
  for (let i = 0; i < all.length; i++) {
    const key = all[i];
    const isPart = key === 'name' || key === 'message' || key === 'stack';
    if (isPart && !ctx.showHidden && StringPrototypeIncludes(stack, toText(tryGet(error, key)))) continue;
    keys[keys.length] = key;
  }
  let hasCause = false;
  try {
    hasCause = ReflectHas(error, 'cause');
  } catch {
    // A proxy among the prototypes refuses.
  }
  if (hasCause && !ArrayPrototypeIncludes(keys, 'cause')) keys[keys.length] = 'cause';
  if (ArrayIsArray(tryGet(error, 'errors')) && !ArrayPrototypeIncludes(keys, 'errors')) keys[keys.length] = 'errors';
  return keys;
};

kinds.Error = (ctx, value, frame) => {
  const name = tryGet(value, 'name');
  let stack = stackOf(value);
  frame.keys = propertiesOf(ctx, value, stack);
  stack = improveHeader(stack, frame, toText(name ?? 'Error'));

  // Frames begin after the message, which may look like them.
  const message = toText(tryGet(value, 'message') ?? '');
  const position = message === '' ? -1 : StringPrototypeIndexOf(stack, message);
  const start = StringPrototypeIndexOf(stack, frameStart, position < 0 ? 0 : position + message.length);
  const text = start < 0 ? `[${stack}]`
    : StringPrototypeSlice(stack, 0, start + 1) + withoutSharedLines(StringPrototypeSlice(stack, start + 1), value);
  frame.base = frame.bare = indentLines(text, ctx.indentation);
};

internals.inspection.isError = isError;
