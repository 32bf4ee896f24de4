// Names of constructors, functions, accessors, symbols, tags.
class Point { constructor(x, y) { this.x = x; this.y = y; } get length() { return 1; } static origin = 0; #hidden = 1; }
class Point3 extends Point { z = 3; }
console.log(new Point(1, 2), new Point3(1, 2), new (class {})(), new (class { a = 1; })());
console.log(Point, Point3, class {}, class extends Point {}, class Null extends null {}, [Point]);
console.log(Point.prototype, Object.prototype, Array.prototype);
console.log(function named() {}, () => {}, async () => {}, function* gen() {}, async function* agen() {});
console.log((() => () => {})(), Math.max, (function bindMe() {}).bind(null));
console.log(Object.assign(function withProps() {}, { a: 1, b: { c: 2 } }));
console.log({ method() {}, arrow: () => {}, async later() {}, *many() {}, ['computed key']() {}, class: class Inner {} });
console.log({ get a() { return 1; }, set a(v) {}, get b() { return 1; }, set c(v) {} });
console.log(Object.create(null), Object.assign(Object.create(null), { a: 1, [Symbol('s')]: 2 }));
console.log(Object.create({ inherited: 1 }), Object.create(Object.create(null)), Object.create(new Point(1, 2)));
console.log({ [Symbol('key')]: 1, [Symbol()]: 2, [Symbol.iterator]: 3, [Symbol.for('a\nb')]: 4 });
console.log({ 'a-b': 1, "it's": 2, 3: 4, '': 5, valid_name: 6, $dollar: 7, ['__proto__']: 8, 'ünï': 9 });
const hidden = Object.defineProperty({ shown: 1 }, 'hidden', { value: 2, enumerable: false });
console.log(hidden);
console.dir(hidden, { showHidden: true });
console.log({ [Symbol.toStringTag]: 'own' });
console.log(new (class Tagged { get [Symbol.toStringTag]() { return 'tag'; } })());
console.log(new (class Same { get [Symbol.toStringTag]() { return 'Same'; } })());
console.log(Object.create({ get [Symbol.toStringTag]() { return 'foo'; } }));
console.log(Object.setPrototypeOf(function orphan() {}, null), Object.setPrototypeOf(class Orphan {}, null));
console.log(new Number(3), new Number(-0), new String('abc'), new Boolean(false), Object(1n), Object(Symbol('boxed')));
console.log(Object.assign(new String('ab'), { extra: 1 }), new (class Text extends String {})('t'));
console.log(new Date(0), new Date(NaN), Object.assign(new Date(0), { zone: 'UTC' }), new (class Day extends Date {})(0));
console.log(/a\/b/gi, Object.assign(/x/, { note: 1 }), new (class Pattern extends RegExp {})('q', 'm'));
console.log((function () { return arguments; })(1, { a: 2 }), (function () { return arguments; })());
console.log({ constructor: 'text' }, { constructor: Point }, { hasOwnProperty: null });
console.log({ a: { b: { c: {} } } }, { a: { b: { c: { d: 1 } } } }, { a: { b: { c: [] } } }, { a: { b: { c: [1] } } });
console.log({ a: { b: { p: new Point(1, 2), n: Object.create(null), m: new Map([[1, 2]]), f() {} } } });
console.log({ p: { q: { n: Object.assign(Object.create(null), { x: 1 }), e: new Point3(1, 2) } } });
console.log(Math, JSON, globalThis === Object(globalThis));
console.log([undefined, null, true, false, 1.5, -0, NaN, Infinity, 12345678901234567890n, Symbol('x'), Symbol()]);
