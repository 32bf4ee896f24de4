// SPDX-License-Identifier: Apache-2.0
// Signals that follow a signal of a long life, and listeners that it ends, go when they are not needed any more.
const { signal } = new AbortController();
const target = new EventTarget();
const listener = () => {};
for (let i = 0; i < 100_000; i++) {
  const follower = AbortSignal.any([signal]);
  follower.addEventListener('abort', listener);
  follower.aborted;
  follower.removeEventListener('abort', listener);
  target.addEventListener('x', listener, { signal, once: true });
  target.dispatchEvent(new Event('x'));
}
console.log('done');
