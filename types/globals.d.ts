// SPDX-License-Identifier: Apache-2.0
// Functions and objects of the global scope that have no file of their own.

/** The global object. */
declare var self: typeof globalThis;

/** The bytes of a base64 text, as a text of their codes. */
declare function atob(data: string): string;
/** The base64 text of bytes, which are given as a text of their codes. */
declare function btoa(data: string): string;

/** Calls back once, after some milliseconds; answers with the timer's number. */
declare function setTimeout<A extends any[]>(handler: (...args: A) => void, timeout?: number, ...args: A): number;
/** Calls back again and again; answers with the timer's number. */
declare function setInterval<A extends any[]>(handler: (...args: A) => void, timeout?: number, ...args: A): number;
/** Stops a timer. */
declare function clearTimeout(id?: number): void;
/** Stops a timer. */
declare function clearInterval(id?: number): void;
/** Calls back after the code that runs now. */
declare function queueMicrotask(callback: () => void): void;
/** Does with an error as if nothing had caught it. */
declare function reportError(error: any): void;

/** What the program runs in. */
interface Navigator {
  /** Name and version of the runtime. */
  readonly userAgent: string;
  /** How many threads a program has, which is one. */
  readonly hardwareConcurrency: number;
}
/** Made by the runtime alone. */
declare var Navigator: { prototype: Navigator; new (): never };
/** What the program runs in. */
declare var navigator: Navigator;

/** Events of the global scope by their types. */
interface GlobalEventMap {
  error: ErrorEvent;
  limitapproaching: LimitApproachingEvent;
  rejectionhandled: PromiseRejectionEvent;
  unhandledrejection: PromiseRejectionEvent;
}
/** Adds a listener to the global scope, unless it is there. */
declare function addEventListener<K extends keyof GlobalEventMap>(
  type: K, listener: (event: GlobalEventMap[K]) => any, options?: boolean | AddEventListenerOptions,
): void;
declare function addEventListener(
  type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
): void;
/** Removes a listener of the global scope. */
declare function removeEventListener<K extends keyof GlobalEventMap>(
  type: K, listener: (event: GlobalEventMap[K]) => any, options?: boolean | EventListenerOptions,
): void;
declare function removeEventListener(
  type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions,
): void;
/** Calls the listeners of the global scope; false if one of them prevented what follows. */
declare function dispatchEvent(event: Event): boolean;
/** Called with what nothing caught; true prevents that it ends the program. */
declare var onerror:
  | ((message: string | Event, filename?: string, lineno?: number, colno?: number, error?: any) => any)
  | null;
/** Called when most of a limit is used. */
declare var onlimitapproaching: ((event: LimitApproachingEvent) => any) | null;
/** Called when a rejection is handled after all. */
declare var onrejectionhandled: ((event: PromiseRejectionEvent) => any) | null;
/** Called with a rejection that nothing handles. */
declare var onunhandledrejection: ((event: PromiseRejectionEvent) => any) | null;

/** The little of a process that `rookery run` gives a program. */
interface Process {
  /** "rookery", the program's file, and the arguments. */
  readonly argv: string[];
  /** The values of --env. */
  readonly env: Record<string, string | undefined>;
}
/** The little of a process that `rookery run` gives a program; workers have none. */
declare var process: Process;
