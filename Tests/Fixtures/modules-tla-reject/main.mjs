// SPDX-License-Identifier: Apache-2.0
const show = (name) => [
  (value) => console.log(name, 'fulfilled', value),
  (error) => console.log(name, 'rejected', error?.name ?? error, error?.message),
];
await import('./rejects.mjs').then(...show('rejects'));
await import('./below.mjs').then(...show('below'));
await import('./sibling.mjs').then(...show('sibling'));
await import('./later.mjs').then(...show('later'));
await import('./handled.mjs').then((namespace) => console.log('handled', namespace.result));
await import('./undefined.mjs').then(...show('undefined'));

try {
  await Promise.reject(new RangeError('caught here'));
} catch (error) {
  console.log(error.message);
}
const promise = new Promise((_, reject) => setTimeout(() => reject(new EvalError('late')), 5));
await promise.catch((error) => console.log(error.name));
for await (const value of (async function* () { yield 1; yield 2; })()) console.log(value);
console.log(await { then: (resolve) => resolve('of a thenable') });
if (await true) console.log('in a condition');
export default await Promise.resolve('exported');
