// SPDX-License-Identifier: Apache-2.0
'use strict';

// Headers (WHATWG Fetch, 5.1). Names are kept in lower case; their case is nothing that HTTP tells apart.

const {
  ArrayPrototypeSort, Map, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, ObjectPrototypePropertyIsEnumerable,
  ObjectSetPrototypeOf, ReflectOwnKeys, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeToLowerCase, SymbolIterator, TypeError,
} = primordials;
const {
  define, defineIterable, exposeInterface, isObject, list, requireArguments, toByteString, toObject, toSequence,
} = internals.webidl;
const { isToken } = internals.bytes;

// ---- Names and values

let names = new Map(); // in lower case, by what was given for them

const toName = (text, where) => {
  const known = MapPrototypeGet(names, text);
  if (known !== undefined) return known;
  if (!isToken(text)) throw new TypeError(`${where}: '${text}' is not the name of a header`);
  const name = StringPrototypeToLowerCase(text);
  if (text.length > 64) return name;
  if (MapPrototypeGetSize(names) >= 256) names = new Map();
  MapPrototypeSet(names, text, name);
  return name;
};

const toByteText = (value, where) => (typeof value === 'string' ? value : toByteString(value, where));

// What has to be looked at: space at the ends, line ends, what is no byte.
const unusual = /^[\t\n\r ]|[\0\n\r]|[^\0-\xFF]|[\t\n\r ]$/;

const toValue = (text, where) => {
  if (RegExpPrototypeExec(unusual, text) === null) return text;
  internals.parts.mime;
  const value = internals.mime.trim(toByteString(text, `${where}: the value`));
  if (RegExpPrototypeExec(/[\0\n\r]/, value) !== null) {
    throw new TypeError(`${where}: the value of a header has no line end and no U+0000`);
  }
  return value;
};

// ---- Lists

const requireMutable = ({ guard }) => {
  if (guard === 'immutable') throw new TypeError('These headers cannot be changed: make new Headers of them');
};

class HeaderList {
  // `text` has the headers as lines of names and values, each ended by a line feed; it is read when somebody looks.
  constructor(guard = 'none', text = undefined) {
    this.guard = guard; // none, request, request-no-cors, response, immutable
    this.text = text;
    this.read = text === undefined ? list() : undefined;
    this.sorted = undefined; // the pairs, until something changes
  }

  // name, value, name, value …
  get items() { return this.read ??= readLines(this.text); }

  // Undefined where there is none.
  get(name) {
    const { items } = this;
    let value;
    for (let i = 0; i < items.length; i += 2) {
      if (items[i] === name) value = value === undefined ? items[i + 1] : `${value}, ${items[i + 1]}`;
    }
    return value;
  }

  has(name) {
    const { items } = this;
    for (let i = 0; i < items.length; i += 2) if (items[i] === name) return true;
    return false;
  }

  add(name, value) {
    const { items } = this;
    items[items.length] = name;
    items[items.length] = value;
    this.sorted = undefined;
  }

  // Without `value` it only removes.
  set(name, value) {
    const { items } = this;
    let kept = 0;
    let isSet = value === undefined;
    for (let i = 0; i < items.length; i += 2) {
      const isNamed = items[i] === name;
      if (isNamed && isSet) continue;
      items[kept++] = items[i];
      items[kept++] = isNamed ? value : items[i + 1];
      isSet = isSet || isNamed;
    }
    items.length = kept;
    this.sorted = undefined;
    if (!isSet) this.add(name, value);
  }

  copy(guard) {
    const { items } = this;
    const copied = new HeaderList(guard);
    for (let i = 0; i < items.length; i++) copied.items[i] = items[i];
    return copied;
  }

  // Name, value, name, value … as scripts see them.
  pairs() { return this.sorted ??= sortAndCombine(this.items); }
}
ObjectSetPrototypeOf(HeaderList.prototype, null);

const readLines = (text) => {
  const items = list();
  let start = 0;
  for (;;) {
    const end = StringPrototypeIndexOf(text, '\n', start);
    if (end < 0) return items;
    items[items.length] = StringPrototypeSlice(text, start, end);
    start = end + 1;
  }
};

