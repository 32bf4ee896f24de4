// SPDX-License-Identifier: Apache-2.0
// What nothing caught is told to the listeners of the global, and the run goes on where one of them cancels it.
const shown = [];
addEventListener('error', (event) => {
  const { cancelable, bubbles, colno, error, filename, isTrusted, lineno, message } = event;
  shown.push([event instanceof ErrorEvent, cancelable, bubbles, isTrusted, message, filename.split('/').pop(), lineno > 0, colno > 0,
    error?.message ?? error]);
  event.preventDefault();
});

reportError(new RangeError('reported'));
reportError('a string');
reportError(undefined);
for (const work of [() => reportError(), () => reportError.call(5, 'with another this')]) {
  try {
    work();
  } catch (error) {
    console.log(`${error.name}: ${error.message}`);
  }
}
queueMicrotask(() => { throw new TypeError('in a microtask'); });
setTimeout(() => { throw new Error('in a timer'); });
setTimeout(() => { throw null; });
const target = new EventTarget();
target.addEventListener('x', () => { throw new Error('in a listener'); });
target.addEventListener('x', () => { shown.push('the next listener'); });
target.dispatchEvent(new Event('x'));

setTimeout(() => {
  for (const line of shown) console.log(Array.isArray(line) ? line.join(' | ') : line);
  // A handler gets the parts, and cancels with true.
  let calls = 0;
  onerror = function (...parts) {
    calls++;
    console.log(this === globalThis, parts.length, parts[0], parts[4] instanceof EvalError);
    return true;
  };
  reportError(new EvalError('handled'));
  console.log(calls, onerror.length, typeof onerror);
  // Of an event that is no ErrorEvent it gets the event, and cancels with false.
  onerror = (...parts) => {
    console.log(parts.length, parts[0].type);
    return false;
  };
  console.log(dispatchEvent(new Event('error', { cancelable: true })));
  onerror = 5;
  console.log(onerror);
  const error = new EventTarget();
  console.log(['onerror', 'onunhandledrejection', 'onrejectionhandled'].map((name) => {
    const { enumerable, get, set } = Object.getOwnPropertyDescriptor(globalThis, name);
    return `${enumerable} ${get.name} ${set.length}`;
  }).join(', '), Object.hasOwn(error, 'onerror'));
}, 5);
