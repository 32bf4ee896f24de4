// SPDX-License-Identifier: Apache-2.0
import viaWith from './data.json' with { type: 'json' };
import viaAssert from './data.json' assert { type: 'json' };
import * as namespace from './data.json' with { type: "json" };
import text from './data.json' with { type: 'text' };
export { default as again } from './data.json' with { type: 'json' };
import number from './number.json'
  with { type: 'json' };
import bom from './bom.json' with { type: 'json', };

console.log(viaWith === viaAssert, viaWith === namespace.default, Object.keys(namespace).join());
console.log(JSON.stringify(viaWith), Object.getPrototypeOf(viaWith) === Object.prototype);
console.log(Object.keys(viaWith).join(), Object.hasOwn(viaWith, '__proto__'));
viaWith.changed = true;
console.log(viaAssert.changed, typeof text, text.length);
console.log(number, JSON.stringify(bom));

const dynamic = await import('./data.json', { with: { type: 'json' } });
console.log(dynamic === namespace, dynamic.default === viaWith);
console.log((await import('./data.json', { assert: { type: 'json' } })) === namespace);

const attempts = {
  'no attribute': () => import('./data.json'),
  'json that is javascript': () => import('./main.mjs', { with: { type: 'json' } }),
  'broken json': () => import('./broken.json', { with: { type: 'json' } }),
  'empty json': () => import('./empty.json', { with: { type: 'json' } }),
  'unknown type': () => import('./data.json', { with: { type: 'yaml' } }),
  'unknown attribute': () => import('./data.json', { with: { type: 'json', integrity: 'x' } }),
  'type is no string': () => import('./data.json', { with: { type: 1 } }),
  'with is no object': () => import('./data.json', { with: 1 }),
  'options are no object': () => import('./data.json', 1),
};
for (const [name, attempt] of Object.entries(attempts)) {
  let result;
  try {
    result = attempt();
    console.log(name, result instanceof Promise);
  } catch (error) {
    console.log(name, 'threw', error.name);
    continue;
  }
  await result.then(() => console.log('no error'), (error) => console.log(error.name, error.code));
}
