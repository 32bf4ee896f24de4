// SPDX-License-Identifier: Apache-2.0
#include "codec.h"

#include <new>
#include <type_traits>

#include "values.h"

namespace ci {

namespace {

// What one call takes of the input at the most: some milliseconds of work.
constexpr size_t kMostInput = 256 * 1024;

// Brotli's strongest settings take seconds and tens of megabytes; with these it does better than gzip as fast, in 2 MB.
constexpr uint32_t kBrotliQuality = 5;
constexpr uint32_t kBrotliWindowBits = 18;

int WindowBits(CodecFormat format) {
  constexpr int kGzip = 16;
  return format == CodecFormat::kDeflateRaw ? -MAX_WBITS : format == CodecFormat::kGzip ? MAX_WBITS + kGzip : MAX_WBITS;
}

v8::MaybeLocal<v8::ArrayBuffer> BlockAt(v8::Local<v8::Context> context, v8::Local<v8::Array> list, uint32_t i) {
  v8::Local<v8::Value> block;
  if (!list->Get(context, i).ToLocal(&block) || !block->IsArrayBuffer()) return {};
  return block.As<v8::ArrayBuffer>();
}

// In the first free place of the list.
bool Keep(v8::Local<v8::Context> context, v8::Local<v8::Array> list, v8::Local<v8::ArrayBuffer> block) {
  uint32_t i = 0;
  while (i < list->Length() && !BlockAt(context, list, i).IsEmpty()) ++i;
  return list->CreateDataProperty(context, i, block).FromMaybe(false);
}

void *NewBlock(v8::Local<v8::Context> context, v8::Local<v8::Array> list, size_t size) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::HandleScope handles(isolate);
  void *data = AllocateBytes(isolate, size);
  if (!data) return nullptr;
  return Keep(context, list, AdoptBytes(isolate, data, size)) ? data : nullptr;
}

}  // namespace

void *Codec::Allocate(size_t size) {
  // Once an exception is under way V8 is left alone.
  void *memory = call_ && !lacks_memory_ ? NewBlock(call_->context, call_->list, size) : nullptr;
  if (!memory) lacks_memory_ = true;
  return memory;
}

void Codec::Free(void *memory) {
  if (!call_ || !memory || lacks_memory_) return;
  v8::Isolate *isolate = call_->context->GetIsolate();
  v8::HandleScope handles(isolate);
  for (uint32_t i = 1; i < call_->list->Length(); ++i) {
    v8::Local<v8::ArrayBuffer> block;
    if (!BlockAt(call_->context, call_->list, i).ToLocal(&block) || block->Data() != memory) continue;
    block->Detach();
    (void)call_->list->CreateDataProperty(call_->context, i, v8::Undefined(isolate));
    return;
  }
}

bool Codec::Start() {
  if (format_ == CodecFormat::kBrotli) {
    auto allocate = [](void *codec, size_t size) { return static_cast<Codec *>(codec)->Allocate(size); };
    auto free = [](void *codec, void *memory) { static_cast<Codec *>(codec)->Free(memory); };
    if (decompresses_) {
      brotli_decoder_ = BrotliDecoderCreateInstance(allocate, free, this);
      return brotli_decoder_;
    }
    brotli_encoder_ = BrotliEncoderCreateInstance(allocate, free, this);
    return brotli_encoder_ && BrotliEncoderSetParameter(brotli_encoder_, BROTLI_PARAM_QUALITY, kBrotliQuality) &&
           BrotliEncoderSetParameter(brotli_encoder_, BROTLI_PARAM_LGWIN, kBrotliWindowBits);
  }
  zlib_.opaque = this;
  zlib_.zalloc = [](void *codec, unsigned count, unsigned size) {
    return static_cast<Codec *>(codec)->Allocate(size_t{count} * size);
  };
  zlib_.zfree = [](void *codec, void *memory) { static_cast<Codec *>(codec)->Free(memory); };
  constexpr int kMemoryLevel = 8;
  int result = decompresses_ ? inflateInit2(&zlib_, WindowBits(format_))
                             : deflateInit2(&zlib_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WindowBits(format_),
                                            kMemoryLevel, Z_DEFAULT_STRATEGY);
  return result == Z_OK;
}

