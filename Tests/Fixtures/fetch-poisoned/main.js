// SPDX-License-Identifier: Apache-2.0
// Everything a tenant can change is changed before blobs, headers, forms, requests, responses and fetch are first
// named, and their own members afterwards; they must neither notice nor call it. What the standards themselves look up
// is expected: `then` of what a promise is resolved with, the iterator of Headers that Headers are made of, and what V8
// itself does with the promise that compileStreaming is given.
const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, hasOwn, setPrototypeOf } = Object;
const { iterator } = Symbol;
const { log } = console;
const { Uint8Array: Bytes, Promise: Original, setTimeout: later, WebAssembly: Wasm, AbortController: Controller } = globalThis;
const { compileStreaming } = Wasm;
const { then } = Original.prototype;
const { fetch, ReadableStream: Stream, URL: Url, URLSearchParams: Params } = globalThis;
const { createObjectURL, revokeObjectURL } = Url;
const signalOf = getOwnPropertyDescriptor(Controller.prototype, 'signal').get;
const { abort } = Controller.prototype;
const { includes, startsWith } = String.prototype;
const { stringify } = JSON;

// ---- What is changed

const classes = [Array, ArrayBuffer, Object, String, Number, Boolean, Symbol, RegExp, Map, Set, WeakMap, WeakSet, Function, Error, TypeError, RangeError, Date,
  Promise, DataView, getPrototypeOf(Uint8Array), Uint8Array, Uint16Array, Uint32Array, AbortSignal, AbortController, EventTarget, Event, DOMException, TextDecoder,
  TextEncoder, Stream, Url, Params, TransformStream, WritableStream, TextDecoderStream];
const holders = { __proto__: null };
for (const Class of classes) {
  holders[`${Class.name}.prototype`] = Class.prototype;
  holders[Class.name] = Class;
}
for (const name of ['Reflect', 'Math', 'JSON', 'WebAssembly']) holders[name] = globalThis[name];
[[][iterator](), new Map().keys(), new Set().keys(), new Params().keys(), new Stream().values()].forEach((value, i) => { holders[`iterator ${i}`] = getPrototypeOf(value); });
holders['async functions'] = getPrototypeOf(async () => {});

let watching = false;
let touched = '';
const touch = (what) => { if (watching && !apply(includes, touched, [` ${what};`])) touched += ` ${what};`; };
const trap = (holder, key, what, read) => defineProperty(holder, key, {
  __proto__: null, configurable: true,
  get() {
    touch(what);
    return apply(read, this, []);
  },
  set(value) {
    touch(`set ${what}`);
    defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  },
});
const trapAll = () => {
  for (const name of ownKeys(holders)) {
    for (const key of ownKeys(holders[name])) {
      const old = setPrototypeOf(getOwnPropertyDescriptor(holders[name], key), null);
      if (!old.configurable || key === '__proto__' || key === 'name' || key === 'length') continue;
      trap(holders[name], key, `${name}.${typeof key === 'symbol' ? 'symbol' : key}`, old.get ?? (() => old.value));
    }
  }
};
trapAll();
const keys = ['0', '1', '2', '3', '4', '5', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'iterable', 'parent', 'name', 'type', 'index', 'groups', 'done', 'next',
  'endings', 'lastModified', 'segments', 'size', 'source', 'stream', 'body', 'headers', 'status', 'statusText', 'method', 'mode', 'signal', 'duplex', 'window', 'referrer', 'cache',
  'credentials', 'redirect', 'integrity', 'keepalive', 'priority', 'boundary', 'filename', 'essence', 'parameters', 'bytes', 'start', 'end', 'pull', 'cancel', 'reader', 'queue',
  'lengthComputable', 'loaded', 'total', 'bubbles', 'cancelable', 'composed', 'guard', 'items', 'sorted', 'blob', 'scheme', 'url', 'followed', 'onUsed', 'isShared', 'isUsed',
  'promise', 'resolve', 'reject', 'error', 'preventClose', 'preventAbort', 'preventCancel', 'label', 'stop', 'range', 'a', 'file', 'first', 'controller'];
