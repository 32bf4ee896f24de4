// SPDX-License-Identifier: Apache-2.0
'use strict';

// URLPattern (WHATWG URL Pattern): a pattern for each part of a URL.

const {
  RegExpPrototypeExec, StringPrototypeEndsWith, StringPrototypeIncludes, StringPrototypeLastIndexOf,
  StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase,
} = primordials;
const { define, each, exposeInterface, isObject, list, toBoolean, toDictionary, toUSVString } = internals.webidl;
const { canonicalize, partsOf } = internals.urls;
const { compile, escapePattern, fail, ofHostname, ofPathname, plain, tokenize } = internals.patterns;

// In the order of the numbers of parts (34-url.js), which have a host with a port besides.
const names = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const numbers = [0, 1, 2, 4, 5, 6, 7, 8];
const PROTOCOL = 0;
const USERNAME = 1;
const PASSWORD = 2;
const HOSTNAME = 3;
const PORT = 4;
const PATHNAME = 5;
const SEARCH = 6;
const HASH = 7;
const hierarchy = [PROTOCOL, HOSTNAME, PORT, PATHNAME, SEARCH, HASH]; // from the least specific on
const defaultPorts = { __proto__: null, ftp: '21', file: '', http: '80', https: '443', ws: '80', wss: '443' };
const schemes = ['ftp', 'file', 'http', 'https', 'ws', 'wss'];

// ---- Canonical forms of the pieces of parts

const canonicalizeIn = (href, part) => (value) => (value === '' ? '' : canonicalize(href, numbers[part], value) ??
  fail(`'${value}' cannot be in a ${names[part]}`));

const special = 'https://d/';
const opaque = 'x://d/';
const encoders = list();
for (let i = 0; i < names.length; i++) encoders[i] = canonicalizeIn(special, i);
encoders[PROTOCOL] = (value) => (value === '' ? ''
  : partsOf(`${value}://d/`)?.[PROTOCOL] ?? fail(`'${value}' cannot be in a protocol`));
encoders[PORT] = canonicalizeIn(opaque, PORT);
const encodeOpaqueHostname = canonicalizeIn(opaque, HOSTNAME);
encoders[HOSTNAME] = (value) => (StringPrototypeIncludes(value, '\\') ? fail(`'${value}' cannot be in a hostname`)
  : canonicalizeIn(special, HOSTNAME)(value));
const encodeOpaquePathname = (value) => (value === '' ? '' : canonicalize('x:y', 9, value));

encoders[PATHNAME] = (value) => {
  if (value === '' || value[0] === '/') return value === '' ? '' : canonicalize(special, 6, value);
  return StringPrototypeSlice(canonicalize(special, 6, `/-${value}`), 2);
};

const encodeIPv6 = (value) => {
  if (RegExpPrototypeExec(/[^\da-f:[\]]/i, value) !== null) fail(`'${value}' cannot be in an IPv6 address`);
  return StringPrototypeToLowerCase(value);
};

const isSpecialScheme = (component) => {
  for (let i = 0; i < schemes.length; i++) {
    if (RegExpPrototypeExec(component.regexp, schemes[i]) !== null) return true;
  }
  return false;
};

// ---- Constructor strings

