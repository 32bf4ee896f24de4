// SPDX-License-Identifier: Apache-2.0
// URLSearchParams by itself.
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const show = (init) => console.log(attempt(() => {
  const params = new URLSearchParams(init);
  return `${JSON.stringify([...params])} ${params}`;
}));

console.log('# from strings');
for (const init of [undefined, null, '', '?', '??', 'a', 'a=', '=a', '=', '&', '&&a&&', 'a=b=c', 'a=1&a=2', 'a+b=c+d', 'a%20b=%2B%26', '%', '%4', '%zz',
  '%E2%82%AC', '%E2%82', '%FF', '%EF%BB%BFx', '\uFEFFx', 'a\u00E9', '\uD800=\uDC00x', 'a=\u0000', '%61%3D=1', "!'()*-._~", 7, true]) show(init);

console.log('# from sequences and records');
for (const init of [[], [['a', 'b'], ['a', 'c']], [['a']], [['a', 'b', 'c']], ['ab', 'cd'], [1], { a: 1, b: null }, {}, { 'a b': '+' }, new Map([['x', 'y']]),
  new URLSearchParams('p=q&r'), { [Symbol.iterator]: undefined, a: 1 }, { [Symbol.iterator]: null, a: 1 }, { [Symbol.iterator]: 5 }, { [Symbol()]: 1 },
  { '\uD800': 1, '\uDC00': 2 }, Object.defineProperty({ a: 1 }, 'b', { value: 2 }), () => {}, [[Symbol(), 'a']], new Set(['ab']),
  [new Set(['x', 'y'])]]) show(init);

console.log('# methods');
const params = new URLSearchParams('a=1&b=2&a=3&c=4');
console.log(`${params.get('a')} ${params.get('x')} ${params.getAll('a')} ${JSON.stringify(params.getAll('x'))} ${params.size}`);
console.log(`${params.has('a')} ${params.has('a', '3')} ${params.has('a', '2')} ${params.has('a', undefined)} ${params.has('x')}`);
params.set('a', 'first');
console.log(`${params}`);
params.set('d', 5);
params.append('a', 'second');
console.log(`${params}`);
params.delete('a', 'first');
params.delete('b', 'none');
console.log(`${params}`);
params.delete('a');
params.delete('b', undefined);
console.log(`${params} ${params.size}`);

console.log('# sorting');
for (const init of ['z=b&a=b&z=a&a=a', '\uFFFD=x&\uFFFC&\uFFFD=a', '\uFB03&\u{1F308}', '\u00E9&e\uFFFD&e\u0301', 'z=z&a=a&b=y&b=x&c', '']) {
  const sorted = new URLSearchParams(init);
  sorted.sort();
  console.log(JSON.stringify([...sorted]));
}
const many = new URLSearchParams();
for (let i = 0; i < 2000; i++) many.append(`k${i % 7}`, i);
many.sort();
let last = ['', -1];
console.log([...many].every(([key, value]) => {
  const isRight = key > last[0] || (key === last[0] && +value > +last[1]);
  last = [key, value];
  return isRight;
}));

console.log('# iteration');
const live = new URLSearchParams('a=1&b=2&c=3');
const seen = [];
for (const [key] of live) {
  seen.push(key);
  if (key === 'a') live.delete('a');
  if (key === 'c') live.append('d', 4);
}
console.log(seen.join());
live.forEach(function (value, key, object) { console.log(key, value, object === live, this === seen); }, seen);
console.log(`${[...live.keys()]} ${[...live.values()]} ${JSON.stringify([...live.entries()])}`);
const iterator = live[Symbol.iterator]();
const prototype = Object.getPrototypeOf(iterator);
console.log(Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Object.getPrototypeOf([].values())));
console.log(`${Object.prototype.toString.call(iterator)} ${Reflect.ownKeys(prototype).map(String)} ${Object.keys(prototype)} ${'constructor' in prototype}`);
console.log(`${JSON.stringify(iterator.next())} ${iterator[Symbol.iterator]() === iterator} ${live.entries === live[Symbol.iterator]}`);
console.log(JSON.stringify([iterator.next(), iterator.next(), iterator.next(), iterator.next()]));
console.log([() => iterator.next.call({}), () => iterator.next.call(new Map().entries()), () => live.forEach(), () => live.forEach({}),
  () => URLSearchParams.prototype.keys.call({})].map(attempt).map((text) => text.split(':')[0]).join());

console.log('# interface');
console.log([() => params.append('a'), () => params.get(), () => params.has(), () => params.delete(), () => params.set('a'), () => params.getAll(),
  () => URLSearchParams('a'), () => params.append(Symbol(), ''), () => URLSearchParams.prototype.get.call({}, 'a').length,
  () => new URLSearchParams(Symbol())].map(attempt).join('\n'));
console.log(`${Object.keys(URLSearchParams.prototype)} ${URLSearchParams.length} ${Object.prototype.toString.call(params)}`);
console.log(`${['append', 'delete', 'get', 'getAll', 'has', 'set', 'sort', 'forEach', 'keys', 'entries']
  .map((name) => URLSearchParams.prototype[name].length)}`);
class Mine extends URLSearchParams {}
console.log(`${new Mine('a=b')} ${new Mine() instanceof URLSearchParams}`);
console.log(new URLSearchParams('a&'.repeat(100000)).size, new URLSearchParams('%20'.repeat(100000)).toString().length);
