// SPDX-License-Identifier: Apache-2.0
// What the prelude's TextDecoder, TextEncoder, atob and btoa call.
#include <algorithm>

#include "digits.h"
#include "engine_state.h"
#include "text_decoder.h"
#include "utf8.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// The bits of `flags`.
enum : uint32_t { kFatal = 1, kIgnoreBom = 2, kStream = 4 };

// Between two slices of so many bytes a termination is heard.
constexpr size_t kSlice = size_t{1} << 20;

void ThrowRangeError(v8::Isolate *isolate, const char *message) {
  isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, message)));
}
void ThrowTooLong(v8::Isolate *isolate) { ThrowRangeError(isolate, "The text is longer than a string can be"); }

v8::Local<v8::String> StringArgument(const Info &info, int index) {
  return info[index]->IsString() ? info[index].As<v8::String>() : v8::String::Empty(info.GetIsolate());
}

// Memory for the length of a call: on the stack where it is little, else counted among the isolate's ArrayBuffers.
template <typename T>
class Scratch {
 public:
  // Throws where there is no memory.
  Scratch(v8::Isolate *isolate, size_t count)
      : allocator_(isolate->GetArrayBufferAllocator()), size_(count * sizeof(T)) {
    if (count <= std::size(small_)) return;
    data_ = static_cast<T *>(AllocateBytes(isolate, size_));
  }
  ~Scratch() {
    if (data_ && data_ != small_) allocator_->Free(data_, size_);
  }
  Scratch(const Scratch &) = delete;

  T *data() { return data_; }

 private:
  v8::ArrayBuffer::Allocator *allocator_;
  const size_t size_;
  T small_[1024 / sizeof(T)];
  T *data_ = small_;
};

// The bytes of a buffer source. Those of a small view are copied: its ArrayBuffer may not have been made yet.
class Input {
 public:
  explicit Input(v8::Local<v8::Value> value) {
    if (value->IsArrayBufferView() && !value.As<v8::ArrayBufferView>()->HasBuffer()) {
      count_ = value.As<v8::ArrayBufferView>()->CopyContents(small_, sizeof(small_));
    } else if (!BytesOf(value, &bytes_, &count_)) {
      count_ = 0;
    }
    if (!bytes_) bytes_ = small_;
  }
  Input(const Input &) = delete;

  const uint8_t *bytes() const { return bytes_; }
  size_t count() const { return count_; }

 private:
  const uint8_t *bytes_ = nullptr;
  size_t count_ = 0;
  uint8_t small_[64];  // as large as views without an ArrayBuffer get
};

void ReturnOneByte(const Info &info, const uint8_t *bytes, size_t count) {
  v8::Local<v8::String> string;
  if (v8::String::NewFromOneByte(info.GetIsolate(), bytes, v8::NewStringType::kNormal, static_cast<int>(count))
          .ToLocal(&string)) {
    info.GetReturnValue().Set(string);
  }
}

// Narrows in place what has no character past U+00FF.
void ReturnUnits(const Info &info, char16_t *units, size_t count) {
  unsigned all = 0;
  for (size_t i = 0; i < count; ++i) all |= units[i];
  auto *bytes = reinterpret_cast<uint8_t *>(units);
  if (all < 0x100) {
    for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(units[i]);
    return ReturnOneByte(info, bytes, count);
  }
  v8::Local<v8::String> string;
  if (v8::String::NewFromTwoByte(info.GetIsolate(), reinterpret_cast<uint16_t *>(units), v8::NewStringType::kNormal,
                                 static_cast<int>(count))
          .ToLocal(&string)) {
    info.GetReturnValue().Set(string);
  }
}

bool IsAsciiCompatible(EncodingKind kind) {
  return kind != EncodingKind::kUtf16Be && kind != EncodingKind::kUtf16Le && kind != EncodingKind::kIso2022Jp;
}

