// SPDX-License-Identifier: Apache-2.0
// DisposableStack, AsyncDisposableStack, SuppressedError and the symbols.
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

const kinds = [DisposableStack, AsyncDisposableStack];
const accessor = (holder, key) => {
  const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(holder, key);
  return `${get.name}/${get.length} ${set} e${+enumerable} c${+configurable}`;
};
const attemptAsync = async (name, fn) => {
  let text;
  try {
    text = show(await fn());
  } catch (error) {
    text = `rejected ${describe(error)}`;
  }
  console.log(`${name}: ${text}`);
};
const describe = (error) => (error instanceof SuppressedError ? `{${describe(error.error)} over ${describe(error.suppressed)}}` : error instanceof Error ? error.name : String(error));

console.log('# Properties');
for (const name of ['dispose', 'asyncDispose']) {
  const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(Symbol, name);
  console.log(String(value), writable, enumerable, configurable, Symbol.keyFor(value));
}
for (const Class of kinds) {
  console.log(shape(globalThis, Class.name));
  const { prototype } = Class;
  console.log(Reflect.ownKeys(prototype).map(String).sort().join(' '));
  for (const key of ['adopt', 'defer', 'move', 'use']) console.log(shape(prototype, key));
  console.log(shape(prototype, Class === DisposableStack ? 'dispose' : 'disposeAsync'), accessor(prototype, 'disposed'));
  console.log(JSON.stringify(Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)), JSON.stringify(Object.getOwnPropertyDescriptor(Class, 'prototype')));
  attempt('called', () => Class());
  attempt('a subclass', () => new (class extends Class {})() instanceof Class);
  const bare = function () {};
  bare.prototype = null;
  attempt('without a prototype', () => Object.getPrototypeOf(Reflect.construct(Class, [], bare)) === prototype);
  attempt('as another', () => Object.getPrototypeOf(Reflect.construct(Class, [], Object)) === Object.prototype);
}
console.log(DisposableStack.prototype[Symbol.dispose] === DisposableStack.prototype.dispose, AsyncDisposableStack.prototype[Symbol.asyncDispose] === AsyncDisposableStack.prototype.disposeAsync);
const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype));
console.log(shape(Iterator.prototype, Symbol.dispose).replace(/own:.*/, ''), shape(AsyncIteratorPrototype, Symbol.asyncDispose).replace(/own:.*/, ''));

console.log('# SuppressedError');
console.log(shape(globalThis, 'SuppressedError').replace(/own:.*/, ''), Object.getPrototypeOf(SuppressedError) === Error, Object.getPrototypeOf(SuppressedError.prototype) === Error.prototype);
console.log(JSON.stringify(Object.getOwnPropertyDescriptors(SuppressedError.prototype)), JSON.stringify(Object.getOwnPropertyDescriptor(SuppressedError, 'prototype')));
for (const made of [new SuppressedError('a', 'b', 'text'), SuppressedError(1, 2), new SuppressedError()]) {
  const { stack, ...own } = Object.getOwnPropertyDescriptors(made);
  console.log(Reflect.ownKeys(own).join(), JSON.stringify(own.error), JSON.stringify(own.suppressed), JSON.stringify(own.message), String(made), made instanceof SuppressedError, Error.isError(made));
}
attempt('a message is converted', () => new SuppressedError(1, 2, { toString: () => 'converted' }).message);
attempt('a message that fails', () => new SuppressedError(1, 2, Symbol('s')));
attempt('a subclass', () => String(new (class Sub extends SuppressedError {})(1, 2, 'x') instanceof SuppressedError));
attempt('without a prototype', () => {
  const bare = function () {};
  bare.prototype = 5;
  return Object.getPrototypeOf(Reflect.construct(SuppressedError, [], bare)) === SuppressedError.prototype;
});
attempt('no cause', () => Object.hasOwn(new SuppressedError(1, 2, 'x', { cause: 1 }), 'cause'));
attempt('its stack', () => new SuppressedError(1, 2, 'text').stack.split('\n')[0]);

