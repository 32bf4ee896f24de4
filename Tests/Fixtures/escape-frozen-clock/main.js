// SPDX-License-Identifier: Apache-2.0
// With a frozen clock, time stands still while the script computes. Every way to read it is asked before and after a
// long computation, and what could count time by itself is compared with the clock.
const results = [];
const attempt = (name, fn) => {
  let found;
  try {
    found = fn();
  } catch (error) {
    found = `threw ${error}`;
  }
  results.push(`${name}: ${found === undefined ? 'nothing' : String(found)}`);
};
let sink = 0;
const compute = () => { for (let i = 0; i < 5e6; i++) sink = (sink * 31 + i) | 0; };
// Undefined where `read` gives the same before and after.
const still = (read) => {
  const before = read();
  compute();
  const after = read();
  return Object.is(before, after) ? undefined : `${before} became ${after}`;
};
const inLocale = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: 'numeric', second: 'numeric', fractionalSecondDigits: 3 });

attempt('Date.now', () => still(() => Date.now()));
attempt('new Date', () => still(() => new Date().getTime()));
attempt('Date as a function', () => still(() => Date()));
attempt('Reflect.construct of Date', () => still(() => +Reflect.construct(Date, [])));
attempt('a class that extends Date', () => still(() => +new (class extends Date {})()));
attempt('toJSON of a new date', () => still(() => JSON.stringify(new Date())));
attempt('performance.now', () => still(() => performance.now()));
attempt('performance.timeOrigin', () => still(() => performance.timeOrigin));
attempt('performance.toJSON', () => still(() => JSON.stringify(performance)));
attempt('marks of performance', () => still(() => performance.mark('x').startTime));
attempt('measures of performance', () => still(() => performance.measure('x').duration));
attempt('the time stamp of an event', () => still(() => new Event('x').timeStamp));
attempt('Intl.DateTimeFormat', () => still(() => inLocale.format()));
attempt('parts of Intl.DateTimeFormat', () => still(() => JSON.stringify(inLocale.formatToParts())));
attempt('toLocaleTimeString', () => still(() => new Date().toLocaleTimeString('en', { fractionalSecondDigits: 3 })));
attempt('a clone of a date', () => still(() => structuredClone(new Date()).getTime()));
attempt('Date in hot code', () => {
  const first = Date.now();
  for (let i = 0; i < 2e6; i++) if (Date.now() !== first) return 'it moved';
});
attempt('performance in hot code', () => {
  const first = performance.now();
  for (let i = 0; i < 1e6; i++) if (performance.now() !== first) return 'it moved';
});
attempt('two clocks against each other', () => {
  const gap = () => Date.now() - performance.timeOrigin - performance.now();
  return still(gap);
});
attempt('calls of the prelude', () => still(() => {
  structuredClone([1]);
  new TextDecoder().decode(new TextEncoder().encode('x'));
  atob(btoa('x'));
  queueMicrotask(() => {});
  return performance.now();
}));
attempt('an error and its stack', () => still(() => `${new Error('x').stack.length} ${Date.now()}`));
attempt('a collection of garbage', () => still(() => {
  for (let i = 0; i < 100; i++) void new Array(10000).fill(i);
  return performance.now();
}));
if (typeof WebAssembly === 'object') {
  attempt('a compilation of WebAssembly', () => still(() => {
    void new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]));
    return performance.now();
  }));
} else {
  results.push('a compilation of WebAssembly: nothing');
}

// Across steps that are no calls of the host.
const start = performance.now();
await null;
compute();
attempt('across await', () => (performance.now() === start ? undefined : 'it moved'));
await new Promise((done) => queueMicrotask(() => {
  compute();
  done();
}));
attempt('across microtasks', () => (performance.now() === start ? undefined : 'it moved'));
for (let i = 0; i < 1000; i++) await i;
attempt('across many awaits', () => (performance.now() === start ? undefined : 'it moved'));

// Timers cannot measure a computation from inside: within one turn all see one time.
setTimeout(() => {
  const first = performance.now();
  compute();
  attempt('inside a timer', () => (performance.now() === first ? undefined : 'it moved'));
  queueMicrotask(() => {
    compute();
    attempt('in a microtask of a timer', () => (performance.now() === first ? undefined : 'it moved'));
  });
}, 1);
setTimeout(() => {
  attempt('a clock that never moves', () => (performance.now() > start ? undefined : 'it stands still for ever'));
  for (const result of results) console.log(result);
}, 50);
