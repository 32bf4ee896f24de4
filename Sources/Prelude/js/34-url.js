// SPDX-License-Identifier: Apache-2.0
'use strict';

// A URL is its href and where the parts of that end; getters cut them out. Parsing is the shim's (CShim/url.h).

const { StringPrototypeSlice, TypeError, Uint32Array } = primordials;
const { exposeInterface, list, requireArguments, toDOMString } = internals.webidl;

// The numbers of the parts (UrlPart).
const PROTOCOL = 0;
const USERNAME = 1;
const PASSWORD = 2;
const HOST = 3;
const HOSTNAME = 4;
const PORT = 5;
const PATHNAME = 6;
const SEARCH = 7;
const HASH = 8;

let ends; // of the parts of the href that was parsed last (UrlText::End)

const parse = (input, base) => {
  ends ??= new Uint32Array(9);
  if (base === undefined && input === internals.requestUrl?.href) {
    for (let i = 0; i < 9; i++) ends[i] = internals.requestUrl.ends[i];
    return input;
  }
  return host.urlParse(input, base, ends);
};

const cut = (href, start, end) => (end > start ? StringPrototypeSlice(href, start, end) : '');
// A question mark or number sign alone is not shown.
const unlessLone = (href, start, end) => cut(href, end - start > 1 ? start : end, end);

const shorten = (text) => (text.length > 200 ? `${StringPrototypeSlice(text, 0, 200)}...` : text);

const invalid = (input, base) => {
  if (base === undefined) return new TypeError(`'${shorten(input)}' is not a URL`);
  if (!host.urlCanParse(base)) return new TypeError(`The base '${shorten(base)}' is not a URL`);
  return new TypeError(`'${shorten(input)}' is not a URL, nor with the base '${shorten(base)}'`);
};

const toText = (value, where) => (typeof value === 'string' ? value : toDOMString(value, where));
const toBase = (value, where) => (value === undefined ? undefined : toText(value, where));

let queryOf;
let setQuery;

class URL {
  #href;
  #protocolEnd;
  #usernameEnd;
  #passwordEnd;
  #hostStart;
  #hostEnd;
  #portEnd;
  #pathStart;
  #pathEnd;
  #queryEnd;
  #params;

  static {
    queryOf = (url) => cut(url.#href, url.#pathEnd + 1, url.#queryEnd);
    setQuery = (url, text) => URL.#set(url, SEARCH, text);
  }

  static #take(url, href) {
    url.#href = href;
    url.#protocolEnd = ends[0];
    url.#usernameEnd = ends[1];
    url.#passwordEnd = ends[2];
    url.#hostStart = ends[3];
    url.#hostEnd = ends[4];
    url.#portEnd = ends[5];
    url.#pathStart = ends[6];
    url.#pathEnd = ends[7];
    url.#queryEnd = ends[8];
  }

  static #set(url, part, text) {
    const href = host.urlSet(url.#href, part, text, ends ??= new Uint32Array(9));
    if (href !== undefined) URL.#take(url, href);
  }

  static #refill(url) {
    if (url.#params !== undefined) internals.refillSearchParams(url.#params, queryOf(url));
  }

  constructor(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL');
    const input = toText(url, 'URL: argument 1');
    const baseText = toBase(base, 'URL: argument 2');
    const href = parse(input, baseText);
    if (href === undefined) throw invalid(input, baseText);
    URL.#take(this, href);
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.parse');
    const input = toText(url, 'URL.parse: argument 1');
    const href = parse(input, toBase(base, 'URL.parse: argument 2'));
    return href === undefined ? null : new URL(href);
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.canParse');
    const input = toText(url, 'URL.canParse: argument 1');
    return host.urlCanParse(input, toBase(base, 'URL.canParse: argument 2'));
  }

  static createObjectURL(object) {
    requireArguments(arguments.length, 1, 'URL.createObjectURL');
    internals.parts.blob;
    return internals.blob.createUrl(object);
  }

  static revokeObjectURL(url) {
    requireArguments(arguments.length, 1, 'URL.revokeObjectURL');
    const href = parse(toText(url, 'URL.revokeObjectURL: argument 1'));
    if (href !== undefined) internals.blob?.revokeUrl(href);
  }