console.log('# DisposableStack');
{
  const log = [];
  const stack = new DisposableStack();
  const resource = { name: 'resource', [Symbol.dispose](...args) { log.push(`dispose ${this.name} ${args.length}`); } };
  attempt('use', () => stack.use(resource) === resource);
  attempt('use nothing', () => [stack.use(null), stack.use(undefined)]);
  attempt('adopt', () => stack.adopt('value', function (...args) { log.push(`adopted ${args} ${this}`); }));
  attempt('adopt undefined', () => stack.adopt(undefined, (...args) => { log.push(`adopted ${args.length}`); }));
  attempt('defer', () => stack.defer(function (...args) { log.push(`deferred ${args.length} ${this}`); }));
  attempt('disposed', () => stack.disposed);
  attempt('dispose', () => stack.dispose());
  attempt('again', () => stack.dispose());
  attempt('disposed', () => stack.disposed);
  console.log(log.join(', '));
  for (const name of ['use', 'adopt', 'defer', 'move']) attempt(`${name} when disposed`, () => stack[name](null, () => {}));
}
for (const Class of kinds) {
  const stack = new Class();
  console.log(`# Arguments of ${Class.name}`);
  for (const value of [1, 'x', true, Symbol('s'), {}, () => {}, { [Symbol.dispose]: 1 }, { [Symbol.dispose]: null }, { [Symbol.asyncDispose]: 1, [Symbol.dispose]() {} }, { get [Symbol.dispose]() { throw 'getter'; } }]) attempt(`use ${typeof value}`, () => stack.use(value) === value);
  for (const value of [undefined, null, {}, 1]) {
    attempt(`adopt with ${typeof value}`, () => stack.adopt(1, value));
    attempt(`defer ${typeof value}`, () => stack.defer(value));
  }
  const { prototype } = Class;
  for (const self of [undefined, {}, prototype, Class === DisposableStack ? new AsyncDisposableStack() : new DisposableStack()]) {
    for (const name of ['use', 'adopt', 'defer', 'move']) attempt(`${name} of ${Object.prototype.toString.call(self)}`, () => prototype[name].call(self, null, () => {}));
    attempt('disposed', () => Object.getOwnPropertyDescriptor(prototype, 'disposed').get.call(self));
  }
}
for (const self of [undefined, {}, new AsyncDisposableStack()]) attempt('dispose', () => DisposableStack.prototype.dispose.call(self));
for (const self of [undefined, {}, new DisposableStack()]) await attemptAsync('disposeAsync', () => AsyncDisposableStack.prototype.disposeAsync.call(self));
attempt('the method is read once', () => {
  let times = 0;
  const stack = new DisposableStack();
  stack.use({ get [Symbol.dispose]() {
    times++;
    return () => {};
  } });
  stack.dispose();
  return times;
});
attempt('errors', () => {
  const stack = new DisposableStack();
  stack.defer(() => { throw 'first'; });
  stack.defer(() => {});
  stack.defer(() => { throw 'second'; });
  stack.defer(() => { throw 'third'; });
  try {
    stack.dispose();
  } catch (error) {
    return [describe(error), stack.disposed, Object.hasOwn(error, 'error'), Object.hasOwn(error, 'suppressed')];
  }
});
attempt('used while it is disposed', () => {
  const stack = new DisposableStack();
  const log = [];
  stack.defer(() => {
    stack.dispose();
    log.push(stack.disposed);
    stack.defer(() => {});
  });
  try {
    stack.dispose();
  } catch (error) {
    return [error.name, log];
  }
});
attempt('moved', () => {
  const log = [];
  class Sub extends DisposableStack {}
  const stack = new Sub();
  stack.defer(() => log.push('deferred'));
  const moved = stack.move();
  const before = [stack.disposed, moved.disposed, Object.getPrototypeOf(moved) === DisposableStack.prototype];
  stack.dispose();
  moved.dispose();
  return [before, log];
});

