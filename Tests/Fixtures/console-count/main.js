// Counters, and what is said of labels that do not exist.
console.count();
console.count();
console.count('default');
console.count(undefined);
console.count('label');
console.count(5);
console.count('5');
console.count(null);
console.count({ toString() { return 'object'; } });
console.count('%s');
console.countReset();
console.count();
console.countReset('label');
console.count('label');
console.countReset('unknown');
console.timeEnd('no timer');
console.timeLog('no timer', 'data');
console.time('twice');
console.time('twice');
for (const method of ['count', 'countReset', 'time', 'timeLog', 'timeEnd']) {
  try {
    console[method](Symbol('label'));
    console.log(method, 'accepted a symbol');
  } catch (error) {
    console.log(method, error instanceof TypeError);
  }
}
