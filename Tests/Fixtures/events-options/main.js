// SPDX-License-Identifier: Apache-2.0
const log = (...parts) => console.log(parts.join(' '));
const fails = (what, work) => {
  try {
    work();
    log(what, 'no error');
  } catch (error) {
    log(what, error.name ?? error);
  }
};
const fire = (target, type = 'x') => target.dispatchEvent(new Event(type, { cancelable: true }));

// once
let target = new EventTarget();
target.addEventListener('x', function once() {
  log('once');
  target.addEventListener('x', once, { once: true });
  if (fire.nested) return;
  fire.nested = true;
  fire(target);
}, { once: true });
fire(target);

// passive
target = new EventTarget();
target.addEventListener('x', (event) => {
  event.preventDefault();
  event.returnValue = false;
  log('passive', event.defaultPrevented, event.returnValue);
}, { passive: true });
log(fire(target));
target.addEventListener('x', (event) => event.preventDefault(), { passive: false });
log(fire(target));

// capture is all that tells listeners of a callback apart
target = new EventTarget();
let count = 0;
const counter = () => { count++; };
target.addEventListener('x', counter);
target.addEventListener('x', counter, { passive: true, once: true });
target.addEventListener('x', counter, true);
target.addEventListener('x', counter, 1);
fire(target);
log('called', count);
target.removeEventListener('x', counter, { capture: 'yes' });
fire(target);
log('called', count);
target.removeEventListener('x', counter, null);
fire(target);
log('called', count);
target.removeEventListener('x', counter);

// signal
const controller = new AbortController();
const { signal } = controller;
target = new EventTarget();
target.addEventListener('x', () => log('with signal'), { signal });
target.addEventListener('y', () => log('with signal too'), { signal, once: true });
fire(target);
fire(target, 'y');
controller.abort();
log('aborted');
fire(target);
target.addEventListener('x', () => log('too late'), { signal });
fire(target);
const inside = new AbortController();
target.addEventListener('x', () => inside.abort(), { signal: inside.signal });
target.addEventListener('x', () => log('must not run'), { signal: inside.signal });
fire(target);

// conversions
target = new EventTarget();
const order = [];
const options = new Proxy({}, { get(object, key) { order.push(key); } });
target.addEventListener('x', null, options);
log('add', order.splice(0));
target.removeEventListener('x', null, options);
log('remove', order.splice(0));
new Event('x', options);
log('event', order.splice(0));
new MessageEvent('x', options);
log('message', order.splice(0));
new ErrorEvent('x', options);
log('error', order.splice(0));
target.addEventListener({ toString: () => 'named' }, (event) => log('type', event.type));
fire(target, 'named');
target.addEventListener('x', undefined);
target.addEventListener('x', () => log('a string is true'), 'options');
fire(target);
for (const callback of [5, 'f', true, Symbol.iterator]) fails('callback', () => target.addEventListener('x', callback));
fails('remove', () => target.removeEventListener('x', 5));
fails('no callback', () => target.addEventListener('x'));
fails('symbol type', () => target.addEventListener(Symbol.iterator, null));
fails('signal null', () => target.addEventListener('x', null, { signal: null }));
fails('signal object', () => target.addEventListener('x', null, { signal: { aborted: false } }));
fails('getter', () => target.addEventListener('x', null, { get once() { throw 'mine'; } }));
fails('no event', () => target.dispatchEvent());
fails('null event', () => target.dispatchEvent(null));
fails('fake event', () => target.dispatchEvent(Object.create(Event.prototype)));
fails('other receiver', () => EventTarget.prototype.dispatchEvent.call({}, new Event('x')));
fails('made by hand', () => Object.create(EventTarget.prototype).addEventListener('x', null));
