// SPDX-License-Identifier: Apache-2.0
// Connections that stay open: WebSocket and EventSource.

/** How binary messages arrive. */
type BinaryType = 'arraybuffer' | 'blob';

/** Members of a close event. */
interface CloseEventInit extends EventInit {
  /** The code of the connection's end. */
  code?: number;
  /** Why it was closed. */
  reason?: string;
  /** Whether both sides closed it. */
  wasClean?: boolean;
}
/** A WebSocket is closed. */
interface CloseEvent extends Event {
  /** The code of the connection's end; 1006 where it was lost or failed. */
  readonly code: number;
  /** Why it was closed. */
  readonly reason: string;
  /** Whether both sides closed it. */
  readonly wasClean: boolean;
}
/** The constructor of CloseEvent. */
declare var CloseEvent: { prototype: CloseEvent; new (type: string, init?: CloseEventInit): CloseEvent };

/** Events of a WebSocket by their types. */
interface WebSocketEventMap {
  close: CloseEvent;
  error: ErrorEvent;
  message: MessageEvent;
  open: Event;
}
/** A connection over which both sides send messages. */
interface WebSocket extends EventTarget {
  /** Where it goes; empty for an end of a `WebSocketPair`. */
  readonly url: string;
  /** One of the constants. */
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** None: extensions are not offered. */
  readonly extensions: string;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** How binary messages arrive. */
  binaryType: BinaryType;
  /** It is open. */
  onopen: ((this: WebSocket, event: Event) => any) | null;
  /** It failed; the event's `message` says why. */
  onerror: ((this: WebSocket, event: ErrorEvent) => any) | null;
  /** It is closed. */
  onclose: ((this: WebSocket, event: CloseEvent) => any) | null;
  /** A message arrived. */
  onmessage: ((this: WebSocket, event: MessageEvent) => any) | null;
  /**
   * Closes it: 1000, or a code from 3000 to 4999, and a reason of at most 123 bytes. An end of a `WebSocketPair` may be
   * closed with any code from 1000 on that may be sent.
   */
  close(code?: number, reason?: string): void;
  /** Takes an end of a `WebSocketPair` into use here: messages come from now on, and may be sent. */
  accept(): void;
  /** Sends a message. */
  send(data: string | BufferSource | Blob): void;
  /** Not open yet. */
  readonly CONNECTING: 0;
  /** Open. */
  readonly OPEN: 1;
  /** Being closed. */
  readonly CLOSING: 2;
  /** Closed, or failed. */
  readonly CLOSED: 3;
  /** Adds a listener. */
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K, listener: (this: WebSocket, event: WebSocketEventMap[K]) => any, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
}
/** The constructor of WebSocket. */
declare var WebSocket: {
  prototype: WebSocket;
  new (url: string | URL, protocols?: string | Iterable<string>): WebSocket;
  /** Not open yet. */
  readonly CONNECTING: 0;
  /** Open. */
  readonly OPEN: 1;
  /** Being closed. */
  readonly CLOSING: 2;
  /** Closed, or failed. */
  readonly CLOSED: 3;
};

/** Two sockets, each the other's other end: one for the client, with a response of status 101, and one for the worker. */
interface WebSocketPair {
  /** By custom the client's: `new Response(null, { status: 101, webSocket: pair[0] })`. */
  readonly 0: WebSocket;
  /** By custom the worker's, which it accepts. */
  readonly 1: WebSocket;
}
/** The constructor of WebSocketPair. */
declare var WebSocketPair: { prototype: WebSocketPair; new (): WebSocketPair };

/** How events are asked for. */
interface EventSourceInit {
  /** Kept, and without effect: there are no cookies. */
  withCredentials?: boolean;
}
/** Events of an EventSource by their types; those that the server names come besides. */
interface EventSourceEventMap {
  error: ErrorEvent;
  message: MessageEvent;
  open: Event;
}
/** A stream of events from a server, which is asked for again when it ends. */
interface EventSource extends EventTarget {
  /** Where it goes. */
  readonly url: string;
  /** As it was given. */
  readonly withCredentials: boolean;
  /** One of the constants. */
  readonly readyState: number;
  /** It is open. */
  onopen: ((this: EventSource, event: Event) => any) | null;
  /** It failed, or ended and is asked for again; the event's `message` says why. */
  onerror: ((this: EventSource, event: ErrorEvent) => any) | null;
  /** An event without a name arrived. */
  onmessage: ((this: EventSource, event: MessageEvent) => any) | null;
  /** Ends it. */
  close(): void;
  /** Not open yet, or not any more. */
  readonly CONNECTING: 0;
  /** Open. */
  readonly OPEN: 1;
  /** Ended for good. */
  readonly CLOSED: 2;
  /** Adds a listener. */
  addEventListener<K extends keyof EventSourceEventMap>(
    type: K, listener: (this: EventSource, event: EventSourceEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: ((event: MessageEvent) => any) | EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}
/** The constructor of EventSource. */
declare var EventSource: {
  prototype: EventSource;
  new (url: string | URL, init?: EventSourceInit): EventSource;
  /** Not open yet, or not any more. */
  readonly CONNECTING: 0;
  /** Open. */
  readonly OPEN: 1;
  /** Ended for good. */
  readonly CLOSED: 2;
};
