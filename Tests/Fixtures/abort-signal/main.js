// SPDX-License-Identifier: Apache-2.0
const log = (...parts) => console.log(parts.join(' '));
const fails = (what, work) => {
  try {
    work();
    log(what, 'no error');
  } catch (error) {
    log(what, error?.name ?? error);
  }
};

let controller = new AbortController();
let { signal } = controller;
log(`${controller} ${signal}`, signal === controller.signal, signal instanceof EventTarget, signal.aborted, signal.reason, signal.onabort);
fails('not aborted', () => signal.throwIfAborted());
signal.addEventListener('abort', () => log('listener 1'));
signal.onabort = function (event) {
  log('handler', this === signal, event.type, event.isTrusted, event.bubbles, event.cancelable, event.target === signal);
  log('already', signal.aborted, signal.reason.name);
};
signal.addEventListener('abort', () => log('listener 2'));
controller.abort();
controller.abort('again');
log(signal.aborted, signal.reason.name, signal.reason.code, signal.reason instanceof DOMException, signal.reason === signal.reason);
fails('aborted', () => signal.throwIfAborted());

controller = new AbortController();
controller.abort(null);
log('null', controller.signal.aborted, controller.signal.reason);
fails('reason', () => AbortSignal.abort('mine').throwIfAborted());
log(AbortSignal.abort().reason.name, AbortSignal.abort(undefined).reason.name, AbortSignal.abort(0).reason, AbortSignal.abort(0).aborted);

// any
const [a, b, c] = [new AbortController(), new AbortController(), new AbortController()];
const unheard = AbortSignal.any([a.signal, b.signal]);
const heard = AbortSignal.any([AbortSignal.any([b.signal, a.signal]), c.signal, a.signal]);
let text = '';
const last = AbortSignal.any([heard]);
last.onabort = () => { text += 'last '; };
heard.onabort = () => { text += 'heard '; };
b.signal.onabort = () => { text += `source ${heard.aborted} ${last.aborted} ${unheard.aborted} `; };
b.abort('b');
a.abort('a');
c.abort('c');
log(text, heard.reason, last.reason, unheard.reason);
log(AbortSignal.any([]).aborted, AbortSignal.any([c.signal, a.signal]).reason, AbortSignal.any(new Set([a.signal])).aborted);
const late = AbortSignal.any([AbortSignal.abort('first'), AbortSignal.abort('second')]);
late.onabort = () => log('must not run');
log(late.reason);

// A follower that nobody listens to any more is not called, and knows.
const source = new AbortController();
const quiet = AbortSignal.any([source.signal]);
const listener = () => log('must not run');
quiet.addEventListener('abort', listener);
quiet.removeEventListener('abort', listener);
quiet.onabort = listener;
quiet.onabort = null;
source.abort('quiet');
log(quiet.aborted, quiet.reason);

// Event handlers: other values become null; an object that cannot be called is kept.
({ signal } = new AbortController());
for (const value of [5, 'f', Symbol.iterator, undefined]) {
  signal.onabort = value;
  log(String(signal.onabort));
}
const object = {};
signal.onabort = object;
log(signal.onabort === object);

// timeout
await new Promise((done) => {
  let order = '';
  for (const name of ['1', '2', '3']) AbortSignal.timeout(5).onabort = () => { order += name; };
  const slow = AbortSignal.timeout(20);
  const any = AbortSignal.any([new AbortController().signal, slow]);
  const seen = AbortSignal.timeout(1);
  log(slow.aborted, AbortSignal.timeout(0).aborted);
  any.onabort = (event) => {
    log(order, event.isTrusted, any.reason === slow.reason, slow.reason.name, slow.reason.code, seen.aborted);
    done();
  };
});
// Only a signal that somebody listens to keeps a run going.
AbortSignal.timeout(2 ** 53 - 1);
const dropped = AbortSignal.timeout(50_000);
dropped.addEventListener('abort', listener);
AbortSignal.any([dropped]).addEventListener('abort', listener, { signal: AbortSignal.abort() });
dropped.removeEventListener('abort', listener);

for (const value of [-1, 2 ** 53, NaN, Infinity, 'soon', undefined, 1n]) fails('timeout', () => AbortSignal.timeout(value));
fails('nothing', () => AbortSignal.timeout());
fails('constructor', () => new AbortSignal());
fails('without new', () => AbortController());
fails('any', () => AbortSignal.any());
fails('any of one', () => AbortSignal.any(AbortSignal.abort()));
fails('any of others', () => AbortSignal.any([AbortSignal.abort(), {}]));
fails('brand', () => Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'onabort').get.call(new EventTarget()));
fails('brand', () => AbortSignal.prototype.aborted);
fails('brand', () => AbortController.prototype.abort.call({}));
log(Object.keys(AbortSignal), Object.keys(AbortSignal.prototype), Object.keys(AbortController.prototype));
log(AbortSignal.abort.length, AbortSignal.timeout.length, AbortSignal.any.length, AbortController.prototype.abort.length);
