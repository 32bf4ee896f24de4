// SPDX-License-Identifier: Apache-2.0
import theDefault, { counter, increment, renamed as alias, 'a string name' as named } from './lib/values.mjs';
import * as all from './lib/values.mjs';
import { default as again } from './lib/../lib/values.mjs';
import './lib/effect.mjs';
import { deep } from './lib/deep/deep.mjs';
import Klass, { fn } from './lib/hoisted.mjs';

console.log(theDefault(), again === theDefault, all.default === theDefault);
console.log(alias, named);
console.log(counter, all.counter);
increment();
console.log(counter, all.counter);
console.log(deep, globalThis.effects.join());
console.log(new Klass().name, fn());
console.log(typeof this, (function () { return typeof this; })());

for (const attempt of [
  () => { counter = 5; },
  () => { counter++; },
  () => { all.counter = 5; },
  () => { all.added = 1; },
  () => { delete all.counter; },
]) {
  try {
    attempt();
    console.log('no error');
  } catch (error) {
    console.log(error.constructor === TypeError, error.name);
  }
}
console.log(counter, delete all.nothing);
