// SPDX-License-Identifier: Apache-2.0
// Streams: what is read, what is written to, and what is between.

/** How much may wait in a stream, and what counts how much. */
interface QueuingStrategy<T = any> {
  /** From how much on it is full. */
  highWaterMark?: number;
  /** How much a chunk counts. */
  size?: (chunk: T) => number;
}
/** How a strategy is made. */
interface QueuingStrategyInit {
  /** From how much on a stream is full. */
  highWaterMark: number;
}
/** Counts chunks. */
interface CountQueuingStrategy extends QueuingStrategy {
  readonly highWaterMark: number;
  readonly size: (chunk: any) => number;
}
/** The constructor of CountQueuingStrategy. */
declare var CountQueuingStrategy: {
  prototype: CountQueuingStrategy;
  new (init: QueuingStrategyInit): CountQueuingStrategy;
};
/** Counts bytes. */
interface ByteLengthQueuingStrategy extends QueuingStrategy<ArrayBufferView> {
  readonly highWaterMark: number;
  readonly size: (chunk: ArrayBufferView) => number;
}
/** The constructor of ByteLengthQueuingStrategy. */
declare var ByteLengthQueuingStrategy: {
  prototype: ByteLengthQueuingStrategy;
  new (init: QueuingStrategyInit): ByteLengthQueuingStrategy;
};

/** Where chunks of a stream come from. */
interface UnderlyingDefaultSource<R = any> {
  type?: undefined;
  /** Called at once. */
  start?(controller: ReadableStreamDefaultController<R>): any;
  /** Called when the stream wants chunks. */
  pull?(controller: ReadableStreamDefaultController<R>): void | PromiseLike<void>;
  /** Called when nobody wants any more. */
  cancel?(reason?: any): void | PromiseLike<void>;
}
/** Where bytes of a stream come from. */
interface UnderlyingByteSource {
  type: 'bytes';
  /** How large buffers are made for readers that bring none. */
  autoAllocateChunkSize?: number;
  /** Called at once. */
  start?(controller: ReadableByteStreamController): any;
  /** Called when the stream wants bytes. */
  pull?(controller: ReadableByteStreamController): void | PromiseLike<void>;
  /** Called when nobody wants any more. */
  cancel?(reason?: any): void | PromiseLike<void>;
}
/** Either of them. */
type UnderlyingSource<R = any> = UnderlyingDefaultSource<R> | UnderlyingByteSource;

/** What reading answers with. */
type ReadableStreamReadResult<T> = { done: false; value: T } | { done: true; value: T | undefined };
/** How one stream is piped into another. */
interface StreamPipeOptions {
  /** Whether the end of the first leaves the second open. */
  preventClose?: boolean;
  /** Whether an error of the first leaves the second open. */
  preventAbort?: boolean;
  /** Whether an error of the second leaves the first open. */
  preventCancel?: boolean;
  /** Ends the piping. */
  signal?: AbortSignal;
}
/** Two ends of a transform. */
interface ReadableWritablePair<R = any, W = any> {
  /** Gives. */
  readable: ReadableStream<R>;
  /** Takes. */
  writable: WritableStream<W>;
}
/** How a stream is iterated over. */
interface ReadableStreamIteratorOptions {
  /** Whether leaving a loop leaves the stream open. */
  preventCancel?: boolean;
}
/** Which reader is wanted. */
interface ReadableStreamGetReaderOptions {
  /** One that brings its own buffers. */
  mode?: 'byob';
}

/** Chunks that are read one after another. */
interface ReadableStream<R = any> {
  /** Whether it has a reader. */
  readonly locked: boolean;
  /** Says that nobody wants any more. */
  cancel(reason?: any): Promise<void>;
  /** Locks it to a reader. */
  getReader(options: { mode: 'byob' }): ReadableStreamBYOBReader;
  getReader(options?: { mode?: undefined }): ReadableStreamDefaultReader<R>;
  getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<R>;
  /** Pipes it through a transform. */
  pipeThrough<T>(transform: ReadableWritablePair<T, R>, options?: StreamPipeOptions): ReadableStream<T>;
  /** Pipes it to its end. */
  pipeTo(destination: WritableStream<R>, options?: StreamPipeOptions): Promise<void>;
  /** Two streams of the same chunks. */
  tee(): [ReadableStream<R>, ReadableStream<R>];
  /** Its chunks. */
  values(options?: ReadableStreamIteratorOptions): AsyncIterableIterator<R>;
  [Symbol.asyncIterator](options?: ReadableStreamIteratorOptions): AsyncIterableIterator<R>;
}
/** The constructor of ReadableStream. */
declare var ReadableStream: {
  prototype: ReadableStream;
  new (source: UnderlyingByteSource, strategy?: { highWaterMark?: number }): ReadableStream<Uint8Array>;
  new <R = any>(source?: UnderlyingDefaultSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>;
  /** A stream of what is iterated over. */
  from<T>(iterable: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): ReadableStream<T>;
};

/** How a transform makes chunks of chunks. */
interface Transformer<I = any, O = any> {
  readableType?: undefined;
  writableType?: undefined;
  /** Called at once. */
  start?(controller: TransformStreamDefaultController<O>): any;
  /** Called with each chunk. */
  transform?(chunk: I, controller: TransformStreamDefaultController<O>): void | PromiseLike<void>;
  /** Called at the end. */
  flush?(controller: TransformStreamDefaultController<O>): void | PromiseLike<void>;
  /** Called when one of the ends is cancelled or aborted. */
  cancel?(reason: any): void | PromiseLike<void>;
}
/** Takes chunks and gives others. */
interface TransformStream<I = any, O = any> {
  /** Gives. */
  readonly readable: ReadableStream<O>;
  /** Takes. */
  readonly writable: WritableStream<I>;
}
/** The constructor of TransformStream; without a transformer chunks pass unchanged. */
declare var TransformStream: {
  prototype: TransformStream;
  new <I = any, O = any>(
    transformer?: Transformer<I, O>, writableStrategy?: QueuingStrategy<I>, readableStrategy?: QueuingStrategy<O>,
  ): TransformStream<I, O>;
};

/** Where chunks go. */
interface UnderlyingSink<W = any> {
  type?: undefined;
  /** Called at once. */
  start?(controller: WritableStreamDefaultController): any;
  /** Called with each chunk. */
  write?(chunk: W, controller: WritableStreamDefaultController): void | PromiseLike<void>;
  /** Called at the end. */
  close?(): void | PromiseLike<void>;
  /** Called when the end comes early. */
  abort?(reason?: any): void | PromiseLike<void>;
}
/** Takes chunks one after another. */
interface WritableStream<W = any> {
  /** Whether it has a writer. */
  readonly locked: boolean;
  /** Ends it early. */
  abort(reason?: any): Promise<void>;
  /** Ends it when all is written. */
  close(): Promise<void>;
  /** Locks it to a writer. */
  getWriter(): WritableStreamDefaultWriter<W>;
}
/** The constructor of WritableStream. */
declare var WritableStream: {
  prototype: WritableStream;
  new <W = any>(sink?: UnderlyingSink<W>, strategy?: QueuingStrategy<W>): WritableStream<W>;
};
