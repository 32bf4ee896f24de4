// SPDX-License-Identifier: Apache-2.0
// What ends work that is under way.

/** Events of an AbortSignal by their types. */
interface AbortSignalEventMap {
  abort: Event;
}

/** Tells work that it shall end. */
interface AbortSignal extends EventTarget {
  /** Whether it shall. */
  readonly aborted: boolean;
  /** Why. */
  readonly reason: any;
  /** Throws the reason, if there is one. */
  throwIfAborted(): void;
  /** Called when it is aborted. */
  onabort: ((this: AbortSignal, event: Event) => any) | null;
  addEventListener<K extends keyof AbortSignalEventMap>(
    type: K, listener: (this: AbortSignal, event: AbortSignalEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
}
/** Makes signals; a controller's signal is its own. */
declare var AbortSignal: {
  prototype: AbortSignal;
  new (): never;
  /** One that is aborted already. */
  abort(reason?: any): AbortSignal;
  /** One that aborts after some milliseconds. */
  timeout(milliseconds: number): AbortSignal;
  /** One that aborts with the first of others. */
  any(signals: Iterable<AbortSignal>): AbortSignal;
};

/** Aborts its signal. */
interface AbortController {
  /** The signal that work is given. */
  readonly signal: AbortSignal;
  /** Aborts the signal. */
  abort(reason?: any): void;
}
/** The constructor of AbortController. */
declare var AbortController: { prototype: AbortController; new (): AbortController };
