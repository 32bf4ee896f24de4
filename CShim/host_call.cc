// SPDX-License-Identifier: Apache-2.0
#include "cisolate/host_call.h"

#include <algorithm>

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

struct ci_host_call {
  const v8::FunctionCallbackInfo<v8::Value> &info;
  ci_isolate *self;
  v8::Local<v8::Context> context;
  uint32_t operation;
};

namespace ci {

void Trampoline(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  uint32_t operation = info.Data().As<v8::Uint32>()->Value();
  if (operation < CI_OPERATION_HOST) {
    size_t count = 0;
    const IntrinsicEntry *entries = Intrinsics(&count);
    if (operation < count) entries[operation].run(info);
    return;
  }
  ci_isolate *self = ci_isolate::Of(isolate);
  if (!self || !self->options.on_host_call) return;
  self->Tick();
  CurrentThread().frozen_milliseconds = self->frozen_milliseconds;
  ci_host_call call{info, self, isolate->GetCurrentContext(), operation};
  HostScope host;
  self->options.on_host_call(self->options.context, &call);
}

void CallResolve(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  if (!self || !self->options.on_resolve || !info.Data()->IsString()) return;
  std::string referrer = ToStdString(isolate, info.Data().As<v8::String>());
  ci_host_call call{info, self, isolate->GetCurrentContext(), CI_OPERATION_HOST};
  HostScope host;
  self->options.on_resolve(self->options.context, SliceOf(referrer), &call);
}

}  // namespace ci

uint32_t ci_host_call_operation(const ci_host_call_t *call) { return call->operation; }

ci_context_id_t ci_host_call_context(const ci_host_call_t *call) { return ci::IdOf(call->context); }

uint32_t ci_host_call_continuation(const ci_host_call_t *call) { return ci::ContinuationOf(call->context); }

size_t ci_host_call_argument_count(const ci_host_call_t *call) { return static_cast<size_t>(call->info.Length()); }

ci_status_t ci_host_call_argument_size(const ci_host_call_t *call, size_t index, size_t *out_size) {
  constexpr int kLongest = 32 << 20;
  const uint8_t *bytes = nullptr;
  v8::Local<v8::Value> value = v8::Undefined(call->self->isolate);
  if (index < static_cast<size_t>(call->info.Length())) value = call->info[static_cast<int>(index)];
  *out_size = 8;
  if (value->IsString()) {
    auto string = value.As<v8::String>();
    *out_size = static_cast<size_t>(string->Length());
    if (string->Length() <= kLongest) *out_size = static_cast<size_t>(string->Utf8Length(call->self->isolate));
  } else if (value->IsObject() && !ci::BytesOf(value, &bytes, out_size)) {
    return CI_INVALID;
  }
  return CI_OK;
}

ci_status_t ci_host_call_argument(ci_host_call_t *call, size_t index, ci_form_t form, ci_value_t *out_value) {
  if (index >= static_cast<size_t>(call->info.Length())) {
    *out_value = {};
    return CI_OK;
  }
  // Reading may run the script's own code (toJSON, getters), which must not be safe from the watchdog.
  ci::EngineScope engine;
  return ci::CopyOut(call->context, call->info[static_cast<int>(index)], form, out_value) ? CI_OK : CI_SCRIPT_ERROR;
}

ci_status_t ci_host_call_text_size(const ci_host_call_t *call, size_t index, ci_text_encoding_t encoding,
                                   size_t *out_size) {
  if (index >= static_cast<size_t>(call->info.Length())) return CI_INVALID;
  v8::Local<v8::Value> value = call->info[static_cast<int>(index)];
  if (!value->IsString()) return CI_INVALID;
  auto string = value.As<v8::String>();
  if (encoding == CI_TEXT_LATIN1) {
    if (!string->ContainsOnlyOneByte()) return CI_INVALID;
    *out_size = static_cast<size_t>(string->Length());
  } else {
    *out_size = static_cast<size_t>(string->Utf8Length(call->self->isolate));
  }
  return CI_OK;
}

