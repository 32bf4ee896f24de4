// SPDX-License-Identifier: Apache-2.0
// Compares types/*.d.ts with what there is: every global, member and static of the one must be in the other. Prints what
// is not. Run with --allow-import of the folder types.
const read = async (name) => (await import(`../../types/${name}`, { assert: { type: 'text' } })).default;
const texts = await Promise.all([...(await read('index.d.ts')).matchAll(/path="(.*?)"/g)].map(([, path]) => read(path)));

// ---- Declarations: each begins where a line does. Its members are on lines of their own, or all on the first

const declared = { var: new Map(), function: new Map(), namespace: new Map(), interface: new Map() };
const heading = /^(?:declare )?(var|function|namespace|interface) (\w+)(?:<.*?>)?(?: extends ([^{]*))?.*?(?:\{(.*)\};?)?$/;
const member = /^(?:readonly |var |function )*(?:\[Symbol\.(\w+)\]|(\w+))\??[<(:]/;
for (const text of texts) {
  let members;
  const add = (line) => {
    const [, symbol, name] = line.match(member) ?? [];
    if (symbol !== undefined) members.add(`@@${symbol}`);
    else if (name !== undefined && name !== 'new') members.add(name);
  };
  for (const line of text.split('\n')) {
    const [, kind, name, parents, inline] = line.match(heading) ?? [];
    if (kind !== undefined) {
      declared[kind].set(name, { members: members = new Set(), parents: parents?.match(/\w+/g) ?? [] });
      for (const part of inline?.split('; ') ?? []) add(part.trim());
    } else if (/^ {2}\S/.test(line)) add(line.trim());
  }
}

// With those of parents that are no interfaces of the runtime, such as Body.
const membersOf = (name) => {
  const { members, parents } = declared.interface.get(name);
  return new Set([...members, ...parents.filter((parent) => declared.interface.has(parent) && !declared.var.has(parent)).flatMap((parent) => [...membersOf(parent)])]);
};

// ---- What there is

const keysOf = (object, but = []) => Reflect.ownKeys(object)
  .map((key) => (typeof key === 'symbol' ? `@@${key.description.slice(7)}` : key)).filter((key) => key !== '@@toStringTag' && !but.includes(key));
// What TypeScript declares: ECMAScript, and what its library has of later editions.
const standard = new Set(('AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date DisposableStack Error EvalError ' +
  'FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ' +
  'ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet ' +
  'decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape').split(' '));
const globals = new Set([...keysOf(globalThis), ...keysOf(Object.getPrototypeOf(Object.getPrototypeOf(globalThis)), ['constructor'])].filter((name) => !standard.has(name)));

const findings = [];
const compare = (where, there, written, isThere) => {
  for (const name of there) if (!written.has(name)) findings.push(`not declared: ${where}${name}`);
  for (const name of written) if (!isThere(name)) findings.push(`not there: ${where}${name}`);
};
const isIn = (object) => (name) => (name.startsWith('@@') ? Symbol[name.slice(2)] : name) in object;

compare('', globals, new Set([...declared.var.keys(), ...declared.function.keys(), ...declared.namespace.keys()]), (name) => name in globalThis);
for (const [name, { members }] of declared.var) {
  const value = globalThis[name];
  if (typeof value !== 'function' || !declared.interface.has(name)) continue;
  const { prototype } = value;
  // An event has it as its own, and so has a pair its ends.
  compare(`${name}.prototype.`, keysOf(prototype, ['constructor']), membersOf(name), (key) => /^(isTrusted|[01])$/.test(key) || isIn(prototype)(key));
  compare(`${name}.`, keysOf(value, ['length', 'name']), members, isIn(value));
}
compare('console.', keysOf(console), membersOf('Console'), isIn(console));
compare('process.', keysOf(process), membersOf('Process'), isIn(process));
compare('import.meta.', keysOf(import.meta), membersOf('ImportMeta'), isIn(import.meta));
compare('WebAssembly.', keysOf(WebAssembly), declared.namespace.get('WebAssembly').members, isIn(WebAssembly));
console.log(findings.sort().join('\n'));