v8::MaybeLocal<v8::Array> Codec::Open(v8::Isolate *isolate, CodecFormat format, bool decompresses) {
  static_assert(std::is_trivially_destructible_v<Codec>, "its memory is freed, and that is all");
  auto context = isolate->GetCurrentContext();
  auto list = v8::Array::New(isolate);
  void *memory = NewBlock(context, list, sizeof(Codec));
  if (!memory) return {};
  auto *codec = new (memory) Codec(format, decompresses);
  Call call{context, list};
  codec->call_ = &call;
  bool has_started = codec->Start();
  codec->call_ = nullptr;
  if (!has_started) return {};
  return list;
}

Codec *Codec::Of(v8::Local<v8::Context> context, v8::Local<v8::Value> list) {
  v8::Local<v8::ArrayBuffer> block;
  if (!list->IsArray() || list.As<v8::Array>()->Length() == 0 ||
      !BlockAt(context, list.As<v8::Array>(), 0).ToLocal(&block) || block->ByteLength() != sizeof(Codec)) {
    return nullptr;
  }
  auto *codec = static_cast<Codec *>(block->Data());
  return codec->self_ == codec ? codec : nullptr;
}

void Codec::Close(v8::Local<v8::Context> context, v8::Local<v8::Array> list) {
  for (uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::ArrayBuffer> block;
    if (BlockAt(context, list, i).ToLocal(&block)) block->Detach();
  }
}

CodecStatus Codec::Inflate() {
  int result = inflate(&zlib_, Z_NO_FLUSH);
  if (result == Z_STREAM_END) return CodecStatus::kEnded;
  if (result != Z_OK && result != Z_BUF_ERROR) return CodecStatus::kCorrupt;
  return zlib_.avail_out > 0 ? CodecStatus::kIdle : CodecStatus::kMore;
}

CodecStatus Codec::Deflate(bool is_last) {
  int result = deflate(&zlib_, is_last ? Z_FINISH : Z_NO_FLUSH);
  if (result == Z_STREAM_END) return CodecStatus::kEnded;
  if (result != Z_OK && result != Z_BUF_ERROR) return CodecStatus::kCorrupt;
  return is_last || zlib_.avail_out == 0 ? CodecStatus::kMore : CodecStatus::kIdle;
}

CodecStatus Codec::Unbrotli(CodecSlice *slice) {
  switch (BrotliDecoderDecompressStream(brotli_decoder_, &slice->input_count, &slice->input, &slice->output_count,
                                        &slice->output, nullptr)) {
    case BROTLI_DECODER_RESULT_SUCCESS:
      return CodecStatus::kEnded;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
      return CodecStatus::kIdle;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
      return CodecStatus::kMore;
    default:
      return CodecStatus::kCorrupt;
  }
}

CodecStatus Codec::Brotli(CodecSlice *slice, bool is_last) {
  if (!BrotliEncoderCompressStream(brotli_encoder_, is_last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS,
                                   &slice->input_count, &slice->input, &slice->output_count, &slice->output, nullptr)) {
    return CodecStatus::kCorrupt;
  }
  if (BrotliEncoderIsFinished(brotli_encoder_)) return CodecStatus::kEnded;
  return is_last || BrotliEncoderHasMoreOutput(brotli_encoder_) ? CodecStatus::kMore : CodecStatus::kIdle;
}

CodecStatus Codec::Run(v8::Local<v8::Context> context, v8::Local<v8::Array> list, CodecSlice *slice, bool is_last) {
  if (has_ended_) return slice->input_count > 0 ? CodecStatus::kEndedEarly : CodecStatus::kEnded;
  Call call{context, list};
  call_ = &call;
  size_t rest = slice->input_count > kMostInput ? slice->input_count - kMostInput : 0;
  slice->input_count -= rest;
  CodecStatus status;
  if (format_ == CodecFormat::kBrotli) {
    status = decompresses_ ? Unbrotli(slice) : Brotli(slice, is_last);
  } else {
    zlib_.next_in = const_cast<uint8_t *>(slice->input);
    zlib_.avail_in = static_cast<unsigned>(slice->input_count);
    zlib_.next_out = slice->output;
    zlib_.avail_out = static_cast<unsigned>(slice->output_count);
    status = decompresses_ ? Inflate() : Deflate(is_last);
    *slice = {zlib_.next_in, zlib_.avail_in, zlib_.next_out, zlib_.avail_out};
  }
  slice->input_count += rest;
  call_ = nullptr;
  if (lacks_memory_) return CodecStatus::kFailed;
  has_ended_ = status == CodecStatus::kEnded;
  if (has_ended_ && slice->input_count > 0) return CodecStatus::kEndedEarly;
  return status == CodecStatus::kIdle && slice->input_count > 0 ? CodecStatus::kMore : status;
}

}  // namespace ci
