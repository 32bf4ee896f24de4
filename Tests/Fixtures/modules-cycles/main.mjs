// SPDX-License-Identifier: Apache-2.0
import * as self from './main.mjs';
import { a, bumpA } from './a.mjs';
import { b, readA, hoistedB } from './b.mjs';

console.log('main', a, b, hoistedB());
bumpA();
console.log('live', a, readA());

// A cycle whose binding is read too early; all of it has failed then.
for (const specifier of ['./tdz-a.mjs', './tdz-b.mjs', './tdz-a.mjs']) {
  try {
    const namespace = await import(specifier);
    console.log(specifier, Object.keys(namespace).join());
  } catch (error) {
    console.log(specifier, error.name, error.message);
  }
}

// A module that imports itself.
export const early = 'early';
console.log(self.early, self.hoisted());
for (const attempt of [() => self.late, () => Object.keys(self), () => 'late' in self, () => late]) {
  try {
    console.log(attempt());
  } catch (error) {
    console.log(error.name, error.message);
  }
}
export function hoisted() { return 'hoisted'; }
export let late = 1;
console.log(self.late, Object.keys(self).join());

// Three in a ring, each reading the next in a function only.
const { ring } = await import('./ring-1.mjs');
console.log(ring(4));
