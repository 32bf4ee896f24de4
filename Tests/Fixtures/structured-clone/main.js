const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return `${error.name} ${error.code ?? ''} ${error instanceof DOMException}`;
  }
};

const date = new Date(86400000);
const shared = { deep: [1, , 3] };
const value = {
  date, shared, again: shared, map: new Map([['k', new Set([1, 'two'])]]), pattern: /a+/gi,
  big: 2n ** 70n, nothing: undefined, zero: -0, bytes: new Uint16Array([1, 2, 65535]),
  boxed: Object('text'), error: new RangeError('far'),
};
value.self = value;
const copy = structuredClone(value);
console.log(`other object ${copy !== value}, cycle ${copy.self === copy}, sharing ${copy.shared === copy.again}`);
console.log(`date ${copy.date !== date && copy.date.toISOString()}`);
console.log(`hole ${1 in copy.shared.deep} length ${copy.shared.deep.length}`);
console.log(`map ${copy.map.get('k') instanceof Set} ${[...copy.map.get('k')]}`);
console.log(`pattern ${copy.pattern} ${copy.pattern.lastIndex}`);
console.log(`numbers ${copy.big} ${Object.is(copy.zero, -0)} ${'nothing' in copy}`);
console.log(`bytes ${copy.bytes.constructor.name} ${copy.bytes}`);
console.log(`boxed ${typeof copy.boxed} ${copy.boxed}`);
console.log(`error ${copy.error instanceof RangeError} ${copy.error.message}`);
for (const primitive of [1, 'text', true, null, undefined, 5n]) console.log(String(structuredClone(primitive)));

class Point { constructor() { this.x = 1; } get double() { return 2; } }
const point = structuredClone(new Point());
console.log(`prototype lost ${Object.getPrototypeOf(point) === Object.prototype} ${JSON.stringify(point)}`);

console.log(attempt(() => structuredClone(() => {})));
console.log(attempt(() => structuredClone({ deep: { s: Symbol('s') } })));
console.log(attempt(() => structuredClone(new WeakMap())));
console.log(attempt(() => structuredClone({ get boom() { throw new EvalError('mine'); } })));
console.log(attempt(() => structuredClone()));
console.log(attempt(() => structuredClone(1, 2)));
console.log(attempt(() => structuredClone(1, { transfer: 5 })));
console.log(attempt(() => structuredClone(1, { transfer: [5] })));
console.log(attempt(() => structuredClone(1, { transfer: [{}] })));
console.log(`${structuredClone(1, null)} ${structuredClone(2, undefined)} ${structuredClone(3, {})}`);

const buffer = new Uint8Array([1, 2, 3]).buffer;
const moved = structuredClone({ view: new Uint8Array(buffer, 1), buffer }, { transfer: new Set([buffer]) });
console.log(`moved ${moved.view} ${moved.view.buffer === moved.buffer}, left ${buffer.byteLength}`);
console.log(attempt(() => structuredClone(1, { transfer: [buffer] })));
const twice = new ArrayBuffer(4);
console.log(`${attempt(() => structuredClone(1, { transfer: [twice, twice] }))}, left ${twice.byteLength}`);
console.log(`${attempt(() => structuredClone(() => {}, { transfer: [twice] }))}, left ${twice.byteLength}`);
console.log(`${structuredClone.length}`);
