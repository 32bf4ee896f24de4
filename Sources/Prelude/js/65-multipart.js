// SPDX-License-Identifier: Apache-2.0
'use strict';

// multipart/form-data, written as WHATWG HTML says, read as WHATWG Fetch does.

const {
  RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, TypedArrayPrototypeGetLength, TypeError,
} = primordials;
const { list } = internals.webidl;
internals.parts.blob;
internals.parts.mime;
const { fromLatin1, isToken, view } = internals.bytes;
const { asFile, BlobState, gather, isBlob, stateOf, toType } = internals.blob;
const { extract, trim } = internals.mime;

// ---- Writing

// Each line end becomes CRLF.
const withLineEnds = (text) => {
  let result = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit !== 0x0D && unit !== 0x0A) continue;
    result += `${StringPrototypeSlice(text, start, i)}\r\n`;
    if (unit === 0x0D && StringPrototypeCharCodeAt(text, i + 1) === 0x0A) i++;
    start = i + 1;
  }
  return result + StringPrototypeSlice(text, start);
};

const escapes = { __proto__: null, '\r': '%0D', '\n': '%0A', '"': '%22' };

const escape = (text) => {
  let result = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const escaped = escapes[text[i]];
    if (escaped === undefined) continue;
    result += StringPrototypeSlice(text, start, i) + escaped;
    start = i + 1;
  }
  return result + StringPrototypeSlice(text, start);
};

// { content, boundary }: the state of a blob.
const write = (entries) => {
  internals.parts.crypto;
  const boundary = `----FormBoundary-${internals.crypto.makeId()}`;
  const parts = list();
  for (let i = 0; i < entries.length; i += 2) {
    const value = entries[i + 1];
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(withLineEnds(entries[i]))}"`;
    if (isBlob(value)) {
      const file = stateOf(value);
      head += `; filename="${escape(file.name)}"\r\nContent-Type: ${file.type || 'application/octet-stream'}`;
      parts[parts.length] = `${head}\r\n\r\n`;
      parts[parts.length] = file;
      parts[parts.length] = '\r\n';
    } else parts[parts.length] = `${head}\r\n\r\n${withLineEnds(value)}\r\n`;
  }
  parts[parts.length] = `--${boundary}--\r\n`;
  return { __proto__: null, content: gather(parts, ''), boundary };
};

// ---- Reading

const fail = (reason) => { throw new TypeError(`The body is not multipart/form-data: ${reason}`); };

const CR = 0x0D;
const isPadding = (unit) => unit === 0x20 || unit === 0x09;

const matches = (bytes, start, wanted) => {
  const length = TypedArrayPrototypeGetLength(wanted);
  if (start + length > TypedArrayPrototypeGetLength(bytes)) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
};

// `wanted` begins with CR.
const find = (bytes, start, wanted) => {
  const end = TypedArrayPrototypeGetLength(bytes) - TypedArrayPrototypeGetLength(wanted);
  for (let i = start; i <= end; i++) if (bytes[i] === CR && matches(bytes, i, wanted)) return i;
  return -1;
};

const lineEnd = fromLatin1('\r\n');
const headEnd = fromLatin1('\r\n\r\n');
const dashes = fromLatin1('--');

const formData = /^form-data(?=[\t ]*(?:;|$))/i;
// A parameter of Content-Disposition at the start of a text. Nothing in a quoted string is decoded.
const parameter = /^[\t ]*;[\t ]*([-!#$%&'*+.^`|~\w]+)=(?:"([^"]*)"|([-!#$%&'*+.^`|~\w]+))/;

const readDisposition = (value, head) => {
  if (RegExpPrototypeExec(formData, value) === null) fail('a Content-Disposition is not form-data');
  let rest = StringPrototypeSlice(value, 9);
  while (rest !== '' && rest !== ';') {
    const match = RegExpPrototypeExec(parameter, rest);
    if (match === null) fail('a Content-Disposition is malformed');
    const key = StringPrototypeToLowerCase(match[1]);
    if (key === 'name' || key === 'filename') head[key] = match[2] ?? match[3];
    rest = StringPrototypeSlice(rest, match[0].length);
  }
};

// { name, filename, type } of the lines of a part's head.
const readHead = (text) => {
  const head = { __proto__: null, name: undefined, filename: undefined, type: undefined };
  for (let start = 0; start < text.length;) {
    let end = StringPrototypeIndexOf(text, '\r\n', start);
    if (end < 0) end = text.length;
    const line = StringPrototypeSlice(text, start, end);
    const colon = StringPrototypeIndexOf(line, ':');
    const name = StringPrototypeToLowerCase(trim(StringPrototypeSlice(line, 0, colon)));
    if (colon < 0 || !isToken(name) || RegExpPrototypeExec(/[\0\r\n]/, line) !== null) {
      fail('a header of a part is malformed');
    }
    const value = trim(StringPrototypeSlice(line, colon + 1));
    if (name === 'content-disposition') readDisposition(value, head);
    else if (name === 'content-type') head.type = extract(value)?.toText() ?? '';
    start = end + 2;
  }
  if (head.name === undefined) fail('a part has no name');
  return head;
};

const toFile = (content, { filename, type }) => {
  const segments = list();
  const size = TypedArrayPrototypeGetLength(content);
  if (size > 0) segments[0] = content;
  return asFile(new BlobState(segments, size, toType(type ?? 'text/plain')), filename, 0);
};

// Name, value, name, value …, where values are strings and states of files; these keep the memory of `bytes`.
const read = (bytes, boundary) => {
  if (boundary === '') fail('its boundary is empty');
  const delimiter = host.utf8Encode(`\r\n--${boundary}`);
  const length = TypedArrayPrototypeGetLength(delimiter);
  const entries = list();
  let position = 0;
  if (!matches(bytes, 0, view(delimiter, 2, length))) fail('it does not begin with the boundary');
  position += length - 2;
  for (;;) {
    const isEnd = matches(bytes, position, dashes);
    if (isEnd) position += 2;
    while (isPadding(bytes[position])) position++;
    const isLineEnd = matches(bytes, position, lineEnd);
    if (isEnd && (isLineEnd || position === TypedArrayPrototypeGetLength(bytes))) return entries;
    if (isEnd || !isLineEnd) fail('something follows a boundary on its line');
    const headStop = find(bytes, position, headEnd);
    if (headStop < 0) fail('a part has no end of its headers');
    const head = readHead(headStop === position ? '' : host.utf8Decode(view(bytes, position + 2, headStop), false));
    const stop = find(bytes, headStop + 4, delimiter);
    if (stop < 0) fail('a part has no end');
    const content = view(bytes, headStop + 4, stop);
    entries[entries.length] = head.name;
    entries[entries.length] = head.filename === undefined ? host.utf8Decode(content, false) : toFile(content, head);
    position = stop + length;
  }
};

internals.multipart = { __proto__: null, read, write };
