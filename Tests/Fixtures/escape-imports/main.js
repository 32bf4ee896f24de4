// SPDX-License-Identifier: Apache-2.0
// import() and import.meta.resolve as ways to files outside the folder, to modules of other hosts, and to the loader.
const attempt = async (name, fn) => {
  let found;
  try {
    found = await fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  console.log(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
const types = [undefined, 'text', 'bytes', 'json'];
// Undefined where the specifiers lead to no module, whatever they are imported as.
const reachAs = async (kinds, specifiers) => {
  for (const specifier of specifiers) {
    for (const type of kinds) {
      try {
        const module = await (type === undefined ? import(specifier) : import(specifier, { assert: { type } }));
        return `${specifier} gave ${Object.keys(module)}`;
      } catch (error) {
        if (!(error instanceof Error) || error.constructor.constructor !== Function) return `a foreign error of ${specifier}`;
        if (/root:|HOME=|PATH=/.test(`${error.message} ${error.stack}`)) return `contents of ${specifier}`;
      }
    }
  }
  return undefined;
};
const reach = (...specifiers) => reachAs(types, specifiers);
const here = new RegExp('^file://(.*/)[^/]*$').exec(import.meta.url)[1];

await attempt('files of the system', () => reach('/etc/passwd', 'file:///etc/passwd', 'file://localhost/etc/passwd', '//etc/passwd',
  'file:/etc/passwd', 'file:etc/passwd', 'FILE:///etc/passwd', 'file:\\\\\\etc\\passwd', 'file:///etc/../etc/passwd#x?y'));
await attempt('the process in /proc', () => reach('/proc/self/environ', 'file:///proc/self/environ', '/proc/self/maps', '/proc/self/mem',
  '/proc/self/cmdline', '/proc/self/fd/0', '/proc/self/root/etc/passwd', `/proc/self/cwd/main.js`, '/dev/stdin', '/dev/fd/0'));
await attempt('devices', () => reach('/dev/zero', '/dev/urandom', '/dev/null', 'file:///dev/tty'));
await attempt('dots', () => reach('../escape-imports-outside/x.js', '../structured-clone/main.js', './../console-dir/main.js',
  './inner/../../console-dir/main.js', './inner/../../../../README.md', '.././../.././../etc/passwd', `${'../'.repeat(40)}etc/passwd`));
await attempt('dots in percents', () => reach('./%2e%2e/console-dir/main.js', './%2E%2E/console-dir/main.js', './.%2e/console-dir/main.js',
  './inner/%2e%2e/%2e%2e/console-dir/main.js', './..%2fconsole-dir%2fmain.js', './%2e%2e%2fconsole-dir/main.js',
  './inner%2f..%2f..%2fconsole-dir/main.js', './%252e%252e/console-dir/main.js', './..%5cconsole-dir%5cmain.js'));
await attempt('backslashes and odd characters', () => reach('.\\..\\console-dir\\main.js', './..\\console-dir/main.js',
  './\u2024\u2024/console-dir/main.js', './.\t./console-dir/main.js', './.\n./console-dir/main.js', './\uFF0E\uFF0E/console-dir/main.js',
  './%00/../../console-dir/main.js', './main.js%00.json', './inner/leaf\0.js', './%c0%ae%c0%ae/console-dir/main.js'));
await attempt('the folder above by its full path', () => reach(`${here}../console-dir/main.js`, `file://${here}../console-dir/main.js`,
  `file://${here}%2e%2e/console-dir/main.js`, `file://${here}.%2e/../escape-imports/../console-dir/main.js`));
await attempt('symbolic links', () => reach('./link/main.js', './link.js', './link/../console-dir/main.js', './link/%2e%2e/console-dir/main.js', './loop', './loop/x.js'));
await attempt('folders', () => reach('.', './', './inner', './inner/', '..', '/', 'file:///', here));
await attempt('other hosts', () => reach('file://example.org/etc/passwd', '\\\\example.org\\share\\x.js', 'file:////example.org/x.js'));
await attempt('modules of other hosts', () => reach('fs', 'node:fs', 'node:child_process', 'node:vm', 'node:process', 'node:module',
  'node:internal/bootstrap/loaders', 'internal/bootstrap/realm', 'node-internal:x', 'internal:x', 'ext:core/mod.js', 'ext:deno_node/fs.ts',
  'bun:ffi', 'npm:x', 'jsr:@x/y', 'cloudflare:sockets', 'workerd:unsafe', 'std', 'os', 'qjs:std'));
await attempt('modules of this host', () => reach('rookery:', 'rookery:host', 'rookery:internals', 'rookery:primordials', 'rookery:prelude',
  'rookery:00-primordials.js', 'rookery:50-console.js', 'rookery://process', 'rookery:/process', 'rookery:../process', 'rookery:process/',
  'rookery:__proto__', 'rookery:constructor', 'worker:main', 'app:rates'));
await attempt('addresses of the network', () => reach('http://127.0.0.1/x.js', 'https://example.org/x.js', 'ws://127.0.0.1', 'ftp://x/y.js',
  'http://169.254.169.254/latest/meta-data', 'unix:/run/x.sock', '//example.org/x.js'));
await attempt('odd schemes', () => reach('javascript:1', 'blob:x', 'about:blank', 'view-source:x', 'filesystem:x', 'chrome://x', 'wasm:x',
  '\0', ' ', '#', '?', '__proto__', 'constructor', 'toString'));
await attempt('a data: URL that imports from a file', () => reachAs([undefined], [
  "data:text/javascript,import './inner/leaf.js'", "data:text/javascript,import '../console-dir/main.js'",
  "data:text/javascript,import 'file:///etc/passwd' assert { type: 'text' }", "data:text/javascript,import '/etc/passwd'",
  "data:text/javascript,export * from 'node:fs'", "data:text/javascript,import 'rookery:internals'",
  `data:text/javascript,import 'file://${here}../console-dir/main.js'`]));
await attempt('specifiers that change while they are read', async () => {
  let reads = 0;
  const specifier = { toString: () => (reads++ === 0 ? './inner/leaf.js' : '/etc/passwd') };
  const { leaf } = await import(specifier);
  return leaf === 'leaf' && reads === 1 ? undefined : `${reads} reads`;
});
await attempt('types that change while they are read', async () => {
  let reads = 0;
  const type = () => (reads++ === 0 ? 'json' : 'text');
  try {
    await import('./inner/leaf.js', { assert: { get type() { return type(); } } });
  } catch (error) {
    return error instanceof Error && reads === 1 ? undefined : `${reads} reads`;
  }
  return 'JavaScript as JSON';
});
await attempt('a type from Object.prototype', async () => {
  Object.prototype.assert = Object.prototype.with = { type: 'text' };
  Object.prototype.type = 'text';
  try {
    return (await import('./inner/leaf.js')).leaf === 'leaf' ? undefined : 'a text';
  } catch (error) {
    return error instanceof TypeError ? undefined : error;
  } finally {
    for (const key of ['assert', 'with', 'type']) delete Object.prototype[key];
  }
});
await attempt('import.meta that lies', async () => {
  const { url } = import.meta;
  Object.assign(import.meta, { url: 'file:///etc/x.js', filename: '/etc/x.js', dirname: '/etc', main: false });
  const found = await reach('./passwd', './hostname');
  const resolved = import.meta.resolve('./x.js');
  import.meta.url = url;
  return found ?? (resolved === new RegExp('^(.*/)').exec(url)[1] + 'x.js' ? undefined : resolved);
});
await attempt('import.meta of another module', async () => {
  const { meta, load } = await import('./inner/leaf.js');
  if (meta === import.meta || Object.getPrototypeOf(meta) !== null) return 'a shared object';
  meta.url = import.meta.url;
  meta.resolve = import.meta.resolve;
  // Relative to that module, whatever its import.meta says.
  return await load('./leaf.js') === 'leaf' ? await load('../../console-dir/main.js') : 'another module';
});
await attempt('resolve with another receiver', () => {
  const { resolve } = import.meta;
  const answers = [resolve('./x.js'), resolve.call({ url: 'file:///etc/' }, './x.js'), Reflect.apply(resolve, null, ['./x.js', 'file:///etc/'])];
  return new Set(answers).size === 1 ? undefined : String(answers);
});
await attempt('import.meta in other places', () => {
  const keys = Reflect.ownKeys(import.meta).filter((key) => !['dirname', 'filename', 'main', 'resolve', 'url'].includes(key));
  return keys.length === 0 ? undefined : String(keys);
});
await attempt('a namespace that is changed', async () => {
  const namespace = await import('./inner/leaf.js');
  const changes = [
    () => { namespace.leaf = 1; }, () => { delete namespace.leaf; }, () => { namespace.other = 1; },
    () => Object.setPrototypeOf(namespace, {}), () => Object.defineProperty(namespace, 'leaf', { get() { return 1; } }),
    () => Object.freeze(namespace),
  ];
  for (const change of changes) {
    try {
      change();
    } catch (error) {
      if (!(error instanceof TypeError)) return error;
      continue;
    }
    return `it was changed: ${change}`;
  }
  return namespace.leaf === 'leaf' ? undefined : 'another value';
});
await attempt('JSON with __proto__', async () => {
  const { default: json } = await import('./inner/proto.json', { assert: { type: 'json' } });
  if ({}.polluted !== undefined || json.polluted !== undefined) return 'a polluted object';
  return Object.getPrototypeOf(json) === Object.prototype && Object.hasOwn(json, '__proto__') ? undefined : 'another prototype';
});
await attempt('bytes of a module that are changed', async () => {
  const { default: bytes } = await import('./inner/leaf.js', { assert: { type: 'bytes' } });
  bytes.fill(0);
  return (await import('./inner/leaf.js?again')).leaf === 'leaf' ? undefined : 'changed code';
});
