const log = (line) => console.log(line);

await new Promise((done) => {
  setTimeout(() => log('first of its due time'), 1);
  setTimeout(() => log('second of its due time'), 1);
  const cleared = setTimeout(() => log('cleared: must not run'), 1);
  setTimeout((a, b) => log(`arguments ${a} ${b}`), 1, 'x', 'y');
  setTimeout(() => log('later'), 30);
  clearTimeout(cleared);
  setTimeout(done, 60);
  queueMicrotask(() => log('microtask before any timer'));
  log('synchronous');
});

// Microtasks run between two timers of one round.
await new Promise((done) => {
  setTimeout(() => {
    log('timer 1');
    Promise.resolve().then(() => log('microtask of timer 1'));
    setTimeout(() => log('added by timer 1: next round'), 0);
  }, 0);
  setTimeout(() => log('timer 2'), 0);
  setTimeout(done, 30);
});

// An interval that clears itself, and a timer that is cleared by an earlier one of its round.
await new Promise((done) => {
  let rounds = 0;
  const interval = setInterval(() => {
    log(`interval ${++rounds}`);
    if (rounds === 3) {
      clearTimeout(interval);
      setTimeout(done, 10);
    }
  }, 1);
});
await new Promise((done) => {
  let victim;
  setTimeout(() => clearInterval(victim), 0);
  victim = setTimeout(() => log('cleared by its neighbour: must not run'), 0);
  setTimeout(done, 5);
});

// Thousands, half of them cleared: the rest in order.
await new Promise((done) => {
  const ids = [];
  const ran = [];
  for (let i = 0; i < 4000; i++) ids.push(setTimeout(() => ran.push(i), (i * 7) % 20));
  for (let i = 1; i < 4000; i += 2) clearTimeout(ids[i]);
  for (let i = 0; i < 20000; i++) clearTimeout(setTimeout(() => ran.push(-1), 1000));
  setTimeout(() => {
    const sameDelay = ran.filter((i) => (i * 7) % 20 === 6);
    log(`ran ${ran.length}, all even ${ran.every((i) => i % 2 === 0)}`);
    log(`first in, first out ${sameDelay.every((i, at) => at === 0 || sameDelay[at - 1] < i)}`);
    done();
  }, 50);
});

await new Promise((done) => setTimeout(function () {
  log(`this is the global ${this === globalThis}`);
  done();
}));
for (const delay of [-5, NaN, 'no number', 2 ** 32, undefined, null]) {
  await new Promise((done) => setTimeout(done, delay));
}
log('odd delays ran');

const id = setTimeout(() => {}, 0);
log(`id ${typeof id} ${Number.isInteger(id) && id > 0} lengths ${setTimeout.length} ${clearTimeout.length}`);
clearTimeout(id);
clearTimeout(id);
clearTimeout(0);
clearTimeout();
for (const attempt of [() => setTimeout('1'), () => setTimeout(), () => setInterval({}), () => new setTimeout(() => {})]) {
  try {
    attempt();
    log('accepted');
  } catch (error) {
    log(error.name);
  }
}
const { enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, 'setInterval');
log(`${enumerable} ${writable} ${configurable}`);
