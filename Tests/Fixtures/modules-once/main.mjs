// SPDX-License-Identifier: Apache-2.0
import { id } from './once.mjs';
import { id as viaFolder } from './folder/../once.mjs';
import { id as viaDots } from '././once.mjs';
import { id as viaPercent } from './%6Fnce.mjs';
import { id as viaOther } from './other.mjs';

const same = [viaFolder, viaDots, viaOther];
console.log(same.every((other) => other === id), globalThis.evaluations);
// A percent-encoded letter is another URL, so another module.
console.log(viaPercent === id);

const before = globalThis.evaluations;
const url = new Function('u', 'return u')(import.meta.url);
const absolute = url.slice(0, url.lastIndexOf('/')) + '/once.mjs';
for (const specifier of ['./once.mjs', './folder/../once.mjs', absolute, import.meta.resolve('./once.mjs')]) {
  console.log((await import(specifier)).id === id);
}
console.log(globalThis.evaluations === before);

// Many imports at once, before the module is there.
const all = await Promise.all(Array.from({ length: 100 }, () => import('./late.mjs')));
console.log(new Set(all).size, globalThis.lateEvaluations);
// While it evaluates and waits.
const [one, two] = await Promise.all([import('./waiting.mjs'), import('./waiting.mjs')]);
console.log(one === two, one.count);
