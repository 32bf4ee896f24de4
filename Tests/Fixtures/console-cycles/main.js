// References to enclosing values.
const self = { name: 'self' };
self.self = self;
console.log(self);
const a = { name: 'a' };
const b = { name: 'b', a };
a.b = b;
console.log(a);
console.log({ a, b });
const list = [1];
list.push(list, [list]);
console.log(list);
const map = new Map();
map.set(map, 'key').set('value', map);
console.log(map);
const set = new Set();
set.add(set).add({ set });
console.log(set);
const two = { inner: {} };
two.inner.up = two;
two.inner.here = two.inner;
console.log(two);
class Node { constructor() { this.parent = this; } }
console.log(new Node());
function f() {}
f.own = f;
console.log(f);
const error = new Error('loop');
error.stack = 'Error: loop\n    at somewhere';
error.cause = error;
console.log(error);
const shared = { s: 1 };
console.log([shared, shared, { shared }]);
const promise = Promise.resolve();
promise.me = promise;
console.log(promise);
console.log('%o', self);
