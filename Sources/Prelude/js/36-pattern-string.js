// SPDX-License-Identifier: Apache-2.0
'use strict';

// The strings of URL patterns (WHATWG URL Pattern): they are made of tokens, these of parts, and the parts of a regular
// expression and of the pattern in its canonical form.

const {
  RegExp, RegExpPrototypeExec, String, StringPrototypeCodePointAt, StringPrototypeEndsWith, StringPrototypeSlice,
  TypeError,
} = primordials;
const { list } = internals.webidl;
internals.parts.url; // comes first

const fail = (message) => { throw new TypeError(`URLPattern: ${message}`); };

// ---- Tokens: { type, index, value }. Types: one of '{}*:(' or 'char', 'escaped', 'modifier', 'end', 'invalid'

const nameStart = /[$_\p{ID_Start}]/u;
const namePart = /[$\u200C\u200D\p{ID_Continue}]/u;

const pointAt = (text, index) => {
  const size = StringPrototypeCodePointAt(text, index) > 0xFFFF ? 2 : 1;
  return StringPrototypeSlice(text, index, index + size);
};

const isNamePart = (text) => text !== '' && RegExpPrototypeExec(namePart, pointAt(text, 0)) !== null;

// Where the regular expression that begins at `start` ends, behind its bracket; -1: it is none.
const regexpEnd = (input, start) => {
  let depth = 1;
  for (let i = start; i < input.length; i++) {
    const c = input[i];
    if (c > '\x7F' || (i === start && c === '?')) return -1;
    if (c === '\\') {
      if (++i === input.length || input[i] > '\x7F') return -1;
    } else if (c === ')') {
      if (--depth === 0) return i === start ? -1 : i + 1;
    } else if (c === '(') {
      depth++;
      if (i + 1 === input.length || input[i + 1] !== '?') return -1;
    }
  }
  return -1;
};

const tokenize = (input, isStrict) => {
  const tokens = list();
  let index = 0;
  const add = (type, next, start, end) => {
    tokens[tokens.length] = { __proto__: null, type, index, value: StringPrototypeSlice(input, start, end) };
    index = next;
  };
  const refuse = (next, start) => {
    if (isStrict) fail(`'${input}' is malformed at index ${index}`);
    add('invalid', next, start, next);
  };
  while (index < input.length) {
    const c = pointAt(input, index);
    const next = index + c.length;
    switch (c) {
      case '*': case '{': case '}':
        add(c, next, index, next);
        break;
      case '+': case '?':
        add('modifier', next, index, next);
        break;
      case '\\':
        if (next === input.length) {
          refuse(next, index);
        } else {
          const end = next + pointAt(input, next).length;
          add('escaped', end, next, end);
        }
        break;
      case ':': {
        let end = next;
        while (end < input.length) {
          const point = pointAt(input, end);
          if (RegExpPrototypeExec(end === next ? nameStart : namePart, point) === null) break;
          end += point.length;
        }
        if (end === next) refuse(next, index);
        else add(':', end, next, end);
        break;
      }
      case '(': {
        const end = regexpEnd(input, next);
        if (end < 0) refuse(next, index);
        else add('(', end, next, end - 1);
        break;
      }
      default:
        add('char', next, index, next);
    }
  }
  add('end', index, index, index);
  return tokens;
};

// ---- Parts: { type, value, modifier, name, prefix, suffix }. Types: 'text', 'regexp', 'segment', 'full'

// Set notation needs the flag v, which V8 10.2 lacks; without it, it would mean something else.
const refuseSets = (regexp) => {
  let isInClass = false;
  for (let i = 0; i < regexp.length; i++) {
    const c = regexp[i];
    if (c === '\\') i++;
    else if (!isInClass) isInClass = c === '[';
    else if (c === ']') isInClass = false;
    else if (c === '[' || ((c === '-' || c === '&') && i + 1 < regexp.length && regexp[i + 1] === c)) {
      fail(`'${regexp}' has classes in classes, which are not supported`);
    }
  }
};

const escapeWith = (pattern) => (text) => {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    result += RegExpPrototypeExec(pattern, text[i]) === null ? text[i] : `\\${text[i]}`;
  }
  return result;
};
const escapeRegExp = escapeWith(/[.+*?^${}()[\]|/\\]/);
const escapePattern = escapeWith(/[+*?:{}()\\]/);

