// SPDX-License-Identifier: Apache-2.0
import * as both from './both.mjs';
import * as shadowed from './shadowed.mjs';
import * as diamond from './diamond.mjs';
import * as cycle from './cycle-1.mjs';

console.log(Object.keys(both).join(), 'x' in both, both.x);
console.log(Object.keys(shadowed).join(), shadowed.x);
// The same binding by two ways is not ambiguous.
console.log(Object.keys(diamond).join(), diamond.x);
console.log(Object.keys(cycle).join(), cycle.one, cycle.two);
for (const specifier of ['./import-x.mjs', './export-x.mjs']) {
  await import(specifier).catch((error) => console.log(specifier, error.name));
}
