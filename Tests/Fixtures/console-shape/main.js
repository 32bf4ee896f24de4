// The namespace object, by Web IDL.
const { value, ...rest } = Object.getOwnPropertyDescriptor(globalThis, 'console');
console.log(value === console, rest);
console.log(Object.prototype.toString.call(console), console[Symbol.toStringTag]);
console.log(Object.getOwnPropertyDescriptor(console, Symbol.toStringTag));
const prototype = Object.getPrototypeOf(console);
console.log(Object.getPrototypeOf(prototype) === Object.prototype, Reflect.ownKeys(prototype));
const names = [
  'assert', 'clear', 'count', 'countReset', 'debug', 'dir', 'dirxml', 'error', 'group', 'groupCollapsed', 'groupEnd',
  'info', 'log', 'table', 'time', 'timeEnd', 'timeLog', 'trace', 'warn',
];
for (const name of names) {
  const { value: method, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(console, name);
  let constructs = true;
  try {
    Reflect.construct(Object, [], method);
  } catch {
    constructs = false;
  }
  console.log(name, method.name === name, method.length, writable, enumerable, configurable, constructs);
}
console.log('console' in globalThis, Object.keys(globalThis).includes('console'), typeof Console);
console.log = 5;
console.info(typeof console.log);
