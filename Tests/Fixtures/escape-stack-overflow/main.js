// SPDX-License-Identifier: Apache-2.0
// Each API is called at every depth near the end of the stack, so that it overflows at each of its calls once. What it
// throws must be this realm's RangeError or its ordinary answer, and the prelude must be sound afterwards.
let foreign;
const tolerate = (error) => {
  if (!(error instanceof RangeError) && !(error instanceof DOMException)) foreign ??= `threw ${String(error)}`;
};
// Goes down to the end of the stack, and calls `fn` at the last depths on the way up until it worked at some of them.
const atTheEnd = (fn) => {
  let calls;
  let answers;
  const descend = (weight) => {
    try {
      descend(weight);
    } catch (error) {
      tolerate(error);
    }
    if (calls > 50 && answers > 3) return;
    try {
      calls++;
      fn();
      answers++;
    } catch (error) {
      tolerate(error);
    }
  };
  // Frames of other sizes meet the end at other places.
  const entries = [() => descend(0), (a, b = 1) => descend(a + b), (...args) => descend(args), (a = [1, 2, 3]) => descend([...a])];
  for (const enter of entries) {
    calls = answers = 0;
    enter();
    if (answers === 0) foreign ??= 'it never worked';
  }
};
const attempt = (name, fn, check) => {
  foreign = undefined;
  let wrong;
  try {
    atTheEnd(fn);
    wrong = check?.();
  } catch (error) {
    wrong = `threw ${error}`;
  }
  console.log(`${name}: ${foreign ?? wrong ?? 'nothing'}`);
};
const inspector = Symbol.for('nodejs.util.inspect.custom');
const sample = { a: [1, { b: new Map([[1, new Set([2])]]) }], c: new Error('x'), d: new Date(0) };
sample.c.stack = 'Error: x';
const bytes = new Uint8Array([0xE2, 0x82, 0xAC, 0x41]);

// console.error and not console.log: how much is printed depends on the size of the stack.
attempt('console', () => console.error('%s %o', sample, sample));
attempt('console.table', () => console.error(console.table.name, [sample, sample]));
attempt('a custom inspector', () => console.error({ [inspector]: (_, options, inspect) => inspect(sample, options) }));
attempt('console.trace', () => console.trace('here'));
attempt('console.count', () => console.countReset('never counted'));
attempt('structuredClone', () => structuredClone(sample), () => {
  const clone = structuredClone(sample);
  return clone.a[1].b.get(1).has(2) && clone !== sample ? undefined : 'a wrong clone';
});
attempt('structuredClone with a getter', () => structuredClone({ get a() { return structuredClone(sample); } }));
attempt('structuredClone with a transfer', () => {
  const buffer = new ArrayBuffer(8);
  try {
    structuredClone(buffer, { transfer: [buffer] });
  } finally {
    if (buffer.byteLength !== 8 && buffer.byteLength !== 0) foreign ??= 'half a buffer';
  }
});
attempt('atob and btoa', () => atob(btoa('abc')), () => (atob(btoa('abc')) === 'abc' ? undefined : 'a wrong text'));
attempt('TextEncoder', () => {
  new TextEncoder().encode('\u20AC');
  new TextEncoder().encodeInto('\u20AC', bytes);
}, () => {
  const { read, written } = new TextEncoder().encodeInto('\u20AC', bytes);
  return read === 1 && written === 3 ? undefined : 'a wrong count';
});
const chunked = new TextDecoder('utf-16le');
attempt('TextDecoder', () => {
  new TextDecoder('windows-1252').decode(bytes);
  chunked.decode(bytes, { stream: true });
}, () => {
  chunked.decode();
  return new TextDecoder('utf-16le').decode(new Uint8Array([0x41, 0])) === 'A' &&
    new TextDecoder().decode(bytes) === '\u20ACA' && new TextDecoder('latin1').decode(bytes).length === 4 ? undefined : 'a wrong text';
});
attempt('DOMException', () => new DOMException('x', 'AbortError'), () =>
  (new DOMException('x', 'AbortError').code === 20 ? undefined : 'a wrong code'));
attempt('performance', () => performance.toJSON());
attempt('the stack of an error', () => new Error('x').stack);
attempt('import.meta.resolve', () => import.meta.resolve('./x.js'));

const ids = new Set();
let ran = 0;
attempt('setTimeout', () => {
  // Where setTimeout throws, its timer may run or not; where it answers, it runs.
  let id;
  id = setTimeout(() => {
    ran++;
    ids.delete(id);
  }, 0);
  ids.add(id);
});
attempt('clearTimeout', () => clearTimeout(setTimeout(() => {}, 1)));
const first = setTimeout(() => {}, 0);
let repeats = 0;
attempt('setInterval', () => setInterval(() => { repeats++; }, 0), () => {
  // Where setInterval throws, its number is not known, and its timer may be there.
  const last = setTimeout(() => {}, 0);
  for (let id = first; id < last; id++) clearInterval(id);
});
let micro = 0;
let queued = 0;
attempt('queueMicrotask', () => {
  queueMicrotask(() => { micro++; });
  queued++;
});
attempt('a promise', () => Promise.resolve(1).then(() => {}));
attempt('import()', () => { import('rookery:process').catch(tolerate); });

const order = [];
setTimeout(() => order.push('third'), 20);
setTimeout(() => order.push('second'), 10);
setTimeout(() => order.push('first'), 5);
setTimeout(() => {
  console.log(`timers: ${ids.size === 0 && ran > 0 ? 'nothing' : `${ids.size} did not run`}`);
  console.log(`intervals after all were cleared: ${repeats === 0 ? 'nothing' : `${repeats} ran`}`);
  console.log(`microtasks: ${micro >= queued && queued > 0 ? 'nothing' : `${micro} of ${queued}`}`);
  console.log(`the order of timers: ${order.join() === 'first,second,third' ? 'nothing' : order.join()}`);
  // At the end of the stack of a timer's callback, too.
  atTheEnd(() => { setTimeout(() => {}, 0); console.error('deep'); });
  setTimeout(() => console.log('a timer after all: nothing'), 0);
}, 100);
