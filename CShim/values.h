// SPDX-License-Identifier: Apache-2.0
// Values and errors across the boundary.
#ifndef CSHIM_VALUES_H
#define CSHIM_VALUES_H

#include <string>

#include "state.h"

namespace ci {

inline v8::Local<v8::String> Literal(v8::Isolate *isolate, const char *text) {
  v8::Local<v8::String> string;
  if (v8::String::NewFromUtf8(isolate, text, v8::NewStringType::kInternalized).ToLocal(&string)) return string;
  return v8::String::Empty(isolate);
}

// Empty when the bytes make a longer string than V8 takes.
v8::MaybeLocal<v8::String> ToString(v8::Isolate *isolate, ci_slice_t utf8);
inline ci_slice_t SliceOf(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

// UTF-8 with U+FFFD for lone surrogates; malloc'ed.
ci_slice_t CopyString(v8::Isolate *isolate, v8::Local<v8::String> string);
std::string ToStdString(v8::Isolate *isolate, v8::Local<v8::String> string);
ci_slice_t CopyBytes(const void *bytes, size_t count);

// Bytes of an ArrayBuffer or a view, where it is one.
bool BytesOf(v8::Local<v8::Value> value, const uint8_t **out_bytes, size_t *out_count);
// Memory for an ArrayBuffer, after a collection where that is needed; null with an exception or a termination under
// way.
void *AllocateBytes(v8::Isolate *isolate, size_t count);
// An ArrayBuffer of what AllocateBytes gave.
v8::Local<v8::ArrayBuffer> AdoptBytes(v8::Isolate *isolate, void *data, size_t count);
v8::MaybeLocal<v8::Uint8Array> NewBytes(v8::Isolate *isolate, ci_slice_t bytes);

// False with a JavaScript exception (or a termination) under way.
bool CopyOut(v8::Local<v8::Context> context, v8::Local<v8::Value> value, ci_form_t form, ci_value_t *out);
// Empty where the value cannot be read; an exception may be under way.
v8::MaybeLocal<v8::Value> CopyIn(ci_isolate *self, v8::Local<v8::Context> context, const ci_value_t &value);

// Serialises and reads V8's structured clones, which cross to the host.
bool Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, ci_slice_t *out_blob);
v8::MaybeLocal<v8::Value> Deserialize(v8::Local<v8::Context> context, ci_slice_t blob);

// Makes the exception that a ci_throw_t describes.
v8::Local<v8::Value> NewException(v8::Local<v8::Context> context, const ci_throw_t &described);

// Describes a thrown value, and holds it where out->holds. `message` may be empty.
void Describe(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Value> thrown,
              v8::Local<v8::Message> message, ci_error_t *out);
// The status of what a TryCatch caught, with *out filled for CI_SCRIPT_ERROR.
ci_status_t Caught(ci_isolate *self, v8::Local<v8::Context> context, v8::TryCatch &caught, ci_error_t *out);

}  // namespace ci

#endif
