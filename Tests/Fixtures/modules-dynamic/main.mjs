// SPDX-License-Identifier: Apache-2.0
const first = await import('./value.mjs');
const second = await import('./value.mjs');
console.log(first === second, first.value, first.default);
console.log(import('./value.mjs') instanceof Promise);
console.log(import('./value.mjs') === import('./value.mjs'));

const name = 'value';
console.log((await import(`./${name}.mjs`)).value);
console.log((await import({ toString: () => './value.mjs' })).value);

const outcomes = await Promise.allSettled([
  import('./missing.mjs'), import('./syntax.mjs'), import('bare'), import('https://example.com/x.mjs'),
  import({ toString() { throw new RangeError('from toString'); } }), import(Symbol.iterator),
]);
for (const { status, reason } of outcomes) console.log(status, reason?.name);

// The specifier is evaluated at once, the import never.
const log = [];
const promise = import((log.push('specifier'), './effect.mjs'));
log.push('after the call');
await promise;
console.log(log.join(', '));

console.log(await Promise.all([3, 1, 2].map(async (n) => (await import(`./value.mjs?${n}`)).query)).then(String));
const queried = await import('./value.mjs?1');
console.log(queried === first, queried.value === first.value);
console.log((await import('./value.mjs#fragment')) === first);

// A thenable namespace is taken for a promise by await, as ECMA-262 says.
console.log(await import('./thenable.mjs'));

// From a function that is called later and from a timer.
await new Promise((done) => setTimeout(async () => {
  console.log((await import('./value.mjs')) === first);
  done();
}, 1));
import('./value.mjs').then(() => console.log('an import that nothing awaits'));