const sortAndCombine = (items) => {
  const entries = list();
  for (let i = 0; i < items.length; i += 2) {
    entries[entries.length] = { __proto__: null, name: items[i], value: items[i + 1] };
  }
  ArrayPrototypeSort(entries, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const pairs = list();
  for (let i = 0; i < entries.length; i++) {
    const { name, value } = entries[i];
    const last = pairs.length - 2;
    if (last >= 0 && pairs[last] === name && name !== 'set-cookie') pairs[last + 1] += `, ${value}`;
    else {
      pairs[last + 2] = name;
      pairs[last + 3] = value;
    }
  }
  return pairs;
};

// ---- What the methods do after their conversions

const append = (headers, nameText, valueText, where) => {
  const name = toName(nameText, where);
  const value = toValue(valueText, where);
  requireMutable(headers);
  if (headers.guard === 'request-no-cors' && !admits(headers, name, value)) return;
  headers.add(name, value);
};

// A request that is not CORS has few headers.
const safeNames = {
  __proto__: null, accept: true, 'accept-language': true, 'content-language': true, 'content-type': true,
};
const safeTypes = {
  __proto__: null, 'application/x-www-form-urlencoded': true, 'multipart/form-data': true, 'text/plain': true,
};

const isSafe = (name, value) => {
  if (!safeNames[name] || value.length > 128) return false;
  if (name === 'accept-language' || name === 'content-language') {
    return RegExpPrototypeExec(/[^-0-9A-Za-z *,.;=]/, value) === null;
  }
  if (RegExpPrototypeExec(/[\0-\x08\x0A-\x1F"():<>?@[\\\]{}\x7F]/, value) !== null) return false;
  if (name === 'accept') return true;
  internals.parts.mime;
  return !!safeTypes[internals.mime.parse(value)?.essence];
};

// Whether the header may be added to those of its name.
const admits = (headers, name, value) => {
  const old = headers.get(name);
  return isSafe(name, old === undefined ? value : `${old}, ${value}`);
};

// ---- Conversions

const toPair = (value, where) => {
  const pair = toSequence(value, toByteString, where);
  if (pair.length !== 2) throw new TypeError(`${where} is not a pair of a name and a value`);
  return pair;
};

// HeadersInit: a list of name, value, name, value …
const toHeadersInit = (init, where) => {
  const method = toObject(init, where)[SymbolIterator];
  if (method === entries && isHeaders(init)) return listOf(init).pairs();
  const items = list();
  if (method !== undefined && method !== null) {
    const pairs = toSequence(init, toPair, where, method);
    for (let i = 0; i < pairs.length; i++) {
      items[items.length] = pairs[i][0];
      items[items.length] = pairs[i][1];
    }
    return items;
  }
  const keys = ReflectOwnKeys(init);
  for (let i = 0; i < keys.length; i++) {
    if (!ObjectPrototypePropertyIsEnumerable(init, keys[i])) continue;
    const name = toByteString(keys[i], where);
    items[items.length] = name;
    items[items.length] = toByteText(init[keys[i]], where);
  }
  return items;
};

const fill = (headers, items, where) => {
  for (let i = 0; i < items.length; i += 2) append(headers, items[i], items[i + 1], where);
};

// ---- Interface

let isHeaders;
let listOf;
let wrap;

class Headers {
  #list = new HeaderList();

  static {
    isHeaders = (value) => isObject(value) && #list in value;
    listOf = (headers) => headers.#list;
    wrap = (headerList) => {
      const headers = new Headers();
      headers.#list = headerList;
      return headers;
    };
  }

  constructor(init = undefined) {
    const where = 'Headers: argument 1';
    if (init !== undefined) fill(this.#list, toHeadersInit(init, where), where);
  }

  append(name, value) {
    const headers = this.#list;
    requireArguments(arguments.length, 2, 'Headers.append');
    const nameText = toByteText(name, 'Headers.append: argument 1');
    append(headers, nameText, toByteText(value, 'Headers.append: argument 2'), 'Headers.append');
  }

  delete(name) {
    const headers = this.#list;
    requireArguments(arguments.length, 1, 'Headers.delete');
    const key = toName(toByteText(name, 'Headers.delete: argument 1'), 'Headers.delete');
    requireMutable(headers);
    if (headers.guard === 'request-no-cors' && !safeNames[key]) return;
    headers.set(key, undefined);
  }

  get(name) {
    const headers = this.#list;
    requireArguments(arguments.length, 1, 'Headers.get');
    return headers.get(toName(toByteText(name, 'Headers.get: argument 1'), 'Headers.get')) ?? null;
  }

  getSetCookie() {
    const { items } = this.#list;
    const values = [];
    for (let i = 0; i < items.length; i += 2) {
      if (items[i] === 'set-cookie') define(values, values.length, items[i + 1]);
    }
    return values;
  }

  has(name) {
    const headers = this.#list;
    requireArguments(arguments.length, 1, 'Headers.has');
    return headers.has(toName(toByteText(name, 'Headers.has: argument 1'), 'Headers.has'));
  }

  set(name, value) {
    const headers = this.#list;
    requireArguments(arguments.length, 2, 'Headers.set');
    const nameText = toByteText(name, 'Headers.set: argument 1');
    const valueText = toByteText(value, 'Headers.set: argument 2');
    const key = toName(nameText, 'Headers.set');
    const text = toValue(valueText, 'Headers.set');
    requireMutable(headers);
    if (headers.guard === 'request-no-cors' && !isSafe(key, text)) return;
    headers.set(key, text);
  }
}

defineIterable(Headers, (headers) => listOf(headers).pairs());
exposeInterface(Headers, { __proto__: null, has: isHeaders, iterable: 'entries' });
const { entries } = Headers.prototype;

internals.headers = { __proto__: null, fill, HeaderList, isSafe, listOf, toHeadersInit, wrap };
