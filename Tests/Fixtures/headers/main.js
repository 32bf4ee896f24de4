// SPDX-License-Identifier: Apache-2.0
const attempt = (name, work) => {
  try {
    console.log(`${name}:`, work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const show = (headers) => JSON.stringify([...headers]);
const make = (init) => attempt(typeof init, () => show(new Headers(init)));

console.log('# init');
for (const init of [undefined, {}, [], { A: 1, a: '2', 'x-Y': null }, [['b', ' 1 '], ['a', '2'], ['B', '3']], new Map([['m', 'n']]), new Headers({ h: 'i' }), new Set(['ab', 'cd']),
  Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }), { [Symbol.iterator]: null, z: 1 }, () => {}, [new Set(['s', 't'])]]) make(init);
for (const init of [null, 1, 'ab', [['a']], [['a', 'b', 'c']], ['a'], [1], { a: '\u0100' }, { '\u0100': 'a' }, { 'a b': 1 }, { '': 1 }, { a: 'x\ny' }, { a: 'x\0' }, { [Symbol('s')]: 1 },
  { a: Symbol('v') }, { [Symbol.iterator]: 5 }]) make(init);
const traps = [];
const proxy = new Proxy({ b: '1', a: '2' }, {
  ownKeys: (target) => { traps.push('ownKeys'); return Reflect.ownKeys(target); },
  getOwnPropertyDescriptor: (target, key) => { traps.push(`descriptor ${String(key)}`); return Reflect.getOwnPropertyDescriptor(target, key); },
  get: (target, key) => { traps.push(`get ${String(key)}`); return target[key]; },
});
make(proxy);
console.log(traps.join());
const own = new Headers({ a: 'b' });
own[Symbol.iterator] = function* () { yield ['from', 'iterator']; };
make(own);

console.log('# values');
for (const value of ['', ' \t a\tb \r\n', '\u00E9', '\r\n', 'a, b', 1, null, undefined, true, '\x01']) attempt(JSON.stringify(value), () => JSON.stringify(new Headers([['x', value]]).get('X')));

console.log('# methods');
const headers = new Headers({ 'Content-Type': 'a', accept: 'b' });
headers.append('ACCEPT', 'c');
headers.append('Set-Cookie', 'x=1');
headers.append('set-cookie', 'y=2, z');
console.log(show(headers), headers.get('Accept'), headers.get('none'), headers.get('set-cookie'), headers.getSetCookie());
console.log(headers.has('ACCEPT'), headers.has('none'), headers.set('accept', 'd'), headers.get('accept'), headers.delete('content-TYPE'), show(headers));
headers.set('set-cookie', 'only');
console.log(headers.getSetCookie(), new Headers().getSetCookie());
for (const method of ['append', 'set', 'get', 'has', 'delete']) {
  attempt(`${method} of nothing`, () => headers[method]());
  attempt(`${method} of a bad name`, () => headers[method]('a b', 'x'));
  attempt(`${method} of no bytes`, () => headers[method]('\u20AC', 'x'));
  attempt(`${method} of another`, () => Headers.prototype[method].call({}, 'a', 'b'));
}
attempt('a bad value', () => headers.set('a', 'x\0y'));
attempt('a value of no bytes', () => headers.append('a', '\u20AC'));

console.log('# iteration');
const live = new Headers([['b', '1'], ['d', '2']]);
const steps = live.entries();
const seen = [steps.next().value.join()];
live.append('a', '0');
seen.push(steps.next().value.join());
live.append('c', '3');
seen.push(steps.next().value.join(), steps.next().value.join(), String(steps.next().done));
console.log(seen.join(' '));
const visited = [];
live.forEach(function (value, name, object) {
  visited.push(`${name}=${value}${object === live}${this.x}`);
  if (name === 'a') live.delete('b');
}, { x: 1 });
console.log(visited.join(), [...live.keys()].join(), [...live.values()].join());
console.log(Object.prototype.toString.call(steps), live[Symbol.iterator] === live.entries, Object.getPrototypeOf(Object.getPrototypeOf(steps)) === Object.getPrototypeOf(Object.getPrototypeOf([].values())));
attempt('a callback that is none', () => live.forEach(1));

console.log('# guards');
attempt('immutable', () => Response.error().headers.append('a', 'b'));
attempt('immutable, deleting', () => Response.redirect('https://a/').headers.delete('location'));
attempt('immutable, but wrong first', () => Response.error().headers.set('a b', 'c'));
const simple = new Request('https://a/', { mode: 'no-cors', headers: { accept: 'x', authorization: 'secret', 'content-type': 'application/json', 'content-language': 'a;b' } }).headers;
simple.set('accept-language', 'en');
simple.append('accept', 'y'.repeat(127));
simple.set('content-type', 'text/plain; a=b');
simple.delete('authorization');
console.log(show(simple));

console.log('# shape');
console.log(Headers.length, String(headers), Object.keys(Headers.prototype).join());
class Extended extends Headers {
  get(name) { return super.get(name) ?? 'none'; }
}
console.log(new Extended({ a: 'b' }).get('A'), new Extended().get('a'), new Extended() instanceof Headers);
const many = new Headers();
for (let i = 0; i < 400; i++) many.append(`Name-${i}`, String(i));
console.log(many.get('name-0'), many.get('NAME-399'), [...many].length);
console.log(new Headers({ a: 'b', 'x-y': 'z' }), new Headers());
