// SPDX-License-Identifier: Apache-2.0
// The parts of links, `[label]`, `<destination>` and `"title"`, and the definitions `[label]: destination "title"`.
// Each reader takes a text and a position and answers { value, end }, or null.

import { ASCII_PUNCTUATION, normalizeLabel, normalizeUrl, unescapeText } from './text.js';

const LABEL = /\[((?:[^\\[\]]|\\[\s\S]){0,999})\]/y;
const POINTY = /<((?:[^<>\n\\]|\\.)*)>/y;
const TITLE = /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|\(((?:[^()\\]|\\[\s\S])*)\)/y;
const SPACES = /[ \t]*(?:\n[ \t]*)?/y;
const ESCAPABLE = new RegExp(`[${ASCII_PUNCTUATION}]`);

export function match(sticky, text, at) {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

export function label(text, at) {
  const found = match(LABEL, text, at);
  return found && { value: found[1], end: LABEL.lastIndex };
}

/** Skips spaces with one line end at most. */
export const skipSpaces = (text, at) => at + match(SPACES, text, at)[0].length;

export function destination(text, at) {
  if (text[at] === '<') {
    const found = match(POINTY, text, at);
    return found && { value: normalizeUrl(unescapeText(found[1])), end: at + found[0].length };
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const c = text[end];
    if (c === '\\' && ESCAPABLE.test(text[end + 1] ?? '')) end++;
    else if (c === '(') depth++;
    else if (c === ')' && depth-- === 0) break;
    else if (c <= ' ' || c === '\x7f') break;
  }
  if (depth > 0 || (end === at && text[end] !== ')')) return null;
  return { value: normalizeUrl(unescapeText(text.slice(at, end))), end };
}

export function title(text, at) {
  const found = match(TITLE, text, at);
  return found && { value: unescapeText(found[1] ?? found[2] ?? found[3]), end: at + found[0].length };
}

const lineEnd = (text, at) => match(/[ \t]*(?:\n|$)/y, text, at);

/** A definition at the front of `text`: { label, destination, title, length }. */
export function definition(text) {
  const name = label(text, 0);
  if (!name || name.value.trim() === '' || text[name.end] !== ':') return null;
  const start = skipSpaces(text, name.end + 1);
  const target = start < text.length ? destination(text, start) : null;
  if (!target || (target.end === start && text[start] !== '<')) return null;

  const result = { label: normalizeLabel(name.value), destination: target.value, title: null };
  const afterTarget = lineEnd(text, target.end);
  const titleAt = skipSpaces(text, target.end);
  if (titleAt > target.end) {
    const said = title(text, titleAt);
    const afterTitle = said && lineEnd(text, said.end);
    if (afterTitle) return { ...result, title: said.value, length: said.end + afterTitle[0].length };
  }
  return afterTarget && { ...result, length: target.end + afterTarget[0].length };
}
