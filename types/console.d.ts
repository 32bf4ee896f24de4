// SPDX-License-Identifier: Apache-2.0
// What a program says to whoever runs it.

/** Writes lines; the first text may have %s, %d, %i, %f, %o, %O, %j and %c for the arguments that follow. */
interface Console {
  /** Writes an error unless the condition holds. */
  assert(condition?: boolean, ...data: any[]): void;
  /** Leaves all groups. */
  clear(): void;
  /** Writes how often it was called with the label. */
  count(label?: string): void;
  /** Begins to count from 1 again. */
  countReset(label?: string): void;
  /** Writes a line of little interest. */
  debug(...data: any[]): void;
  /** Writes an object with all that it has. */
  dir(item?: any, options?: any): void;
  /** Writes a line. */
  dirxml(...data: any[]): void;
  /** Writes an error. */
  error(...data: any[]): void;
  /** Writes a line, and those that follow to its right. */
  group(...data: any[]): void;
  /** Does the same. */
  groupCollapsed(...data: any[]): void;
  /** Leaves a group. */
  groupEnd(): void;
  /** Writes a line. */
  info(...data: any[]): void;
  /** Writes a line. */
  log(...data: any[]): void;
  /** Writes rows and columns. */
  table(tabularData?: any, properties?: Iterable<string>): void;
  /** Starts a clock. */
  time(label?: string): void;
  /** Writes how long a clock has run, and stops it. */
  timeEnd(label?: string): void;
  /** Writes how long a clock has run. */
  timeLog(label?: string, ...data: any[]): void;
  /** Writes an error with the stack of calls. */
  trace(...data: any[]): void;
  /** Writes a warning. */
  warn(...data: any[]): void;
}
/** What a program says to whoever runs it. */
declare var console: Console;
