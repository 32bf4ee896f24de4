// SPDX-License-Identifier: Apache-2.0
import { name } from 'library';
import deep from 'library/deep.mjs';
import { name as aliased } from 'alias';
import scoped from './scope/main.mjs';
import blockedNot from './moved.mjs';
import generated from 'generated';

console.log(name, deep, aliased === name, blockedNot, generated);
console.log(scoped.name, scoped.deep);
for (const specifier of ['library/absent.mjs', 'library/../main.mjs', 'nowhere', 'blocked', 'library/blocked/x.mjs', 'constructor']) {
  await import(specifier).then(
    () => console.log(specifier, 'no error'),
    (error) => console.log(specifier, error.name, error.code));
}
const base = import.meta.url.slice(0, import.meta.url.lastIndexOf('/') + 1);
for (const specifier of ['library', 'library/x.mjs', 'generated', './moved.mjs']) {
  console.log(specifier, import.meta.resolve(specifier).replace(base, 'BASE/'));
}
console.log((await import('library')).name);
console.log((await import('data:text/javascript,export { name } from "library"')).name);
