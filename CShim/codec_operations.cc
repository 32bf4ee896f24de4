// SPDX-License-Identifier: Apache-2.0
// What the prelude's CompressionStream and DecompressionStream call.
#include <algorithm>
#include <cstring>

#include "codec.h"
#include "engine_state.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// Of one chunk of output, in bytes.
constexpr size_t kMostOutput = 64 * 1024;

// Memory of no more than was written.
void ReturnOutput(const Info &info, void *data, size_t count) {
  v8::Isolate *isolate = info.GetIsolate();
  v8::Local<v8::Uint8Array> bytes;
  if (count == kMostOutput) {
    info.GetReturnValue().Set(v8::Uint8Array::New(AdoptBytes(isolate, data, count), 0, count));
    return;
  }
  if (count > 0 && NewBytes(isolate, {static_cast<uint8_t *>(data), count}).ToLocal(&bytes)) {
    info.GetReturnValue().Set(bytes);
  }
  isolate->GetArrayBufferAllocator()->Free(data, kMostOutput);
}

}  // namespace

// (number of the format, whether it decompresses): the list of its memory.
void CodecOpen(const Info &info) {
  if (!info[0]->IsUint32() || info[0].As<v8::Uint32>()->Value() > static_cast<uint32_t>(CodecFormat::kBrotli)) return;
  auto format = static_cast<CodecFormat>(info[0].As<v8::Uint32>()->Value());
  v8::Local<v8::Array> list;
  if (Codec::Open(info.GetIsolate(), format, info[1]->IsTrue()).ToLocal(&list)) info.GetReturnValue().Set(list);
}

// (list, bytes or undefined: the end, Float64Array of 2): a chunk of output, or undefined. The array has how much of
// the bytes is used up, before and after, and then the status.
void CodecRun(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  Codec *codec = Codec::Of(context, info[0]);
  if (!codec || !info[2]->IsFloat64Array() || info[2].As<v8::Float64Array>()->Length() < 2) return;
  auto array = info[2].As<v8::Float64Array>();
  auto *memory = static_cast<uint8_t *>(array->Buffer()->Data()) + array->ByteOffset();
  double numbers[2];
  std::memcpy(numbers, memory, sizeof(numbers));

  const uint8_t *input = nullptr;
  size_t count = 0;
  bool is_last = !BytesOf(info[1], &input, &count);
  size_t used = static_cast<size_t>(std::min(numbers[0], static_cast<double>(count)));
  void *data = AllocateBytes(isolate, kMostOutput);
  if (!data) return;
  auto *output = static_cast<uint8_t *>(data);
  CodecSlice slice = {input ? input + used : nullptr, count - used, output, kMostOutput};
  CodecStatus status = codec->Run(context, info[0].As<v8::Array>(), &slice, is_last);

  numbers[0] = static_cast<double>(count - slice.input_count);
  numbers[1] = static_cast<double>(status);
  std::memcpy(memory, numbers, sizeof(numbers));
  ReturnOutput(info, data, status == CodecStatus::kFailed ? 0 : kMostOutput - slice.output_count);
}

// (list): frees its memory.
void CodecClose(const Info &info) {
  auto context = info.GetIsolate()->GetCurrentContext();
  if (Codec::Of(context, info[0])) Codec::Close(context, info[0].As<v8::Array>());
}

}  // namespace ci