const parseConstructorString = (input) => {
  const tokens = tokenize(input, false);
  const result = { __proto__: null };
  let state = 'init';
  let index = 0;
  let start = 0; // of the component
  let depth = 0; // of groups
  let brackets = 0; // of an IPv6 address
  let isSpecial = false;

  const is = (at, value) => {
    const token = tokens[at < tokens.length ? at : tokens.length - 1];
    return token.value === value && (token.type === 'char' || token.type === 'escaped' || token.type === 'invalid');
  };
  const isSearch = () => {
    if (is(index, '?')) return true;
    if (tokens[index].value !== '?') return false;
    const previous = index > 0 ? tokens[index - 1].type : '';
    return previous !== ':' && previous !== '(' && previous !== '}' && previous !== '*';
  };
  const text = () => StringPrototypeSlice(input, tokens[start < tokens.length ? start : tokens.length - 1].index,
    tokens[index].index);
  const isIn = (states, which) => StringPrototypeIncludes(states, ` ${which} `);
  const change = (next, skip) => {
    if (state !== 'init') {
      if (state !== 'authority') result[state] = text();
      if (isIn(' protocol authority username password ', state) && isIn(' port pathname search hash ', next)) {
        result.hostname ??= '';
      }
      if (isIn(' protocol authority username password hostname port ', state) && isIn(' search hash ', next)) {
        result.pathname ??= isSpecial ? '/' : '';
      }
      if (state !== 'search' && next === 'hash') result.search ??= '';
    }
    state = next;
    index += skip;
    start = index;
  };
  const rewind = (next) => {
    state = next;
    index = start;
  };
  // True where the part ends here.
  const changeAtMark = () => {
    if (is(index, '/') && (state === 'hostname' || state === 'port')) change('pathname', 0);
    else if (state !== 'search' && state !== 'hash' && isSearch()) change('search', 1);
    else if (state !== 'hash' && is(index, '#')) change('hash', 1);
    else return false;
    return true;
  };

  while (index < tokens.length) {
    const { type } = tokens[index];
    if (type === 'end') {
      if (state === 'init') {
        index = start;
        if (is(index, '#')) change('hash', 1);
        else if (isSearch()) change('search', 1);
        else change('pathname', 0);
        continue;
      }
      if (state === 'authority') {
        rewind('hostname');
        continue;
      }
      change('done', 0);
      break;
    }
    if (type === '{') {
      depth++;
      index++;
      continue;
    }
    if (depth > 0) {
      if (type !== '}') {
        index++;
        continue;
      }
      depth--;
    }
    let hasChanged = true;
    switch (state) {
      case 'init':
        if (is(index, ':')) rewind('protocol');
        else hasChanged = false;
        break;
      case 'protocol':
        if (is(index, ':')) {
          isSpecial = isSpecialScheme(compile(text(), encoders[PROTOCOL]));
          const hasSlashes = is(index + 1, '/') && is(index + 2, '/');
          change(hasSlashes || isSpecial ? 'authority' : 'pathname', hasSlashes ? 3 : 1);
        } else {
          hasChanged = false;
        }
        break;
      case 'authority':
        if (is(index, '@')) rewind('username');
        else if (is(index, '/') || isSearch() || is(index, '#')) rewind('hostname');
        else hasChanged = false;
        break;
      case 'username':
      case 'password':
        if (state === 'username' && is(index, ':')) change('password', 1);
        else if (is(index, '@')) change('hostname', 1);
        else hasChanged = false;
        break;
      case 'hostname':
        hasChanged = false;
        if (is(index, '[')) brackets++;
        else if (is(index, ']')) brackets--;
        else if (is(index, ':') && brackets === 0) {
          change('port', 1);
          hasChanged = true;
        } else {
          hasChanged = changeAtMark();
        }
        break;
      default:
        hasChanged = changeAtMark();
    }
    if (!hasChanged) index++;
  }
  if (result.hostname !== undefined) result.port ??= '';
  return result;
};

// ---- Dictionaries

const strip = (value, part) => {
  if (part === PROTOCOL) return StringPrototypeEndsWith(value, ':') ? StringPrototypeSlice(value, 0, -1) : value;
  const mark = part === SEARCH ? '?' : part === HASH ? '#' : undefined;
  return mark !== undefined && StringPrototypeStartsWith(value, mark) ? StringPrototypeSlice(value, 1) : value;
};

const isAbsolute = (pathname, isPattern) => StringPrototypeStartsWith(pathname, '/') || (isPattern &&
  (StringPrototypeStartsWith(pathname, '\\/') || StringPrototypeStartsWith(pathname, '{/')));

const canonicalValue = (value, part, protocol) => {
  const isOpaque = protocol !== '' && defaultPorts[protocol] === undefined;
  if (part === PORT && !isOpaque && protocol !== '' && protocol !== 'file') {
    return value === '' ? '' : canonicalize(`${protocol}://d/`, 5, value) ?? fail(`'${value}' is no port`);
  }
  if (part === PATHNAME && isOpaque) return encodeOpaquePathname(value);
  if (part === HOSTNAME && isOpaque) return encodeOpaqueHostname(value);
  return encoders[part](value);
};

// Fills `result` with what `init` and its base URL give.
const processInit = (init, isPattern, result) => {
  let base;
  if (init.baseURL !== undefined) {
    base = partsOf(init.baseURL) ?? fail(`the base '${init.baseURL}' is not a URL`);
    const inherit = (part) => {
      result[names[part]] = isPattern && part !== PORT ? escapePattern(base[part]) : base[part];
    };
    for (let i = 0; i < hierarchy.length && init[names[hierarchy[i]]] === undefined; i++) {
      inherit(hierarchy[i]);
      if (hierarchy[i] === PORT && !isPattern && init.username === undefined) {
        inherit(USERNAME);
        if (init.password === undefined) inherit(PASSWORD);
      }
    }
  }
  for (let part = 0; part < names.length; part++) {
    const name = names[part];
    let value = init[name];
    if (value === undefined) continue;
    if (part === PATHNAME && base !== undefined && StringPrototypeStartsWith(base[PATHNAME], '/') &&
      !isAbsolute(value, isPattern)) {
      const path = isPattern ? escapePattern(base[PATHNAME]) : base[PATHNAME];
      value = StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/') + 1) + value;
    }
    value = strip(value, part);
    result[name] = isPattern ? value : canonicalValue(value, part, result.protocol);
  }
  return result;
};