bool IsUnicode(EncodingKind kind) {
  return kind == EncodingKind::kUtf8 || kind == EncodingKind::kUtf16Be || kind == EncodingKind::kUtf16Le;
}

// UTF-8 of Latin-1, which is half as large as what Decode would write. Whether it was.
bool ReturnLatin1(const Info &info, const Input &input) {
  size_t ascii = AsciiPrefix(input.bytes(), input.count());
  const uint8_t *rest = input.bytes() + ascii;
  if (!MayBeLatin1(rest, input.count() - ascii)) return false;
  Scratch<uint8_t> scratch(info.GetIsolate(), input.count());
  if (!scratch.data()) return true;
  std::memcpy(scratch.data(), input.bytes(), ascii);
  size_t units = DecodeLatin1(rest, input.count() - ascii, scratch.data() + ascii);
  if (units == SIZE_MAX) return false;
  ReturnOneByte(info, scratch.data(), ascii + units);
  return true;
}

// Returns the string, or undefined where fatal and malformed.
void ReturnDecoded(const Info &info, size_t encoding, uint32_t flags, const Input &input, DecoderState *state) {
  v8::Isolate *isolate = info.GetIsolate();
  EncodingKind kind = kEncodingTable[encoding].kind;
  const uint8_t *bytes = input.bytes();
  size_t count = input.count();
  if (count + kMostHeld > static_cast<size_t>(v8::String::kMaxLength)) return ThrowTooLong(isolate);
  bool is_stream = flags & kStream;
  if (state->is_initial() && IsAsciiCompatible(kind) && AsciiPrefix(bytes, count) == count) {
    state->began = is_stream && (state->began || count > 0);
    return ReturnOneByte(info, bytes, count);
  }
  if (!CanDecode(encoding)) return ThrowRangeError(isolate, "The encoding is missing in this build's ICU");
  if (kind == EncodingKind::kUtf8 && !is_stream && state->is_initial() && ReturnLatin1(info, input)) {
    state->began = false;
    return;
  }

  Scratch<char16_t> scratch(isolate, count + kMostHeld);
  if (!scratch.data()) return;
  TextOutput out(scratch.data());
  ci_isolate *self = ci_isolate::Of(isolate);
  for (size_t at = 0; at < count && !(self && self->terminating()); at += kSlice) {
    Decode(encoding, state, bytes + at, std::min(kSlice, count - at), &out);
  }
  bool began = state->began;
  if (!is_stream) FinishDecoding(encoding, state, &out);
  if (out.malformed() && (flags & kFatal)) {
    *state = {};
    return;
  }
  char16_t *start = scratch.data();
  if (IsUnicode(kind) && !began && out.at() > start) {
    began = true;
    if (*start == 0xFEFF && !(flags & kIgnoreBom)) ++start;
  }
  state->began = is_stream && began;
  ReturnUnits(info, start, static_cast<size_t>(out.at() - start));
}

}  // namespace

// (label): the encoding's number, or undefined.
void EncodingNumber(const Info &info) {
  int number = EncodingOf(ToStdString(info.GetIsolate(), StringArgument(info, 0)));
  if (number >= 0) info.GetReturnValue().Set(number);
}

// (number): the encoding's name.
void EncodingName(const Info &info) {
  size_t number = info[0]->IsUint32() ? info[0].As<v8::Uint32>()->Value() : kEncodings;
  if (number >= kEncodings) return;
  v8::Local<v8::String> name;
  if (ToString(info.GetIsolate(), SliceOf(std::string(kEncodingTable[number].name()))).ToLocal(&name)) {
    info.GetReturnValue().Set(name);
  }
}

