// SPDX-License-Identifier: Apache-2.0
// The oldest way out of a sandbox: from any object of the host, by way of `constructor`, `__proto__` and the like, to
// a Function or a global object of another realm. And the names under which other hosts keep their internals.
const matched = [RegExp.input, RegExp.lastMatch, RegExp.leftContext, RegExp.rightContext, RegExp.$1].join('');
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};

// Undefined where everything on the way from `start` belongs to this realm.
const walk = (start) => {
  const way = [start];
  for (let i = 0; i < way.length && i < 200; i++) {
    const value = way[i];
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
    if (typeof value === 'function' && value !== Function.prototype && !(value instanceof Function)) return `foreign function ${value}`;
    if (!(value instanceof Object) && Object.getPrototypeOf(value) !== null) return 'foreign object';
    for (const step of [value.constructor, value.__proto__, Object.getPrototypeOf(value), value.constructor?.constructor]) {
      if (step !== undefined && !way.includes(step)) way.push(step);
    }
  }
  for (const end of way) {
    if (typeof end === 'function' && end.name === 'Function' && end !== Function) return 'another Function';
    if (typeof end === 'function' && end.name === 'Object' && end !== Object) return 'another Object';
  }
  return undefined;
};

const thrownBy = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
};

for (const name of Object.getOwnPropertyNames(console)) attempt(`console.${name}`, () => walk(console[name]));
for (const name of ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask', 'structuredClone',
  'atob', 'btoa', 'TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'URLPattern', 'Blob', 'File', 'FileReader', 'FileReaderSync', 'ProgressEvent', 'Headers', 'FormData', 'Request', 'Response', 'fetch', 'DOMException', 'Performance', 'performance', 'self', 'process', 'console',
  'MessageChannel', 'BroadcastChannel', 'WebSocket', 'EventSource', 'CloseEvent', 'PerformanceObserver', 'navigator', 'reportError', 'onerror']) {
  attempt(name, () => walk(globalThis[name]));
}
attempt('globalThis', () => walk(globalThis));
attempt('import.meta', () => walk(import.meta) ?? (Object.getPrototypeOf(import.meta) === null ? undefined : 'a prototype'));
attempt('import.meta.resolve', () => walk(import.meta.resolve));
attempt('process.argv and process.env', () => walk(process.argv) ?? walk(process.env));
attempt('the identity of a timer', () => {
  const id = setTimeout(() => {}, 0);
  clearTimeout(id);
  return typeof id === 'number' ? undefined : walk(id) ?? 'an object';
});
attempt('encoded bytes', () => walk(new TextEncoder().encode('x')) ?? walk(new TextEncoder().encode('x').buffer));
attempt('the progress of encodeInto', () => walk(new TextEncoder().encodeInto('x', new Uint8Array(1))));
attempt('an iterator of URLSearchParams', () => walk(new URLSearchParams('a=b').entries()) ??
  walk([...new URLSearchParams('a=b')][0]));
attempt('a match of a URLPattern', () => walk(new URLPattern({ pathname: '/:a' }).exec({ pathname: '/b' }).pathname.groups));
attempt('performance.toJSON', () => walk(performance.toJSON()));
attempt('a clone', () => walk(structuredClone({ a: [new Map([[1, new Set()]]), new Date(0), /x/, new Error('x')] })));
attempt('parts of a clone', () => {
  const clone = structuredClone([{}, [], new Map(), new Set(), new Date(0), /x/g, new TypeError('x'), new ArrayBuffer(1),
    new Uint8Array(1), Object(1n), Object('s')]);
  return clone.map(walk).find(Boolean);
});
attempt('an error of setTimeout', () => walk(thrownBy(() => setTimeout('x'))));
attempt('an error of structuredClone', () => walk(thrownBy(() => structuredClone(() => {}))));
attempt('an error of atob', () => walk(thrownBy(() => atob('!'))));
attempt('an error of TextDecoder', () => walk(thrownBy(() => new TextDecoder('none'))));
attempt('an error of URL', () => walk(thrownBy(() => new URL(''))));
attempt('an error of Performance', () => walk(thrownBy(() => new Performance())));
attempt('an error of import.meta.resolve', () => walk(thrownBy(() => import.meta.resolve(Symbol()))));
attempt('an overflow of the stack', () => {
  const recurse = () => recurse();
  return walk(thrownBy(recurse));
});
attempt('arguments of a custom inspector', () => {
  let found;
  console.log({ [Symbol.for('nodejs.util.inspect.custom')](...args) {
    found = args.map(walk).find(Boolean) ?? walk(args[1].stylize);
    return 'an inspector ran';
  } });
  return found;
});
attempt('this of a plain function', () => (function () { return this; })());
attempt('this of a callback of the sort', () => {
  let found;
  [2, 1].sort(function () { found ??= this; return 0; });
  return found;
});

attempt('what the prelude matched before the script began', () => matched || undefined);
const hosts = ['require', 'module', 'exports', '__filename', '__dirname', 'Buffer', 'global', 'setImmediate', 'Deno', 'Bun',
  '__bootstrap', 'bootstrap', 'internalBinding', 'primordials', 'internals', 'host', 'd8', 'Realm', 'ShadowRealm', 'gc', 'load',
  'read', 'readline', 'print', 'printErr', 'quit', 'version', 'externalizeString', 'isolate', 'Worker', 'SharedArrayBuffer',
  'Atomics', 'importScripts', 'window', 'document', 'frames', 'XMLHttpRequest', 'ActiveXObject', 'Java', 'Packages', '$262'];
attempt('names of other hosts', () => hosts.filter((name) => name in globalThis)[0]);
attempt('process beyond arguments and environment', () => {
  const names = ['binding', '_linkedBinding', 'dlopen', 'mainModule', 'moduleLoadList', 'constructor.constructor.prototype.host',
    'kill', 'exit', 'abort', 'cwd', 'chdir', 'report', 'getBuiltinModule', 'stdin', 'stdout', 'versions', 'pid', 'execPath', 'config'];
  return names.find((name) => name in process);
});
attempt('a process that can be changed', () => (Object.isFrozen(process) ? undefined : 'process is not frozen'));
attempt('embedder symbols', () => {
  const symbols = ['Deno.internal', 'node.isolate', 'rookery.internal', 'rookery.host', 'primordials', 'nodejs.internal'];
  return symbols.find((name) => Symbol.for(name) in globalThis || Symbol.for(name) in console || Symbol.for(name) in process);
});
setTimeout(function (...args) {
  attempt('this of a timer', () => (this === globalThis ? undefined : 'another this'));
  attempt('arguments of a timer', () => (args.length === 0 && arguments.length === 0 ? undefined : 'arguments'));
});
queueMicrotask(function () {
  attempt('this and arguments of a microtask', () => (this === undefined && arguments.length === 0 ? undefined : 'something'));
});
