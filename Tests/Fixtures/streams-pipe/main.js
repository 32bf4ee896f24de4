// SPDX-License-Identifier: Apache-2.0
// pipeTo and pipeThrough: how ends, failures and aborts go from one side to the other, and which are kept back.
const attempt = async (name, work) => {
  let found;
  try {
    found = await work();
  } catch (error) {
    found = error instanceof Error && error.name !== 'Error' ? `threw ${error.name}` : `threw ${error?.name ?? error}`;
  }
  console.log(`${name}: ${found}`);
};
const turn = (ms = 0) => new Promise((done) => setTimeout(done, ms));
let log = [];
const flush = () => {
  const text = log.join('; ');
  log = [];
  return text;
};
const source = (n, more = {}, strategy = undefined) => {
  let i = 0;
  return new ReadableStream({
    pull(c) { if (i < n) c.enqueue(i++); else c.close(); },
    cancel(reason) { log.push(`cancel ${reason?.name ?? reason}`); },
    ...more,
  }, strategy);
};
const target = (more = {}, strategy = undefined) => new WritableStream({
  write(chunk) { log.push(chunk); },
  close() { log.push('close'); },
  abort(reason) { log.push(`abort ${reason?.name ?? reason}`); },
  ...more,
}, strategy);
const failingSource = (reason = 'source') => source(2, { pull(c) { c.error(reason); } });
const failingTarget = () => target({ write() { throw 'target'; } });

console.log('# ends');
const from = source(3);
const to = target();
const piping = from.pipeTo(to);
console.log(from.locked, to.locked);
await attempt('pipe while piped', () => from.pipeTo(target()));
await attempt('pipe into what is piped into', () => source(1).pipeTo(to));
console.log(await piping, flush(), from.locked, to.locked);
for (const [name, make, into] of [['source fails', failingSource, target], ['target fails', () => source(9), failingTarget],
  ['source is closed', () => source(0), target], ['both fail', failingSource, failingTarget]]) {
  for (const options of [{}, { preventClose: true, preventAbort: true, preventCancel: true }]) {
    const left = make();
    const right = into();
    await attempt(`${name}${options.preventClose ? ', kept back' : ''}`, () => left.pipeTo(right, options));
    console.log(`  ${flush()} ${left.locked} ${right.locked}`);
  }
}
const closing = target();
closing.close();
await attempt('target is closing', () => source(2).pipeTo(closing));
console.log(`  ${flush()}`);
await attempt('cancel fails', () => source(9, { cancel() { throw 'cancel'; } }).pipeTo(failingTarget()));
await attempt('abort fails', () => failingSource().pipeTo(target({ abort() { throw 'abort'; } })));
await attempt('close fails', () => source(1).pipeTo(target({ close() { throw 'close'; } })));
flush();

console.log('# writes are waited for');
let release;
const slow = target({ async write(chunk) { log.push(`begin ${chunk}`); await new Promise((done) => { release = done; }); log.push(`end ${chunk}`); } });
let controller;
const waiting = new ReadableStream({ start(c) { controller = c; } }).pipeTo(slow).catch((error) => log.push(`rejected ${error}`));
controller.enqueue('a');
await turn();
controller.error('late');
await turn();
log.push('released');
release();
await waiting;
console.log(flush());

console.log('# backpressure');
let pulls = 0;
const held = source(0, { pull(c) { c.enqueue(pulls++); } }, { highWaterMark: 0 });
held.pipeTo(target({ write: () => new Promise(() => {}) }, { highWaterMark: 3 }));
await turn();
console.log(pulls, held.locked);

console.log('# signals');
const abortion = new AbortController();
const endless = () => source(0, { pull: () => turn() });
const aborting = endless().pipeTo(target(), { signal: abortion.signal });
await turn();
abortion.abort('stop');
await attempt('aborted', () => aborting);
console.log(`  ${flush()}`);
await attempt('aborted before', () => source(1).pipeTo(target(), { signal: AbortSignal.abort('before') }));
console.log(`  ${flush()}`);
await attempt('aborted, kept back', () => source(1).pipeTo(target(), { signal: AbortSignal.abort(), preventAbort: true, preventCancel: true }));
console.log(`  ${flush()}`);
await attempt('aborted, both fail', () => source(1, { cancel() { throw 'cancel'; } })
  .pipeTo(target({ abort() { throw 'abort'; } }), { signal: AbortSignal.abort() }));
const within = new AbortController();
await attempt('aborted by the target', () => source(5).pipeTo(target({ write(chunk) { log.push(chunk); if (chunk === 1) within.abort('within'); } }), { signal: within.signal }));
console.log(`  ${flush()}`);
const afterwards = new AbortController();
await source(1).pipeTo(target(), { signal: afterwards.signal });
afterwards.abort();
console.log(`  ${flush()}`);

console.log('# arguments');
for (const args of [[], [{}], [target(), 1], [target(), { signal: {} }], [target(), { signal: null }]]) {
  const stream = source(1);
  await attempt(`pipeTo ${args.length}`, () => stream.pipeTo(...args));
  console.log(`  ${stream.locked}`);
}
for (const args of [[], [{}], [{ readable: source(1) }], [{ writable: target() }], [{ readable: source(1), writable: target() }, { signal: 1 }]]) {
  await attempt(`pipeThrough ${args.length}`, () => source(1).pipeThrough(...args));
}
const order = [];
const spy = (name, members) => new Proxy({}, { get(_, key) { order.push(`${name}.${String(key)}`); return members[key]; } });
const readable = source(1);
console.log(source(1).pipeThrough(spy('pair', { readable, writable: target() }), spy('options', {})) === readable, order.join(' '));
const locked = source(1);
locked.getReader();
await attempt('pipeThrough of a locked stream', () => locked.pipeThrough(new TransformStream()));

console.log('# chains');
flush();
const add = (n) => new TransformStream({ transform(chunk, c) { c.enqueue(chunk + n); } });
await source(4).pipeThrough(add(10)).pipeThrough(new TransformStream()).pipeThrough(add(100)).pipeTo(target());
console.log(flush());
await attempt('a failure in the middle', () => source(9).pipeThrough(add(1)).pipeThrough(new TransformStream({
  transform(chunk) { if (chunk === 2) throw new RangeError('x'); } })).pipeThrough(add(2)).pipeTo(target()));
console.log(flush());
let big = 0;
await source(5000).pipeThrough(new TransformStream()).pipeTo(target({ write(chunk) { big += chunk; } }));
console.log(big, flush());
let deep = ReadableStream.from([1, 2, 3]);
for (let i = 0; i < 500; i++) deep = deep.pipeThrough(new TransformStream());
await deep.pipeTo(target());
console.log(flush());