const isIPv6Pattern = (hostname) =>
  RegExpPrototypeExec(/^(?:\[|[{\\]\[)/, hostname) !== null && hostname.length > 1;

const compileAll = (init, ignoreCase) => {
  const values = processInit(init, true, { __proto__: null });
  for (let i = 0; i < names.length; i++) values[names[i]] ??= '*';
  const port = RegExpPrototypeExec(/^\d+(?= *$)/, values.port);
  if (port !== null && port[0] === defaultPorts[values.protocol]) values.port = '';
  const components = list();
  for (let i = 0; i < names.length; i++) {
    const value = values[names[i]];
    const isOpaque = i > PROTOCOL && !isSpecialScheme(components[PROTOCOL]);
    if (i === HOSTNAME) {
      const encode = isIPv6Pattern(value) ? encodeIPv6 : isOpaque ? encodeOpaqueHostname : encoders[i];
      components[i] = compile(value, encode, ofHostname);
    } else if (i === PATHNAME) {
      components[i] = isOpaque ? compile(value, encodeOpaquePathname, plain, ignoreCase)
        : compile(value, encoders[i], ofPathname, ignoreCase);
    } else {
      components[i] = compile(value, encoders[i], plain, ignoreCase && i > PATHNAME);
    }
  }
  return components;
};

// ---- Interface

const members = list();
each(['baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username'], (name) => {
  members[members.length] = [name, toUSVString];
});
const optionMembers = [['ignoreCase', toBoolean, false]];

// A string or a dictionary.
const toInput = (value, where) => (value === undefined || value === null || isObject(value)
  ? toDictionary(value, members, where) : toUSVString(value, where));

const toResult = (dictionary) => {
  const result = {};
  for (let i = 0; i < members.length; i++) {
    const name = members[i][0];
    if (dictionary[name] !== undefined) define(result, name, dictionary[name]);
  }
  return result;
};

// The values of all parts, or undefined where the input is no URL.
const valuesOf = (input, base) => {
  if (typeof input === 'string') return partsOf(input, base);
  if (base !== undefined) fail('a dictionary has its base URL as its baseURL');
  const result = { __proto__: null };
  for (let i = 0; i < names.length; i++) result[names[i]] = '';
  try {
    processInit(input, false, result);
  } catch {
    return undefined;
  }
  const values = list();
  for (let i = 0; i < names.length; i++) values[i] = result[names[i]];
  return values;
};

// The matches of all parts, or null.
const match = (components, values) => {
  if (values === undefined) return null;
  const matches = list();
  for (let i = 0; i < names.length; i++) {
    matches[i] = RegExpPrototypeExec(components[i].regexp, values[i]);
    if (matches[i] === null) return null;
  }
  return matches;
};

const toBase = (value, where) => (value === undefined ? undefined : toUSVString(value, where));

class URLPattern {
  #components;

  constructor(input = undefined, baseURL = undefined, options = undefined) {
    if (arguments.length < 3 && (baseURL === undefined || baseURL === null || isObject(baseURL))) {
      options = baseURL;
      baseURL = undefined;
    } else {
      baseURL = toUSVString(baseURL, 'URLPattern: argument 2');
    }
    let init = toInput(input, 'URLPattern: argument 1');
    const { ignoreCase } = toDictionary(options, optionMembers, 'URLPattern: the options');
    if (typeof init === 'string') {
      const text = init;
      init = parseConstructorString(text);
      if (baseURL !== undefined) init.baseURL = baseURL;
      else if (init.protocol === undefined) fail(`'${text}' needs a base URL`);
    } else if (baseURL !== undefined) {
      fail('a dictionary has its base URL as its baseURL');
    }
    this.#components = compileAll(init, ignoreCase);
  }

  test(input = undefined, baseURL = undefined) {
    const components = this.#components;
    const init = toInput(input, 'URLPattern.test: argument 1');
    return match(components, valuesOf(init, toBase(baseURL, 'URLPattern.test: argument 2'))) !== null;
  }

  exec(input = undefined, baseURL = undefined) {
    const components = this.#components;
    const init = toInput(input, 'URLPattern.exec: argument 1');
    const base = toBase(baseURL, 'URLPattern.exec: argument 2');
    const values = valuesOf(init, base);
    const matches = match(components, values);
    if (matches === null) return null;
    const first = typeof init === 'string' ? init : toResult(init);
    const result = { inputs: base === undefined ? [first] : [first, base] };
    for (let i = 0; i < names.length; i++) {
      const groups = {};
      const { names: groupNames } = components[i];
      for (let j = 0; j < groupNames.length; j++) define(groups, groupNames[j], matches[i][j + 1]);
      define(result, names[i], { input: values[i], groups });
    }
    return result;
  }

  get protocol() { return this.#components[PROTOCOL].pattern; }
  get username() { return this.#components[USERNAME].pattern; }
  get password() { return this.#components[PASSWORD].pattern; }
  get hostname() { return this.#components[HOSTNAME].pattern; }
  get port() { return this.#components[PORT].pattern; }
  get pathname() { return this.#components[PATHNAME].pattern; }
  get search() { return this.#components[SEARCH].pattern; }
  get hash() { return this.#components[HASH].pattern; }

  get hasRegExpGroups() {
    for (let i = 0; i < names.length; i++) if (this.#components[i].hasRegExpGroups) return true;
    return false;
  }
}

exposeInterface(URLPattern);