for (const name of ['Object.prototype', 'Array.prototype', 'Function.prototype', 'Promise.prototype', 'String.prototype', 'RegExp.prototype']) {
  for (let i = 0; i < keys.length; i++) if (!hasOwn(holders[name], keys[i])) trap(holders[name], keys[i], `${name}.${keys[i]}`, () => undefined);
}
for (let i = 0; i < classes.length; i++) trap(globalThis, classes[i].name, `global ${classes[i].name}`, () => undefined);
trap(globalThis, 'WebAssembly', 'global WebAssembly', () => undefined);

// ---- Now they load

let summary = '';
const show = () => {
  summary += touched === '' ? '\n' : ` TOUCHED${touched}\n`;
  touched = '';
};
const bag = (object) => setPrototypeOf(object, null);
const S = bag({});
const setters = bag({}); // of the handlers of a FileReader
const M = bag({}); // their members
const names = bag(['Blob', 'File', 'FileReader', 'FileReaderSync', 'ProgressEvent', 'Headers', 'FormData', 'Request', 'Response']);
for (let i = 0; i < 9; i++) {
  summary += `loading ${names[i]}`;
  watching = true;
  const Class = S[names[i]] = globalThis[names[i]];
  watching = false;
  show();
  const members = M[names[i]] = bag({});
  const all = bag(ownKeys(Class.prototype));
  for (let j = 0; j < all.length; j++) {
    const { get, set, value } = getOwnPropertyDescriptor(Class.prototype, all[j]);
    members[all[j]] = get ?? value;
    if (set !== undefined) setters[all[j]] = set;
  }
}
const nextOfHeaders = getPrototypeOf(apply(M.Headers.entries, new S.Headers(), [])).next;
const { json } = S.Response;
for (let i = 0; i < 9; i++) {
  holders[`${names[i]}.prototype`] = S[names[i]].prototype;
  holders[names[i]] = S[names[i]];
}
trapAll();
const evil = function () { touch("a parent of the tenant's"); };
for (let i = 0; i < 9; i++) {
  trap(globalThis, names[i], `global ${names[i]}`, () => undefined);
  setPrototypeOf(S[names[i]], evil);
}
globalThis.globalThis = undefined;

// ---- What is done

const call = (name, member, target, ...args) => apply(M[name][member], target, args);
const byteOf = (value) => `${value[0]}`;
const lines = (text) => { summary += `  ${text}\n`; };
// What a promise gives is shown later, unwatched.
const quietly = (work) => (value) => {
  const before = watching;
  watching = false;
  work(value);
  watching = before;
};
const observe = (promise, what, read = (value) => value) => quietly(() => apply(then, promise, [
  quietly((value) => lines(`${what}: ${read(value)}`)), quietly((error) => lines(`${what} failed: ${error}`))]))();
const sequence = (...values) => bag({ [iterator]: () => {
  let i = 0;
  return bag({ next: () => bag({ done: i === values.length, value: i < values.length ? values[i++] : undefined }) });
} });
const bytes = (...values) => {
  const view = new Bytes(values.length);
  for (let i = 0; i < values.length; i++) view[i] = values[i];
  return view;
};
const URL_A = 'https://a/b#c';
const post = (body, more) => new S.Request(URL_A, bag({ method: 'post', body, ...more }));
const stream = () => new Stream(bag({ type: 'bytes', start(c) { controller = c; } }));
let controller;
const url = createObjectURL(new S.Blob(sequence('0123')));

