// SPDX-License-Identifier: Apache-2.0
// A Node worker_thread for each answer: an isolate, a thread and Node's own environment.

import { Worker } from 'node:worker_threads';
import { measure } from './report.mjs';

const source = `
import { parentPort } from 'node:worker_threads';
const worker = { async fetch(request) { return { status: 200, body: 'hello ' + request.url }; } };
parentPort.on('message', async (request) => parentPort.postMessage(await worker.fetch(request)));
`;
const url = new URL('data:text/javascript,' + encodeURIComponent(source));

await measure(async () => {
  const worker = new Worker(url);
  const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  worker.postMessage({ method: 'GET', url: 'https://bench.test/path', headers: {} });
  const { body } = await answer;
  await worker.terminate();
  return body;
}, process.argv);
