// SPDX-License-Identifier: Apache-2.0
'use strict';

// How texts are quoted, measured and arranged. The rules, and so the output, are those of Node's util.inspect.

const {
  ArrayPrototypeJoin, MathFloor, MathMax, MathMin, MathRound, MathSqrt, NumberPrototypeToString,
  ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, RegExp, RegExpPrototypeExec, StringPrototypeCharCodeAt,
  StringPrototypeCodePointAt, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypePadEnd,
  StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeSlice, StringPrototypeToUpperCase,
} = primordials;
const { list } = internals.webidl;

// ---- Text

const needsEscape = /[\0-\x1F'"`\\\x7F-\x9F\uD800-\uDFFF]/;
const shortEscapes = { __proto__: null, 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' };

// `mark` is the code of the quotation mark that is escaped too, or -1.
const escape = (text, mark) => {
  if (RegExpPrototypeExec(needsEscape, text) === null) return text;
  let result = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    let escaped;
    if (code === mark || code === 0x5C) {
      escaped = `\\${text[i]}`;
    } else if (code < 0x20 || (code > 0x7E && code < 0xA0)) {
      const hex = StringPrototypeToUpperCase(NumberPrototypeToString(code, 16));
      escaped = shortEscapes[code] ?? `\\x${StringPrototypePadStart(hex, 2, '0')}`;
    } else if (code >= 0xD800 && code <= 0xDFFF) {
      const next = i + 1 < text.length ? StringPrototypeCharCodeAt(text, i + 1) : 0;
      if (code < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
        i++;
        continue;
      }
      escaped = `\\u${NumberPrototypeToString(code, 16)}`;
    } else {
      continue;
    }
    result += StringPrototypeSlice(text, start, i) + escaped;
    start = i + 1;
  }
  return result + StringPrototypeSlice(text, start);
};

const quote = (text) => {
  if (!StringPrototypeIncludes(text, "'")) return `'${escape(text, -1)}'`;
  if (!StringPrototypeIncludes(text, '"')) return `"${escape(text, -1)}"`;
  if (!StringPrototypeIncludes(text, '`') && !StringPrototypeIncludes(text, '${')) return `\`${escape(text, -1)}\``;
  return `'${escape(text, 0x27)}'`;
};

// Of every line but the first.
const indentLines = (text, width) => {
  if (width === 0) return text;
  const indentation = StringPrototypeRepeat(' ', width);
  let result = '';
  let start = 0;
  for (let end; (end = StringPrototypeIndexOf(text, '\n', start) + 1) > 0; start = end) {
    result += StringPrototypeSlice(text, start, end) + indentation;
  }
  return start === 0 ? text : result + StringPrototypeSlice(text, start);
};

const splitLines = (text) => {
  const lines = list();
  let start = 0;
  for (let end; (end = StringPrototypeIndexOf(text, '\n', start)) >= 0; start = end + 1) {
    lines[lines.length] = StringPrototypeSlice(text, start, end);
  }
  lines[lines.length] = StringPrototypeSlice(text, start);
  return lines;
};

const beyondASCII = /[^ -~]/;
const widthless = /^[\p{Cc}\p{Cf}\p{Me}\p{Mn}]/u;
const wide = new RegExp('^[\\p{Emoji_Presentation}\\u1100-\\u115F\\u2E80-\\u303E\\u3041-\\uA4C6\\uA960-\\uA97C' +
  '\\uAC00-\\uD7A3\\uF900-\\uFAFF\\uFE10-\\uFE19\\uFE30-\\uFE6B\\uFF01-\\uFF60\\uFFE0-\\uFFE6' +
  '\\u{1B000}-\\u{1B2FB}\\u{20000}-\\u{3FFFD}]', 'u');

// In columns of a terminal, by Unicode's East Asian widths.
const widthOf = (text) => {
  if (RegExpPrototypeExec(beyondASCII, text) === null) return text.length;
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    const size = StringPrototypeCodePointAt(text, i) > 0xFFFF ? 2 : 1;
    const point = StringPrototypeSlice(text, i, i + size);
    if (RegExpPrototypeExec(wide, point) !== null) width += 2;
    else if (RegExpPrototypeExec(widthless, point) === null) width++;
    i += size - 1;
  }
  return width;
};

