// SPDX-License-Identifier: Apache-2.0
const attempt = (specifier) => import(specifier).then(() => 'no error', (error) => error);
for (const specifier of [
  './throws.mjs', './rejects.mjs', './imports-throws.mjs', './missing.mjs', './syntax.mjs', './imports-syntax.mjs',
  './throws-null.mjs',
]) {
  const first = await attempt(specifier);
  const second = await attempt(specifier);
  console.log(specifier, first?.name ?? first, first === second);
}
const [throws, importer] = await Promise.all([attempt('./throws.mjs'), attempt('./imports-throws.mjs')]);
console.log(throws === importer, globalThis.thrown);
const [syntax, importsSyntax] = await Promise.all([attempt('./syntax.mjs'), attempt('./imports-syntax.mjs')]);
console.log(syntax === importsSyntax, globalThis.ran);
// A graph that does not link is linked anew by every import().
for (let i = 0; i < 2; i++) console.log((await attempt('./no-export.mjs')).name);
// The failed part of a graph does not spoil the rest.
console.log((await import('./good.mjs')).good);
