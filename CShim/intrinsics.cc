// SPDX-License-Identifier: Apache-2.0
// The shim's own operations: what the prelude needs of V8 or needs fast.
#include <cmath>
#include <cstring>

#include "engine_state.h"
#include "scopes.h"
#include "utf8.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

v8::Local<v8::String> StringArgument(const Info &info, int index) {
  return info[index]->IsString() ? info[index].As<v8::String>() : v8::String::Empty(info.GetIsolate());
}

void Utf8Encode(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto string = StringArgument(info, 0);
  auto count = static_cast<size_t>(string->Utf8Length(isolate));
  auto *allocator = isolate->GetArrayBufferAllocator();
  void *data = allocator->AllocateUninitialized(count);
  if (!data) {
    isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "Array buffer allocation failed")));
    return;
  }
  string->WriteUtf8(isolate, static_cast<char *>(data), static_cast<int>(count), nullptr,
                    v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  auto store = v8::ArrayBuffer::NewBackingStore(
      data, count,
      [](void *data, size_t length, void *allocator) {
        static_cast<v8::ArrayBuffer::Allocator *>(allocator)->Free(data, length);
      },
      allocator);
  info.GetReturnValue().Set(v8::Uint8Array::New(v8::ArrayBuffer::New(isolate, std::move(store)), 0, count));
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

// (bytes, fatal): the string, or undefined where fatal and malformed.
void Utf8Decode(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (!BytesOf(info[0], &bytes, &count)) return;
  if (info[1]->IsTrue() && !IsUtf8(bytes, count)) return;
  v8::Local<v8::String> string;
  if (ToString(isolate, {bytes, count}).ToLocal(&string)) {
    info.GetReturnValue().Set(string);
  } else {
    isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "The text is longer than a string can be")));
  }
}

void ReturnLatin1(const Info &info, const std::string &text) {
  v8::Local<v8::String> string;
  if (v8::String::NewFromOneByte(info.GetIsolate(), reinterpret_cast<const uint8_t *>(text.data()),
                                 v8::NewStringType::kNormal, static_cast<int>(text.size()))
          .ToLocal(&string)) {
    info.GetReturnValue().Set(string);
  } else {
    info.GetIsolate()->ThrowException(
        v8::Exception::RangeError(Literal(info.GetIsolate(), "The text is longer than a string can be")));
  }
}

std::string Latin1Of(v8::Isolate *isolate, v8::Local<v8::String> string) {
  std::string text(static_cast<size_t>(string->Length()), '\0');
  string->WriteOneByte(isolate, reinterpret_cast<uint8_t *>(text.data()), 0, string->Length(),
                       v8::String::NO_NULL_TERMINATION);
  return text;
}

void Base64EncodeString(const Info &info) {
  auto string = StringArgument(info, 0);
  if (!string->ContainsOnlyOneByte()) return;
  ReturnLatin1(info, Base64Encode(Latin1Of(info.GetIsolate(), string)));
}

void Base64DecodeString(const Info &info) {
  auto string = StringArgument(info, 0);
  std::string decoded;
  if (!string->ContainsOnlyOneByte() || !Base64Decode(Latin1Of(info.GetIsolate(), string), &decoded)) return;
  ReturnLatin1(info, decoded);
}

// (value, array to transfer or undefined, function that makes the DataCloneError).
void StructuredClone(const Info &info) {
  auto context = info.GetIsolate()->GetCurrentContext();
  v8::Local<v8::Array> transfer;
  v8::Local<v8::Function> make_error;
  if (info[1]->IsArray()) transfer = info[1].As<v8::Array>();
  if (info[2]->IsFunction()) make_error = info[2].As<v8::Function>();
  ci_slice_t blob = {};
  std::vector<std::shared_ptr<v8::BackingStore>> transferred;
  if (!Serialize(context, info[0], transfer, make_error, &blob, &transferred)) return;
  v8::Local<v8::Value> clone;
  if (Deserialize(context, blob, transferred).ToLocal(&clone)) info.GetReturnValue().Set(clone);
  ci_bytes_dispose(blob.bytes);
}

// (ArrayBuffer): another of the same memory; the first is detached.
void TransferArrayBuffer(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (!info[0]->IsArrayBuffer()) return;
  auto buffer = info[0].As<v8::ArrayBuffer>();
  if (!buffer->IsDetachable() || buffer->WasDetached()) {
    isolate->ThrowException(v8::Exception::TypeError(Literal(isolate, "The ArrayBuffer cannot be detached")));
    return;
  }
  auto store = buffer->GetBackingStore();
  buffer->Detach();
  info.GetReturnValue().Set(v8::ArrayBuffer::New(isolate, std::move(store)));
}

void Now(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) info.GetReturnValue().Set(self->Now());
}

void TimeOrigin(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) info.GetReturnValue().Set(self->time_origin_wall);
}

void EnqueueMicrotask(const Info &info) {
  if (info[0]->IsFunction()) info.GetIsolate()->EnqueueMicrotask(info[0].As<v8::Function>());
}

void RunMicrotasks(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) Checkpoint(self);
}

void ReportException(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (ci_isolate *self = ci_isolate::Of(isolate)) ReportUncaught(self, isolate->GetCurrentContext(), info[0]);
}

const IntrinsicEntry kIntrinsics[] = {
    {"utf8Encode", Utf8Encode},
    {"utf8EncodeInto", Utf8EncodeInto},
    {"utf8Decode", Utf8Decode},
    {"base64Encode", Base64EncodeString},
    {"base64Decode", Base64DecodeString},
    {"structuredClone", StructuredClone},
    {"transferArrayBuffer", TransferArrayBuffer},
    {"now", Now},
    {"timeOrigin", TimeOrigin},
    {"enqueueMicrotask", EnqueueMicrotask},
    {"runMicrotasks", RunMicrotasks},
    {"reportException", ReportException},
    {"promiseDetails", PromiseDetails},
    {"proxyDetails", ProxyDetails},
    {"previewEntries", PreviewEntries},
    {"classOf", ClassOf},
    {"constructorName", ConstructorName},
    {"ownNonIndexKeys", OwnNonIndexKeys},
    {"urlParse", UrlParse},
    {"urlCanParse", UrlCanParse},
    {"urlSet", UrlSet},
    {"formEncode", FormEncode},
    {"formDecode", FormDecode},
};

}  // namespace

const IntrinsicEntry *Intrinsics(size_t *out_count) {
  *out_count = sizeof(kIntrinsics) / sizeof(kIntrinsics[0]);
  return kIntrinsics;
}

}  // namespace ci
