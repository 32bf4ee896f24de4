// SPDX-License-Identifier: Apache-2.0
const log = (...parts) => console.log(parts.join(' '));
const fails = (what, work) => {
  try {
    work();
    log(what, 'no error');
  } catch (error) {
    log(what, error.name);
  }
};
const promise = Promise.reject(1);
promise.catch(() => {});
const reason = new Error('why');
const events = [
  new Event('e'), new CustomEvent('e', { detail: 'd' }),
  new ErrorEvent('e', { message: 'm', filename: 'f\uD800', lineno: 3.7, colno: -1, error: reason }),
  new MessageEvent('e', { data: 1, origin: 'o', lastEventId: 7, source: null, ports: new Set() }),
  new PromiseRejectionEvent('e', { promise, reason, cancelable: true }),
];
for (const event of events) {
  const Interface = event.constructor;
  const own = Object.entries(Object.getOwnPropertyDescriptors(event))
    .map(([key, { get, set, enumerable, configurable }]) => `${key} ${typeof get} ${typeof set} ${enumerable} ${configurable}`);
  log(`${event}`, Interface.name, Interface.length, Object.getPrototypeOf(Interface).name, event instanceof Event, own);
  log('   ', Object.keys(Interface.prototype).map((key) => {
    const { value } = Object.getOwnPropertyDescriptor(Interface.prototype, key);
    return typeof value === 'function' ? `${key}(${value.length})` : key;
  }).join(' '));
}
const getter = (event) => Object.getOwnPropertyDescriptor(event, 'isTrusted').get;
log('one getter', getter(events[0]) === getter(events[1]), getter(events[0]).name);

const [, custom, error, message, rejection] = events;
log(custom.detail, new CustomEvent('e').detail, new CustomEvent('e', { detail: undefined }).detail);
custom.initCustomEvent('renamed', true, true, 'other');
log(custom.type, custom.detail, custom.bubbles, custom.cancelable);
custom.initCustomEvent('bare');
log(custom.type, custom.detail, custom.bubbles, custom.cancelable);
log(error.message, escape(error.filename), error.lineno, error.colno, error.error === reason);
const empty = new ErrorEvent('e');
log(`<${empty.message}>`, `<${empty.filename}>`, empty.lineno, empty.colno, empty.error);
log(message.data, message.origin, message.lastEventId, message.source, message.ports.length, Object.isFrozen(message.ports));
log(message.ports === message.ports, Array.isArray(new MessageEvent('e').ports), new MessageEvent('e').data);
message.initMessageEvent('again', false, true, [1, 2], 'origin', 'id', null, []);
log(message.type, message.cancelable, message.data, message.origin, message.lastEventId, message.ports.length);
log(rejection.promise === promise, rejection.reason === reason, rejection.cancelable);
log(new PromiseRejectionEvent('e', { promise: {} }).reason);

const { NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE } = Event;
log(NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE, events[0].AT_TARGET, CustomEvent.BUBBLING_PHASE);
log(Object.keys(Event), JSON.stringify(Object.getOwnPropertyDescriptor(Event, 'NONE')));

class Mine extends CustomEvent {
  constructor(type, init) {
    super(type, init);
    this.extra = true;
  }
}
const mine = new Mine('mine', { detail: 1, bubbles: true });
log(mine instanceof Event, mine.extra, mine.detail, mine.bubbles, `${mine}`);

fails('without new', () => Event('x'));
fails('no type', () => new Event());
fails('symbol', () => new Event(Symbol.iterator));
fails('init', () => new Event('x', 5));
fails('isTrusted', () => { 'use strict'; events[0].isTrusted = true; });
fails('delete', () => { 'use strict'; delete events[0].isTrusted; });
fails('redefine', () => Object.defineProperty(events[0], 'isTrusted', { value: true }));
fails('brand of type', () => Event.prototype.type);
fails('brand of detail', () => Object.getOwnPropertyDescriptor(CustomEvent.prototype, 'detail').get.call(new Event('x')));
fails('brand of initEvent', () => Event.prototype.initEvent.call({}, 'x'));
fails('brand of isTrusted', () => getter(events[0]).call({}));
fails('initEvent', () => events[0].initEvent());
fails('rejection without init', () => new PromiseRejectionEvent('x'));
fails('rejection without promise', () => new PromiseRejectionEvent('x', {}));
fails('rejection of a number', () => new PromiseRejectionEvent('x', { promise: 5 }));
fails('port', () => new MessageEvent('x', { ports: [{}] }));
fails('source', () => new MessageEvent('x', { source: globalThis }));
