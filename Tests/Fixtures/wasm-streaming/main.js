// SPDX-License-Identifier: Apache-2.0
// WebAssembly.compileStreaming and WebAssembly.instantiateStreaming.
const attempt = async (name, work) => {
  try {
    console.log(`${name}:`, await work());
  } catch (error) {
    console.log(`${name}: ${error?.name ? `${error.name}: ${error.message}` : error}`);
  }
};
const name = (text) => [text.length, ...new TextEncoder().encode(text)];
// Imports the function m.f, exports a function that calls it.
const bytes = new Uint8Array([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7F, 2, 7, 1, ...name('m'), ...name('f'), 0, 0, 3, 2, 1, 0,
  7, 5, 1, ...name('g'), 0, 1, 0x0A, 6, 1, 4, 0, 0x10, 0, 0x0B]);
const wasm = (body = bytes, init = {}) => new Response(body, { headers: { 'content-type': 'application/wasm' }, ...init });
const imports = { m: { f: () => 42 } };

await attempt('compile', async () => WebAssembly.Module.exports(await WebAssembly.compileStreaming(wasm())).map((item) => item.name).join());
await attempt('instantiate', async () => {
  const { instance, module } = await WebAssembly.instantiateStreaming(wasm(), imports);
  return `${instance.exports.g()} ${module instanceof WebAssembly.Module}`;
});
await attempt('a promise', async () => (await WebAssembly.instantiateStreaming(Promise.resolve(wasm()), imports)).instance.exports.g());
await attempt('a stream', async () => {
  const body = new ReadableStream({ start(c) {
    for (const byte of bytes) c.enqueue(new Uint8Array([byte]));
    c.close();
  } });
  return (await WebAssembly.instantiateStreaming(wasm(body), imports)).instance.exports.g();
});
await attempt('a data: URL', async () => WebAssembly.compileStreaming(fetch(`data:application/wasm;base64,${btoa(String.fromCharCode(...bytes))}`)));
await attempt('a blob: URL', async () => WebAssembly.compileStreaming(fetch(URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' })))));
const used = wasm();
await WebAssembly.compileStreaming(used);
console.log(used.bodyUsed);
await attempt('a used one', () => WebAssembly.compileStreaming(used));

for (const type of ['APPLICATION/wasm', ' application/wasm\t', 'application/wasm;x', 'application/wasm, a/b', 'application/octet-stream', '']) {
  await attempt(JSON.stringify(type), () => WebAssembly.compileStreaming(wasm(bytes, { headers: { 'content-type': type } })));
}
await attempt('no type', () => WebAssembly.compileStreaming(new Response(bytes)));
await attempt('a status', () => WebAssembly.compileStreaming(wasm(bytes, { status: 404 })));
await attempt('an error', () => WebAssembly.compileStreaming(Response.error()));
await attempt('nothing in it', () => WebAssembly.compileStreaming(wasm(null)));
await attempt('no wasm', () => WebAssembly.compileStreaming(wasm('text')));
await attempt('a failing stream', () => WebAssembly.compileStreaming(wasm(new ReadableStream({ start(c) { c.error('why'); } }))));
await attempt('chunks that are none', () => WebAssembly.compileStreaming(wasm(new ReadableStream({ start(c) { c.enqueue('x'); } }))));
for (const value of [undefined, null, 1, bytes, {}, () => wasm(), Object.create(Response.prototype)]) await attempt(typeof value, () => WebAssembly.compileStreaming(value));
await attempt('nothing', () => WebAssembly.compileStreaming());
await attempt('a rejection', () => WebAssembly.compileStreaming(Promise.reject('rejected')));
await attempt('no imports', () => WebAssembly.instantiateStreaming(wasm()));
await attempt('imports that are none', () => WebAssembly.instantiateStreaming(wasm(), 1));
await attempt('an import of another kind', () => WebAssembly.instantiateStreaming(wasm(), { m: { f: 1 } }));
const properties = Object.getOwnPropertyDescriptor(WebAssembly, 'compileStreaming');
console.log(properties.writable, properties.enumerable, properties.configurable, WebAssembly.compileStreaming.length, WebAssembly.instantiateStreaming.length);
