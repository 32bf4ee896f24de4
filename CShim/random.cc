// SPDX-License-Identifier: Apache-2.0
// Random bytes for scripts, straight from the kernel: nothing is kept that could be guessed or copied.
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

bool FillFromKernel(uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t got = getrandom(bytes, count, 0);
    if (got < 0 && errno != EINTR) return false;
    if (got <= 0) continue;
    bytes += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// SplitMix64: the same bytes for the same seed. Only for isolates that were given one.
void FillSeeded(uint64_t *state, uint8_t *bytes, size_t count) {
  for (size_t at = 0; at < count; at += sizeof(uint64_t)) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = *state;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    word ^= word >> 31;
    std::memcpy(bytes + at, &word, std::min(count - at, sizeof(word)));
  }
}

void Fill(v8::Isolate *isolate, uint8_t *bytes, size_t count) {
  ci_isolate *self = ci_isolate::Of(isolate);
  if (!self) return;
  if (self->options.is_seeded) {
    FillSeeded(&self->random_state, bytes, count);
  } else if (!FillFromKernel(bytes, count)) {
    isolate->ThrowException(v8::Exception::Error(Literal(isolate, "The system gives no random bytes")));
  }
}

}  // namespace

// (length, 65536 at the most): a Uint8Array.
void RandomBytes(const Info &info) {
  constexpr uint32_t kMost = 65536;
  v8::Isolate *isolate = info.GetIsolate();
  uint8_t bytes[kMost];
  if (!info[0]->IsUint32() || info[0].As<v8::Uint32>()->Value() > kMost) return;
  size_t count = info[0].As<v8::Uint32>()->Value();
  Fill(isolate, bytes, count);
  v8::Local<v8::Uint8Array> array;
  if (NewBytes(isolate, {bytes, count}).ToLocal(&array)) info.GetReturnValue().Set(array);
}

// (view): fills it.
void RandomFill(const Info &info) {
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (BytesOf(info[0], &bytes, &count) && bytes) Fill(info.GetIsolate(), const_cast<uint8_t *>(bytes), count);
}

}  // namespace ci
