// SPDX-License-Identifier: Apache-2.0
// Text as bytes.

/** Bytes wherever they are. */
type BufferSource = ArrayBufferView | ArrayBuffer;

/** How text is decoded. */
interface TextDecoderOptions {
  /** Whether what is malformed throws instead of becoming U+FFFD. */
  fatal?: boolean;
  /** Whether a byte order mark stays in the text. */
  ignoreBOM?: boolean;
}
/** How a piece of text is decoded. */
interface TextDecodeOptions {
  /** Whether more pieces follow. */
  stream?: boolean;
}
/** What decoders have in common. */
interface TextDecoderCommon {
  /** The encoding's name. */
  readonly encoding: string;
  /** Whether what is malformed throws. */
  readonly fatal: boolean;
  /** Whether a byte order mark stays in the text. */
  readonly ignoreBOM: boolean;
}
/** Makes text of bytes. */
interface TextDecoder extends TextDecoderCommon {
  /** The text of some bytes. */
  decode(input?: BufferSource, options?: TextDecodeOptions): string;
}
/** The constructor of TextDecoder. */
declare var TextDecoder: { prototype: TextDecoder; new (label?: string, options?: TextDecoderOptions): TextDecoder };

/** How much encodeInto did. */
interface TextEncoderEncodeIntoResult {
  /** Code units of the text that were read. */
  read: number;
  /** Bytes that were written. */
  written: number;
}
/** Makes UTF-8 of text. */
interface TextEncoder {
  /** Always "utf-8". */
  readonly encoding: string;
  /** The bytes of a text. */
  encode(input?: string): Uint8Array;
  /** Writes the bytes of a text, as far as they fit. */
  encodeInto(source: string, destination: Uint8Array): TextEncoderEncodeIntoResult;
}
/** The constructor of TextEncoder. */
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

/** A transform of bytes to text. */
interface TextDecoderStream extends TextDecoderCommon {
  /** Gives text. */
  readonly readable: ReadableStream<string>;
  /** Takes bytes. */
  readonly writable: WritableStream<BufferSource>;
}
/** The constructor of TextDecoderStream. */
declare var TextDecoderStream: {
  prototype: TextDecoderStream;
  new (label?: string, options?: TextDecoderOptions): TextDecoderStream;
};
/** A transform of text to UTF-8. */
interface TextEncoderStream {
  /** Always "utf-8". */
  readonly encoding: string;
  /** Gives bytes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes text. */
  readonly writable: WritableStream<string>;
}
/** The constructor of TextEncoderStream. */
declare var TextEncoderStream: { prototype: TextEncoderStream; new (): TextEncoderStream };

/** Formats of compressed data. */
type CompressionFormat = 'brotli' | 'deflate' | 'deflate-raw' | 'gzip';
/** A transform of bytes to fewer. */
interface CompressionStream {
  /** Gives compressed bytes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes bytes. */
  readonly writable: WritableStream<BufferSource>;
}
/** The constructor of CompressionStream. */
declare var CompressionStream: { prototype: CompressionStream; new (format: CompressionFormat): CompressionStream };
/** A transform of compressed bytes to what they were. */
interface DecompressionStream {
  /** Gives bytes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes compressed bytes. */
  readonly writable: WritableStream<BufferSource>;
}
/** The constructor of DecompressionStream. */
declare var DecompressionStream: {
  prototype: DecompressionStream;
  new (format: CompressionFormat): DecompressionStream;
};
