// SPDX-License-Identifier: Apache-2.0
// What modules know of themselves, and what they import that is no JavaScript.

/** What a module knows of itself. */
interface ImportMeta {
  /** Its URL. */
  readonly url: string;
  /** Its file, where it is one. */
  readonly filename?: string;
  /** The folder of its file, where it is one. */
  readonly dirname?: string;
  /** Whether it is the one that was run. */
  readonly main: boolean;
  /** The URL that an import here would have. */
  resolve(specifier: string): string;
}

/** What `rookery run` tells its program. */
declare module 'rookery:process' {
  /** "rookery", the program's file, and the arguments. */
  export const argv: string[];
  /** The arguments alone. */
  export const args: string[];
  /** The values of --env. */
  export const env: Record<string, string | undefined>;
}

// TypeScript tells imports apart by their names, Rookery by `with { type: 'text' }` and `with { type: 'bytes' }`: these
// are the usual names of the ones and of the others. JSON is TypeScript's own, with "resolveJsonModule".
declare module '*.txt' {
  /** The file's text. */
  const text: string;
  export default text;
}
declare module '*.md' {
  /** The file's text. */
  const text: string;
  export default text;
}
declare module '*.html' {
  /** The file's text. */
  const text: string;
  export default text;
}
declare module '*.css' {
  /** The file's text. */
  const text: string;
  export default text;
}
declare module '*.sql' {
  /** The file's text. */
  const text: string;
  export default text;
}
declare module '*.wasm' {
  /** The file's bytes, for WebAssembly.compile. */
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.bin' {
  /** The file's bytes. */
  const bytes: Uint8Array;
  export default bytes;
}
