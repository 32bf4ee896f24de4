// What Node lets throw, and this console prints.
const fail = () => { throw new Error('must not escape'); };
const trap = new Proxy(function target() {}, new Proxy({}, { get: () => fail }));
console.log(trap, [trap]);
console.log(new Proxy({ a: 1 }, { get: fail, ownKeys: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail }));
console.log(new Proxy(new Proxy([1, 2], { get: fail }), { get: fail }));
const map = new Map([[1, 2]]);
Object.defineProperty(map, 'size', { get: fail });
Object.defineProperty(map, Symbol.iterator, { value: fail });
console.log(map);
const typed = new Uint8Array(2);
Object.defineProperty(typed, 'length', { value: 1e9 });
console.log(typed);
console.log('%d %i %f', Object.create(null), Object.create(null), Object.create(null));
console.log('%s', { toString: fail, a: 1 });
console.log('%d', { valueOf: fail });
console.log({ a: 1, [Symbol.for('nodejs.util.inspect.custom')]: fail });
console.log({ a: 1, get [Symbol.for('nodejs.util.inspect.custom')]() { return fail(); } });
console.log({ a: 1, [Symbol.for('rookery.inspect')]: (depth, options, inspect) => `own ${inspect([depth])}` });
console.log(new (class Tagged { get [Symbol.toStringTag]() { return fail(); } })());
console.log(new (class { static get name() { return fail(); } a = 1; })());
console.log(Object.create(new Proxy({}, { getPrototypeOf: fail, get: fail, has: fail, getOwnPropertyDescriptor: fail })));
const error = Object.defineProperties(new Error('x'), {
  stack: { get: fail }, name: { get: fail }, message: { get: fail }, cause: { get: fail }, errors: { get: fail },
});
console.log(error);
console.table([{ get a() { return fail(); } }, new Proxy({ a: 1 }, { get: fail, ownKeys: fail })]);
class Instance { static [Symbol.hasInstance]() { return fail(); } }
console.log(new Instance());
console.dir({ b: 1, a: 2 }, { sorted: fail });
Error.prepareStackTrace = fail;
Error.stackTraceLimit = 0;
console.trace('without frames');
console.log('%j stays', 1);
console.assert(false, { a: 1 }, 'object first');
console.group();
console.group();
console.clear();
console.log('clear ends the groups');