const scenarios = bag({
  'a blob'() {
    const blob = new S.Blob(sequence('a\r', bytes(98), new S.Blob(sequence('c'))), bag({ type: 'X/y', endings: 'native' }));
    observe(call('Blob', 'text', blob), 'text', stringify);
    observe(call('Blob', 'bytes', call('Blob', 'slice', blob, 1, -1)), 'bytes', byteOf);
    observe(call('Blob', 'arrayBuffer', blob), 'arrayBuffer', (buffer) => new Bytes(buffer)[3]);
    const file = new S.File(sequence(blob), 'n', bag({ lastModified: 7 }));
    lines(`${call('File', 'name', file)} ${call('File', 'lastModified', file)} ${call('Blob', 'size', file)} ${call('Blob', 'type', blob)}`);
  },
  'streams of a blob'() {
    observe(call('Response', 'text', new S.Response(call('Blob', 'stream', new S.Blob(sequence('abc'))))), 'stream');
    call('Blob', 'textStream', new S.Blob(sequence('abc')));
  },
  'a reader'() {
    const reader = new S.FileReader();
    for (const type of sequence('loadstart', 'progress', 'loadend')) {
      apply(setters[`on${type}`], reader, [quietly(() => lines(`${type} ${call('FileReader', 'result', reader)}`))]);
    }
    call('FileReader', 'readAsText', reader, new S.Blob(sequence(bytes(233)), bag({ type: 'a/b;charset=latin1' })));
    lines(call('FileReaderSync', 'readAsDataURL', new S.FileReaderSync(), new S.Blob(sequence('a'))));
  },
  'headers'() {
    const headers = new S.Headers(bag({ 'B-c': ' 1 ', a: '2' }));
    call('Headers', 'append', headers, 'SET-cookie', 'x');
    call('Headers', 'append', headers, 'set-cookie', 'y');
    call('Headers', 'set', headers, 'a', '3\u00E9');
    call('Headers', 'delete', headers, 'none');
    const steps = call('Headers', 'entries', headers);
    for (let step; !(step = apply(nextOfHeaders, steps, [])).done;) lines(`${step.value[0]}=${step.value[1]}`);
    lines(`${call('Headers', 'get', headers, 'A')} ${call('Headers', 'has', headers, 'x')} ${call('Headers', 'getSetCookie', headers)[1]}`);
    const copy = new S.Headers(sequence(sequence('p', 'q'), sequence('P', 'r')));
    call('Headers', 'forEach', copy, (value, name) => lines(`${name}:${value}`));
    lines(call('Headers', 'get', new S.Headers(headers), 'b-c'));
  },
  'a form'() {
    const form = new S.FormData();
    call('FormData', 'append', form, 'a"', 'b\n');
    call('FormData', 'append', form, 'f', new S.Blob(sequence('x'), bag({ type: 'a/b' })), 'n');
    call('FormData', 'set', form, 'c', 'd');
    call('FormData', 'delete', form, 'none');
    lines(`${call('FormData', 'get', form, 'c')} ${call('FormData', 'getAll', form, 'f').length} ${call('FormData', 'has', form, 'z')}`);
    const response = new S.Response(form);
    lines(`${apply(startsWith, call('Headers', 'get', call('Response', 'headers', response), 'content-type'), ['multipart/form-data; boundary=----'])}`);
    observe(call('Response', 'formData', response), 'parsed', (parsed) => {
      const file = call('FormData', 'get', parsed, 'f');
      return `${call('FormData', 'get', parsed, 'a%22') === 'b\r\n'} ${call('File', 'name', file)} ${call('Blob', 'type', file)} ${call('Blob', 'size', file)}`;
    });
    const headers = bag({ 'content-type': 'application/x-www-form-urlencoded' });
    observe(call('Response', 'formData', new S.Response('a=b+%20', bag({ headers }))), 'urlencoded', (parsed) => stringify(call('FormData', 'get', parsed, 'a')));
  },
  'bodies'() {
    observe(call('Response', 'text', new S.Response('\uFEFFx\uD800')), 'text');
    observe(call('Response', 'json', new S.Response('{"k":[1]}')), 'json', (value) => value.k[0]);
    observe(call('Response', 'bytes', new S.Response(bytes(1, 2))), 'bytes', byteOf);
    observe(call('Response', 'arrayBuffer', new S.Response('a')), 'arrayBuffer', (buffer) => byteOf(new Bytes(buffer)));
    observe(call('Response', 'blob', new S.Response('a', bag({ headers: bag({ 'content-type': 'A/b;c="d"' }) }))), 'blob', (blob) => call('Blob', 'type', blob));
    observe(call('Response', 'text', new S.Response(new Params('a=b c'))), 'parameters');
    observe(call('Response', 'json', new S.Response('{')), 'no JSON');
    const used = new S.Response('x');
    call('Response', 'text', used);
    observe(call('Response', 'text', used), 'used');
    lines(`${call('Response', 'bodyUsed', used)} ${call('Response', 'body', new S.Response()) === null}`);
  },
  'streams'() {
    const response = new S.Response(stream());
    const copy = call('Response', 'clone', response);
    observe(call('Response', 'text', response), 'first');
    observe(call('Response', 'text', copy), 'second');
    apply(enqueue, controller, [bytes(104, 105)]);
    apply(close, controller, []);
    const opened = new S.Response('opened');
    call('Response', 'body', opened);
    observe(call('Response', 'text', call('Response', 'clone', opened)), 'opened');
    const request = post(stream(), { duplex: 'half' });
    observe(call('Request', 'text', new S.Request(request)), 'passed on');
    lines(`${call('Request', 'bodyUsed', request)}`);
    apply(enqueue, controller, [bytes(106)]);
    apply(close, controller, []);
  },
  'requests'() {
    const request = post('x', { headers: bag({ b: 'c' }), mode: 'same-origin', signal: apply(signalOf, new Controller(), []) });
    const copy = call('Request', 'clone', request);
    lines(`${call('Request', 'method', copy)} ${call('Request', 'url', copy)} ${call('Request', 'mode', copy)} ${call('Request', 'referrer', copy)}`);
    lines(`${call('Headers', 'get', call('Request', 'headers', new S.Request(copy)), 'b')} ${typeof call('Request', 'signal', copy)}`);
    call('Headers', 'set', call('Request', 'headers', new S.Request(URL_A, bag({ mode: 'no-cors' }))), 'content-type', 'text/plain;a=b');
  },
  'responses'() {
    const response = apply(json, undefined, [bag({ k: 1 }), bag({ status: 201, statusText: 's' })]);
    lines(`${call('Response', 'status', response)} ${call('Response', 'ok', response)} ${call('Response', 'type', response)}`);
    observe(call('Response', 'text', response), 'json');
  },
  'fetch'() {
    observe(fetch('data:text/plain;base64,aGk='), 'data', (response) => {
      observe(call('Response', 'text', response), 'data');
      return call('Response', 'url', response);
    });
    observe(fetch(url, bag({ headers: bag({ range: 'bytes=1-2' }) })), 'blob', (response) => observe(call('Response', 'text', response), 'blob'));
    observe(fetch('https://a/'), 'refused');
    const aborting = new Controller();
    observe(fetch('data:,', bag({ signal: apply(signalOf, aborting, []) })), 'aborted');
    apply(abort, aborting, ['why']);
    revokeObjectURL(url);
  },
  'WebAssembly'() {
    const headers = bag({ 'content-type': 'application/wasm' });
    const response = new S.Response(bytes(0, 0x61, 0x73, 0x6D, 1, 0, 0, 0), bag({ headers }));
    observe(apply(compileStreaming, undefined, [response]), 'compiled', (module) => typeof module);
    observe(apply(compileStreaming, undefined, [1]), 'refused');
  },
});
const { enqueue, close } = (() => {
  let prototype;
  new Stream({ type: 'bytes', start(c) { prototype = getPrototypeOf(c); } });
  return prototype;
})();

const all = bag(ownKeys(scenarios));
const run = (i) => {
  if (i === all.length) {
    log(summary);
    return;
  }
  summary += `${all[i]}\n`;
  watching = true;
  try {
    scenarios[all[i]]();
  } catch (error) {
    watching = false;
    lines(`threw ${error}`);
  }
  // Timers of a reader, then microtasks.
  const wait = (rounds) => later(() => {
    if (rounds > 0) return wait(rounds - 1);
    watching = false;
    show();
    return run(i + 1);
  }, 0);
  wait(8);
};
run(0);