void ci_host_call_text_write(const ci_host_call_t *call, size_t index, ci_text_encoding_t encoding, uint8_t *buffer,
                             size_t size) {
  v8::Isolate *isolate = call->self->isolate;
  auto string = call->info[static_cast<int>(index)].As<v8::String>();
  int count = static_cast<int>(size);
  if (encoding == CI_TEXT_LATIN1 || string->Length() == count) {
    // As many bytes as characters: all of them are ASCII, or Latin-1 is wanted.
    string->WriteOneByte(isolate, buffer, 0, count, v8::String::NO_NULL_TERMINATION);
  } else {
    string->WriteUtf8(isolate, reinterpret_cast<char *>(buffer), count, nullptr,
                      v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  }
}

ci_status_t ci_host_call_bytes(const ci_host_call_t *call, size_t index, ci_slice_t *out_bytes) {
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (index >= static_cast<size_t>(call->info.Length())) return CI_INVALID;
  v8::Local<v8::Value> value = call->info[static_cast<int>(index)];
  if (!value->IsObject() || !ci::BytesOf(value, &bytes, &count)) return CI_INVALID;
  *out_bytes = {bytes, count};
  return CI_OK;
}

ci_status_t ci_host_call_take(ci_host_call_t *call, size_t index, size_t least, ci_slice_t *out_bytes) {
  if (index >= static_cast<size_t>(call->info.Length())) return CI_INVALID;
  v8::Local<v8::Value> value = call->info[static_cast<int>(index)];
  if (value->IsString()) {
    size_t count = 0;
    if (static_cast<size_t>(value.As<v8::String>()->Length()) < least) return CI_INVALID;
    if (ci_host_call_text_size(call, index, CI_TEXT_UTF8, &count) != CI_OK) return CI_INVALID;
    void *memory = call->self->ledger->NewBlock(ci::Holding::kArrayBuffers, count, false);
    if (!memory) return CI_INVALID;
    auto *bytes = static_cast<uint8_t *>(memory);
    ci_host_call_text_write(call, index, CI_TEXT_UTF8, bytes, count);
    ci::Ledger::GiveAway(memory, 0);
    *out_bytes = {bytes, count};
    return CI_OK;
  }
  if (!value->IsUint8Array() || value.As<v8::Uint8Array>()->ByteLength() < std::max<size_t>(least, 1))
    return CI_INVALID;
  auto view = value.As<v8::Uint8Array>();
  auto buffer = view->Buffer();
  size_t count = view->ByteLength();
  bool is_whole = view->ByteOffset() == 0 && buffer->ByteLength() == count;
  if (!buffer.As<v8::Value>()->IsArrayBuffer() || !buffer->IsDetachable() || !is_whole) return CI_INVALID;
  void *memory = buffer->Data();
  // V8 frees it too.
  ci::Ledger::GiveAway(memory, 1);
  buffer->Detach();
  *out_bytes = {static_cast<uint8_t *>(memory), count};
  return CI_OK;
}

ci_status_t ci_host_call_return(ci_host_call_t *call, const ci_value_t *value) {
  v8::Local<v8::Value> result;
  if (!ci::CopyIn(call->self, call->context, *value).ToLocal(&result)) return CI_INVALID;
  call->info.GetReturnValue().Set(result);
  return CI_OK;
}

void ci_host_call_throw(ci_host_call_t *call, const ci_throw_t *exception) {
  call->self->isolate->ThrowException(ci::NewException(call->context, *exception));
}

ci_status_t ci_host_call_defer(ci_host_call_t *call, ci_promise_id_t *out_promise) {
  v8::Isolate *isolate = call->self->isolate;
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(call->context).ToLocal(&resolver)) return CI_TERMINATED;
  call->info.GetReturnValue().Set(resolver->GetPromise());
  *out_promise =
      call->self->promises.Add({v8::Global<v8::Promise>(isolate, resolver->GetPromise()),
                                v8::Global<v8::Promise::Resolver>(isolate, resolver), ci::IdOf(call->context)});
  return CI_OK;
}
