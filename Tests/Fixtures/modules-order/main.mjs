// SPDX-License-Identifier: Apache-2.0
console.log('main');
import './a.mjs';
import './b.mjs';
import './c.mjs';
import './a.mjs';
export * from './d.mjs';
console.log('main again');
await import('./e.mjs');
console.log('after the dynamic import');
import './f.mjs';
