// SPDX-License-Identifier: Apache-2.0
import one, { two } from 'data:text/javascript,export default 1; export const two = 2;';
import encoded from 'data:text/javascript;base64,ZXhwb3J0IGRlZmF1bHQgJ8OkJzs=';
import json from 'data:application/json,{"a":1}' with { type: 'json' };
import chained from 'data:text/javascript,export { default } from "data:text/javascript,export default 3"';
import percent from 'data:text/javascript;charset=utf-8,export%20default%20%22%C3%A4%22';

console.log(one, two, encoded, JSON.stringify(json), chained, percent);
const url = 'data:text/javascript,export const object = {}';
console.log((await import(url)) === (await import(url)));
console.log((await import(url + '//1')).object === (await import(url + '//2')).object);

const dynamic = await import('data:text/javascript,export default (s) => import(s)');
console.log((await dynamic.default('data:text/javascript,export default 5')).default);
const file = import.meta.resolve('./leaf.mjs');
for (const [name, specifier] of Object.entries({
  relative: './leaf.mjs', absolute: '/leaf.mjs', file, html: 'data:text/html,x', 'no comma': 'data:text/javascript',
  'bad base64': 'data:text/javascript;base64,*', 'json without attribute': 'data:application/json,1',
})) {
  await dynamic.default(specifier).then(
    (namespace) => console.log(name, namespace.default),
    (error) => console.log(name, error.name));
}
try {
  await import('data:text/javascript,await 0; throw new RangeError("from data")');
} catch (error) {
  console.log(error.name, error.message);
}
console.log((await import('data:text/javascript,export default import.meta.url')).default);
