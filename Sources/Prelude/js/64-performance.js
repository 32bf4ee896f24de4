// SPDX-License-Identifier: Apache-2.0
'use strict';

// The clock. What scripts record is of a part of its own, so that telling the time loads little.

const { TypeError } = primordials;
const { exposeInterface } = internals.webidl;
const { EventTarget, makeTarget } = internals.events;

const requireThis = (object) => {
  if (object !== performance) throw new TypeError('Illegal invocation');
};

const timelineOf = (object) => {
  requireThis(object);
  internals.parts.timeline;
  return internals.timeline;
};

class Performance {
  constructor() { throw new TypeError('Illegal constructor'); }

  get timeOrigin() {
    requireThis(this);
    return host.timeOrigin();
  }

  now() {
    requireThis(this);
    return host.now();
  }

  toJSON() {
    requireThis(this);
    return { timeOrigin: host.timeOrigin() };
  }

  mark(markName, markOptions = undefined) {
    return timelineOf(this).mark(arguments.length, markName, markOptions);
  }

  measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
    return timelineOf(this).measure(arguments.length, measureName, startOrMeasureOptions, endMark);
  }

  clearMarks(markName = undefined) { timelineOf(this).clear('mark', markName); }
  clearMeasures(measureName = undefined) { timelineOf(this).clear('measure', measureName); }

  getEntries() {
    const { entries, show } = timelineOf(this);
    return show(entries(), undefined, undefined);
  }

  getEntriesByType(type) {
    const { byType, entries } = timelineOf(this);
    return byType(entries(), 'Performance', arguments.length, type);
  }

  getEntriesByName(name, type = undefined) {
    const { byName, entries } = timelineOf(this);
    return byName(entries(), 'Performance', arguments.length, name, type);
  }
}

exposeInterface(Performance, { __proto__: null, parent: EventTarget, has: (object) => object === performance });
const performance = internals.performance = { __proto__: Performance.prototype };
makeTarget(performance);
