// SPDX-License-Identifier: Apache-2.0
// A rejected promise that nobody handles is told after the microtasks, and once more when somebody handles it.
const log = (...parts) => console.log(...parts);
const named = new Map();
const make = (name) => {
  const promise = Promise.reject(new Error(name));
  named.set(promise, name);
  return promise;
};
addEventListener('unhandledrejection', (event) => {
  log('unhandled', named.get(event.promise), event.reason.message, event.cancelable, event.isTrusted, event instanceof PromiseRejectionEvent);
  event.preventDefault();
});
addEventListener('rejectionhandled', (event) => {
  log('handled', named.get(event.promise), event.reason.message, event.cancelable);
});

make('handled at once').catch(() => log('caught at once'));
const soon = make('handled in a microtask');
Promise.resolve().then(() => {}).then(() => soon.catch(() => log('caught in a microtask')));
const late = make('handled late');
setTimeout(() => log('a timer comes after the events'));
setTimeout(() => late.catch(() => log('caught late')), 3);
await null;
log('still the first task');

setTimeout(() => {
  onunhandledrejection = ({ promise }) => {
    log('handler', named.get(promise));
    promise.catch(() => {});
    return false;
  };
  make('handled in its event');
  setTimeout(() => {
    // One that is thrown in a listener is an error like others.
    onerror = (message) => {
      log(message);
      return true;
    };
    onunhandledrejection = () => { throw new Error('in the listener'); };
    make('whose listener throws');
    setTimeout(() => {
      onunhandledrejection = null;
      queueMicrotask(() => make('in a microtask'));
      (async () => { throw named.set('x') && new Error('of an async function'); })();
    });
  });
}, 10);
