// SPDX-License-Identifier: Apache-2.0
// What listeners throw is reported, of which the first ends the run; the dispatch goes on.
const target = new EventTarget();
target.addEventListener('x', () => { throw 'from the first listener'; });
target.addEventListener('x', { handleEvent: 5 });
target.addEventListener('x', { get handleEvent() { throw new RangeError('from a getter'); } });
target.addEventListener('x', () => { throw new Error('once'); }, { once: true });
target.addEventListener('x', (event) => {
  event.preventDefault();
  console.log('last listener');
});
const event = new Event('x', { cancelable: true });
console.log(target.dispatchEvent(event), event.eventPhase, event.currentTarget);

const controller = new AbortController();
controller.signal.onabort = () => { throw new Error('from a handler'); };
controller.signal.addEventListener('abort', () => console.log('after the handler'));
controller.abort();

// Listeners that call each other until the stack ends leave an event that can be dispatched.
const deep = new Event('deep');
let calls = 0;
target.addEventListener('deep', () => {
  if (++calls < 20000) target.dispatchEvent(new Event('deep'));
});
try {
  target.dispatchEvent(deep);
} catch {
  // The stack may end anywhere.
}
calls = 20000;
console.log(deep.eventPhase, target.dispatchEvent(deep), calls);
setTimeout(() => console.log('the run has ended before'), 0);
