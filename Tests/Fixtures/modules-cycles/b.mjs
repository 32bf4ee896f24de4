// SPDX-License-Identifier: Apache-2.0
import { a, hoistedA } from './a.mjs';
let early;
try {
  early = a;
} catch (error) {
  early = error.name;
}
console.log('b', early, hoistedA());
export const b = 'b';
export function readA() { return a; }
export function hoistedB() { return 'hoisted b'; }
