// SPDX-License-Identifier: Apache-2.0
// Compiles: messages, their content and what they are made of.
const headers = new Headers([['a', 'b']]);
for (const [name, value] of headers) headers.append(name.toUpperCase(), value);
const form = new FormData();
form.set('file', new File([new Uint8Array(2), 'text'], 'name.txt', { lastModified: 0 }), 'other.txt');
for (const value of form.values()) console.log(typeof value === 'string' ? value : value.name);

const request = new Request(new URL('https://example.com/'), { method: 'POST', body: form, headers, duplex: 'half' });
const response = await fetch(request.clone(), { redirect: 'manual' });
const bytes: Uint8Array = await response.bytes();
const text: string = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
const parameters = new URLSearchParams({ q: text });
parameters.forEach((value, name) => console.log(name, value));
const answer = Response.redirect(new URL('?x', request.url), 303);
if (!answer.ok && answer.body !== null) for await (const chunk of answer.body) chunk.byteLength;
URL.revokeObjectURL(URL.createObjectURL(await answer.blob()));

const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, new TextEncoder().encode('x'));
const jwk: JsonWebKey = await crypto.subtle.exportKey('jwk', pair.publicKey);
const key: CryptoKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: crypto.getRandomValues(new Uint8Array(12)) }, key, signature);
const digest: ArrayBuffer = await crypto.subtle.digest('SHA-256', sealed);

// @ts-expect-error: a stream goes only half the way
new Request('x:', { duplex: 'full' });
// @ts-expect-error: a body is not an object of any kind
new Response({ a: 1 });
// @ts-expect-error: not a status of a redirection
Response.redirect('x:', 200);
// @ts-expect-error: the key itself stays inside
key.value;
export { digest, jwk };
