// SPDX-License-Identifier: Apache-2.0
// URLs, their queries and patterns of them.

/** A URL and its parts. */
interface URL {
  /** The whole. */
  href: string;
  /** Scheme, host and port; "null" where there is none. */
  readonly origin: string;
  /** The scheme with its colon. */
  protocol: string;
  /** The user's name, percent-encoded. */
  username: string;
  /** The password, percent-encoded. */
  password: string;
  /** Host and port. */
  host: string;
  /** The host without the port. */
  hostname: string;
  /** The port; empty where it is the scheme's own. */
  port: string;
  /** The path. */
  pathname: string;
  /** The query with its question mark; empty where there is none. */
  search: string;
  /** The query as names and values; changes to it change the URL. */
  readonly searchParams: URLSearchParams;
  /** The fragment with its number sign; empty where there is none. */
  hash: string;
  /** The whole. */
  toString(): string;
  /** The whole. */
  toJSON(): string;
}
/** The constructor of URL. */
declare var URL: {
  prototype: URL;
  /** Parses; throws a TypeError where it is no URL. */
  new (url: string | URL, base?: string | URL): URL;
  /** Parses; null where it is no URL. */
  parse(url: string | URL, base?: string | URL): URL | null;
  /** Whether it is a URL. */
  canParse(url: string | URL, base?: string | URL): boolean;
  /** A URL for a blob, until it is revoked. */
  createObjectURL(object: Blob): string;
  /** Ends a blob's URL. */
  revokeObjectURL(url: string): void;
};

/** Names and values of a query. */
interface URLSearchParams {
  /** How many pairs. */
  readonly size: number;
  /** Adds a pair. */
  append(name: string, value: string): void;
  /** Removes the pairs of a name, or those with a value. */
  delete(name: string, value?: string): void;
  /** The first value of a name. */
  get(name: string): string | null;
  /** All values of a name. */
  getAll(name: string): string[];
  /** Whether there is such a pair. */
  has(name: string, value?: string): boolean;
  /** Makes a value the only one of its name. */
  set(name: string, value: string): void;
  /** Sorts by names; pairs of one name keep their order. */
  sort(): void;
  /** The query without its question mark. */
  toString(): string;
  /** Calls back for each pair. */
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArg?: any): void;
  /** The names. */
  keys(): IterableIterator<string>;
  /** The values. */
  values(): IterableIterator<string>;
  /** The pairs. */
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}
/** The constructor of URLSearchParams. */
declare var URLSearchParams: {
  prototype: URLSearchParams;
  new (init?: string | URLSearchParams | Iterable<Iterable<string>> | Record<string, string>): URLSearchParams;
};

/** Patterns of a URL's parts; an absent one matches anything. */
interface URLPatternInit {
  /** Of the scheme. */
  protocol?: string;
  /** Of the user's name. */
  username?: string;
  /** Of the password. */
  password?: string;
  /** Of the host. */
  hostname?: string;
  /** Of the port. */
  port?: string;
  /** Of the path. */
  pathname?: string;
  /** Of the query. */
  search?: string;
  /** Of the fragment. */
  hash?: string;
  /** What the others are relative to. */
  baseURL?: string;
}
/** How a pattern matches. */
interface URLPatternOptions {
  /** Whether case is not told apart. */
  ignoreCase?: boolean;
}
/** What a part of a URL matched. */
interface URLPatternComponentResult {
  /** The part. */
  input: string;
  /** What the groups matched, by name or number. */
  groups: Record<string, string | undefined>;
}
/** What a URL matched. */
interface URLPatternResult {
  /** The arguments. */
  inputs: [string | URLPatternInit] | [string | URLPatternInit, string];
  protocol: URLPatternComponentResult;
  username: URLPatternComponentResult;
  password: URLPatternComponentResult;
  hostname: URLPatternComponentResult;
  port: URLPatternComponentResult;
  pathname: URLPatternComponentResult;
  search: URLPatternComponentResult;
  hash: URLPatternComponentResult;
}
/** A pattern that URLs are compared with. */
interface URLPattern {
  /** Whether a URL matches. */
  test(input?: string | URL | URLPatternInit, baseURL?: string | URL): boolean;
  /** What a URL matches, or null. */
  exec(input?: string | URL | URLPatternInit, baseURL?: string | URL): URLPatternResult | null;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  /** Whether a part has a regular expression. */
  readonly hasRegExpGroups: boolean;
}
/** The constructor of URLPattern. */
declare var URLPattern: {
  prototype: URLPattern;
  new (input: string | URL | URLPatternInit, baseURL: string | URL, options?: URLPatternOptions): URLPattern;
  new (input?: string | URL | URLPatternInit, options?: URLPatternOptions): URLPattern;
};
