// SPDX-License-Identifier: Apache-2.0
// A vm context for each answer: new globals in the same isolate, and no security boundary.

import vm from 'node:vm';
import { measure } from './report.mjs';

const source = `({ async fetch(request) { return { status: 200, body: 'hello ' + request.url }; } })`;

await measure(async () => {
  const worker = new vm.Script(source).runInContext(vm.createContext({}));
  return (await worker.fetch({ method: 'GET', url: 'https://bench.test/path', headers: {} })).body;
}, process.argv);
