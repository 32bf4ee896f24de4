const log = (line) => console.log(line);

queueMicrotask(() => log('first'));
Promise.resolve().then(() => log('second'));
queueMicrotask(() => {
  log('third');
  queueMicrotask(() => log('nested'));
});
Promise.resolve().then(() => log('fourth'));
queueMicrotask(function () {
  log(`arguments ${arguments.length}, this ${this}`);
}, 'ignored');
log('synchronous');
await null;

await new Promise((done) => setTimeout(() => {
  queueMicrotask(() => log('after the timer'));
  setTimeout(done, 1);
  log('timer');
}));

for (const value of [undefined, null, 0, 'code', { handleEvent() {} }]) {
  try {
    queueMicrotask(value);
    log('accepted');
  } catch (error) {
    log(error.name);
  }
}
try {
  queueMicrotask();
} catch (error) {
  log(error.name);
}
log(`${queueMicrotask.name} ${queueMicrotask.length} ${'prototype' in queueMicrotask}`);
