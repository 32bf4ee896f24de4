// SPDX-License-Identifier: Apache-2.0
// Readers, writers and controllers of streams.

/** What readers have in common. */
interface ReadableStreamGenericReader {
  /** Fulfilled when the stream ends, rejected when it fails. */
  readonly closed: Promise<void>;
  /** Says that nobody wants any more. */
  cancel(reason?: any): Promise<void>;
}
/** Reads chunks. */
interface ReadableStreamDefaultReader<R = any> extends ReadableStreamGenericReader {
  /** The next chunk. */
  read(): Promise<ReadableStreamReadResult<R>>;
  /** Leaves the stream to others. */
  releaseLock(): void;
}
/** The constructor of ReadableStreamDefaultReader. */
declare var ReadableStreamDefaultReader: {
  prototype: ReadableStreamDefaultReader;
  new <R = any>(stream: ReadableStream<R>): ReadableStreamDefaultReader<R>;
};
/** How bytes are read into a buffer. */
interface ReadableStreamBYOBReaderReadOptions {
  /** How many elements at least. */
  min?: number;
}
/** Reads bytes into buffers that it brings. */
interface ReadableStreamBYOBReader extends ReadableStreamGenericReader {
  /** The next bytes; the view's buffer moves to the result. */
  read<T extends ArrayBufferView>(
    view: T, options?: ReadableStreamBYOBReaderReadOptions,
  ): Promise<ReadableStreamReadResult<T>>;
  /** Leaves the stream to others. */
  releaseLock(): void;
}
/** The constructor of ReadableStreamBYOBReader. */
declare var ReadableStreamBYOBReader: {
  prototype: ReadableStreamBYOBReader;
  new (stream: ReadableStream): ReadableStreamBYOBReader;
};
/** Either of them. */
type ReadableStreamReader<R = any> = ReadableStreamDefaultReader<R> | ReadableStreamBYOBReader;

/** What a source gives its chunks to. */
interface ReadableStreamDefaultController<R = any> {
  /** How much the stream still wants; null after an error. */
  readonly desiredSize: number | null;
  /** Ends the stream. */
  close(): void;
  /** Gives a chunk. */
  enqueue(chunk?: R): void;
  /** Makes the stream fail. */
  error(error?: any): void;
}
/** Made by streams alone. */
declare var ReadableStreamDefaultController: { prototype: ReadableStreamDefaultController; new (): never };
/** What a source gives its bytes to. */
interface ReadableByteStreamController {
  /** The buffer that a reader waits to have filled. */
  readonly byobRequest: ReadableStreamBYOBRequest | null;
  /** How much the stream still wants; null after an error. */
  readonly desiredSize: number | null;
  /** Ends the stream. */
  close(): void;
  /** Gives bytes. */
  enqueue(chunk: ArrayBufferView): void;
  /** Makes the stream fail. */
  error(error?: any): void;
}
/** Made by streams alone. */
declare var ReadableByteStreamController: { prototype: ReadableByteStreamController; new (): never };
/** A buffer that a reader waits to have filled. */
interface ReadableStreamBYOBRequest {
  /** The buffer, or null once it was answered. */
  readonly view: ArrayBufferView | null;
  /** Says how many bytes were written to it. */
  respond(bytesWritten: number): void;
  /** Answers with another view of the same memory. */
  respondWithNewView(view: ArrayBufferView): void;
}
/** Made by streams alone. */
declare var ReadableStreamBYOBRequest: { prototype: ReadableStreamBYOBRequest; new (): never };

/** Writes chunks. */
interface WritableStreamDefaultWriter<W = any> {
  /** Fulfilled when the stream is closed, rejected when it fails. */
  readonly closed: Promise<void>;
  /** How much the stream still wants; null after an error. */
  readonly desiredSize: number | null;
  /** Fulfilled when the stream wants more. */
  readonly ready: Promise<void>;
  /** Ends the stream early. */
  abort(reason?: any): Promise<void>;
  /** Ends the stream when all is written. */
  close(): Promise<void>;
  /** Leaves the stream to others. */
  releaseLock(): void;
  /** Writes a chunk. */
  write(chunk?: W): Promise<void>;
}
/** The constructor of WritableStreamDefaultWriter. */
declare var WritableStreamDefaultWriter: {
  prototype: WritableStreamDefaultWriter;
  new <W = any>(stream: WritableStream<W>): WritableStreamDefaultWriter<W>;
};
/** What a sink tells its stream. */
interface WritableStreamDefaultController {
  /** Is aborted when the end comes early. */
  readonly signal: AbortSignal;
  /** Makes the stream fail. */
  error(error?: any): void;
}
/** Made by streams alone. */
declare var WritableStreamDefaultController: { prototype: WritableStreamDefaultController; new (): never };

/** What a transformer gives its chunks to. */
interface TransformStreamDefaultController<O = any> {
  /** How much the readable end still wants; null after an error. */
  readonly desiredSize: number | null;
  /** Gives a chunk. */
  enqueue(chunk?: O): void;
  /** Makes both ends fail. */
  error(reason?: any): void;
  /** Ends the readable end, and makes the other fail. */
  terminate(): void;
}
/** Made by streams alone. */
declare var TransformStreamDefaultController: { prototype: TransformStreamDefaultController; new (): never };
