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
const event = new LimitApproachingEvent('limitapproaching', { limit: 'cpu', used: 40.5, total: 50 });
log(`${event}`, event instanceof Event, event.limit, event.used, event.total, event.cancelable, event.isTrusted);
log(Object.keys(LimitApproachingEvent.prototype), LimitApproachingEvent.length);
const memory = new LimitApproachingEvent('x', { limit: 'memory' });
log(memory.limit, memory.used, memory.total);
fails('no init', () => new LimitApproachingEvent('x'));
fails('no limit', () => new LimitApproachingEvent('x', { used: 1 }));
fails('unknown limit', () => new LimitApproachingEvent('x', { limit: 'disk' }));
fails('not finite', () => new LimitApproachingEvent('x', { limit: 'wall', used: Infinity }));
fails('brand', () => LimitApproachingEvent.prototype.limit);

// The handler has the place of its first setting until it is unset.
log(onlimitapproaching, Object.keys(globalThis).includes('onlimitapproaching'));
const run = (what) => {
  log(what);
  const sent = new LimitApproachingEvent('limitapproaching', { limit: 'wall', cancelable: true });
  log('returns', dispatchEvent(sent));
};
addEventListener('limitapproaching', () => log('before'));
onlimitapproaching = () => log('old');
addEventListener('limitapproaching', () => log('after'));
const handler = function (given) {
  log('new', this === globalThis, given.limit);
  return false;
};
onlimitapproaching = handler;
log(onlimitapproaching === handler);
run('set twice');
globalThis.onlimitapproaching = 'nothing that can be called';
log(onlimitapproaching);
run('unset');
self.onlimitapproaching = () => log('last');
run('set again');
onlimitapproaching = { handleEvent() { log('must not run'); } };
run('an object');
fails('other receiver', () => Object.getOwnPropertyDescriptor(globalThis, 'onlimitapproaching').get.call(new EventTarget()));
