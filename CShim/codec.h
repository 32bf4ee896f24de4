// SPDX-License-Identifier: Apache-2.0
// Compression and decompression. All memory of a codec is ArrayBuffers in a list that the prelude's stream holds: it is
// counted and bounded like any other of the script's, and goes when nothing refers to the stream any more. Nobody need
// dispose what was abandoned.
#ifndef CSHIM_CODEC_H
#define CSHIM_CODEC_H

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <v8.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>

namespace ci {

enum class CodecFormat : uint8_t { kDeflate, kDeflateRaw, kGzip, kBrotli };

enum class CodecStatus : uint8_t {
  // All input is used up.
  kIdle,
  // There is more to come, of the same input.
  kMore,
  kEnded,
  // Ended, with input left over.
  kEndedEarly,
  kCorrupt,
  // No memory; an exception or a termination is under way.
  kFailed,
};

// The input, and where the output goes. Both move on.
struct CodecSlice {
  const uint8_t *input;
  size_t input_count;
  uint8_t *output;
  size_t output_count;
};

class Codec {
 public:
  // Empty without memory, with an exception or a termination under way. The codec is in the list's first ArrayBuffer.
  static v8::MaybeLocal<v8::Array> Open(v8::Isolate *isolate, CodecFormat format, bool decompresses);
  // Null where the list is none of a codec that is open.
  static Codec *Of(v8::Local<v8::Context> context, v8::Local<v8::Value> list);
  // Frees the memory. The codec is none any more.
  static void Close(v8::Local<v8::Context> context, v8::Local<v8::Array> list);

  // Works on a slice; `is_last`: no input comes after it.
  CodecStatus Run(v8::Local<v8::Context> context, v8::Local<v8::Array> list, CodecSlice *slice, bool is_last);

 private:
  Codec(CodecFormat format, bool decompresses) : self_(this), format_(format), decompresses_(decompresses) {}
  bool Start();
  CodecStatus Inflate();
  CodecStatus Deflate(bool is_last);
  CodecStatus Unbrotli(CodecSlice *slice);
  CodecStatus Brotli(CodecSlice *slice, bool is_last);

  void *Allocate(size_t size);
  void Free(void *memory);

  // Proves that memory is a codec.
  Codec *const self_;
  const CodecFormat format_;
  const bool decompresses_;
  bool has_ended_ = false;
  bool lacks_memory_ = false;
  z_stream zlib_ = {};
  BrotliDecoderState *brotli_decoder_ = nullptr;
  BrotliEncoderState *brotli_encoder_ = nullptr;
  // During a call, for what it allocates.
  struct Call {
    v8::Local<v8::Context> context;
    v8::Local<v8::Array> list;
  };
  const Call *call_ = nullptr;
};

}  // namespace ci

#endif
