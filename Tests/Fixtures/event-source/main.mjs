// SPDX-License-Identifier: Apache-2.0
// EventSource on data: URLs: the format of event streams, states, reconnecting, failing for good.
const log = (...values) => console.log(...values);
const next = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

for (const url of ['', 'x y', 'http://', '/relative']) {
  try { new EventSource(url); } catch (error) { log(error.name, error.code, error.message); }
}
for (const make of [() => new EventSource(), () => EventSource('data:,'), () => new EventSource('data:,', 5), () => new EventSource(Symbol())]) {
  try { make(); } catch (error) { log(error.name, error.message); }
}
log(EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED, EventSource.prototype.CLOSED, EventSource.length);

const show = async (text, ...types) => {
  const source = new EventSource(`data:text/event-stream;charset=x,${encodeURIComponent(text)}`);
  for (const type of ['message', ...types]) {
    source.addEventListener(type, ({ data, lastEventId, origin, isTrusted }) => log(type, JSON.stringify(data), lastEventId, origin, isTrusted));
  }
  source.onopen = () => log('open', source.readyState);
  const { message } = await next(source, 'error');
  log('error', message, source.readyState);
  source.close();
  log(source.readyState);
};
await show('data: one\n\ndata:two\r\rdata\r\n\r\ndata:  three\ndata:four\n\n');
await show('\ufeffdata: mark\n\n\ufeffdata: none\n\n');
await show(': comment\nevent: foo\nid: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: x\0y\ndata: d\n\n', 'foo');
await show('event: foo\n\ndata: reset\n\nretry: x\nunknown: y\nDATA: z\n\ndata: lost', 'foo');
// The body comes in chunks of 64 KiB: here a carriage return ends one, and its line feed begins the next.
await show(`:${'x'.repeat(65535 - 1)}\r\ndata: split\r\n\r\n`);
await show(`:${'x'.repeat(65535 - 1)}\r\rdata: two returns\n\n`);

const plain = new EventSource('data:text/plain,data: x%0A%0A', { withCredentials: true });
log(plain.withCredentials, plain.url);
log((await next(plain, 'error')).message, plain.readyState);
const refused = new EventSource('https://example.com/');
log((await next(refused, 'error')).message, refused.readyState);
const closed = new EventSource('data:text/event-stream,data: x%0A%0A');
closed.onopen = closed.onmessage = closed.onerror = () => log('an event after close');
closed.close();
closed.close();

const again = new EventSource('data:text/event-stream,retry: 1%0Adata: again%0A%0A');
let count = 0;
again.onmessage = () => { if (++count === 3) again.close(); };
again.onerror = () => log('reconnecting', count, again.readyState);
await new Promise((resolve) => {
  const timer = setInterval(() => {
    if (again.readyState !== EventSource.CLOSED) return;
    clearInterval(timer);
    resolve();
  }, 20);
});
log(count);
