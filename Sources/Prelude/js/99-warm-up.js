// SPDX-License-Identifier: Apache-2.0
'use strict';

// A worker that does what most workers do, in a context that is thrown away while the snapshot is made: the functions
// that it reaches are in the snapshot with their code, and no first request has to compile them. Every function counts:
// each isolate has the code in its heap.

const { Error, PromiseResolve } = primordials;
const { exports } = internals;
const { console, Headers, Response } = primordials.globalThis;

const readJson = async (request) => {
  const headers = new Headers({ 'x-warm': request.headers.get('X-Warm'), 'content-type': 'application/json' });
  headers.set('x-warm', 'a');
  headers.append('x-warm', 'b');
  return Response.json(await request.json(), { headers, status: 201, statusText: 'Created' });
};

const readText = async (request) => {
  const body = await request.text();
  for (const [name, value] of request.headers) if (name === value) break;
  const response = new Response(body, { headers: [['content-type', 'text/html']] });
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  return response;
};

const worker = {
  async fetch(request, env, context) {
    const { method, url } = request;
    console.log(method);
    if (url === 'https://warm.test/json') return readJson(request);
    if (url === 'https://warm.test/text') return readText(request);
    if (method === 'POST') return new Response(await request.arrayBuffer(), { status: 404 });
    context.waitUntil(PromiseResolve());
    return new Response(`${env.NAME} ${url}`);
  },
};

const requests = [
  'GET\nhttps://warm.test/\naccept\n*/*\nhost\nwarm.test\n',
  'POST\nhttps://warm.test/json\nx-warm\n1\n',
  'POST\nhttps://warm.test/text\nx-warm\n1\n',
  'POST\nhttps://warm.test/bytes\nx-warm\n1\n',
];

let failed = 0;
let finished = 0;
host.failDispatch = (number) => { failed = number; };
host.finishDispatch = () => { finished++; };

exports.setHost([{ name: 'CLOCK', capability: 'clock', place: 0, operations: { now: 0 }, sync: ['now'] }]);
exports.setWorker({ __proto__: null, default: worker }, ['NAME', 'hello']);
for (let i = 0; i < requests.length; i++) {
  exports.dispatchFetch(i + 1, requests[i], i === 0 ? undefined : host.utf8Encode('{"warm":[1]}'));
}
internals.host.callLater(internals.host.bindings.CLOCK, 'now', undefined, () => {}, () => {});
exports.settleHostCalls(1, true, 0);

return () => {
  if (failed > 0) exports.takeFailure(failed);
  if (finished !== requests.length) throw new Error('a request of the warm-up did not end');
};
