// Only failures are printed.
console.assert(true, 'never');
console.assert(1, 'never');
console.assert('x');
console.assert(false);
console.assert();
console.assert(0, 'message');
console.assert(null, 'template %s %d', 'x', 5, { rest: true });
console.assert(undefined, 'two', 'texts');
console.assert(false, { a: 1 }, 'object first');
console.assert(NaN, 42);
console.assert(false, '');
console.group();
console.assert(false, 'in a\ngroup');
console.groupEnd();
console.log('done');