console.log('# AsyncDisposableStack');
{
  const log = [];
  const stack = new AsyncDisposableStack();
  stack.use({ [Symbol.asyncDispose]: async (...args) => { log.push(`asyncDispose ${args.length}`); } });
  stack.use({ [Symbol.dispose]: () => { log.push('dispose'); } });
  stack.use({ [Symbol.dispose]() {}, [Symbol.asyncDispose]() { log.push('the asynchronous one'); } });
  stack.use({ [Symbol.asyncDispose]: null, [Symbol.dispose]() { log.push('null is none'); } });
  stack.use(null);
  stack.adopt('value', async (value) => { log.push(`adopted ${value}`); });
  stack.defer(async () => { log.push('deferred'); });
  const done = stack.disposeAsync();
  console.log(done instanceof Promise, stack.disposed, log.join(', '));
  await attemptAsync('again', () => stack.disposeAsync());
  await attemptAsync('first', () => done);
  console.log(log.join(', '));
}
await attemptAsync('errors', async () => {
  const stack = new AsyncDisposableStack();
  stack.defer(() => { throw 'thrown'; });
  stack.defer(async () => { throw 'rejected'; });
  stack.use({ [Symbol.dispose]() { throw 'at once'; } });
  await stack.disposeAsync();
});
await attemptAsync('a synchronous answer is not awaited', () => {
  const stack = new AsyncDisposableStack();
  stack.use({ [Symbol.dispose]: () => ({ get then() { throw 'then'; } }) });
  return stack.disposeAsync();
});
await attemptAsync('an asynchronous answer is awaited', () => {
  const stack = new AsyncDisposableStack();
  stack.use({ [Symbol.asyncDispose]: () => ({ get then() { throw 'then'; } }) });
  return stack.disposeAsync();
});
await attemptAsync('moved', async () => {
  const log = [];
  const stack = new AsyncDisposableStack();
  stack.defer(() => log.push('deferred'));
  const moved = stack.move();
  await stack.disposeAsync();
  log.push(moved.disposed);
  await moved.disposeAsync();
  return log;
});
for (const [name, fill] of Object.entries({
  nothing: () => {},
  null: (stack) => stack.use(null),
  'null twice': (stack) => stack.use(null) ?? stack.use(undefined),
  deferred: (stack) => stack.defer(() => {}),
  'deferred twice': (stack) => stack.defer(() => {}) ?? stack.defer(() => {}),
  'deferred and null': (stack) => stack.defer(() => {}) ?? stack.use(null),
  throwing: (stack) => stack.defer(() => { throw 1; }),
  'throwing and null': (stack) => stack.use(null) ?? stack.defer(() => { throw 1; }),
  rejecting: (stack) => stack.defer(async () => { throw 1; }),
  synchronous: (stack) => stack.use({ [Symbol.dispose]() {} }),
  'synchronous throwing': (stack) => stack.use({ [Symbol.dispose]() { throw 1; } }),
})) {
  const log = [];
  const stack = new AsyncDisposableStack();
  fill(stack);
  stack.disposeAsync().then(() => log.push('done'), () => log.push('failed'));
  for (let i = 0; i < 8; i++) {
    await undefined;
    log.push(i);
  }
  console.log(`${name}: ${log.join(' ')}`);
}

console.log('# Iterators');
attempt('a generator', () => {
  const log = [];
  const generator = (function* () {
    try {
      yield 1;
    } finally {
      log.push('closed');
    }
  })();
  generator.next();
  generator[Symbol.dispose]();
  return log;
});
await attemptAsync('an asynchronous generator', async () => {
  const log = [];
  const generator = (async function* () {
    try {
      yield 1;
    } finally {
      log.push('closed');
    }
  })();
  await generator.next();
  log.push(await generator[Symbol.asyncDispose]());
  return log;
});
const dispose = AsyncIteratorPrototype[Symbol.asyncDispose];
await attemptAsync('arguments and answer', async () => {
  let seen;
  const answer = await dispose.call({ return(...args) {
    seen = args.length;
    return 'answer';
  } });
  return [answer, seen];
});
await attemptAsync('no return', () => dispose.call({}));
await attemptAsync('a return that is none', () => dispose.call({ return: 5 }));
await attemptAsync('a return that throws', () => dispose.call({ return() { throw 'return'; } }));
await attemptAsync('a return that rejects', () => dispose.call({ return: () => Promise.reject('return') }));
await attemptAsync('undefined', () => dispose.call(undefined));
