// SPDX-License-Identifier: Apache-2.0
// Requests, responses and what sends the ones for the others.

/** What headers are made of. */
type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;
/** Names and values of a message; names are in lower case. */
interface Headers {
  /** Adds a value. */
  append(name: string, value: string): void;
  /** Removes a name. */
  delete(name: string): void;
  /** The values of a name, joined by commas. */
  get(name: string): string | null;
  /** The values of Set-Cookie, which cannot be joined. */
  getSetCookie(): string[];
  /** Whether there is the name. */
  has(name: string): boolean;
  /** Makes a value the only one of its name. */
  set(name: string, value: string): void;
  /** Calls back for each pair, in the order of names. */
  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: any): void;
  /** The names. */
  keys(): IterableIterator<string>;
  /** The values. */
  values(): IterableIterator<string>;
  /** The pairs. */
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
/** The constructor of Headers. */
declare var Headers: { prototype: Headers; new (init?: HeadersInit): Headers };

/** What bodies are made of. */
type BodyInit = ReadableStream | BufferSource | Blob | FormData | URLSearchParams | string;
/** The content of a message, to be read once. */
interface Body {
  /** Its bytes as they come, or null where there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** Whether it was read. */
  readonly bodyUsed: boolean;
  /** All bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** All bytes. */
  blob(): Promise<Blob>;
  /** All bytes. */
  bytes(): Promise<Uint8Array>;
  /** The form that it holds. */
  formData(): Promise<FormData>;
  /** The value whose JSON it is. */
  json<T = any>(): Promise<T>;
  /** The text. */
  text(): Promise<string>;
  /** The text, as it comes. */
  textStream(): ReadableStream<string>;
}

/** What is done about a cache; there is none. */
type RequestCache = 'default' | 'force-cache' | 'no-cache' | 'no-store' | 'only-if-cached' | 'reload';
/** Whether cookies are sent; there are none. */
type RequestCredentials = 'include' | 'omit' | 'same-origin';
/** What kind of thing is asked for. */
type RequestDestination =
  | '' | 'audio' | 'audioworklet' | 'document' | 'embed' | 'font' | 'frame' | 'iframe' | 'image' | 'json' | 'manifest'
  | 'object' | 'paintworklet' | 'report' | 'script' | 'sharedworker' | 'style' | 'text' | 'track' | 'video' | 'worker'
  | 'xslt';
/** How a request goes to other origins. */
type RequestMode = 'cors' | 'navigate' | 'no-cors' | 'same-origin';
/** What is done about redirections. */
type RequestRedirect = 'error' | 'follow' | 'manual';
/** How important a request is. */
type RequestPriority = 'auto' | 'high' | 'low';
/** How much of its sender's URL a request tells. */
type ReferrerPolicy =
  | '' | 'no-referrer' | 'no-referrer-when-downgrade' | 'origin' | 'origin-when-cross-origin' | 'same-origin'
  | 'strict-origin' | 'strict-origin-when-cross-origin' | 'unsafe-url';
/** What fetch asks for. */
type RequestInfo = Request | string;
/** How a request is made. */
interface RequestInit {
  /** GET unless given. */
  method?: string;
  /** Its headers. */
  headers?: HeadersInit;
  /** Its content; not with GET and HEAD. */
  body?: BodyInit | null;
  /** Of the page that asks. */
  referrer?: string;
  referrerPolicy?: ReferrerPolicy;
  mode?: RequestMode;
  credentials?: RequestCredentials;
  cache?: RequestCache;
  redirect?: RequestRedirect;
  /** Hashes that the answer must have one of. */
  integrity?: string;
  keepalive?: boolean;
  /** Ends the request; null is none. */
  signal?: AbortSignal | null;
  /** To be given where the body is a stream. */
  duplex?: 'half';
  priority?: RequestPriority;
  window?: null;
}
/** Something that is asked for. */
interface Request extends Body {
  /** Its method, in upper case if it is a usual one. */
  readonly method: string;
  /** Its URL. */
  readonly url: string;
  /** Its headers. */
  readonly headers: Headers;
  /** What kind of thing is asked for. */
  readonly destination: RequestDestination;
  readonly referrer: string;
  readonly referrerPolicy: ReferrerPolicy;
  readonly mode: RequestMode;
  readonly credentials: RequestCredentials;
  readonly cache: RequestCache;
  readonly redirect: RequestRedirect;
  readonly integrity: string;
  readonly keepalive: boolean;
  readonly isReloadNavigation: boolean;
  readonly isHistoryNavigation: boolean;
  /** Is aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly duplex: 'half';
  /** Another with the same content. */
  clone(): Request;
}
/** The constructor of Request. */
declare var Request: { prototype: Request; new (input: RequestInfo | URL, init?: RequestInit): Request };

/** Where a response comes from. */
type ResponseType = 'basic' | 'cors' | 'default' | 'error' | 'opaque' | 'opaqueredirect';
/** How a response is made. */
interface ResponseInit {
  /** 200 unless given. */
  status?: number;
  /** The words behind the status. */
  statusText?: string;
  /** Its headers. */
  headers?: HeadersInit;
  /** The end of a `WebSocketPair` that the client gets; the status is 101 then. */
  webSocket?: WebSocket | null;
}
/** An answer. */
interface Response extends Body {
  readonly type: ResponseType;
  /** What answered; empty where nobody was asked. */
  readonly url: string;
  /** Whether a redirection led there. */
  readonly redirected: boolean;
  /** A number from 200 to 599, or 0. */
  readonly status: number;
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean;
  /** The words behind the status. */
  readonly statusText: string;
  /** Its headers. */
  readonly headers: Headers;
  /** The socket that goes with status 101. */
  readonly webSocket: WebSocket | null;
  /** Another with the same content. */
  clone(): Response;
}
/** The constructor of Response. */
declare var Response: {
  prototype: Response;
  new (body?: BodyInit | null, init?: ResponseInit): Response;
  /** The failure of a network. */
  error(): Response;
  /** The JSON of a value. */
  json(data: any, init?: ResponseInit): Response;
  /** One that leads elsewhere; 302 unless given. */
  redirect(url: string | URL, status?: 301 | 302 | 303 | 307 | 308): Response;
};

/** Asks for something; the promise is rejected only where there is no answer at all. */
declare function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
