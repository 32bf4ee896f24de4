// SPDX-License-Identifier: Apache-2.0
// FileReader, FileReaderSync and ProgressEvent.
const attempt = (name, work) => {
  try {
    console.log(`${name}:`, work());
  } catch (error) {
    console.log(`${name}: ${error.name}: ${error.message}`);
  }
};
const types = ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend'];
const watched = (log) => {
  const reader = new FileReader();
  for (const type of types) {
    reader[`on${type}`] = (event) => log.push(`${type} ${event.loaded}/${event.total} ${event.lengthComputable} ${reader.readyState}`);
  }
  return reader;
};
const finished = (reader) => new Promise((resolve) => { reader.addEventListener('loadend', () => resolve(reader.result)); });
const show = (value) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)].join() : JSON.stringify(value));
const blob = new Blob([new Uint8Array([0xEF, 0xBB, 0xBF, 0x61, 0xE2, 0x82, 0xAC, 0xFF])], { type: 'text/plain' });

console.log('# what is read');
for (const method of ['readAsArrayBuffer', 'readAsBinaryString', 'readAsText', 'readAsDataURL']) {
  const log = [];
  const reader = watched(log);
  reader[method](blob);
  log.push(`now ${reader.readyState} ${reader.result}`);
  console.log(method, show(await finished(reader)), log.join(' | '), reader.error);
}
const log = [];
const empty = watched(log);
empty.readAsDataURL(new Blob([]));
console.log(await finished(empty), log.join(' | '));

console.log('# text');
const bytes = new Uint8Array([0xE9, 0x61]);
const textOf = async (content, type, label) => {
  const reader = new FileReader();
  reader.readAsText(new Blob([content], { type }), label);
  return finished(reader);
};
for (const [type, label] of [['', undefined], ['text/plain;charset=windows-1252', undefined], ['text/plain;charset=latin1', 'utf-8'], ['', 'ISO-8859-1'], ['a/b;charset=latin1', 'none'],
  ['a/b;charset=none', 'none'], ['charset=latin1', undefined]]) console.log(type, label, show(await textOf(bytes, type, label)));
for (const mark of [[0xFE, 0xFF, 0, 0x61], [0xFF, 0xFE, 0x61, 0], [0xEF, 0xBB, 0xBF, 0x61]]) console.log(show(await textOf(new Uint8Array(mark), '', 'latin1')));

console.log('# abort');
for (const moment of ['before', 'now', ...types.slice(0, 3)]) {
  const events = [];
  const reader = watched(events);
  const end = finished(reader);
  if (moment === 'before') reader.abort();
  reader.readAsText(new Blob(['abc']));
  if (moment === 'now') reader.abort();
  reader.addEventListener(moment, () => reader.abort());
  await end;
  console.log(moment, events.join(' | '), reader.readyState, reader.result);
}
const again = watched([]);
again.readAsText(new Blob(['1']));
attempt('while it reads', () => again.readAsText(new Blob(['2'])));
const order = [];
const chained = new FileReader();
chained.onload = () => {
  order.push(`load ${chained.result}`);
  if (chained.result === 'a') chained.readAsText(new Blob(['b']));
};
chained.onloadend = () => order.push(`loadend ${chained.result}`);
chained.readAsText(new Blob(['a']));
await finished(chained);
console.log(order.join(' | '));

console.log('# FileReaderSync');
const sync = new FileReaderSync();
for (const method of ['readAsArrayBuffer', 'readAsBinaryString', 'readAsText', 'readAsDataURL']) console.log(method, show(sync[method](blob)));
console.log(sync.readAsText(new Blob([bytes]), 'latin1'));

console.log('# bad input');
for (const value of [null, {}, 'x']) attempt(typeof value, () => new FileReader().readAsText(value));
attempt('nothing', () => new FileReader().readAsDataURL());
attempt('another receiver', () => FileReader.prototype.abort.call({}));
attempt('another synchronous receiver', () => FileReaderSync.prototype.readAsText.call({}, blob));
attempt('a symbol', () => new FileReader().readAsText(blob, Symbol('x')));

console.log('# shape');
console.log(FileReader.EMPTY, FileReader.LOADING, new FileReader().DONE, Object.keys(FileReader.prototype).join());
const event = new ProgressEvent('x', { lengthComputable: 1, loaded: 1.5, total: '7', bubbles: true });
console.log(event.type, event.lengthComputable, event.loaded, event.total, event.bubbles, event instanceof Event, String(event));
attempt('no number', () => new ProgressEvent('x', { loaded: NaN }));
console.log(new FileReader() instanceof EventTarget, ProgressEvent.length);
