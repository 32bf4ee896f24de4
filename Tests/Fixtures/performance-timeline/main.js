// SPDX-License-Identifier: Apache-2.0
// Marks, measures and who observes them. Times are given, so that nothing depends on the clock.
const log = (...parts) => console.log(...parts);
const attempt = (name, work) => {
  try {
    log(`${name}:`, work());
  } catch (error) {
    log(`${name}: ${error.name}: ${error.message}`);
  }
};
const names = (entries) => entries.map(({ name }) => name).join();
const show = ({ detail, duration, entryType, name, startTime }) => `${name} ${entryType} ${startTime} ${duration} ${JSON.stringify(detail)}`;

const detail = { deep: [1] };
const mark = performance.mark('one', { startTime: 10, detail });
detail.deep.push(2);
performance.mark('two', { startTime: 30 });
performance.mark('one', { startTime: 20 });
log(show(mark), mark instanceof PerformanceMark, mark instanceof PerformanceEntry, mark.detail !== detail);
log(JSON.stringify(mark));
log(performance.now() >= 0, new PerformanceMark('now').startTime <= performance.now(), performance instanceof EventTarget);

log(show(performance.measure('by names', 'one', 'two')));
log(show(performance.measure('by times', { start: 5, end: 12 })));
log(show(performance.measure('by start', { start: 'two', duration: 5, detail: 'd' })));
log(show(performance.measure('by end', { end: 50, duration: 5 })));
log(performance.measure('from the beginning').startTime, performance.measure('to now', { start: 0 }).duration > 0);
log(performance.measure('an empty dictionary', {}, 'two').duration);
attempt('nothing', () => performance.measure());
attempt('no such mark', () => performance.measure('m', 'none'));
attempt('three of three', () => performance.measure('m', { start: 1, end: 2, duration: 3 }));
attempt('only a duration', () => performance.measure('m', { duration: 3 }));
attempt('options and an end', () => performance.measure('m', { start: 3 }, 'one'));
attempt('a negative time', () => performance.measure('m', { start: -1 }));
attempt('a negative mark', () => performance.mark('m', { startTime: -1 }));
attempt('no number', () => performance.mark('m', { startTime: NaN }));
attempt('options that are none', () => performance.mark('m', 5));
attempt('a detail that cannot be cloned', () => performance.mark('m', { detail: () => {} }));
attempt('a time of a page', () => performance.measure('m', 'navigationStart'));
attempt('construction', () => new Performance());
attempt('construction of a measure', () => new PerformanceMeasure('m', 1, 2));
attempt('another this', () => performance.now.call({}));

log(names(performance.getEntries().slice(0, 6)));
log(names(performance.getEntriesByType('mark')), names(performance.getEntriesByName('one')), names(performance.getEntriesByName('one', 'measure')));
performance.clearMarks('one');
log(names(performance.getEntriesByType('mark')));
performance.clearMarks();
performance.clearMeasures('by times');
log(performance.getEntriesByType('mark').length, performance.getEntriesByName('by times').length);
performance.clearMeasures();
log(performance.getEntries().length, new PerformanceMark('alone').name, performance.getEntries().length);

// Observers see entries in a task.
log(PerformanceObserver.supportedEntryTypes.join(), Object.isFrozen(PerformanceObserver.supportedEntryTypes));
const observer = new PerformanceObserver(function (list, self, options) {
  log('observed', names(list.getEntries()), names(list.getEntriesByName('b')), list.getEntriesByType('mark').length,
    this === observer && self === observer, JSON.stringify(options));
});
observer.observe({ entryTypes: ['mark', 'unknown', 'measure'] });
performance.mark('b', { startTime: 2 });
performance.mark('a', { startTime: 1 });
await new Promise((resolve) => { setTimeout(resolve, 5); });
performance.measure('c');
log(names(observer.takeRecords()), observer.takeRecords().length);
attempt('a type after types', () => observer.observe({ type: 'mark' }));
attempt('no options', () => observer.observe());
attempt('both', () => observer.observe({ type: 'mark', entryTypes: ['mark'] }));
observer.disconnect();
performance.mark('unseen');
const late = new PerformanceObserver((list) => log('buffered', names(list.getEntries())));
late.observe({ type: 'mark', buffered: true });
late.observe({ type: 'unknown', buffered: true });
attempt('types after a type', () => late.observe({ entryTypes: ['mark'] }));
await new Promise((resolve) => { setTimeout(resolve, 5); });
performance = 5;
log(performance);
