// SPDX-License-Identifier: Apache-2.0
// Copies of values, and ports that they go through.

/** What moves instead of being copied. */
type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;
/** How a value is copied. */
interface StructuredSerializeOptions {
  /** What moves: it is of no use afterwards to whom it belonged. */
  transfer?: Iterable<Transferable>;
}
/** A deep copy of a value, with its cycles. */
declare function structuredClone<T = any>(value: T, options?: StructuredSerializeOptions): T;

/** Members of a message event. */
interface MessageEventInit<T = any> extends EventInit {
  /** What was sent. */
  data?: T;
  /** Who sent it. */
  origin?: string;
  /** Of a stream of events. */
  lastEventId?: string;
  /** A port of the sender. */
  source?: MessagePort | null;
  /** The ports that came with it. */
  ports?: Iterable<MessagePort>;
}
/** A message arrived. */
interface MessageEvent<T = any> extends Event {
  /** What was sent. */
  readonly data: T;
  /** Who sent it. */
  readonly origin: string;
  /** Of a stream of events. */
  readonly lastEventId: string;
  /** A port of the sender. */
  readonly source: MessagePort | null;
  /** The ports that came with it. */
  readonly ports: ReadonlyArray<MessagePort>;
  /** Sets an event up again. */
  initMessageEvent(
    type: string, bubbles?: boolean, cancelable?: boolean, data?: any, origin?: string, lastEventId?: string,
    source?: MessagePort | null, ports?: Iterable<MessagePort>,
  ): void;
}
/** The constructor of MessageEvent. */
declare var MessageEvent: {
  prototype: MessageEvent;
  new <T = any>(type: string, init?: MessageEventInit<T>): MessageEvent<T>;
};

/** Events of a MessagePort by their types. */
interface MessagePortEventMap {
  close: Event;
  message: MessageEvent;
  messageerror: MessageEvent;
}
/** One end of a channel. */
interface MessagePort extends EventTarget {
  /** Sends a copy of a value to the other end. */
  postMessage(message: any, transfer: Iterable<Transferable>): void;
  postMessage(message: any, options?: StructuredSerializeOptions): void;
  /** Begins to take messages; setting onmessage does so too. */
  start(): void;
  /** Ends the channel. */
  close(): void;
  /** Called when the channel has ended. */
  onclose: ((this: MessagePort, event: Event) => any) | null;
  /** Called with each message. */
  onmessage: ((this: MessagePort, event: MessageEvent) => any) | null;
  /** Called where a message could not be read. */
  onmessageerror: ((this: MessagePort, event: MessageEvent) => any) | null;
  addEventListener<K extends keyof MessagePortEventMap>(
    type: K, listener: (this: MessagePort, event: MessagePortEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
}
/** Made by channels alone. */
declare var MessagePort: { prototype: MessagePort; new (): never };
/** Two ports: what one is sent arrives at the other. */
interface MessageChannel {
  /** One end. */
  readonly port1: MessagePort;
  /** The other. */
  readonly port2: MessagePort;
}
/** The constructor of MessageChannel. */
declare var MessageChannel: { prototype: MessageChannel; new (): MessageChannel };

/** Events of a BroadcastChannel by their types. */
interface BroadcastChannelEventMap {
  message: MessageEvent;
  messageerror: MessageEvent;
}
/** Sends to all others of its name in the same program. */
interface BroadcastChannel extends EventTarget {
  /** The channel's name. */
  readonly name: string;
  /** Sends a copy of a value. */
  postMessage(message: any): void;
  /** Ends sending and taking. */
  close(): void;
  /** Called with each message. */
  onmessage: ((this: BroadcastChannel, event: MessageEvent) => any) | null;
  /** Called where a message could not be read. */
  onmessageerror: ((this: BroadcastChannel, event: MessageEvent) => any) | null;
  addEventListener<K extends keyof BroadcastChannelEventMap>(
    type: K, listener: (this: BroadcastChannel, event: BroadcastChannelEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
}
/** The constructor of BroadcastChannel. */
declare var BroadcastChannel: { prototype: BroadcastChannel; new (name: string): BroadcastChannel };
