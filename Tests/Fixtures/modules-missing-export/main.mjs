// SPDX-License-Identifier: Apache-2.0
const tests = [
  './named.mjs', './default.mjs', './indirect.mjs', './circular-1.mjs', './star-default.mjs', './duplicate.mjs',
];
for (const specifier of tests) {
  try {
    await import(specifier);
    console.log(specifier, 'no error');
  } catch (error) {
    console.log(specifier, error.name, error.constructor === SyntaxError);
  }
}
const namespace = await import('./lib.mjs');
console.log(namespace.absent, 'absent' in namespace);
