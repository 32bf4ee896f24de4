// SPDX-License-Identifier: Apache-2.0
// What scripts/bench-http asks, in the words of the web platform: the worker that is deployed, and Deno's handler.
const big = new Uint8Array(1 << 20).fill(0x72);
const two = async (path) => path;

export async function answer(request) {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case '/json': {
      const value = await request.json();
      value.count += 1;
      const headers = new Headers({ 'content-type': 'application/json' });
      for (let n = 1; n <= 5; n += 1) headers.set(`x-out-${n}`, request.headers.get(`x-in-${n}`));
      return new Response(JSON.stringify(value), { headers });
    }
    case '/big':
      return new Response(big, { headers: { 'content-type': 'application/octet-stream' } });
    case '/waits':
      return new Response(`hello ${await two(await two(pathname))}`);
    default:
      return new Response(`hello ${pathname}`);
  }
}

export default { fetch: answer };
