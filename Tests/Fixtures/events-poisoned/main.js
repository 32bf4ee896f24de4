// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed; events and signals must neither notice nor call it.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { iterator } = Symbol;
const { log } = console;
const { AbortController: Controller, AbortSignal: Signal, CustomEvent: Custom, Event: Plain, EventTarget: Target } = globalThis;
const { ErrorEvent: Failure, LimitApproachingEvent: Limit, MessageEvent: Message, PromiseRejectionEvent: Rejection } = globalThis;
const { setTimeout: later } = globalThis;
const { abort: aborted, any, timeout } = Signal;
const member = ({ prototype }, name) => {
  const { get, set, value } = getOwnPropertyDescriptor(prototype, name);
  return set && name.startsWith('on') ? set : get ?? value;
};
const type = member(Plain, 'type');
const trusted = getOwnPropertyDescriptor(new Plain('x'), 'isTrusted').get;
const path = member(Plain, 'composedPath');
const init = member(Plain, 'initEvent');
const cancel = member(Plain, 'preventDefault');
const detail = member(Custom, 'detail');
const message = member(Failure, 'message');
const ports = member(Message, 'ports');
const reason = member(Rejection, 'reason');
const limit = member(Limit, 'limit');
const add = member(Target, 'addEventListener');
const remove = member(Target, 'removeEventListener');
const dispatch = member(Target, 'dispatchEvent');
const signalOf = member(Controller, 'signal');
const abort = member(Controller, 'abort');
const isAborted = member(Signal, 'aborted');
const reasonOf = member(Signal, 'reason');
const onabort = member(Signal, 'onabort');
const { set: onlimit } = getOwnPropertyDescriptor(globalThis, 'onlimitapproaching');
const nameOf = member(DOMException, 'name');

const iterators = [[][Symbol.iterator](), new Map().keys(), new Set().keys()].map(getPrototypeOf);
const classes = [Array, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError,
  Promise, DOMException, Plain, Custom, Failure, Message, Rejection, Limit, Target, Controller, Signal, globalThis.constructor];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
iterators.forEach((prototype, i) => { holders[`iterator ${i}`] = prototype; });
for (const name of ['Reflect', 'Math']) holders[name] = globalThis[name];
const names = ['0', '1', '2', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'type', 'bubbles', 'cancelable', 'composed',
  'callback', 'capture', 'once', 'passive', 'signal', 'handler', 'listeners', 'handlers', 'onChange', 'algorithm', 'target', 'reason',
  'sources', 'followers', 'timer', 'limit', 'used', 'total', 'detail', 'error', 'ports', 'id', 'place', 'handleEvent', 'then', 'parent'];

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
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype']) {
  for (let i = 0; i < names.length; i++) {
    const key = names[i];
    if (!hasOwn(holders[name], key)) trap(holders[name], key, `${name}.${key}`, () => undefined);
  }
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
// Where `super` would go to.
const evil = function () { touch('a tenant\'s parent'); };
for (const Class of [Custom, Failure, Message, Rejection, Limit, Signal]) setPrototypeOf(Class, evil);
const global = globalThis;
global.globalThis = undefined;

const controller = new Controller();
const signal = apply(signalOf, controller, []);
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

watch('event', () => apply(type, new Plain('a', bag({ bubbles: true })), []));
watch('custom', () => apply(detail, new Custom('a', bag({ detail: 5 })), []));
watch('error', () => apply(message, new Failure('a', bag({ message: 'm' })), []));
watch('message', () => apply(ports, new Message('a'), []).length);
watch('rejection', () => apply(reason, new Rejection('a', bag({ promise: evil, reason: 3 })), []));
watch('limit', () => apply(limit, new Limit('a', bag({ limit: 'cpu' })), []));
watch('initEvent', () => {
  const event = new Plain('a');
  apply(init, event, ['b']);
  return apply(type, event, []);
});
watch('dispatch', () => {
  const target = new Target();
  let calls = '';
  const first = (event) => {
    calls += `${apply(type, event, [])} ${apply(trusted, event, [])} ${apply(path, event, []).length} `;
    apply(cancel, event, []);
  };
  const second = bag({ handleEvent() { calls += 'object '; } });
  apply(add, target, ['a', first]);
  apply(add, target, ['a', second, bag({ once: true, signal })]);
  apply(add, target, ['a', second, true]);
  apply(remove, target, ['a', second, true]);
  const event = new Plain('a', bag({ cancelable: true }));
  return `${apply(dispatch, target, [event])} ${calls}${apply(dispatch, target, [event])}`;
});
watch('global', () => {
  let calls = 0;
  apply(add, undefined, ['a', () => { calls++; }]);
  apply(dispatch, global, [new Plain('a')]);
  apply(onlimit, undefined, [() => { calls++; }]);
  apply(dispatch, undefined, [new Limit('limitapproaching', bag({ limit: 'wall' }))]);
  return calls;
});
watch('abort', () => {
  let calls = '';
  const follower = any(bag({ [iterator]() {
    let steps = 0;
    return bag({ next: () => bag({ done: steps++ === 1, value: signal }) });
  } }));
  apply(add, follower, ['abort', () => { calls += 'follower '; }]);
  apply(onabort, signal, [() => { calls += 'handler '; }]);
  apply(add, signal, ['abort', () => { calls += 'listener '; }]);
  apply(abort, controller, []);
  return `${calls}${apply(isAborted, follower, [])} ${apply(nameOf, apply(reasonOf, signal, []), [])}`;
});
watch('aborted', () => apply(isAborted, aborted(1), []));

// The timer runs while everything is still changed.
watching = true;
const slow = timeout(1);
apply(add, slow, ['abort', () => {
  watching = false;
  log(`${summary}timeout: ${apply(nameOf, apply(reasonOf, slow, []), [])}${touched === '' ? '' : ` TOUCHED ${touched}`}`);
}]);
