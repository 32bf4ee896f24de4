// SPDX-License-Identifier: Apache-2.0
// Promise.try and Promise.withResolvers.
// The output is that of an engine which has them all.
const show = (value) => {
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (value instanceof Set) return `Set{${[...value].map(show).join(' ')}}`;
  if (value instanceof Map) return `Map{${[...value].map(([key, held]) => `${show(key)}:${show(held)}`).join(' ')}}`;
  return Object.is(value, -0) ? '-0' : String(value);
};
const attempt = (name, fn) => {
  let text;
  try {
    text = show(fn());
  } catch (error) {
    text = `threw ${error instanceof Error ? error.name : error}`;
  }
  console.log(`${name}: ${text}`);
};
const shape = (holder, key) => {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
  let constructs = true;
  try {
    Reflect.construct(Object, [], value);
  } catch {
    constructs = false;
  }
  return `${value.name}/${value.length} w${+writable} e${+enumerable} c${+configurable} new:${constructs} own:${Reflect.ownKeys(value).sort()}`;
};

console.log(shape(Promise, 'try'));
console.log(shape(Promise, 'withResolvers'));

console.log('# withResolvers');
const made = Promise.withResolvers();
console.log(Object.getPrototypeOf(made) === Object.prototype, Reflect.ownKeys(made).join(' '), Object.values(Object.getOwnPropertyDescriptors(made)).every((d) => d.writable && d.enumerable && d.configurable));
console.log(made.promise instanceof Promise, made.resolve.length, made.reject.length, `[${made.resolve.name}]`);
made.resolve('resolved');
made.reject('too late');
console.log(await made.promise);
const failed = Promise.withResolvers();
failed.reject('rejected');
console.log(await failed.promise.catch((error) => error));
class Sub extends Promise {}
console.log(Promise.withResolvers.call(Sub).promise instanceof Sub);
for (const value of [undefined, null, 1, {}, () => {}, Symbol('s'), eval]) attempt(`withResolvers of ${typeof value}`, () => Promise.withResolvers.call(value));

console.log('# NewPromiseCapability');
for (const method of ['withResolvers', 'try']) {
  attempt(`${method}: no functions`, () => Promise[method].call(function (executor) { executor(1, 2); }, () => {}));
  attempt(`${method}: never called`, () => Promise[method].call(function () {}, () => {}));
  attempt(`${method}: called twice`, () => Promise[method].call(function (executor) {
    executor(() => {}, () => {});
    executor(() => {}, () => {});
  }, () => {}));
  attempt(`${method}: called twice, first with nothing`, () => typeof Promise[method].call(function (executor) {
    executor();
    executor(() => {}, () => {});
  }, () => {}));
  attempt(`${method}: resolve alone, then again`, () => typeof Promise[method].call(function (executor) {
    executor(undefined, () => {});
    executor(() => {}, () => {});
  }, () => {}));
  attempt(`${method}: the executor`, () => {
    let text;
    Promise[method].call(function (executor) {
      text = `${executor.length} [${executor.name}] ${Object.hasOwn(executor, 'prototype')}`;
      executor(() => {}, () => {});
    }, () => {});
    return text;
  });
}

console.log('# try');
console.log(await Promise.try((...args) => args.join(), 1, 2, 3));
console.log(await Promise.try(() => { throw 'thrown'; }).catch((error) => error));
console.log(await Promise.try(async () => 'asynchronous'));
console.log(await Promise.try(async () => { throw 'asynchronous'; }).catch((error) => `no ${error}`));
console.log(await Promise.try(function () { return this; }));
console.log(await Promise.try(() => ({ then(resolve) { resolve('a thenable'); } })));
for (const value of [undefined, null, 1, {}, 'x']) console.log(await Promise.try(value).catch((error) => error.name));
for (const value of [undefined, null, 1, {}, () => {}]) attempt(`try of ${typeof value}`, () => Promise.try.call(value, () => {}));
console.log(Promise.try.call(Sub, () => {}) instanceof Sub);
{
  const log = [];
  Promise.try(() => log.push('called')).then(() => log.push('then'));
  log.push('after');
  await null;
  await null;
  console.log(log.join(' '));
}
attempt('a resolve that throws', () => Promise.try.call(function (executor) { executor(() => { throw 'resolve'; }, () => { throw 'reject'; }); }, () => 1));
attempt('a reject that throws', () => Promise.try.call(function (executor) { executor(() => { throw 'resolve'; }, () => { throw 'reject'; }); }, () => { throw 1; }));
attempt('what resolves it gets', () => {
  let seen;
  Promise.try.call(function (executor) { executor((...args) => { seen = args; }, () => {}); }, (a, b) => a + b, 2, 3);
  return seen;
});
