// SPDX-License-Identifier: Apache-2.0
// What Request and Response have in common: bodies.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error?.name ? `${error.name}: ${error.message}` : error}`);
  }
};
const show = async (value) => {
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${[...new Uint8Array(value)]}`;
  if (value instanceof Uint8Array) return `Uint8Array ${[...value]} of ${value.buffer.byteLength}`;
  if (value instanceof Blob) return `Blob ${JSON.stringify(value.type)} ${JSON.stringify(await value.text())}`;
  if (value instanceof FormData) return `FormData ${JSON.stringify([...value])}`;
  return JSON.stringify(value);
};
const makers = {
  Response: (body, headers) => new Response(body, { headers }),
  Request: (body, headers) => new Request('https://a/', { method: 'POST', body, headers, duplex: 'half' }),
};
const methods = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'];
const streamOf = (...chunks) => new ReadableStream({ start(c) {
  for (const chunk of chunks) c.enqueue(chunk);
  c.close();
} });
const utf8 = (text) => new TextEncoder().encode(text);
const shared = utf8('_{"a":1}_');
const detached = new ArrayBuffer(2);
structuredClone(detached, { transfer: [detached] });

const sources = {
  'nothing': () => null,
  'a string': () => '\uFEFF{"a":"\uD800"}',
  'a buffer': () => shared.slice(1, -1).buffer,
  'a view': () => shared.subarray(1, -1),
  'a detached buffer': () => detached,
  'a blob': () => new Blob(['{"a', '":1}'], { type: 'T/u' }),
  'an empty blob': () => new Blob([]),
  'parameters': () => new URLSearchParams({ a: 'b c' }),
  'a stream': () => streamOf(utf8('{"a"'), utf8(':1}')),
  'an empty stream': () => streamOf(),
  'an object': () => ({ toString: () => '[1]' }),
  'a number': () => 7,
};
for (const kind of Object.keys(makers)) {
  for (const name of Object.keys(sources)) {
    console.log(`# ${kind} of ${name}`);
    const { headers, body, bodyUsed } = makers[kind](sources[name]());
    console.log(headers.get('content-type'), body && Object.prototype.toString.call(body), bodyUsed);
    for (const method of methods) await attempt(method, async () => show(await makers[kind](sources[name]())[method]()));
  }
}

console.log('# types');
for (const type of ['text/plain', 'TEXT/Plain; Charset="a b"', 'a/b;c', 'none', 'a/b, c/d', 'text/plain;charset=x, text/plain', '*/*, a/b']) {
  await attempt(type, async () => show(await makers.Response('x', { 'content-type': type }).blob()));
}
const changed = new Response('x', { headers: { 'content-type': 'a/b' } });
changed.headers.set('content-type', 'c/d');
await attempt('a type that was changed', async () => show(await changed.blob()));

console.log('# used');
for (const [name, body] of [['bytes', () => 'x'], ['a stream', () => streamOf(utf8('x'))]]) {
  const response = new Response(body());
  console.log(name, response.bodyUsed, await response.text(), response.bodyUsed, response.body.locked, response.body === response.body);
  await attempt('again', () => response.text());
  await attempt('a reader', () => response.body.getReader());
  await attempt('a clone', () => response.clone());
  await attempt('a text stream', () => response.textStream());
  const locked = new Response(body());
  const reader = locked.body.getReader();
  await attempt('locked', () => locked.json());
  console.log(locked.bodyUsed, new TextDecoder().decode((await reader.read()).value), locked.bodyUsed);
  reader.releaseLock();
  await attempt('disturbed', () => locked.json());
  const canceled = new Response(body());
  await canceled.body.cancel();
  console.log(canceled.bodyUsed);
}
const nothing = new Response();
console.log(nothing.body, await nothing.text(), await nothing.text(), nothing.bodyUsed, (await nothing.clone().bytes()).length);
await attempt('a failed parse', () => new Response('{').json());

console.log('# streams');
for (const chunk of ['text', 1, null, new ArrayBuffer(1), new Uint16Array(1)]) await attempt(`a chunk ${typeof chunk}`, () => new Response(streamOf(chunk)).text());
await attempt('a failing one', () => new Response(new ReadableStream({ start(c) { c.error('why'); } })).text());
await attempt('a failing one, later', () => new Response(new ReadableStream({ pull() { throw new RangeError('later'); } })).blob());
const busy = new ReadableStream();
busy.getReader();
await attempt('a locked one', () => new Response(busy));
const gone = streamOf(utf8('x'));
await gone.cancel();
await attempt('a disturbed one', () => new Response(gone));
const given = streamOf(utf8('x'));
console.log(new Response(given).body === given);
await attempt('as views', async () => {
  const reader = new Response('abcdef').body.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(4));
  return `${[...value]} ${(await reader.read(new Uint8Array(4))).value.length} ${(await reader.read(new Uint8Array(1))).done}`;
});
for (const body of [null, '', '\u20AC', streamOf(new Uint8Array([0xE2, 0x82]), new Uint8Array([0xAC, 0xFF]))]) {
  await attempt('textStream', async () => {
    let text = '';
    for await (const chunk of new Response(body).textStream()) text += `[${chunk}]`;
    return text;
  });
}

console.log('# clones');
for (const [name, body] of Object.entries({ bytes: () => utf8('ab'), 'a stream': () => streamOf(utf8('a'), utf8('b')), 'an opened stream': () => 'ab' })) {
  const first = new Response(body());
  if (name === 'an opened stream') void first.body;
  const second = first.clone();
  const bytes = await first.bytes();
  bytes.fill(0);
  console.log(name, await second.text(), first.bodyUsed, first.body === second.body);
}
const copied = utf8('ab');
const response = new Response(copied);
copied.fill(0);
console.log(await response.text());
await attempt('a symbol', () => new Response(Symbol('x')));
