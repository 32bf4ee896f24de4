// SPDX-License-Identifier: Apache-2.0
const log = (...parts) => console.log(parts.join(' '));
log(globalThis instanceof EventTarget, Object.prototype.toString.call(globalThis));
const chain = [];
for (let object = globalThis; (object = Object.getPrototypeOf(object)) !== null;) chain.push(object.constructor.name);
log(chain);
log(Object.hasOwn(globalThis, 'addEventListener'), addEventListener === EventTarget.prototype.addEventListener);

addEventListener('x', function (event) {
  log('bare', this === globalThis, event.target === globalThis, event.currentTarget === self, event.composedPath()[0] === self);
});
const { addEventListener: add, dispatchEvent: dispatch } = EventTarget.prototype;
add('x', () => log('this undefined'), { once: true });
add.call(null, 'x', () => log('this null'), { once: true });
const remove = () => log('must not run');
self.addEventListener('x', remove);
removeEventListener('x', remove);
log(dispatchEvent(new Event('x')));
log(globalThis.dispatchEvent(new Event('x')), (0, dispatch)(new Event('x')));

for (const name of ['Event', 'CustomEvent', 'ErrorEvent', 'MessageEvent', 'PromiseRejectionEvent', 'EventTarget', 'AbortController',
  'AbortSignal', 'LimitApproachingEvent']) {
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
  log(name, writable, enumerable, configurable, Object.prototype.toString.call(globalThis[name].prototype));
}
log('event' in globalThis, typeof WorkerGlobalScope);
try {
  new globalThis.constructor();
} catch (error) {
  log(error.name);
}
// The global stays a target whatever its prototypes are.
Object.setPrototypeOf(globalThis, null);
add('y', () => log('without prototypes'));
(0, dispatch)(new Event('y'));
