// SPDX-License-Identifier: Apache-2.0
// The objects of a worker's `env`, by the type of their binding.

/** What a call to the host fails with. No class has this name: look at `name` and `code`. */
interface CapabilityError extends Error {
  readonly name: 'CapabilityError';
  /**
   * What is wrong: the call is not granted; an argument is of no use; what was named is not there; something is there
   * already, or is not as expected; a limit is used up; the other side cannot be reached; it took too long; the call was
   * cancelled; the host is at fault.
   */
  readonly code:
    | 'denied' | 'invalidArgument' | 'notFound' | 'conflict' | 'exhausted' | 'unavailable' | 'timedOut' | 'cancelled'
    | 'failed';
}

/** What can be written: text, bytes, or what has them. */
type BindingContent = string | BufferSource | ReadableStream | Blob | Request | Response;

/** Values by key: a binding of the type "kv". */
interface KVNamespace<Key extends string = string> {
  /** The value, or null where there is none. */
  get(key: Key, type?: 'text' | { type?: 'text' }): Promise<string | null>;
  get<T = unknown>(key: Key, type: 'json' | { type: 'json' }): Promise<T | null>;
  get(key: Key, type: 'arrayBuffer' | { type: 'arrayBuffer' }): Promise<ArrayBuffer | null>;
  get(key: Key, type: 'bytes' | { type: 'bytes' }): Promise<Uint8Array | null>;
  get(key: Key, type: 'stream' | { type: 'stream' }): Promise<ReadableStream<Uint8Array> | null>;
  /** The value with what was set with it; version 0 where there is none. */
  getWithMetadata<M = unknown>(key: Key, type?: 'text' | { type?: 'text' }): Promise<KVEntry<string, M>>;
  getWithMetadata<T = unknown, M = unknown>(key: Key, type: 'json' | { type: 'json' }): Promise<KVEntry<T, M>>;
  getWithMetadata<M = unknown>(
    key: Key, type: 'arrayBuffer' | { type: 'arrayBuffer' },
  ): Promise<KVEntry<ArrayBuffer, M>>;
  getWithMetadata<M = unknown>(key: Key, type: 'bytes' | { type: 'bytes' }): Promise<KVEntry<Uint8Array, M>>;
  getWithMetadata<M = unknown>(
    key: Key, type: 'stream' | { type: 'stream' },
  ): Promise<KVEntry<ReadableStream<Uint8Array>, M>>;
  /** Sets a value of at most 25 MiB, and gives its version. */
  put(key: Key, value: BindingContent, options?: KVPutOptions): Promise<number>;
  /** Removes a key; whether it was there. */
  delete(key: Key, options?: { ifVersion?: number }): Promise<boolean>;
  /** Keys in the order of their bytes, up to `limit` (1 to 1000). */
  list<M = unknown>(options?: {
    prefix?: string | null; limit?: number | null; cursor?: string | null;
  }): Promise<KVPage<M, Key>>;
  /** One of several namespaces that the binding grants. */
  namespace(name: string): KVNamespace<Key>;
}
/** A value with what was set with it. */
interface KVEntry<Value, Metadata = unknown> {
  value: Value | null;
  metadata: Metadata | null;
  /** Above zero, and another one after every change. */
  version: number;
}
/** How a value is set. */
interface KVPutOptions {
  /** When it ceases to be there, in seconds since 1970. */
  expiration?: number;
  /** How long it is there, in seconds. */
  expirationTtl?: number;
  /** At most 1024 bytes of JSON, which lists show. */
  metadata?: any;
  /** Only if the value has this version; 0: if there is none. Otherwise the error's code is "conflict". */
  ifVersion?: number;
}
/** Some keys. */
interface KVPage<Metadata = unknown, Key extends string = string> {
  keys: { name: Key; expiration?: number; metadata?: Metadata; version: number }[];
  /** Whether these are all; otherwise `cursor` gives the next ones. */
  list_complete: boolean;
  cursor?: string;
}

/**
 * Files that are granted: a binding of the type "files", and what rookery:files exports. Paths have slashes; URLs are of
 * files.
 */
interface Files {
  /** The file's bytes, at most 32 MiB at once; fewer than `length` where the file ends. */
  read(path: string | URL, options?: { position?: number; length?: number }): Promise<Uint8Array>;
  /** The file's text. */
  readText(path: string | URL): Promise<string>;
  /** The value whose JSON the file is. */
  readJSON<T = any>(path: string | URL): Promise<T>;
  /** The file's bytes as they are read. */
  stream(path: string | URL, options?: { position?: number }): Promise<ReadableStream<Uint8Array>>;
  /** Puts a file there, or in the place of an old one: all of it or nothing. `createNew`: not in the place of one. */
  write(path: string | URL, data: BindingContent, options?: { createNew?: boolean }): Promise<void>;
  /** The same for what is written chunk after chunk; it is there once the stream is closed. */
  create(path: string | URL): Promise<WritableStream<string | BufferSource>>;
  /** Writes at the end of a file, which is made where it is not there. */
  append(path: string | URL, data: BindingContent): Promise<void>;
  /** Writes over a part of a file. */
  patch(path: string | URL, data: Exclude<BindingContent, ReadableStream>, position: number): Promise<void>;
  /** What is in a folder, by name. */
  list(path?: string | URL): AsyncIterableIterator<{ name: string; kind: 'file' | 'folder' | 'link' | 'other' }>;
  /** What a path is of; `size` in bytes, `modified` in milliseconds since 1970. */
  stat(path: string | URL): Promise<{ kind: 'file' | 'folder' | 'other'; size: number; modified: number }>;
  /** Whether there is something. */
  exists(path: string | URL): Promise<boolean>;
  /** Removes a file or an empty folder; `recursive`: a folder with what is in it. */
  remove(path: string | URL, options?: { recursive?: boolean }): Promise<void>;
  /** Moves a file or folder, in the place of what has the new path. */
  rename(path: string | URL, newPath: string | URL): Promise<void>;
  /** Makes a folder; `recursive`: those above it too. */
  mkdir(path: string | URL, options?: { recursive?: boolean }): Promise<void>;
}

/** What --allow-read and --allow-write grant a program. */
declare module 'rookery:files' {
  const files: Files;
  export default files;
}

/** The bindings of a program that is no worker. */
declare module 'rookery:env' {
  const env: Record<string, any>;
  export default env;
}

/** A log of the operator's: a binding of the type "log". Each method says whether there was room for the line. */
interface Log {
  /** Logs at a level what console would print. */
  write(level: 'debug' | 'log' | 'info' | 'warn' | 'error', ...data: any[]): boolean;
  debug(...data: any[]): boolean;
  log(...data: any[]): boolean;
  info(...data: any[]): boolean;
  warn(...data: any[]): boolean;
  error(...data: any[]): boolean;
}

/** The host's time: a binding of the type "clock". */
interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** The host's random numbers: a binding of the type "random". */
interface Random {
  /** At most 65536 bytes. */
  bytes(count: number): Uint8Array;
  /** From 0 up to, and without, 1. */
  number(): number;
}

/** Variables: a binding of the type "env". */
interface Environment {
  /** The variable, or undefined where there is none. */
  get(name: string): string | undefined;
  /** Those that are granted. */
  names(): string[];
}
