// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; URL, URLSearchParams and URLPattern must neither notice nor call it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { iterator } = Symbol;
const { log } = console;
const { URL: Url, URLSearchParams: Params, URLPattern: Pattern } = globalThis;
const { canParse, parse } = Url;
const member = ({ prototype }, name) => {
  const { get, value } = getOwnPropertyDescriptor(prototype, name);
  return get ?? value;
};
const setter = (name) => getOwnPropertyDescriptor(Url.prototype, name).set;
const href = member(Url, 'href');
const origin = member(Url, 'origin');
const getters = ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'].map((name) => member(Url, name));
const searchParams = member(Url, 'searchParams');
const setters = ['href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'].map(setter);
const [append, remove, get, getAll, has, set, sort, text, entries, forEach, size] =
  ['append', 'delete', 'get', 'getAll', 'has', 'set', 'sort', 'toString', 'entries', 'forEach', 'size'].map((name) => member(Params, name));
const { next } = getPrototypeOf(new Params().entries());
const [test, exec, pathname, hasRegExpGroups] = ['test', 'exec', 'pathname', 'hasRegExpGroups'].map((name) => member(Pattern, name));

const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys(), new Params().keys()].map(getPrototypeOf);
const classes = [Array, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError, RangeError,
  Promise, Uint32Array, Uint8Array, ArrayBuffer, getPrototypeOf(Uint8Array), Url, Params, Pattern];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
holders.Iterator = getPrototypeOf(iterators[0]);
for (const name of ['Reflect', 'Math', 'JSON']) holders[name] = globalThis[name];
const names = ['0', '1', '2', '3', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'iterable', 'parent', 'name', 'type', 'index', 'input',
  'groups', 'modifier', 'prefix', 'suffix', 'pattern', 'regexp', 'names', 'hasRegExpGroups', 'delimiter', 'baseURL', 'hash', 'hostname', 'password',
  'pathname', 'port', 'protocol', 'search', 'username', 'ignoreCase', 'inputs', 'done', 'next', 'then', 'lastIndex', 'exec', 'flags', 'file', 'http', 'pairs'];

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
const trap = (holder, key, what, read) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(read, this, []);
  },
  set(value) {
    touch(`set ${what}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
for (const name of ownKeys(holders)) {
  for (const key of ownKeys(holders[name])) {
    const old = setPrototypeOf(getOwnPropertyDescriptor(holders[name], key), null);
    if (!old.configurable || key === '__proto__' || key === 'name' || key === 'length') continue;
    trap(holders[name], key, `${name}.${String(key)}`, old.get ?? (() => old.value));
  }
}
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'RegExp.prototype', 'String.prototype']) {
  for (let i = 0; i < names.length; i++) {
    const key = names[i];
    if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name}.${key}`, () => undefined);
  }
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
const evil = function () { touch('a tenant\'s parent'); };
for (const Class of [Url, Params, Pattern]) setPrototypeOf(Class, evil);
globalThis.globalThis = undefined;

const bag = (object) => setPrototypeOf(object, null);
let summary = '';
const watch = (what, work) => {
  watching = true;
  let result;
  try {
    result = work();
  } catch (error) {
    watching = false;
    result = `threw ${error}`;
  }
  watching = false;
  summary += `${what}: ${result}${touched === '' ? '' : ` TOUCHED ${touched}`}\n`;
  touched = '';
};
const thrown = (work) => {
  try {
    work();
  } catch {
    return 'threw';
  }
  return 'did not throw';
};
// Reads a list without the iterators of the language.
const join = (values) => {
  let result = '';
  for (let i = 0; i < values.length; i++) result += `${i === 0 ? '' : ' '}${values[i]}`;
  return result;
};

const url = new Url('https://u:p@example.com:81/a/b?c=d&e#f');
watch('parse', () => apply(href, new Url('../x y?\u00E9', 'http://b\u00FCcher.de/p/q'), []));
watch('static', () => `${apply(href, parse('x:y'), [])} ${parse('x')} ${canParse('x', 'y:/z')}`);
watch('refused', () => thrown(() => new Url('x')) + thrown(() => new Url('x', 'y')) + thrown(() => new Url()));
watch('getters', () => {
  let result = '';
  for (let i = 0; i < getters.length; i++) result += `${apply(getters[i], url, [])} `;
  return result + apply(origin, url, []) + apply(origin, new Url('blob:http://x/y'), []);
});
watch('setters', () => {
  const values = ['http://h/', 'https', 'a', 'b', 'i:5', 'j', '6', '/k', '?l=m', 'n'];
  const made = new Url('x:');
  for (let i = 0; i < setters.length; i++) apply(setters[i], made, bag([values[i]]));
  return apply(href, made, []);
});
watch('searchParams', () => {
  const params = apply(searchParams, url, []);
  apply(append, params, bag(['g', 'h i\u00E9']));
  apply(set, params, bag(['c', '2']));
  apply(remove, params, bag(['e']));
  apply(sort, params, []);
  return `${apply(href, url, [])} ${apply(get, params, bag(['g']))} ${apply(has, params, bag(['c', '2']))} ${apply(size, params, [])} ` +
    `${join(apply(getAll, params, bag(['g'])))}`;
});
watch('from a record', () => apply(text, new Params(bag({ a: '1', b: '\uD800' })), []));
watch('from a sequence', () => {
  const sequence = (...items) => bag({ [iterator]() {
    let index = 0;
    return bag({ next: () => bag({ done: index === items.length, value: index < items.length ? items[index++] : undefined }) });
  } });
  return apply(text, new Params(sequence(sequence('a', 'b'), sequence('c', 'd'))), []);
});
watch('iteration', () => {
  const params = new Params('a=1&b=%20');
  const steps = apply(entries, params, []);
  let result = '';
  for (let step; !(step = apply(next, steps, [])).done;) result += `${step.value[0]}=${step.value[1]} `;
  apply(forEach, params, [(value, key) => { result += `${key}:${value} `; }]);
  return result;
});
watch('pattern', () => {
  const pattern = new Pattern(bag({ pathname: '/:a(b|c)/{d}?*', baseURL: 'https://h' }), bag({ ignoreCase: true }));
  const result = apply(exec, pattern, ['https://h/B/d/e?f']);
  return `${apply(pathname, pattern, [])} ${result.pathname.groups.a} ${result.pathname.groups[0]} ${result.inputs[0]} ` +
    `${apply(test, pattern, [bag({ pathname: '/x' })])} ${apply(hasRegExpGroups, pattern, [])}`;
});
watch('constructor string', () => apply(pathname, new Pattern('http{s}?://{:s.}?h/:p?q#*'), []));
watch('pattern refused', () => thrown(() => new Pattern('(x')) + thrown(() => new Pattern(bag({ hostname: 'a b' }))));
log(summary);
