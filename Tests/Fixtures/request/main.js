// SPDX-License-Identifier: Apache-2.0
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const members = ['method', 'url', 'destination', 'referrer', 'referrerPolicy', 'mode', 'credentials', 'cache', 'redirect', 'integrity', 'keepalive',
  'isReloadNavigation', 'isHistoryNavigation', 'duplex', 'bodyUsed'];
const show = (request) => members.map((name) => `${name}=${request[name]}`).join(' ');
const url = 'https://a/b?c#d';

console.log('# members');
console.log(show(new Request(url)));
const full = new Request(new URL('http://x/'), {
  method: 'put', headers: { a: 'b' }, body: 'x', referrer: 'https://r/#f', referrerPolicy: 'origin', mode: 'same-origin', credentials: 'include', cache: 'only-if-cached',
  redirect: 'manual', integrity: 'sha256-x', keepalive: 1, priority: 'high', window: null, signal: null, duplex: 'half',
});
console.log(show(full), JSON.stringify([...full.headers]), full.headers === full.headers, full.signal === full.signal);
console.log(show(new Request(full.clone())));
console.log(show(new Request(full.clone(), { credentials: 'omit' })));
for (const referrer of ['', 'about:client', 'https://r/']) console.log(JSON.stringify(new Request(url, { referrer }).referrer));

console.log('# methods');
for (const method of ['get', 'Head', 'DELETE', 'options', 'patch', 'PATCH', 'custom', 'connect', 'TRACE', 'track', 'a b', '', '\u20AC', 'pos\u017F']) {
  await attempt(method, () => new Request(url, { method }).method);
}

console.log('# refused');
for (const input of ['', '/a', 'a', 'https://', 'https://u@h/', 'https://:p@h/', `x${'y'.repeat(300)}`]) await attempt(input.slice(0, 9), () => new Request(input));
await attempt('nothing', () => new Request());
await attempt('a symbol', () => new Request(Symbol('x')));
for (const init of [1, { mode: 'navigate' }, { mode: 'none' }, { mode: 'websocket' }, { credentials: '' }, { cache: 'x' }, { cache: 'only-if-cached' }, { redirect: 'x' }, { referrerPolicy: 'x' },
  { referrer: 'none' }, { window: {} }, { signal: {} }, { priority: 'x' }, { duplex: 'full' }, { body: 'x' }, { method: 'HEAD', body: '' }, { headers: 1 }, { headers: { 'a b': 'c' } },
  { mode: 'no-cors', method: 'PUT' }, { method: 'POST', body: new ReadableStream() }, { method: 'POST', body: new ReadableStream(), duplex: 'half', keepalive: true },
  { method: 'POST', body: new ReadableStream(), duplex: 'half', mode: 'no-cors' }]) {
  await attempt(JSON.stringify(init), () => new Request(url, init));
}
const order = [];
new Request({ toString() { order.push('input'); return url; } }, new Proxy({}, { get(_, name) { order.push(name); } }));
console.log(order.join());

console.log('# copies');
const source = new Request(url, { method: 'POST', body: 'text', headers: { 'content-type': 'a/b', x: 'y' } });
const opened = source.body;
const copy = new Request(source);
console.log(source.bodyUsed, source.body === opened, opened.locked, copy.bodyUsed, copy.body === opened, await copy.text(), copy.headers.get('content-type'), copy.headers.get('x'));
await attempt('a used one', () => new Request(source));
await attempt('a used one with a new body', async () => {
  const other = new Request(source, { body: 'new', headers: {} });
  return `${await other.text()} ${JSON.stringify([...other.headers])}`;
});
await attempt('a body for GET', () => new Request(new Request(url, { method: 'POST', body: 'x' }), { method: 'GET' }));
const streamed = new Request(url, { method: 'POST', duplex: 'half', body: new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104, 105])); c.close(); } }) });
const taken = new Request(streamed);
console.log(streamed.bodyUsed, streamed.body.locked, taken.bodyUsed, await taken.text());
const cloned = new Request(url, { method: 'POST', body: 'both' });
console.log(await cloned.clone().text(), await cloned.text());
await attempt('a clone of a used one', () => cloned.clone());
const guarded = new Request(url, { headers: { a: 'b' } }).clone();
guarded.headers.set('c', 'd');
console.log(JSON.stringify([...guarded.headers]));

console.log('# signals');
const controller = new AbortController();
const first = new Request(url, { signal: controller.signal });
const second = new Request(first);
const third = second.clone();
const alone = new Request(first, { signal: null });
console.log(first.signal === controller.signal, first.signal.aborted, first.signal === second.signal);
third.signal.onabort = () => console.log('aborted', third.signal.reason);
controller.abort('why');
console.log(first.signal.aborted, second.signal.reason, alone.signal.aborted, new Request(first).signal.aborted);
console.log(new Request(url, { signal: AbortSignal.abort('early') }).signal.reason);

console.log('# shape');
console.log(Request.length, String(first), Object.keys(Request.prototype).join());
await attempt('another receiver', () => Object.getOwnPropertyDescriptor(Request.prototype, 'url').get.call({}));
await attempt('another receiver of a promise', () => Request.prototype.text.call({}));
await attempt('no new', () => Request(url));
class Named extends Request {
  get name() { return `${this.method} ${this.url}`; }
}
console.log(new Named(url).name, new Request(new Named(url)).url, new Named(url).clone() instanceof Named);
console.log(new Request(url, { headers: { a: 'b' } }));