  get href() { return this.#href; }
  set href(value) {
    this.#href;
    const input = toText(value, 'URL.href');
    const href = parse(input);
    if (href === undefined) throw invalid(input);
    URL.#take(this, href);
    URL.#refill(this);
  }

  get origin() {
    const href = this.#href;
    const protocol = StringPrototypeSlice(href, 0, this.#protocolEnd);
    switch (protocol) {
      case 'http:': case 'https:': case 'ws:': case 'wss:': case 'ftp:':
        return `${protocol}//${StringPrototypeSlice(href, this.#hostStart, this.#portEnd)}`;
      case 'blob:': {
        const inner = parse(StringPrototypeSlice(href, this.#pathStart, this.#pathEnd));
        const scheme = inner === undefined ? '' : StringPrototypeSlice(inner, 0, ends[0]);
        if (scheme !== 'http:' && scheme !== 'https:') return 'null';
        return `${scheme}//${StringPrototypeSlice(inner, ends[3], ends[5])}`;
      }
      default:
        return 'null';
    }
  }

  get protocol() { return StringPrototypeSlice(this.#href, 0, this.#protocolEnd); }
  set protocol(value) {
    this.#href;
    URL.#set(this, PROTOCOL, toText(value, 'URL.protocol'));
  }

  get username() { return cut(this.#href, this.#protocolEnd + 2, this.#usernameEnd); }
  set username(value) {
    this.#href;
    URL.#set(this, USERNAME, toText(value, 'URL.username'));
  }

  get password() { return cut(this.#href, this.#usernameEnd + 1, this.#passwordEnd); }
  set password(value) {
    this.#href;
    URL.#set(this, PASSWORD, toText(value, 'URL.password'));
  }

  get host() { return StringPrototypeSlice(this.#href, this.#hostStart, this.#portEnd); }
  set host(value) {
    this.#href;
    URL.#set(this, HOST, toText(value, 'URL.host'));
  }

  get hostname() { return StringPrototypeSlice(this.#href, this.#hostStart, this.#hostEnd); }
  set hostname(value) {
    this.#href;
    URL.#set(this, HOSTNAME, toText(value, 'URL.hostname'));
  }

  get port() { return cut(this.#href, this.#hostEnd + 1, this.#portEnd); }
  set port(value) {
    this.#href;
    URL.#set(this, PORT, toText(value, 'URL.port'));
  }

  get pathname() { return StringPrototypeSlice(this.#href, this.#pathStart, this.#pathEnd); }
  set pathname(value) {
    this.#href;
    URL.#set(this, PATHNAME, toText(value, 'URL.pathname'));
  }

  get search() { return unlessLone(this.#href, this.#pathEnd, this.#queryEnd); }
  set search(value) {
    this.#href;
    URL.#set(this, SEARCH, toText(value, 'URL.search'));
    URL.#refill(this);
  }

  get searchParams() { return this.#params ??= internals.makeSearchParams(this); }

  get hash() { return unlessLone(this.#href, this.#queryEnd, this.#href.length); }
  set hash(value) {
    this.#href;
    URL.#set(this, HASH, toText(value, 'URL.hash'));
  }

  toString() { return this.#href; }
  toJSON() { return this.#href; }
}

exposeInterface(URL);

// ---- For patterns

// A part of what was parsed last, without its marks.
const partOf = (href, part) => {
  switch (part) {
    case PROTOCOL: return cut(href, 0, ends[0] - 1);
    case USERNAME: return cut(href, ends[0] + 2, ends[1]);
    case PASSWORD: return cut(href, ends[1] + 1, ends[2]);
    case HOSTNAME: return cut(href, ends[3], ends[4]);
    case PORT: return cut(href, ends[4] + 1, ends[5]);
    case SEARCH: return cut(href, ends[7] + 1, ends[8]);
    case HASH: return cut(href, ends[8] + 1, href.length);
    default: return cut(href, ends[6], ends[7]);
  }
};

// All but the host with its port, or undefined where the input is no URL.
const partsOf = (input, base) => {
  const href = parse(input, base);
  if (href === undefined) return undefined;
  const parts = list();
  for (let part = PROTOCOL; part <= HASH; part++) if (part !== HOST) parts[parts.length] = partOf(href, part);
  return parts;
};

// The part as it is after it was set, or undefined where it is refused.
const canonicalize = (href, part, text) => {
  const set = host.urlSet(href, part, text, ends ??= new Uint32Array(9));
  return set === undefined ? undefined : partOf(set, part);
};

// `queryOf` leaves the question mark out; `setQuery` leaves searchParams alone.
internals.urls = { __proto__: null, canonicalize, partsOf, queryOf, setQuery };
