// SPDX-License-Identifier: Apache-2.0
'use strict';

// MIME types (WHATWG MIME Sniffing, 4) and the header that holds one (WHATWG Fetch, 3.6).

const {
  Map, MapIteratorPrototypeNext, MapPrototypeEntries, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
  ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase,
} = primordials;
const { list } = internals.webidl;
const { isToken } = internals.bytes;

const quotable = /^[\t\x20-\x7E\x80-\xFF]*$/;

// ---- Pieces

const isTabOrSpace = (unit) => unit === 0x20 || unit === 0x09;
const isSpace = (unit) => isTabOrSpace(unit) || unit === 0x0A || unit === 0x0D;

// A part of the text, without what `isCut` says of its end.
const cut = (text, start, end, isCut = isSpace) => {
  while (end > start && isCut(StringPrototypeCharCodeAt(text, end - 1))) end--;
  return StringPrototypeSlice(text, start, end);
};

const skipSpace = (text, start, isCut = isSpace) => {
  while (start < text.length && isCut(StringPrototypeCharCodeAt(text, start))) start++;
  return start;
};

const trim = (text) => cut(text, skipSpace(text, 0), text.length);

// Where the first of the two characters is, or the end.
const findEither = (text, start, a, b) => {
  let end = start;
  for (; end < text.length; end++) {
    const unit = StringPrototypeCharCodeAt(text, end);
    if (unit === a || unit === b) break;
  }
  return end;
};

const QUOTE = 0x22;
const COMMA = 0x2C;
const SEMICOLON = 0x3B;
const EQUALS = 0x3D;
const BACKSLASH = 0x5C;

// The content of the quoted string at `start`, and where it ends.
const unquote = (text, start) => {
  let value = '';
  let position = start + 1;
  for (;;) {
    const end = findEither(text, position, QUOTE, BACKSLASH);
    value += StringPrototypeSlice(text, position, end);
    position = end + 1;
    if (end >= text.length) return { __proto__: null, value, end };
    if (StringPrototypeCharCodeAt(text, end) === QUOTE) return { __proto__: null, value, end: position };
    if (position >= text.length) return { __proto__: null, value: `${value}\\`, end: position };
    value += text[position++];
  }
};

// ---- Types

class MimeType {
  constructor(type, subtype) {
    this.essence = StringPrototypeToLowerCase(`${type}/${subtype}`);
    this.parameters = new Map();
  }

  get(name) { return MapPrototypeGet(this.parameters, name); }

  toText() {
    let text = this.essence;
    const entries = MapPrototypeEntries(this.parameters);
    for (let step; !(step = MapIteratorPrototypeNext(entries)).done;) {
      const value = step.value[1];
      text += `;${step.value[0]}=${isToken(value) ? value : quote(value)}`;
    }
    return text;
  }
}
ObjectSetPrototypeOf(MimeType.prototype, null);

const quote = (value) => {
  let text = '"';
  for (let i = 0; i < value.length; i++) text += value[i] === '"' || value[i] === '\\' ? `\\${value[i]}` : value[i];
  return `${text}"`;
};

// Undefined where the text is none.
const parse = (text) => {
  const input = trim(text);
  const slash = StringPrototypeIndexOf(input, '/');
  if (slash < 0) return undefined;
  let position = findEither(input, slash, SEMICOLON, SEMICOLON);
  const type = StringPrototypeSlice(input, 0, slash);
  const subtype = cut(input, slash + 1, position);
  if (!isToken(type) || !isToken(subtype)) return undefined;
  const mime = new MimeType(type, subtype);
  while (position < input.length) {
    position = skipSpace(input, position + 1);
    const nameEnd = findEither(input, position, SEMICOLON, EQUALS);
    const name = StringPrototypeSlice(input, position, nameEnd);
    position = nameEnd;
    if (StringPrototypeCharCodeAt(input, position) === SEMICOLON) continue;
    position++;
    if (position >= input.length) break;
    let value;
    if (StringPrototypeCharCodeAt(input, position) === QUOTE) {
      const quoted = unquote(input, position);
      value = quoted.value;
      position = findEither(input, quoted.end, SEMICOLON, SEMICOLON);
    } else {
      const end = findEither(input, position, SEMICOLON, SEMICOLON);
      value = cut(input, position, end);
      position = end;
      if (value === '') continue;
    }
    // Not lower case before it is a token: letters beyond ASCII can become ASCII.
    if (!isToken(name) || RegExpPrototypeExec(quotable, value) === null) continue;
    const key = StringPrototypeToLowerCase(name);
    if (!MapPrototypeHas(mime.parameters, key)) MapPrototypeSet(mime.parameters, key, value);
  }
  return mime;
};

// ---- Headers

// The values of a header that is a list, however it was put together.
const split = (text) => {
  const values = list();
  let start = 0;
  for (let position = 0; ;) {
    position = findEither(text, position, QUOTE, COMMA);
    if (StringPrototypeCharCodeAt(text, position) === QUOTE) position = unquote(text, position).end;
    else {
      values[values.length] = cut(text, skipSpace(text, start, isTabOrSpace), position, isTabOrSpace);
      start = ++position;
      if (start > text.length) return values;
    }
  }
};

// What the Content-Type header says, whose value may be undefined; undefined where that is nothing.
const extract = (header) => {
  if (header === undefined) return undefined;
  const values = split(header);
  let found;
  let charset;
  for (let i = 0; i < values.length; i++) {
    const mime = parse(values[i]);
    if (mime === undefined || mime.essence === '*/*') continue;
    const own = mime.get('charset');
    if (mime.essence !== found?.essence) charset = own;
    else if (own === undefined && charset !== undefined) MapPrototypeSet(mime.parameters, 'charset', charset);
    found = mime;
  }
  return found;
};

internals.mime = { __proto__: null, extract, parse, trim };
