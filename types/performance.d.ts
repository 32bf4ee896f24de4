// SPDX-License-Identifier: Apache-2.0
// Time, and what a program notes of its own. Times are milliseconds since performance.timeOrigin.

/** Something that was noted. */
interface PerformanceEntry {
  /** What it is called. */
  readonly name: string;
  /** What kind of thing it is. */
  readonly entryType: string;
  /** When it began. */
  readonly startTime: number;
  /** How long it took. */
  readonly duration: number;
  /** It as an object for JSON. */
  toJSON(): any;
}
/** Made by the runtime alone. */
declare var PerformanceEntry: { prototype: PerformanceEntry; new (): never };
/** A list of entries, in the order of their times. */
type PerformanceEntryList = PerformanceEntry[];
/** How a moment is noted. */
interface PerformanceMarkOptions {
  /** What to keep with it. */
  detail?: any;
  /** Now, unless given. */
  startTime?: number;
}
/** A moment. */
interface PerformanceMark extends PerformanceEntry {
  /** What was kept with it. */
  readonly detail: any;
}
/** The constructor of PerformanceMark. */
declare var PerformanceMark: {
  prototype: PerformanceMark;
  new (name: string, options?: PerformanceMarkOptions): PerformanceMark;
};
/** How a span is noted; marks are given by name. */
interface PerformanceMeasureOptions {
  /** What to keep with it. */
  detail?: any;
  /** Its begin. */
  start?: string | number;
  /** How long it took. */
  duration?: number;
  /** Its end. */
  end?: string | number;
}
/** A span of time. */
interface PerformanceMeasure extends PerformanceEntry {
  /** What was kept with it. */
  readonly detail: any;
}
/** Made by performance.measure alone. */
declare var PerformanceMeasure: { prototype: PerformanceMeasure; new (): never };

/** The clock, and what was noted. */
interface Performance {
  /** When the program began, in milliseconds since 1970. */
  readonly timeOrigin: number;
  /** Milliseconds since then. */
  now(): number;
  /** It as an object for JSON. */
  toJSON(): any;
  /** Notes a moment. */
  mark(name: string, options?: PerformanceMarkOptions): PerformanceMark;
  /** Notes a span between two marks or times. */
  measure(name: string, start?: string | PerformanceMeasureOptions, end?: string): PerformanceMeasure;
  /** Forgets marks of a name, or all. */
  clearMarks(name?: string): void;
  /** Forgets spans of a name, or all. */
  clearMeasures(name?: string): void;
  /** All that was noted. */
  getEntries(): PerformanceEntryList;
  /** What was noted of a kind. */
  getEntriesByType(type: string): PerformanceEntryList;
  /** What was noted under a name. */
  getEntriesByName(name: string, type?: string): PerformanceEntryList;
}
/** Made by the runtime alone. */
declare var Performance: { prototype: Performance; new (): never };
/** The clock of this program. */
declare var performance: Performance;

/** What an observer is called with. */
interface PerformanceObserverEntryList {
  /** All of it. */
  getEntries(): PerformanceEntryList;
  /** That of a kind. */
  getEntriesByType(type: string): PerformanceEntryList;
  /** That under a name. */
  getEntriesByName(name: string, type?: string): PerformanceEntryList;
}
/** Made by the runtime alone. */
declare var PerformanceObserverEntryList: { prototype: PerformanceObserverEntryList; new (): never };
/** What an observer wants: several kinds, or one of them and what was noted before. */
interface PerformanceObserverInit {
  entryTypes?: Iterable<string>;
  type?: string;
  buffered?: boolean;
}
/** Called with entries, their observer and how many were not kept. */
type PerformanceObserverCallback = (
  entries: PerformanceObserverEntryList, observer: PerformanceObserver, options: { droppedEntriesCount?: number },
) => void;
/** Is told what is noted. */
interface PerformanceObserver {
  /** Says what it wants. */
  observe(options?: PerformanceObserverInit): void;
  /** Wants nothing any more. */
  disconnect(): void;
  /** What it was not told yet. */
  takeRecords(): PerformanceEntryList;
}
/** The constructor of PerformanceObserver. */
declare var PerformanceObserver: {
  prototype: PerformanceObserver;
  new (callback: PerformanceObserverCallback): PerformanceObserver;
  /** The kinds that there are. */
  readonly supportedEntryTypes: ReadonlyArray<string>;
};
