// SPDX-License-Identifier: Apache-2.0
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const members = ['type', 'url', 'redirected', 'status', 'ok', 'statusText', 'bodyUsed'];
const show = (response) => `${members.map((name) => `${name}=${response[name]}`).join(' ')} ${JSON.stringify([...response.headers])}`;

console.log(show(new Response()));
console.log(show(new Response('x', { status: 299, statusText: 'a\t\u00E9', headers: [['a', 'b']] })));
for (const body of ['x', new URLSearchParams('a=b'), new Blob(['x'], { type: 'a/b' }), new Blob([]), new Uint8Array(1), new ReadableStream()]) console.log(show(new Response(body)));
console.log(show(new Response('x', { headers: { 'Content-Type': 'own/type' } })), show(new Response(undefined, {})), show(new Response(null)));
for (const status of [199, 200, 599, 600, 0, -1, 65736, '201', null, NaN]) await attempt(String(status), () => new Response(null, { status }).status);
for (const status of [101, 103, 204, 205, 304]) {
  await attempt(`${status} with a body`, () => new Response('', { status }));
  await attempt(`${status} without`, () => new Response(null, { status }).status);
}
for (const statusText of ['\n', '\u0100', '\0', '\x7F']) await attempt(JSON.stringify(statusText), () => new Response('', { statusText }));
for (const init of [1, { headers: null }, { headers: { 'a b': 'c' } }, { status: 1, headers: 1 }]) await attempt(JSON.stringify(init), () => new Response('', init));

console.log('# error, redirect, json');
console.log(show(Response.error()), Response.error().body);
console.log(show(Response.redirect('https://a/b c')), show(Response.redirect(new URL('x:y'), 308)));
for (const args of [[], ['/a'], ['https://a/', 200], ['https://a/', 304], ['none', 200], [Symbol('x')]]) await attempt(args.map(String).join(), () => Response.redirect(...args));
console.log(show(Response.json({ a: [1, null] })), await Response.json({ a: [1, null] }).text());
console.log(show(Response.json('\u20AC', { status: 201, headers: { 'content-type': 'a/b' } })), await Response.json('\u20AC').json());
console.log(await Response.json({ toJSON: () => 5 }).text(), await Response.json(null).text());
const ring = {};
ring.ring = ring;
for (const [name, args] of Object.entries({ nothing: [], undefined: [undefined], 'a function': [() => {}], 'a symbol': [Symbol('x')], 'a BigInt': [1n], 'no body': [1, { status: 204 }], 'a status': [1, { status: 1 }] })) {
  await attempt(name, () => Response.json(...args));
}
await attempt('a ring', () => Response.json(ring).text().catch((error) => error.name));

console.log('# clones');
const first = new Response('text', { status: 201, statusText: 's', headers: { a: 'b' } });
const second = first.clone();
second.headers.set('a', 'c');
console.log(show(first), show(second), await first.text(), await second.text());
await attempt('a clone of an error', () => Response.error().clone().headers.set('a', 'b'));

console.log('# shape');
console.log(Response.length, Response.json.length, Response.redirect.length, String(first), Object.keys(Response.prototype).join(), Object.keys(Response).join());
await attempt('another receiver', () => Response.prototype.clone.call({}));
await attempt('no new', () => Response());
class Named extends Response {
  constructor(body, name) {
    super(body, { headers: { name } });
  }
}
const named = new Named('own', 'n');
console.log(named instanceof Response, named.headers.get('name'), await named.text());
console.log(first, Response.error());
