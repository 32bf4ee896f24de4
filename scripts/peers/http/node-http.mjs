// SPDX-License-Identifier: Apache-2.0
// What scripts/bench-http asks, on Node's http, without any isolation: node node-http.mjs PORT
import { createServer } from 'node:http';

const big = Buffer.alloc(1 << 20, 'rookery ');
const two = async (path) => path;

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  switch (pathname) {
    case '/json': {
      const value = JSON.parse(await text(request));
      value.count += 1;
      for (let n = 1; n <= 5; n += 1) response.setHeader(`x-out-${n}`, request.headers[`x-in-${n}`]);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
      break;
    }
    case '/big':
      response.setHeader('content-type', 'application/octet-stream');
      response.end(big);
      break;
    case '/waits':
      response.setHeader('content-type', 'text/plain;charset=UTF-8');
      response.end(`hello ${await two(await two(pathname))}`);
      break;
    default:
      response.setHeader('content-type', 'text/plain;charset=UTF-8');
      response.end(`hello ${pathname}`);
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
