const error = new DOMException('gone', 'NotFoundError');
console.log(`${error} ${error.code} ${error instanceof Error} ${error instanceof DOMException}`);
console.log(Object.prototype.toString.call(error));
console.log(Object.getOwnPropertyNames(error).join());
console.log(`${error.stack.split('\n')[0]} ${error.stack.includes('main.js')}`);
console.log(Object.getPrototypeOf(DOMException.prototype) === Error.prototype &&
  Object.getPrototypeOf(DOMException) === Function.prototype);
console.log(`${new DOMException().name} ${JSON.stringify(new DOMException().message)} ${new DOMException(null).message}`);
console.log(`${new DOMException('', 'DataCloneError').code} ${new DOMException('', 'Unheard').code} ` +
  `${DOMException.DATA_CLONE_ERR} ${error.INDEX_SIZE_ERR} ${DOMException.length}`);
console.log(Object.keys(DOMException.prototype).slice(0, 4).join());
console.log(Object.keys(DOMException).join());

class Mine extends DOMException {
  constructor() { super('own', 'AbortError'); }
}
const mine = new Mine();
console.log(`${mine} ${mine.code} ${mine instanceof Mine} ${mine instanceof Error}`);

const getter = Object.getOwnPropertyDescriptor(DOMException.prototype, 'message').get;
for (const work of [() => DOMException(), () => getter.call({}), () => DOMException.prototype.name,
  () => new DOMException(Symbol('s')), () => { 'use strict'; error.name = 'x'; }]) {
  try {
    work();
    console.log('no error');
  } catch (thrown) {
    console.log(thrown.name);
  }
}
