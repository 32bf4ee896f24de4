// SPDX-License-Identifier: Apache-2.0
// fetch without a network: data: URLs, and what is refused.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error?.name ? `${error.name}: ${error.message}` : error}`);
  }
};
const show = async (response) => {
  const { status, statusText, type, redirected } = response;
  return `${status} ${statusText} ${type} ${redirected} ${JSON.stringify(response.url)} ${JSON.stringify([...response.headers])} ${[...new Uint8Array(await response.arrayBuffer())]}`;
};

console.log('# data: URLs');
for (const url of ['data:,', 'data:,a%20b%zz%4', 'data:text/html,x#y', 'data:;charset=utf-8,\u20AC', 'data:;base64,AAEC', 'data:x;base64,AAEC', 'data:a/b; BASE64 ,IA==', 'data:a/b;base64;c,IA', 'data:a/b;base64,%49A%3D%3D',
  'data:;base64,A', 'data:a/b', 'data:', 'DATA: text/plain ;x=y ,z', 'data:a/b;c="d\\"e,f"', 'data:text/plain;base64;base64,AA==', 'data:;x=%22,', 'data:,?a', 'data://h/,x']) {
  await attempt(url, async () => show(await fetch(url)));
}
for (const method of ['HEAD', 'POST', 'CUSTOM']) await attempt(method, async () => show(await fetch('data:,x', { method })));
await attempt('a URL', async () => (await fetch(new URL('data:,text'))).text());
await attempt('a request', async () => (await fetch(new Request('data:,text'))).text());
await attempt('its headers', async () => (await fetch('data:,x')).headers.set('a', 'b'));
await attempt('a clone', async () => show((await fetch('data:,x')).clone()));

console.log('# refused');
for (const url of ['http://example.com/', 'https://example.com/a?b', 'about:blank', 'file:///etc/passwd', 'ws://a/', 'x:y', '/relative', 'https://u:p@h/']) await attempt(url, () => fetch(url));
await attempt('nothing', () => fetch());
await attempt('a bad init', () => fetch('data:,', { method: 'GET', body: 'x' }));
await attempt('another receiver', () => fetch.call({}, 'data:,'));
await attempt('the global as receiver', async () => (await globalThis.fetch('data:,x')).text());
const results = [fetch(), fetch('none'), fetch('data:,')];
console.log(results.every((result) => result instanceof Promise));
await Promise.allSettled(results);

console.log('# aborting');
await attempt('before', () => fetch('data:,', { signal: AbortSignal.abort() }));
await attempt('before, with a reason', () => fetch('data:,', { signal: AbortSignal.abort('why') }));
const body = new ReadableStream({ cancel(reason) { console.log('the body was canceled:', reason); } });
await attempt('before, with a body', () => fetch('data:,', { method: 'POST', body, duplex: 'half', signal: AbortSignal.abort('why') }));
const controller = new AbortController();
const promise = fetch('data:,', { signal: controller.signal });
controller.abort('meanwhile');
await attempt('meanwhile', () => promise);
for (const open of [false, true]) {
  const later = new AbortController();
  const response = await fetch('data:,x', { signal: later.signal });
  const reader = open ? response.body.getReader() : undefined;
  later.abort('later');
  await attempt('later', () => (open ? reader.read() : response.text()));
}
const late = new AbortController();
const done = await fetch('data:,x', { signal: late.signal });
console.log(await done.text());
late.abort();
console.log(done.bodyUsed, (await (await fetch(new Request('data:,y', { signal: new AbortController().signal }))).text()));

console.log('# shape');
const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
console.log(fetch.name, fetch.length, writable, enumerable, configurable, Object.hasOwn(fetch, 'prototype'));
