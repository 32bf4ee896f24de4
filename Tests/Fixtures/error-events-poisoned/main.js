// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; errors that nothing caught, and performance, must neither notice nor call it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { iterator } = Symbol;
const { log } = console;
const { performance, reportError: report, setTimeout: later, queueMicrotask: soon, navigator } = globalThis;
const { ErrorEvent: Failure, PromiseRejectionEvent: Rejection, Performance: Clock, PerformanceMark: Mark } = globalThis;
const { PerformanceObserver: Observer, PerformanceEntry: Entry, PerformanceMeasure: Measure, EventTarget: Target } = globalThis;
const member = ({ prototype }, name) => {
  const { get, value } = getOwnPropertyDescriptor(prototype, name);
  return get ?? value;
};
const listen = member(Target, 'addEventListener');
const cancel = member(globalThis.Event, 'preventDefault');
const message = member(Failure, 'message');
const errorOf = member(Failure, 'error');
const reasonOf = member(Rejection, 'reason');
const { set: onerror } = getOwnPropertyDescriptor(globalThis, 'onerror');
const [now, mark, measure, getEntries, getEntriesByName, clearMarks, toJSON] =
  ['now', 'mark', 'measure', 'getEntries', 'getEntriesByName', 'clearMarks', 'toJSON'].map((name) => member(Clock, name));
const nameOf = member(Entry, 'name');
const duration = member(Entry, 'duration');
const detail = member(Mark, 'detail');
const observe = member(Observer, 'observe');
const listed = member(PerformanceObserverEntryList, 'getEntries');
const { reject } = Promise;
const PromiseOf = Promise;
const agent = member(Navigator, 'userAgent');

const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys()].map(getPrototypeOf);
const classes = [Array, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError,
  RangeError, Promise, ArrayBuffer, DataView, Date, Uint8Array, getPrototypeOf(Uint8Array), DOMException, Failure, Rejection, globalThis.Event, Target, Clock, Mark, Observer, Entry, Measure, PerformanceObserverEntryList, Navigator];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
for (const name of ['Reflect', 'Math']) holders[name] = globalThis[name];
const names = ['0', '1', '2', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'then', 'handleEvent', 'message', 'filename', 'lineno', 'colno', 'error', 'reason', 'promise', 'cancelable', 'stack', 'start', 'end', 'duration', 'detail', 'startTime', 'buffered', 'entryTypes', 'type', 'object', 'waiting', 'observed'];

let watching = false;
let touched = '';
const touch = (what) => { if (watching) touched += `${what} `; };
const trap = (holder, key, what, get) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(get, this, []);
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
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'Error.prototype']) {
  for (let i = 0; i < names.length; i++) {
    const key = names[i];
    if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name}.${key}`, () => undefined);
  }
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
const evil = function () { touch('a tenant\'s parent'); };
for (const Class of [Failure, Rejection, Clock, Mark, Measure]) setPrototypeOf(Class, evil);
const global = globalThis;
global.globalThis = undefined;

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

let arrived = '';
apply(listen, undefined, ['error', (event) => {
  arrived += `${apply(message, event, [])} ${apply(errorOf, event, [])} `;
  apply(cancel, event, []);
}]);
apply(listen, undefined, ['unhandledrejection', (event) => {
  arrived += `rejected ${apply(reasonOf, event, [])} `;
  apply(cancel, event, []);
}]);
watch('reportError', () => {
  apply(report, undefined, [1]);
  apply(onerror, undefined, [(...parts) => {
    arrived += `parts ${parts.length} `;
    return true;
  }]);
  apply(report, undefined, [2]);
});
watch('marks and measures', () => {
  const made = apply(mark, performance, ['a', bag({ startTime: 5, detail: bag({ x: 1 }) })]);
  const span = apply(measure, performance, ['b', bag({ start: 'a', end: 7 })]);
  return `${apply(detail, made, []).x} ${apply(duration, span, [])} ${apply(getEntries, performance, []).length} ` +
    `${apply(nameOf, apply(getEntriesByName, performance, ['b'])[0], [])} ${apply(toJSON, performance, []).timeOrigin > 0}`;
});
watch('observers', () => {
  apply(observe, new Observer((list) => { arrived += `observed ${apply(listed, list, []).length} `; }), [bag({ type: 'mark', buffered: true })]);
  apply(mark, performance, ['c']);
  apply(clearMarks, performance, []);
  return apply(now, performance, []) > 0;
});
watch('navigator', () => apply(agent, navigator, []).length > 0);
soon(() => { throw 3; });
later(() => { throw 4; }, 0);
watching = false;
apply(reject, PromiseOf, [5]);

// The rest happens while everything is still changed.
touched = '';
watching = true;
later(() => {
  watching = false;
  log(`${summary}later: ${arrived}${touched === '' ? '' : `TOUCHED ${touched}`}`);
}, 20);
