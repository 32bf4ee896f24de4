// SPDX-License-Identifier: Apache-2.0
// Operations of Uint8Array's base64 and hexadecimal digits. Long ones look between pieces whether the turn is to end.
#include <algorithm>
#include <cstring>
#include <vector>

#include "digits.h"
#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

constexpr size_t kPiece = 1 << 14;  // characters
constexpr size_t kBytesOfPiece = 3 << 18;

enum class Alphabet { kBase64, kBase64Url, kHex };

int NumberOf(v8::Local<v8::Value> value) { return value->IsInt32() ? value.As<v8::Int32>()->Value() : 0; }
Alphabet AlphabetOf(v8::Local<v8::Value> value) { return static_cast<Alphabet>(NumberOf(value)); }

bool IsToEnd(v8::Isolate *isolate) {
  ci_isolate *self = ci_isolate::Of(isolate);
  return !self || self->terminating();
}

// The text in pieces of an even length, until `take(characters, count)` answers false.
template <typename Take>
void EachPiece(v8::Isolate *isolate, v8::Local<v8::String> text, Take take) {
  auto length = static_cast<size_t>(text->Length());
  bool is_narrow = text->IsOneByte();
  union {
    uint8_t narrow[kPiece];
    uint16_t wide[kPiece];
  } piece;
  for (size_t start = 0; start < length && !IsToEnd(isolate); start += kPiece) {
    size_t count = std::min(kPiece, length - start);
    int from = static_cast<int>(start);
    int size = static_cast<int>(count);
    if (is_narrow) {
      text->WriteOneByte(isolate, piece.narrow, from, size, v8::String::NO_NULL_TERMINATION);
      if (!take(piece.narrow, count)) return;
    } else {
      text->Write(isolate, piece.wide, from, size, v8::String::NO_NULL_TERMINATION);
      if (!take(piece.wide, count)) return;
    }
  }
}

// Returns the text of `length_of(bytes)` characters that `append(bytes, count, out)` makes of the bytes piece by piece.
template <typename LengthOf, typename Append>
void Encode(const Info &info, LengthOf length_of, Append append) {
  v8::Isolate *isolate = info.GetIsolate();
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (!BytesOf(info[0], &bytes, &count)) return;
  size_t length = length_of(count);
  v8::Local<v8::String> string;
  if (length <= static_cast<size_t>(v8::String::kMaxLength)) {
    std::vector<char> text(length);
    char *out = text.data();
    for (size_t start = 0; start < count && !IsToEnd(isolate); start += kBytesOfPiece) {
      size_t piece = std::min(kBytesOfPiece, count - start);
      append(bytes + start, piece, out);
      out += length_of(piece);
    }
    if (v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t *>(text.data()), v8::NewStringType::kNormal,
                                   static_cast<int>(length))
            .ToLocal(&string)) {
      info.GetReturnValue().Set(string);
      return;
    }
  }
  isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "The text is longer than a string can be")));
}

}  // namespace

// (bytes, alphabet, without padding): the text.
void EncodeBytes(const Info &info) {
  Alphabet alphabet = AlphabetOf(info[1]);
  bool is_padded = !info[2]->IsTrue();
  if (alphabet == Alphabet::kHex) {
    Encode(
        info, [](size_t count) { return count * 2; }, AppendHex);
    return;
  }
  Encode(
      info, [=](size_t count) { return LengthOfBase64(count, is_padded); },
      [=](const uint8_t *bytes, size_t count, char *out) {
        AppendBase64(bytes, count, alphabet == Alphabet::kBase64Url, is_padded, out);
      });
}

// (text, Uint8Array to write to, Uint32Array of 2 for [code units read, bytes written], alphabet, last chunk: 0 loose,
// 1 strict, 2 stop-before-partial, whether decoding ends where the array is full): whether the text is well-formed.
// Hexadecimal digits have an even length, and end where the array is full.
void DecodeBytes(const Info &info) {
  DecodedBytes out = {};
  const uint8_t *target = nullptr;
  const uint8_t *result = nullptr;
  size_t size = 0;
  if (!info[0]->IsString() || !BytesOf(info[1], &target, &out.capacity) || !BytesOf(info[2], &result, &size)) return;
  out.bytes = const_cast<uint8_t *>(target);
  Alphabet alphabet = AlphabetOf(info[3]);
  bool is_well_formed = true;
  if (alphabet == Alphabet::kHex) {
    EachPiece(info.GetIsolate(), info[0].As<v8::String>(), [&](auto *text, size_t count) {
      is_well_formed = DecodeHex(text, count, &out);
      return is_well_formed && out.written < out.capacity;
    });
  } else {
    Base64Decoder decoder(&out, alphabet == Alphabet::kBase64Url, static_cast<LastChunk>(NumberOf(info[4])),
                          info[5]->IsTrue());
    EachPiece(info.GetIsolate(), info[0].As<v8::String>(),
              [&](auto *text, size_t count) { return decoder.Push(text, count); });
    is_well_formed = decoder.Finish();
  }
  uint32_t counts[] = {static_cast<uint32_t>(out.read), static_cast<uint32_t>(out.written)};
  std::memcpy(const_cast<uint8_t *>(result), counts, std::min(size, sizeof(counts)));
  info.GetReturnValue().Set(is_well_formed);
}

}  // namespace ci