// ---- Arrangement

const isNumber = (value, index) => {
  const descriptor = ObjectGetOwnPropertyDescriptor(value, index);
  if (descriptor === undefined) return false;
  const type = typeof ObjectSetPrototypeOf(descriptor, null).value;
  return type === 'number' || type === 'bigint';
};

// Puts many short entries of an array in columns; the result is `output` itself where they do not suit.
const inColumns = (ctx, output, value) => {
  const hasMore = ctx.maxArrayLength < output.length; // a last entry that says how many are missing
  const count = hasMore ? output.length - 1 : output.length;
  const gap = 2;
  const widths = list();
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    if (output[i].length > ctx.breakLength * 4) return output;
    widths[i] = widthOf(output[i]);
    total += widths[i] + gap;
    longest = MathMax(longest, widths[i]);
  }
  const cell = longest + gap;
  if (cell * 3 + ctx.indentation >= ctx.breakLength || (total / cell <= 5 && longest > 6)) return output;

  // About a square, characters being 2.5 times as high as they are wide; short entries get more columns.
  const biased = MathMax(cell - 3 - MathSqrt(cell - total / output.length), 1);
  const columns = MathMin(MathRound(MathSqrt(2.5 * biased * count) / biased),
    MathFloor((ctx.breakLength - ctx.indentation) / cell), ctx.compact * 4, 15);
  if (columns <= 1) return output;

  const columnWidths = list();
  for (let i = 0; i < columns; i++) {
    let width = 0;
    for (let j = i; j < count; j += columns) width = MathMax(width, widths[j]);
    columnWidths[i] = width + gap;
  }
  let pad = StringPrototypePadStart;
  for (let i = 0; value !== undefined && i < output.length; i++) {
    if (isNumber(value, i)) continue;
    pad = StringPrototypePadEnd;
    break;
  }
  const lines = list();
  for (let i = 0; i < count; i += columns) {
    const last = MathMin(i + columns, count) - 1;
    let line = '';
    for (let j = i; j < last; j++) {
      line += pad(`${output[j]}, `, columnWidths[j - i] + output[j].length - widths[j], ' ');
    }
    lines[lines.length] = line + (pad === StringPrototypePadEnd ? output[last]
      : pad(output[last], columnWidths[last - i] + output[last].length - widths[last] - gap, ' '));
  }
  if (hasMore) lines[lines.length] = output[count];
  return lines;
};

const fitsOnLine = (ctx, output, start, base) => {
  let length = output.length * 2 + start;
  for (let i = 0; i < output.length && length <= ctx.breakLength; i++) length += output[i].length;
  return length <= ctx.breakLength && !StringPrototypeIncludes(base, '\n');
};

// `frame`: { base, open, close, isArray, level, value }.
const arrange = (ctx, output, frame) => {
  const base = frame.base === '' ? '' : `${frame.base} `;
  if (ctx.compact >= 1) {
    const count = output.length;
    if (frame.isArray && count > 6) output = inColumns(ctx, output, frame.value);
    // One line holds no more than `compact` levels, counted from the innermost.
    if (ctx.deepest - frame.level < ctx.compact && count === output.length) {
      const start = ctx.indentation + frame.open.length + frame.base.length + 10;
      if (fitsOnLine(ctx, output, start, frame.base)) {
        const line = ArrayPrototypeJoin(output, ', ');
        if (!StringPrototypeIncludes(line, '\n')) return `${base}${frame.open} ${line} ${frame.close}`;
      }
    }
  }
  ctx.budget -= ctx.indentation * output.length;
  const indentation = `\n${StringPrototypeRepeat(' ', ctx.indentation)}`;
  let text = base + frame.open;
  // Long strings are concatenated and not joined, which would copy them at each level.
  for (let i = 0; i < output.length; i++) text += `${i === 0 ? '' : ','}${indentation}  ${output[i]}`;
  return text + indentation + frame.close;
};

internals.text = { __proto__: null, arrange, escape, indentLines, quote, splitLines, widthOf };
