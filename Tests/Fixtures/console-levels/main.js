// The streams that the levels go to.
console.log('log', 1);
console.info('info', 2);
console.debug('debug', 3);
console.warn('warn', 4);
console.error('error %s', 5, { a: 1 });
console.dirxml('dirxml', { a: 1 }, [2]);
Error.stackTraceLimit = 0;
console.trace('trace %d', 6, { b: 2 });
console.trace();
const { log } = console;
log('without a receiver');
log.call(5, 'with another receiver');
