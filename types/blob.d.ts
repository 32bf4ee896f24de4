// SPDX-License-Identifier: Apache-2.0
// Blobs, files and forms.

/** What blobs are made of. */
type BlobPart = BufferSource | Blob | string;
/** How a blob is made. */
interface BlobPropertyBag {
  /** Its media type. */
  type?: string;
  /** Whether line ends become the system's own. */
  endings?: 'transparent' | 'native';
}
/** Bytes with a media type that never change. */
interface Blob {
  /** How many bytes. */
  readonly size: number;
  /** The media type in lower case, or an empty text. */
  readonly type: string;
  /** Some of its bytes. */
  slice(start?: number, end?: number, contentType?: string): Blob;
  /** Its bytes, piece by piece. */
  stream(): ReadableStream<Uint8Array>;
  /** Its text, piece by piece. */
  textStream(): ReadableStream<string>;
  /** Its text. */
  text(): Promise<string>;
  /** Its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** Its bytes. */
  bytes(): Promise<Uint8Array>;
}
/** The constructor of Blob. */
declare var Blob: { prototype: Blob; new (blobParts?: Iterable<BlobPart>, options?: BlobPropertyBag): Blob };

/** How a file is made. */
interface FilePropertyBag extends BlobPropertyBag {
  /** Milliseconds since 1970. */
  lastModified?: number;
}
/** A blob with a name. */
interface File extends Blob {
  /** Its name. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}
/** The constructor of File. */
declare var File: {
  prototype: File;
  new (fileBits: Iterable<BlobPart>, fileName: string, options?: FilePropertyBag): File;
};

/** A list of files; no script makes one. */
interface FileList {
  /** How many there are. */
  readonly length: number;
  /** The file at an index, null past the end. */
  item(index: number): File | null;
  readonly [index: number]: File;
}

/** The constructor of FileList, which only throws. */
declare var FileList: {
  prototype: FileList;
  new (): FileList;
};

/** What a form has under a name. */
type FormDataEntryValue = File | string;
/** Names and values of a form. */
interface FormData {
  /** Adds a value. */
  append(name: string, value: string): void;
  append(name: string, blobValue: Blob, filename?: string): void;
  /** Removes the values of a name. */
  delete(name: string): void;
  /** The first value of a name. */
  get(name: string): FormDataEntryValue | null;
  /** All values of a name. */
  getAll(name: string): FormDataEntryValue[];
  /** Whether there is the name. */
  has(name: string): boolean;
  /** Makes a value the only one of its name. */
  set(name: string, value: string): void;
  set(name: string, blobValue: Blob, filename?: string): void;
  /** Calls back for each value. */
  forEach(callback: (value: FormDataEntryValue, name: string, form: FormData) => void, thisArg?: any): void;
  /** The names. */
  keys(): IterableIterator<string>;
  /** The values. */
  values(): IterableIterator<FormDataEntryValue>;
  /** The pairs. */
  entries(): IterableIterator<[string, FormDataEntryValue]>;
  [Symbol.iterator](): IterableIterator<[string, FormDataEntryValue]>;
}
/** The constructor of FormData. */
declare var FormData: { prototype: FormData; new (): FormData };

/** Members of a progress event. */
interface ProgressEventInit extends EventInit {
  /** Whether the total is known. */
  lengthComputable?: boolean;
  /** How much is done. */
  loaded?: number;
  /** How much there is. */
  total?: number;
}
/** Work went on. */
interface ProgressEvent<T extends EventTarget = EventTarget> extends Event {
  /** Whether the total is known. */
  readonly lengthComputable: boolean;
  /** How much is done. */
  readonly loaded: number;
  /** How much there is. */
  readonly total: number;
  readonly target: T | null;
}
/** The constructor of ProgressEvent. */
declare var ProgressEvent: { prototype: ProgressEvent; new (type: string, init?: ProgressEventInit): ProgressEvent };

/** Events of a FileReader by their types. */
interface FileReaderEventMap {
  abort: ProgressEvent<FileReader>;
  error: ProgressEvent<FileReader>;
  load: ProgressEvent<FileReader>;
  loadend: ProgressEvent<FileReader>;
  loadstart: ProgressEvent<FileReader>;
  progress: ProgressEvent<FileReader>;
}
/** What a FileReader calls with an event. */
type FileReaderHandler = ((this: FileReader, event: ProgressEvent<FileReader>) => any) | null;
/** Reads blobs and tells of it with events. */
interface FileReader extends EventTarget {
  /** Reads the bytes. */
  readAsArrayBuffer(blob: Blob): void;
  /** Reads the bytes as a text of their codes. */
  readAsBinaryString(blob: Blob): void;
  /** Reads the text. */
  readAsText(blob: Blob, encoding?: string): void;
  /** Reads a data URL of the bytes. */
  readAsDataURL(blob: Blob): void;
  /** Stops reading. */
  abort(): void;
  /** Nothing was read. */
  readonly EMPTY: 0;
  /** It reads. */
  readonly LOADING: 1;
  /** It has read. */
  readonly DONE: 2;
  /** EMPTY, LOADING or DONE. */
  readonly readyState: 0 | 1 | 2;
  /** What was read. */
  readonly result: string | ArrayBuffer | null;
  /** Why it failed. */
  readonly error: DOMException | null;
  onabort: FileReaderHandler;
  onerror: FileReaderHandler;
  onload: FileReaderHandler;
  onloadend: FileReaderHandler;
  onloadstart: FileReaderHandler;
  onprogress: FileReaderHandler;
  addEventListener<K extends keyof FileReaderEventMap>(
    type: K, listener: (this: FileReader, event: FileReaderEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions,
  ): void;
}
/** The constructor of FileReader. */
declare var FileReader: {
  prototype: FileReader;
  new (): FileReader;
  readonly EMPTY: 0;
  readonly LOADING: 1;
  readonly DONE: 2;
};

/** Reads blobs at once. */
interface FileReaderSync {
  /** The bytes. */
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
  /** The bytes as a text of their codes. */
  readAsBinaryString(blob: Blob): string;
  /** The text. */
  readAsText(blob: Blob, encoding?: string): string;
  /** A data URL of the bytes. */
  readAsDataURL(blob: Blob): string;
}
/** The constructor of FileReaderSync. */
declare var FileReaderSync: { prototype: FileReaderSync; new (): FileReaderSync };
