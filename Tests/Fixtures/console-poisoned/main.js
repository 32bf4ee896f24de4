// The console is used after everything it is made of was replaced.
const { defineProperty, getOwnPropertyNames, getOwnPropertyDescriptor } = Object;
const { ownKeys } = Reflect;
const error = new Error('stack by hand');
error.stack = 'Error: stack by hand\n    at nowhere';
const values = [
  'text', "it's\n", 1, -0, 2n, Symbol('s'), [1, , 3, 'x'], { a: { b: { c: { d: 1 } } }, 'x-y': 2, [Symbol('k')]: 3 },
  new Map([['k', { v: 1 }]]), new Set([1, [2]]), new Map([[1, 2]]).entries(), new Set([1]).values(), error,
  new Error('outer', { cause: 'inner' }), new Date(0), new Uint8Array([1, 2]), new ArrayBuffer(2),
  Promise.resolve(1), function f() {}, class A extends Map {}, new (class B { x = 1; })(), new Number(1),
  Object.create(null), new Proxy({ a: 1 }, {}), { get a() { return 1; } }, 'word '.repeat(30) + '\nnext line',
];
values[13].stack = 'Error: outer';
for (let i = 0; i < 10; i++) values[values.length] = i;
const count = values.length;
const poison = () => { throw 'poisoned'; };
const targets = [
  Object.prototype, Function.prototype, Array.prototype, String.prototype, Number.prototype, BigInt.prototype,
  Symbol.prototype, Map.prototype, Set.prototype, WeakMap.prototype, Promise.prototype, Date.prototype,
  ArrayBuffer.prototype, Object.getPrototypeOf(Uint8Array.prototype), Object.getPrototypeOf(new Map().values()),
  Object.getPrototypeOf(new Set().values()), Object.getPrototypeOf([].values()),
  Object.getPrototypeOf(Object.getPrototypeOf([].values())), Object, Reflect, Array, String, Number, Symbol, Math, JSON,
];
const plan = [];
for (const target of targets) {
  for (const key of ownKeys(target)) {
    const { configurable } = getOwnPropertyDescriptor(target, key);
    if (!configurable || key === 'constructor' || key === 'name' || key === Symbol.toStringTag) continue;
    plan[plan.length] = { target, key };
  }
}
for (const key of ['0', '1', '2', '50', 'get', 'set', 'value', 'done', 'depth', 'next', 'index', 'enumerable', 'then']) {
  plan[plan.length] = { target: Object.prototype, key };
}
for (const key of ['0', '1', '2', '50']) plan[plan.length] = { target: Array.prototype, key };
const { exec } = RegExp.prototype;
const trap = { __proto__: null, get: poison, set: poison, configurable: true };
const steps = plan.length;
for (let i = 0; i < steps; i++) {
  const { target, key } = plan[i];
  defineProperty(target, key, trap);
}
RegExp.prototype.exec = poison;
globalThis.Object = globalThis.Map = globalThis.Symbol = globalThis.String = undefined;

for (let i = 0; i < count; i++) console.log(values[i]);
console.log('%s %d %i %f %O %c%%', 'text', 1, 2, 3, values[7], 'css', values[8]);
console.log(values);
console.group('group');
console.log('two\nlines');
console.table(values[7]);
console.table(values[8]);
console.groupEnd();
console.count();
console.count();
console.dir(values[7], { __proto__: null, depth: 0 });
console.assert(false, 'assert', values[6]);