// (bytes, encoding's number, flags, Uint32Array of 1 or undefined): the string, or undefined where fatal and malformed.
// The array has the state of the stream before, and after; what is no stream needs none.
void TextDecode(const Info &info) {
  size_t encoding = info[1]->IsUint32() ? info[1].As<v8::Uint32>()->Value() : kEncodings;
  if (encoding >= kEncodings || !info[2]->IsUint32()) return;
  uint32_t flags = info[2].As<v8::Uint32>()->Value();
  DecoderState state = {};
  if (!info[3]->IsUint32Array()) return ReturnDecoded(info, encoding, flags, Input(info[0]), &state);
  auto array = info[3].As<v8::Uint32Array>();
  auto *memory = static_cast<uint8_t *>(array->Buffer()->Data()) + array->ByteOffset();
  if (array->ByteLength() < sizeof(state)) return;
  std::memcpy(&state, memory, sizeof(state));
  ReturnDecoded(info, encoding, flags, Input(info[0]), &state);
  std::memcpy(memory, &state, sizeof(state));
}

// (bytes, fatal): the string of UTF-8, or undefined where fatal and malformed; a byte order mark stays.
void Utf8Decode(const Info &info) {
  DecoderState state = {};
  ReturnDecoded(info, 0, kIgnoreBom | (info[1]->IsTrue() ? kFatal : 0u), Input(info[0]), &state);
}

// (string): a Uint8Array.
void Utf8Encode(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto string = StringArgument(info, 0);
  auto count = static_cast<size_t>(string->Utf8Length(isolate));
  void *data = AllocateBytes(isolate, count);
  if (!data) return;
  string->WriteUtf8(isolate, static_cast<char *>(data), static_cast<int>(count), nullptr,
                    v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  info.GetReturnValue().Set(v8::Uint8Array::New(AdoptBytes(isolate, data, count), 0, count));
}

// (string, Uint8Array, Uint32Array of 2): writes [code units read, bytes written].
void Utf8EncodeInto(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  const uint8_t *target = nullptr;
  const uint8_t *result = nullptr;
  size_t capacity = 0;
  size_t result_size = 0;
  if (!BytesOf(info[1], &target, &capacity) || !BytesOf(info[2], &result, &result_size) || result_size < 8) return;
  int read = 0;
  int written = StringArgument(info, 0)->WriteUtf8(isolate, const_cast<char *>(reinterpret_cast<const char *>(target)),
                                                   static_cast<int>(std::min<size_t>(capacity, INT32_MAX)), &read,
                                                   v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  uint32_t counts[] = {static_cast<uint32_t>(read), static_cast<uint32_t>(written)};
  std::memcpy(const_cast<uint8_t *>(result), counts, sizeof(counts));
}

// (string): its base64, or undefined where a character is past U+00FF.
void Base64EncodeString(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto string = StringArgument(info, 0);
  if (!string->ContainsOnlyOneByte()) return;
  auto count = static_cast<size_t>(string->Length());
  size_t length = LengthOfBase64(count, true);
  if (length > static_cast<size_t>(v8::String::kMaxLength)) return ThrowTooLong(isolate);
  Scratch<uint8_t> scratch(isolate, length);
  if (!scratch.data()) return;
  uint8_t *bytes = scratch.data() + length - count;
  string->WriteOneByte(isolate, bytes, 0, string->Length(), v8::String::NO_NULL_TERMINATION);
  AppendBase64(bytes, count, false, true, reinterpret_cast<char *>(scratch.data()));
  ReturnOneByte(info, scratch.data(), length);
}

// (base64): the string of the bytes, or undefined where malformed.
void Base64DecodeString(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto string = StringArgument(info, 0);
  if (!string->ContainsOnlyOneByte()) return;
  auto count = static_cast<size_t>(string->Length());
  Scratch<uint8_t> scratch(isolate, count);
  if (!scratch.data()) return;
  string->WriteOneByte(isolate, scratch.data(), 0, string->Length(), v8::String::NO_NULL_TERMINATION);
  size_t length = Base64Decode(scratch.data(), count, scratch.data());
  if (length != SIZE_MAX) ReturnOneByte(info, scratch.data(), length);
}

}  // namespace ci
