// SPDX-License-Identifier: Apache-2.0
// Events, their targets and DOMException.

/** Members of an event that is constructed. */
interface EventInit {
  /** Whether it bubbles; no target here has a parent. */
  bubbles?: boolean;
  /** Whether preventDefault has an effect. */
  cancelable?: boolean;
  /** Whether it would leave a shadow tree. */
  composed?: boolean;
}

/** Something that happened, on its way to listeners. */
interface Event {
  /** What listeners are added for. */
  readonly type: string;
  /** Where it was dispatched. */
  readonly target: EventTarget | null;
  /** An old name of target. */
  readonly srcElement: EventTarget | null;
  /** Whose listeners are being called. */
  readonly currentTarget: EventTarget | null;
  /** The targets that it passes, which is one. */
  composedPath(): EventTarget[];
  /** No phase. */
  readonly NONE: 0;
  /** On the way down. */
  readonly CAPTURING_PHASE: 1;
  /** At its target. */
  readonly AT_TARGET: 2;
  /** On the way up. */
  readonly BUBBLING_PHASE: 3;
  /** The phase of its dispatch. */
  readonly eventPhase: number;
  /** Keeps it from other targets. */
  stopPropagation(): void;
  /** Whether stopPropagation was called. */
  cancelBubble: boolean;
  /** Keeps it from all listeners that are not called yet. */
  stopImmediatePropagation(): void;
  /** Whether it bubbles. */
  readonly bubbles: boolean;
  /** Whether preventDefault has an effect. */
  readonly cancelable: boolean;
  /** Whether preventDefault was not called. */
  returnValue: boolean;
  /** Says that what usually follows shall not. */
  preventDefault(): void;
  /** Whether preventDefault had an effect. */
  readonly defaultPrevented: boolean;
  /** Whether it would leave a shadow tree. */
  readonly composed: boolean;
  /** Whether the runtime made it. */
  readonly isTrusted: boolean;
  /** Milliseconds since performance.timeOrigin. */
  readonly timeStamp: number;
  /** Sets an event up again. */
  initEvent(type: string, bubbles?: boolean, cancelable?: boolean): void;
}
/** The constructor of Event. */
declare var Event: {
  prototype: Event;
  new (type: string, init?: EventInit): Event;
  readonly NONE: 0;
  readonly CAPTURING_PHASE: 1;
  readonly AT_TARGET: 2;
  readonly BUBBLING_PHASE: 3;
};

/** Members of a custom event. */
interface CustomEventInit<T = any> extends EventInit {
  /** What it brings. */
  detail?: T;
}
/** An event with data of the program's own. */
interface CustomEvent<T = any> extends Event {
  /** What it brings. */
  readonly detail: T;
  /** Sets an event up again. */
  initCustomEvent(type: string, bubbles?: boolean, cancelable?: boolean, detail?: T): void;
}
/** The constructor of CustomEvent. */
declare var CustomEvent: {
  prototype: CustomEvent;
  new <T = any>(type: string, init?: CustomEventInit<T>): CustomEvent<T>;
};

/** Members of an error event. */
interface ErrorEventInit extends EventInit {
  /** The error's message. */
  message?: string;
  /** The URL of its script. */
  filename?: string;
  /** The line in it, from 1. */
  lineno?: number;
  /** The column in it, from 1. */
  colno?: number;
  /** What was thrown. */
  error?: any;
}
/** An error that nothing caught. */
interface ErrorEvent extends Event {
  /** The error's message. */
  readonly message: string;
  /** The URL of its script. */
  readonly filename: string;
  /** The line in it, from 1. */
  readonly lineno: number;
  /** The column in it, from 1. */
  readonly colno: number;
  /** What was thrown. */
  readonly error: any;
}
/** The constructor of ErrorEvent. */
declare var ErrorEvent: { prototype: ErrorEvent; new (type: string, init?: ErrorEventInit): ErrorEvent };

/** Members of a rejection event. */
interface PromiseRejectionEventInit extends EventInit {
  /** The promise that was rejected. */
  promise: object;
  /** With what. */
  reason?: any;
}
/** A rejection that nothing handled, or that something handled later. */
interface PromiseRejectionEvent extends Event {
  /** The promise that was rejected. */
  readonly promise: Promise<any>;
  /** With what. */
  readonly reason: any;
}
/** The constructor of PromiseRejectionEvent. */
declare var PromiseRejectionEvent: {
  prototype: PromiseRejectionEvent;
  new (type: string, init: PromiseRejectionEventInit): PromiseRejectionEvent;
};

/** Which limit of a run an event or a report is about. */
type LimitName = 'cpu' | 'wall' | 'memory';
/** Members of a limit event. */
interface LimitApproachingEventInit extends EventInit {
  /** Which limit. */
  limit: LimitName;
  /** How much of it is used. */
  used?: number;
  /** How much there is. */
  total?: number;
}
/** Most of a limit is used: milliseconds of CPU or elapsed time, or bytes of memory. */
interface LimitApproachingEvent extends Event {
  /** Which limit. */
  readonly limit: LimitName;
  /** How much of it is used. */
  readonly used: number;
  /** How much there is. */
  readonly total: number;
}
/** The constructor of LimitApproachingEvent. */
declare var LimitApproachingEvent: {
  prototype: LimitApproachingEvent;
  new (type: string, init: LimitApproachingEventInit): LimitApproachingEvent;
};

/** A function that is called with events. */
interface EventListener {
  (event: Event): void;
}
/** An object whose method is called with events. */
interface EventListenerObject {
  /** Called with each event. */
  handleEvent(event: Event): void;
}
/** What addEventListener takes. */
type EventListenerOrEventListenerObject = EventListener | EventListenerObject;
/** Which listener is meant. */
interface EventListenerOptions {
  /** Whether it is for the way down. */
  capture?: boolean;
}
/** How a listener is called. */
interface AddEventListenerOptions extends EventListenerOptions {
  /** Only once. */
  once?: boolean;
  /** It will not call preventDefault. */
  passive?: boolean;
  /** Removes it when aborted. */
  signal?: AbortSignal;
}

/** What events are dispatched at. */
interface EventTarget {
  /** Adds a listener, unless it is there. */
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
  /** Removes a listener. */
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions,
  ): void;
  /** Calls the listeners; false if one of them prevented what follows. */
  dispatchEvent(event: Event): boolean;
}
/** The constructor of EventTarget. */
declare var EventTarget: { prototype: EventTarget; new (): EventTarget };

/** An error of the web platform, told by its name. */
interface DOMException extends Error {
  /** Its kind, such as "AbortError". */
  readonly name: string;
  /** What happened. */
  readonly message: string;
  /** The number that some names have, else 0. */
  readonly code: number;
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
}
/** The constructor of DOMException. */
declare var DOMException: {
  prototype: DOMException;
  new (message?: string, name?: string): DOMException;
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
};

/** What QuotaExceededError may be told. */
interface QuotaExceededErrorOptions {
  /** What there is. */
  quota?: number;
  /** What was wanted. */
  requested?: number;
}

/** An exception of having wanted too much. */
interface QuotaExceededError extends DOMException {
  /** What there is; null where it is not said. */
  readonly quota: number | null;
  /** What was wanted; null where it is not said. */
  readonly requested: number | null;
}

/** The constructor of QuotaExceededError. */
declare var QuotaExceededError: {
  prototype: QuotaExceededError;
  new (message?: string, options?: QuotaExceededErrorOptions): QuotaExceededError;
};
