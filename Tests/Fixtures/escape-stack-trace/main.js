// SPDX-License-Identifier: Apache-2.0
// V8 can hand the frames of a stack to `Error.prepareStackTrace`, with receivers and functions: those of the prelude and
// the host would be a way in. Scripts get text, whatever they set, and wherever the error is made.
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const inspector = Symbol.for('nodejs.util.inspect.custom');

// What call sites yield that no script should have; `handed` says whether there were call sites at all.
let handed;
const siteMethods = ['getThis', 'getFunction', 'getTypeName', 'getEvalOrigin', 'getScriptNameOrSourceURL', 'getPromiseIndex'];
const look = (sites) => {
  if (typeof sites === 'string' || sites === undefined) return sites;
  handed ??= 'call sites';
  for (const site of sites) {
    for (const method of siteMethods) {
      const value = site[method]?.();
      if (typeof value === 'function' || (typeof value === 'object' && value !== null)) handed = `${method} gave ${typeof value}`;
    }
  }
  return sites;
};
Error.prepareStackTrace = (_, sites) => look(sites);
TypeError.prepareStackTrace = RangeError.prepareStackTrace = DOMException.prepareStackTrace = Error.prepareStackTrace;
Object.prototype.prepareStackTrace = Error.prepareStackTrace;
globalThis.prepareStackTrace = Error.prepareStackTrace;

const trace = () => {
  const error = new Error('trace');
  const holder = {};
  Error.captureStackTrace(holder);
  const { stack } = error;
  if (typeof stack !== 'string' || typeof holder.stack !== 'string') return 'a stack that is no text';
  return look(stack) === stack ? handed : 'another stack';
};
const during = (run) => {
  let found = 'the callback did not run';
  handed = undefined;
  run(() => {
    found = trace();
    return '';
  });
  return found;
};

attempt('a plain error', trace);
attempt('inside console.log', () => during((spy) => console.debug.call(null, 'an inspector:', { [inspector]: spy })));
attempt('inside a conversion for console.log', () => during((spy) => console.log('a conversion: %s', { toString: spy })));
attempt('inside a getter of console.dir', () => during((spy) => console.dir({ get a() { return spy(); } }, { getters: true })));
attempt('inside a comparator of console.dir', () => during((spy) => console.dir({ b: 1, a: 2 }, { sorted: () => spy() || 0 })));
attempt('inside structuredClone', () => during((spy) => structuredClone({ get a() { return spy(); } })));
attempt('inside an iterator of a transfer', () => during((spy) => structuredClone(1, { transfer: { *[Symbol.iterator]() { spy(); } } })));
attempt('inside a conversion of setTimeout', () => during((spy) => clearTimeout(setTimeout(() => {}, { valueOf: spy }))));
attempt('inside encode', () => during((spy) => new TextEncoder().encode({ toString: spy })));
attempt('inside an option of TextDecoder', () => during((spy) => new TextDecoder('utf-8', { get fatal() { return spy(); } })));
attempt('inside a proxy of DOMException', () => during((spy) => Reflect.construct(DOMException, [],
  new Proxy(DOMException, { get: (target, key) => spy() || target[key] }))));
attempt('inside a conversion of import()', () => during((spy) => { import({ toString: () => spy() || 'rookery:process' }); }));
attempt('inside the name of an error', () => during((spy) => {
  const error = new Error('m');
  Object.defineProperty(error, 'name', { get: spy });
  return String(error.stack) + String(error);
}));
attempt('an error of the prelude', () => {
  handed = undefined;
  try {
    structuredClone(() => {});
  } catch (error) {
    return typeof error.stack === 'string' ? handed : 'a stack that is no text';
  }
});
attempt('a stack overflow', () => {
  handed = undefined;
  const recurse = () => recurse() + 1;
  try {
    recurse();
  } catch (error) {
    return typeof error.stack === 'string' ? handed : 'a stack that is no text';
  }
});
attempt('prepareStackTrace as a getter', () => {
  let receiver;
  Object.defineProperty(Error, 'prepareStackTrace', { configurable: true, get() { receiver = this; } });
  void new Error('x').stack;
  delete Error.prepareStackTrace;
  return receiver === undefined || receiver === Error ? undefined : 'a receiver';
});
attempt('captureStackTrace of odd objects', () => {
  for (const object of [new Proxy({}, {}), [], () => {}, new Uint8Array(1), Object.create(new Proxy({}, {})), globalThis]) {
    try {
      Error.captureStackTrace(object, console.log);
    } catch (error) {
      if (!(error instanceof TypeError)) return error;
    }
    if (object.stack !== undefined && typeof object.stack !== 'string') return 'a stack that is no text';
  }
  delete globalThis.stack;
});
attempt('stackTraceLimit', () => {
  const limits = [0, -1, NaN, Infinity, 1e9, '5', null, {}, 2 ** 53, { valueOf() { throw new Error('asked'); } }];
  for (const limit of limits) {
    Error.stackTraceLimit = limit;
    const { stack } = new Error('x');
    if (typeof stack !== 'string' && stack !== undefined) return `a stack at ${String(limit)}`;
    btoa('x');
  }
  Object.defineProperty(Error, 'stackTraceLimit', { get() { throw new Error('asked'); } });
  const { stack } = new Error('x');
  return typeof stack === 'string' || stack === undefined ? undefined : 'a stack';
});
delete Error.stackTraceLimit;
Error.stackTraceLimit = 10;
setTimeout(() => attempt('inside a timer', () => { handed = undefined; return trace(); }));
queueMicrotask(() => attempt('inside a microtask', () => { handed = undefined; return trace(); }));
(async () => {
  await null;
  attempt('after await', () => { handed = undefined; return trace(); });
})();
