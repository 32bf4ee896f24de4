// SPDX-License-Identifier: Apache-2.0
'use strict';

const {
  ArrayPrototypeSort, StringPrototypeCharCodeAt, StringPrototypeSlice, SymbolIterator, TypeError,
} = primordials;
const {
  define, defineIterable, exposeInterface, isObject, list, requireArguments, toRecord, toSequence, toUSVString,
} = internals.webidl;
const { queryOf, setQuery } = internals.urls;

// ---- application/x-www-form-urlencoded. Pairs are a list of name, value, name, value …

const piece = (text, start, end, isEncoded) => {
  const slice = StringPrototypeSlice(text, start, end);
  return isEncoded ? host.formDecode(slice) : slice;
};

const parse = (text) => {
  const pairs = list();
  const { length } = text;
  let start = 0;
  let equals = -1;
  let isNameEncoded = false;
  let isValueEncoded = false;
  for (let i = 0; i <= length; i++) {
    const unit = i < length ? StringPrototypeCharCodeAt(text, i) : 0x26;
    if (unit === 0x26) { // &
      if (i > start) {
        pairs[pairs.length] = piece(text, start, equals < 0 ? i : equals, isNameEncoded);
        pairs[pairs.length] = equals < 0 ? '' : piece(text, equals + 1, i, isValueEncoded);
      }
      start = i + 1;
      equals = -1;
      isNameEncoded = isValueEncoded = false;
    } else if (unit === 0x3D && equals < 0) { // =
      equals = i;
    } else if (unit === 0x25 || unit === 0x2B) { // % +
      if (equals < 0) isNameEncoded = true;
      else isValueEncoded = true;
    }
  }
  return pairs;
};

const encode = (text) => {
  for (let i = 0; i < text.length; i++) {
    const unit = StringPrototypeCharCodeAt(text, i);
    // a-z A-Z 0-9 - . * _
    const isPlain = (unit >= 0x61 && unit <= 0x7A) || (unit >= 0x41 && unit <= 0x5A) || (unit >= 0x30 && unit <= 0x39)
      || unit === 0x2D || unit === 0x2E || unit === 0x2A || unit === 0x5F;
    if (!isPlain) return host.formEncode(text);
  }
  return text;
};

const serialize = (pairs) => {
  let text = '';
  for (let i = 0; i < pairs.length; i += 2) {
    text += `${i === 0 ? '' : '&'}${encode(pairs[i])}=${encode(pairs[i + 1])}`;
  }
  return text;
};

// ---- Conversions

const toStrings = (value, where) => {
  const strings = toSequence(value, toUSVString, where);
  if (strings.length !== 2) throw new TypeError(`${where} is not a pair of a name and a value`);
  return strings;
};

const toPairs = (init) => {
  const where = 'URLSearchParams: argument 1';
  if (!isObject(init)) {
    const text = toUSVString(init, where);
    return parse(StringPrototypeCharCodeAt(text, 0) === 0x3F ? StringPrototypeSlice(text, 1) : text);
  }
  const method = init[SymbolIterator];
  const entries = method === undefined || method === null ? toRecord(init, toUSVString, toUSVString, where)
    : toSequence(init, toStrings, where, method);
  const pairs = list();
  for (let i = 0; i < entries.length; i++) {
    pairs[pairs.length] = entries[i][0];
    pairs[pairs.length] = entries[i][1];
  }
  return pairs;
};

const toName = (value, method) => toUSVString(value, `URLSearchParams.${method}: argument 1`);
const toValue = (value, method) => toUSVString(value, `URLSearchParams.${method}: argument 2`);

// ---- Interface

let isParams;
let pairsOf;

class URLSearchParams {
  #pairs;
  #url; // whose query it is

  static {
    isParams = (value) => isObject(value) && #pairs in value;
    pairsOf = (params) => params.#pairs;

    internals.makeSearchParams = (url) => {
      const params = new URLSearchParams();
      params.#pairs = parse(queryOf(url));
      params.#url = url;
      return params;
    };

    internals.refillSearchParams = (params, query) => { params.#pairs = parse(query); };
  }

  static #update(params) {
    if (params.#url !== undefined) setQuery(params.#url, serialize(params.#pairs));
  }

  constructor(init = '') { this.#pairs = toPairs(init); }

  get size() { return this.#pairs.length / 2; }

  append(name, value) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    const key = toName(name, 'append');
    const text = toValue(value, 'append');
    pairs[pairs.length] = key;
    pairs[pairs.length] = text;
    URLSearchParams.#update(this);
  }

  delete(name, value = undefined) {
    this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    const key = toName(name, 'delete');
    const text = value === undefined ? undefined : toValue(value, 'delete');
    const pairs = this.#pairs;
    const kept = list();
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === key && (text === undefined || pairs[i + 1] === text)) continue;
      kept[kept.length] = pairs[i];
      kept[kept.length] = pairs[i + 1];
    }
    this.#pairs = kept;
    URLSearchParams.#update(this);
  }

  get(name) {
    this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    const key = toName(name, 'get');
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) return pairs[i + 1];
    return null;
  }

  getAll(name) {
    this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    const key = toName(name, 'getAll');
    const pairs = this.#pairs;
    const values = [];
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === key) define(values, values.length, pairs[i + 1]);
    return values;
  }

  has(name, value = undefined) {
    this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    const key = toName(name, 'has');
    const text = value === undefined ? undefined : toValue(value, 'has');
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === key && (text === undefined || pairs[i + 1] === text)) return true;
    }
    return false;
  }

  set(name, value) {
    this.#pairs;
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    const key = toName(name, 'set');
    const text = toValue(value, 'set');
    const pairs = this.#pairs;
    const kept = list();
    let isSet = false;
    for (let i = 0; i < pairs.length; i += 2) {
      const isNamed = pairs[i] === key;
      if (isNamed && isSet) continue;
      isSet = isSet || isNamed;
      kept[kept.length] = pairs[i];
      kept[kept.length] = isNamed ? text : pairs[i + 1];
    }
    if (!isSet) {
      kept[kept.length] = key;
      kept[kept.length] = text;
    }
    this.#pairs = kept;
    URLSearchParams.#update(this);
  }

  sort() {
    const pairs = this.#pairs;
    const entries = list();
    for (let i = 0; i < pairs.length; i += 2) {
      entries[entries.length] = { __proto__: null, name: pairs[i], value: pairs[i + 1] };
    }
    ArrayPrototypeSort(entries, (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const sorted = list();
    for (let i = 0; i < entries.length; i++) {
      sorted[sorted.length] = entries[i].name;
      sorted[sorted.length] = entries[i].value;
    }
    this.#pairs = sorted;
    URLSearchParams.#update(this);
  }

  toString() { return serialize(this.#pairs); }
}

internals.searchParams = { __proto__: null, isParams, pairsOf, parse, serialize };

defineIterable(URLSearchParams, (params) => pairsOf(params));
exposeInterface(URLSearchParams, { __proto__: null, iterable: 'entries' });
