// SPDX-License-Identifier: Apache-2.0
'use strict';

// The data: URL processor (WHATWG Fetch, 6).

const {
  RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, Uint8Array,
} = primordials;
internals.parts.mime;
const { parse, trim } = internals.mime;
const { copySource, fromLatin1, toLatin1, view } = internals.bytes;

const digitOf = (unit) => {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

const percentDecode = (text) => {
  if (StringPrototypeIndexOf(text, '%') < 0) return fromLatin1(text);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let unit = StringPrototypeCharCodeAt(text, i);
    if (unit === 0x25 && i + 2 < text.length) {
      const high = digitOf(StringPrototypeCharCodeAt(text, i + 1));
      const low = digitOf(StringPrototypeCharCodeAt(text, i + 2));
      if (high >= 0 && low >= 0) {
        unit = high * 16 + low;
        i += 2;
      }
    }
    bytes[length++] = unit;
  }
  return copySource(view(bytes, 0, length));
};

// { bytes, type } of the href; undefined where it is malformed.
const process = (href) => {
  const hash = StringPrototypeIndexOf(href, '#');
  const text = StringPrototypeSlice(href, 5, hash < 0 ? href.length : hash);
  const comma = StringPrototypeIndexOf(text, ',');
  if (comma < 0) return undefined;
  let type = trim(StringPrototypeSlice(text, 0, comma));
  let bytes = percentDecode(StringPrototypeSlice(text, comma + 1));
  const base64 = RegExpPrototypeExec(/; *base64$/i, type);
  if (base64 !== null) {
    const decoded = host.base64Decode(toLatin1(bytes));
    if (decoded === undefined) return undefined;
    bytes = fromLatin1(decoded);
    type = StringPrototypeSlice(type, 0, base64.index);
  }
  if (StringPrototypeCharCodeAt(type, 0) === 0x3B) type = `text/plain${type}`;
  const mime = parse(type) ?? parse('text/plain;charset=US-ASCII');
  return { __proto__: null, bytes, type: mime.toText() };
};

internals.dataUrls = { __proto__: null, process };
