// SPDX-License-Identifier: Apache-2.0
// Every way to make code of a string, and every way to the constructors that do: each ends in an EvalError, or makes no
// code at all. Code that was made sees nothing that other code does not see; but what is not there cannot be fooled.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
    found = typeof found === 'function' ? 'a function' : `made ${String(found)}`;
  } catch (error) {
    const isOwn = error instanceof EvalError && Object.getPrototypeOf(error) === EvalError.prototype;
    found = isOwn ? 'EvalError' : `threw ${error}`;
  }
  console.log(`${name}: ${found}`);
};
const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor;
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {}).constructor;
const indirect = eval;
const thrown = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
};

await attempt('eval', () => eval('1 + 1'));
await attempt('indirect eval', () => indirect('this'));
await attempt('eval by way of Reflect', () => Reflect.apply(eval, undefined, ['1']));
await attempt('eval as a callback', () => ['1'].map(eval)[0]);
await attempt('eval by way of bind and call', () => eval.call.bind(eval.call)(eval, null, '1'));
await attempt('eval in a then', () => Promise.resolve('1').then(eval));
await attempt('new Function', () => new Function('return this'));
await attempt('Function', () => Function('return this')());
await attempt('Function without a body', () => Function());
await attempt('Function by way of Reflect.construct', () => Reflect.construct(Function, ['return 1'], class {}));
await attempt('a class that extends Function', () => new (class extends Function {})('return 1'));
await attempt('a class that extends null and takes Function', () => Reflect.construct(Object.getPrototypeOf(class {}).constructor, ['1']));
await attempt('GeneratorFunction', () => GeneratorFunction('yield 1'));
await attempt('AsyncFunction', () => AsyncFunction('return 1'));
await attempt('AsyncGeneratorFunction', () => AsyncGeneratorFunction('yield 1'));
await attempt('new GeneratorFunction', () => new GeneratorFunction('a', 'yield a'));
await attempt('new AsyncFunction', () => new AsyncFunction('a', 'await a'));
await attempt('new AsyncGeneratorFunction', () => new AsyncGeneratorFunction('a', 'yield a'));
await attempt('the constructor of console.log', () => console.log.constructor('return this')());
await attempt('the constructor of setTimeout', () => setTimeout.constructor('return this')());
await attempt('the constructor of TextEncoder', () => TextEncoder.constructor('return this')());
await attempt('the constructor of import.meta.resolve', () => import.meta.resolve.constructor('return this')());
await attempt('the constructor of an error of the host', () =>
  thrown(() => structuredClone(() => {})).constructor.constructor('return this')());
await attempt('the constructor of an error of import()', () =>
  import('./none.js').catch((error) => error.constructor.constructor('return this')()));
await attempt('the constructor of a stack overflow', () => {
  const recurse = () => recurse();
  return thrown(recurse).constructor.constructor('return this')();
});
await attempt('the constructor of a clone', () => structuredClone({}).constructor.constructor('return this')());
await attempt('the constructor of bytes', () => new TextEncoder().encode('').constructor.constructor('return this')());
await attempt('the constructor of the inspect function', () => {
  let made;
  console.log({ [Symbol.for('nodejs.util.inspect.custom')]: (_, __, inspect) => { made = inspect; return 'inspected'; } });
  return made.constructor('return this')();
});
await attempt('the constructor of a getter of a global', () =>
  Object.getOwnPropertyDescriptor(globalThis, 'performance').get.constructor('return this')());
await attempt('a toString that makes the code', () => Function({ toString: () => 'return 1' }));
await attempt('parameters that end the function', () => Function('a = 1) { }, function (', ''));
await attempt('a subclass with another new target', () => Reflect.construct(AsyncFunction, ['return 1'], GeneratorFunction));
await attempt('a proxy of Function', () => new (new Proxy(Function, {}))('return 1'));
await attempt('a bound Function', () => Function.bind(null, 'return 1')());
const refused = (name, fn) => {
  const error = thrown(fn);
  console.log(`${name}: ${error instanceof EvalError || error instanceof TypeError ? 'refused' : 'not refused'}`);
};
refused('setTimeout of a string', () => setTimeout('globalThis.ran = true'));
refused('setInterval of a string', () => setInterval('globalThis.ran = true', 0));
refused('setTimeout of an object that becomes a string', () => setTimeout({ toString: () => 'globalThis.ran = true' }));
refused('setTimeout of a boxed string', () => setTimeout(new String('globalThis.ran = true')));
refused('queueMicrotask of a string', () => queueMicrotask('globalThis.ran = true'));
setTimeout(() => console.log(`code that ran: ${globalThis.ran ?? 'nothing'}`), 10);
// What is no string is no code.
console.log(`eval of no string: ${eval(console) === console}`);