const parse = (input, encode, { delimiter, prefix: prefixPoint }) => {
  const tokens = tokenize(input, true);
  const parts = list();
  const segment = `[^${escapeRegExp(delimiter)}]+?`;
  const seen = { __proto__: null };
  let index = 0;
  let pending = '';
  let nextNumber = 0;

  const take = (type) => (tokens[index].type === type ? tokens[index++] : undefined);
  const takeText = () => {
    let text = '';
    for (let token; (token = take('char') ?? take('escaped')) !== undefined;) text += token.value;
    return text;
  };
  const require = (type) => take(type) ?? fail(`'${input}' is malformed at index ${tokens[index].index}`);
  const push = (type, value, modifier, name = '', prefix = '', suffix = '') => {
    parts[parts.length] = { __proto__: null, type, value, modifier, name, prefix, suffix };
  };
  const flush = () => {
    if (pending !== '') push('text', encode(pending), '');
    pending = '';
  };
  const add = (prefix, nameToken, matchToken, suffix) => {
    const modifier = (take('modifier') ?? take('*'))?.value ?? '';
    if (nameToken === undefined && matchToken === undefined) {
      if (modifier === '') {
        pending += prefix;
        return;
      }
      flush();
      if (prefix !== '') push('text', encode(prefix), modifier);
      return;
    }
    flush();
    let value = matchToken === undefined ? segment : matchToken.type === '*' ? '.*' : matchToken.value;
    const type = value === segment ? 'segment' : value === '.*' ? 'full' : 'regexp';
    if (type === 'regexp') refuseSets(value);
    else value = '';
    const name = nameToken === undefined ? String(nextNumber++) : nameToken.value;
    if (seen[name]) fail(`the name '${name}' is there twice in '${input}'`);
    seen[name] = true;
    push(type, value, modifier, name, encode(prefix), encode(suffix));
  };

  while (index < tokens.length) {
    const charToken = take('char');
    let nameToken = take(':');
    let matchToken = take('(') ?? (nameToken === undefined ? take('*') : undefined);
    if (nameToken !== undefined || matchToken !== undefined) {
      let prefix = charToken?.value ?? '';
      if (prefix !== prefixPoint) {
        pending += prefix;
        prefix = '';
      }
      flush();
      add(prefix, nameToken, matchToken, '');
      continue;
    }
    const textToken = charToken ?? take('escaped');
    if (textToken !== undefined) {
      pending += textToken.value;
    } else if (take('{') !== undefined) {
      const prefix = takeText();
      nameToken = take(':');
      matchToken = take('(') ?? (nameToken === undefined ? take('*') : undefined);
      const suffix = takeText();
      require('}');
      add(prefix, nameToken, matchToken, suffix);
    } else {
      flush();
      require('end');
    }
  }
  return parts;
};

const regexpOf = (parts, delimiter) => {
  let result = '^';
  for (let i = 0; i < parts.length; i++) {
    const { type, modifier } = parts[i];
    if (type === 'text') {
      const text = escapeRegExp(parts[i].value);
      result += modifier === '' ? text : `(?:${text})${modifier}`;
      continue;
    }
    const value = type === 'segment' ? `[^${escapeRegExp(delimiter)}]+?` : type === 'full' ? '.*' : parts[i].value;
    const prefix = escapeRegExp(parts[i].prefix);
    const suffix = escapeRegExp(parts[i].suffix);
    const repeats = modifier === '*' || modifier === '+';
    if (prefix === '' && suffix === '') {
      result += repeats ? `((?:${value})${modifier})` : `(${value})${modifier}`;
    } else if (!repeats) {
      result += `(?:${prefix}(${value})${suffix})${modifier}`;
    } else {
      result += `(?:${prefix}((?:${value})(?:${suffix}${prefix}(?:${value}))*)${suffix})${modifier === '*' ? '?' : ''}`;
    }
  }
  return `${result}$`;
};

const isNumbered = (part) => part.name[0] >= '0' && part.name[0] <= '9';

const patternOf = (parts, { delimiter, prefix: prefixPoint }) => {
  let result = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const { type, modifier, name, prefix, suffix } = part;
    const previous = i > 0 ? parts[i - 1] : undefined;
    const next = i + 1 < parts.length ? parts[i + 1] : undefined;
    if (type === 'text') {
      const text = escapePattern(part.value);
      result += modifier === '' ? text : `{${text}}${modifier}`;
      continue;
    }
    const isNamed = !isNumbered(part);
    let isGrouped = suffix !== '' || (prefix !== '' && prefix !== prefixPoint);
    if (!isGrouped && isNamed && type === 'segment' && modifier === '' && next !== undefined &&
      next.prefix === '' && next.suffix === '') {
      isGrouped = next.type === 'text' ? isNamePart(next.value) : isNumbered(next);
    }
    if (!isGrouped && prefix === '' && previous !== undefined && previous.type === 'text' && prefixPoint !== '') {
      isGrouped = StringPrototypeEndsWith(previous.value, prefixPoint);
    }
    if (isGrouped) result += '{';
    result += escapePattern(prefix);
    if (isNamed) result += `:${name}`;
    if (type === 'regexp') {
      result += `(${part.value})`;
    } else if (type === 'full') {
      const isStar = !isNamed && (previous === undefined || previous.type === 'text' || previous.modifier !== '' ||
        isGrouped || prefix !== '');
      result += isStar ? '*' : '(.*)';
    } else if (!isNamed) {
      result += `([^${escapeRegExp(delimiter)}]+?)`;
    } else if (isNamePart(suffix)) {
      result += '\\';
    }
    result += escapePattern(suffix);
    if (isGrouped) result += '}';
    result += modifier;
  }
  return result;
};

// ---- Components: { pattern, regexp, names, hasRegExpGroups }

const plain = { __proto__: null, delimiter: '', prefix: '' };
const ofHostname = { __proto__: null, delimiter: '.', prefix: '' };
const ofPathname = { __proto__: null, delimiter: '/', prefix: '/' };

const compile = (input, encode, options = plain, ignoreCase = false) => {
  const parts = parse(input, encode, options);
  let regexp;
  try {
    regexp = new RegExp(regexpOf(parts, options.delimiter), ignoreCase ? 'ui' : 'u');
  } catch {
    fail(`'${input}' has no valid regular expression`);
  }
  const groups = list();
  let hasRegExpGroups = false;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].type === 'text') continue;
    groups[groups.length] = parts[i].name;
    hasRegExpGroups ||= parts[i].type === 'regexp';
  }
  return { __proto__: null, pattern: patternOf(parts, options), regexp, names: groups, hasRegExpGroups };
};

internals.patterns = { __proto__: null, compile, escapePattern, fail, ofHostname, ofPathname, plain, tokenize };
