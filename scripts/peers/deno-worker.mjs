// SPDX-License-Identifier: Apache-2.0
// A Deno web worker for each answer: an isolate, a thread and Deno's own runtime.

import { measure } from './report.mjs';

const source = `
const worker = { async fetch(request) { return { status: 200, body: 'hello ' + request.url }; } };
self.onmessage = async ({ data }) => self.postMessage(await worker.fetch(data));
`;
const url = 'data:text/javascript,' + encodeURIComponent(source);

await measure(async () => {
  const worker = new Worker(url, { type: 'module' });
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage({ method: 'GET', url: 'https://bench.test/path', headers: {} });
  const { body } = await answer;
  worker.terminate();
  return body;
}, Deno.args);
