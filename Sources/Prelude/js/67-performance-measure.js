// SPDX-License-Identifier: Apache-2.0
'use strict';

const { ReflectOwnKeys, StringPrototypeSplit, TypeError } = primordials;
const { DOMException } = internals;
const { isObject, list, requireArguments, toDictionary, toDOMString, toDouble } = internals.webidl;
const { announce, makeMark, makeMeasure, requireTime, stateOf } = internals.timeline;

let entries = list();

const record = (object) => {
  const state = stateOf(object);
  entries[entries.length] = state;
  announce(state);
  return object;
};

// ---- Measures

const toMarkOrTime = (value, where) => (typeof value === 'number' ? toDouble(value, where) : toDOMString(value, where));
const toAny = (value) => value;
const measureMembers = [['detail', toAny], ['duration', toDouble], ['end', toMarkOrTime], ['start', toMarkOrTime]];

// Of a page's load, which a worker has none of.
const pageTimes = { __proto__: null };
const pageTimeNames = StringPrototypeSplit(
  'navigationStart unloadEventStart unloadEventEnd redirectStart redirectEnd fetchStart domainLookupStart ' +
  'domainLookupEnd connectStart connectEnd secureConnectionStart requestStart responseStart responseEnd domLoading ' +
  'domInteractive domContentLoadedEventStart domContentLoadedEventEnd domComplete loadEventStart loadEventEnd', ' ');
for (let i = 0; i < pageTimeNames.length; i++) pageTimes[pageTimeNames[i]] = true;

const timeOf = (mark, where) => {
  if (typeof mark === 'number') return requireTime(mark, where);
  if (mark in pageTimes) throw new TypeError(`${where}: '${mark}' is a time of a page, and there is none`);
  for (let i = entries.length - 1; i >= 0; i--) {
    if (entries[i].type === 'mark' && entries[i].name === mark) return entries[i].startTime;
  }
  throw new DOMException(`${where}: there is no mark '${mark}'`, 'SyntaxError');
};

const where = 'Performance.measure';

const requireConsistent = ({ duration, end, start }, endMark) => {
  if (endMark !== undefined) throw new TypeError(`${where}: an end mark and options exclude each other`);
  if (start === undefined && end === undefined) throw new TypeError(`${where}: the options have neither start nor end`);
  if (start !== undefined && duration !== undefined && end !== undefined) {
    throw new TypeError(`${where}: of start, duration and end the options can have two`);
  }
};

const endOf = ({ duration, end, start }, endMark) => {
  if (endMark !== undefined) return timeOf(endMark, where);
  if (end !== undefined) return timeOf(end, where);
  if (start !== undefined && duration !== undefined) return timeOf(start, where) + requireTime(duration, where);
  return host.now();
};

const startOf = ({ duration, end, start }) => {
  if (start !== undefined) return timeOf(start, where);
  if (duration !== undefined && end !== undefined) return timeOf(end, where) - requireTime(duration, where);
  return 0;
};

// ---- What performance does

internals.timeline.entries = () => entries;
internals.timeline.mark = (count, name, options) => record(makeMark(count, name, options));

internals.timeline.measure = (count, measureName, startOrOptions, endMark) => {
  requireArguments(count, 1, where);
  const name = toDOMString(measureName, `${where}: argument 1`);
  const isNamed = startOrOptions !== undefined && startOrOptions !== null && !isObject(startOrOptions);
  const options = isNamed ? { __proto__: null, start: toDOMString(startOrOptions, `${where}: argument 2`) }
    : toDictionary(startOrOptions, measureMembers, `${where}: argument 2`);
  const last = endMark === undefined ? undefined : toDOMString(endMark, `${where}: argument 3`);
  if (!isNamed && ReflectOwnKeys(options).length > 0) requireConsistent(options, last);
  const end = endOf(options, last);
  const start = startOf(options);
  return record(makeMeasure(name, start, end - start, options.detail));
};

// Without those of the type, and of the name where one is given.
internals.timeline.clear = (type, name) => {
  const text = name === undefined ? undefined : toDOMString(name, 'Performance: argument 1');
  const kept = list();
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (entry.type !== type || (text !== undefined && entry.name !== text)) kept[kept.length] = entry;
  }
  entries = kept;
};
