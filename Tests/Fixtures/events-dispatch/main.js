// SPDX-License-Identifier: Apache-2.0
const log = (...parts) => console.log(parts.join(' '));
const target = new EventTarget();

// Capturing listeners are first, though no target has a parent.
target.addEventListener('order', () => log('bubble 1'));
target.addEventListener('order', () => log('capture 1'), true);
target.addEventListener('order', () => log('bubble 2'));
target.addEventListener('order', () => log('capture 2'), { capture: true });
target.dispatchEvent(new Event('order'));

const seen = new Event('seen', { bubbles: true, composed: true });
log('before', seen.target, seen.currentTarget, seen.eventPhase, seen.composedPath().length, seen.timeStamp > 0);
target.addEventListener('seen', function (event) {
  log('this', this === target, 'event', event === seen, 'target', event.target === target, event.srcElement === target);
  log('current', event.currentTarget === target, 'phase', event.eventPhase === Event.AT_TARGET);
  const path = event.composedPath();
  log('path', path.length, path[0] === target, event.composedPath() !== path, Array.isArray(path));
  log('trusted', event.isTrusted, event.bubbles, event.cancelable, event.composed, arguments.length);
});
log('dispatched', target.dispatchEvent(seen));
log('after', seen.target === target, seen.currentTarget, seen.eventPhase, seen.composedPath().length);

// Objects with handleEvent, which is read at each call.
const listener = {
  get handleEvent() {
    log('read');
    return function (event) { log('handled', this === listener, event.type); };
  },
};
target.addEventListener('object', listener);
target.addEventListener('object', listener);
target.dispatchEvent(new Event('object'));
target.removeEventListener('object', listener, true);
target.dispatchEvent(new Event('object'));
target.removeEventListener('object', listener);
log('removed', target.dispatchEvent(new Event('object')));

// Added and removed while the event is being dispatched.
const third = () => log('third: must not run');
target.addEventListener('change', function first() {
  log('first');
  target.removeEventListener('change', third);
  target.removeEventListener('change', first);
  target.addEventListener('change', () => log('added'), { once: true });
});
target.addEventListener('change', () => log('second'));
target.addEventListener('change', third);
target.dispatchEvent(new Event('change'));
target.dispatchEvent(new Event('change'));
target.dispatchEvent(new Event('change'));
target.addEventListener('late', () => target.addEventListener('late', () => log('bubbling, added while capturing')), true);
target.dispatchEvent(new Event('late'));

// Flags.
target.addEventListener('stop', (event) => event.stopPropagation(), true);
target.addEventListener('stop', (event) => log('same phase', event.cancelBubble), true);
target.addEventListener('stop', () => log('next phase: must not run'));
const stopped = new Event('stop');
target.dispatchEvent(stopped);
log('cleared', stopped.cancelBubble);
target.addEventListener('halt', (event) => event.stopImmediatePropagation());
target.addEventListener('halt', () => log('halt: must not run'));
target.dispatchEvent(new Event('halt'));
const before = new Event('seen');
before.cancelBubble = true;
before.cancelBubble = false;
log('stopped before', before.cancelBubble, target.dispatchEvent(before), before.cancelBubble, before.target === target);

target.addEventListener('cancel', (event) => event.preventDefault());
const canceled = new Event('cancel', { cancelable: true });
log('canceled', target.dispatchEvent(canceled), canceled.defaultPrevented, canceled.returnValue);
log('stays', target.dispatchEvent(canceled));
log('not cancelable', target.dispatchEvent(new Event('cancel')));
const legacy = new Event('nothing', { cancelable: true });
legacy.returnValue = true;
legacy.returnValue = false;
legacy.returnValue = true;
log('returnValue', legacy.returnValue, legacy.defaultPrevented);
legacy.initEvent('renamed', true);
log('initEvent', legacy.type, legacy.bubbles, legacy.cancelable, legacy.defaultPrevented, legacy.target);

// An event in use cannot be dispatched or changed.
target.addEventListener('again', (event) => {
  event.initEvent('other');
  try {
    new EventTarget().dispatchEvent(event);
  } catch (error) {
    log(error.name, error instanceof DOMException, event.type);
  }
});
const again = new Event('again');
target.dispatchEvent(again);
target.dispatchEvent(again);

// Events inside events.
let depth = 0;
target.addEventListener('nest', (event) => {
  if (++depth < 3) target.dispatchEvent(new Event('nest'));
  log('nest', depth--, event.eventPhase);
});
target.dispatchEvent(new Event('nest'));

class Door extends EventTarget {
  #opened = 0;
  open() { return this.dispatchEvent(new CustomEvent('open', { detail: ++this.#opened })); }
}
const door = new Door();
door.addEventListener('open', (event) => log('door', event.detail, event.target === door));
door.addEventListener('__proto__', () => log('any name'));
door.open();
door.dispatchEvent(new Event('__proto__'));
log(Object.prototype.toString.call(door), door instanceof EventTarget);
