// Maps, sets, their iterators, weak ones, promises.
console.log(new Map(), new Set());
console.log(new Map([['a', 1], [{ k: 1 }, [1, 2]], [NaN, undefined]]));
console.log(new Set([1, 'a', { b: [] }, null]));
console.log(new Map([['outer', new Map([['inner', new Map([['deep', new Map([['deeper', 1]])]])]])]]));
console.log(new Set(Array.from({ length: 105 }, (_, i) => i)));
console.log(new Map(Array.from({ length: 30 }, (_, i) => [`key ${i}`, `value ${i}`])));
console.log(Object.assign(new Map([[1, 2]]), { extra: true }), Object.assign(new Set(), { extra: true }));
const map = new Map([['a', 1], ['b', { c: 1 }]]);
console.log(map.entries(), map.keys(), map.values());
const set = new Set(['x', 'y']);
console.log(set.entries(), set.values());
const used = map.keys();
used.next();
console.log(used);
console.log([1][Symbol.iterator](), 'x'[Symbol.iterator](), 'x'.matchAll(/x/g));
class Registry extends Map { name = 'main'; }
console.log(new Registry([['k', 'v']]), new Registry());
console.log(new (class Unique extends Set {})([1]));
console.log(Object.setPrototypeOf(new Map([[1, 2]]), null), Object.setPrototypeOf(new Set([1]), null));
console.log(new WeakMap([[map, 1]]), new WeakSet([set]), new WeakRef(map));
console.log(Promise.resolve({ a: 1 }), new Promise(() => {}));
const rejected = Promise.reject('reason');
rejected.catch(() => {});
console.log(rejected, Object.assign(Promise.resolve([1]), { tag: 'x' }));
console.log(new (class Task extends Promise {})(() => {}));
function* generate() { yield 1; }
console.log(generate(), (async function* () {})());
