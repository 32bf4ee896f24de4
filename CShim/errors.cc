// SPDX-License-Identifier: Apache-2.0
// Thrown values, described for the host.
#include <cstdlib>

#include "values.h"

namespace ci {

namespace {

// A string property of an object, or nothing. Getters may run; what they throw is dropped.
ci_slice_t StringProperty(v8::Local<v8::Context> context, v8::Local<v8::Object> object, const char *key) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::TryCatch dropped(isolate);
  v8::Local<v8::Value> value;
  if (!object->Get(context, Literal(isolate, key)).ToLocal(&value) || !value->IsString()) return {};
  return CopyString(isolate, value.As<v8::String>());
}

}  // namespace

void Describe(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Value> thrown,
              v8::Local<v8::Message> message, ci_error_t *out) {
  v8::Isolate *isolate = self->isolate;
  v8::HandleScope handles(isolate);
  v8::Context::Scope scope(context);
  v8::TryCatch dropped(isolate);
  if (message.IsEmpty()) message = v8::Exception::CreateMessage(isolate, thrown);
  ci_error_t error = {};
  if (thrown->IsNativeError()) {
    auto object = thrown.As<v8::Object>();
    error.name = StringProperty(context, object, "name");
    error.message = StringProperty(context, object, "message");
    error.stack = StringProperty(context, object, "stack");
    error.code = StringProperty(context, object, "code");
  } else {
    v8::Local<v8::String> text;
    if (thrown->ToDetailString(context).ToLocal(&text)) error.message = CopyString(isolate, text);
    // DOMException and its like are no native errors, but show what one shows.
    if (thrown->IsObject()) {
      auto object = thrown.As<v8::Object>();
      ci_slice_t own = StringProperty(context, object, "message");
      error.stack = StringProperty(context, object, "stack");
      if (own.bytes && error.stack.bytes) {
        ci_bytes_dispose(error.message.bytes);
        error.message = own;
        error.name = StringProperty(context, object, "name");
      } else {
        ci_bytes_dispose(own.bytes);
      }
    }
  }
  v8::Local<v8::Value> url = message->GetScriptResourceName();
  if (!url.IsEmpty() && url->IsString()) error.url = CopyString(isolate, url.As<v8::String>());
  error.line = message->GetLineNumber(context).FromMaybe(0);
  error.column = error.line > 0 ? message->GetStartColumn(context).FromMaybe(-1) + 1 : 0;
  v8::Local<v8::String> line;
  if (message->GetSourceLine(context).ToLocal(&line) && line->Length() <= 1000) {
    error.source_line = CopyString(isolate, line);
  }
  error.holds = out->holds;
  if (out->holds) error.exception = self->exceptions.Add({v8::Global<v8::Value>(isolate, thrown)});
  *out = error;
}

ci_status_t Caught(ci_isolate *self, v8::Local<v8::Context> context, v8::TryCatch &caught, ci_error_t *out) {
  if (caught.HasTerminated() || self->terminating()) return CI_TERMINATED;
  if (!caught.HasCaught()) return CI_INVALID;
  v8::HandleScope handles(self->isolate);
  v8::Local<v8::Value> thrown = caught.Exception();
  v8::Local<v8::Message> message = caught.Message();
  caught.Reset();
  if (out) Describe(self, context, thrown, message, out);
  return self->terminating() ? CI_TERMINATED : CI_SCRIPT_ERROR;
}

void ReportUncaught(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  // A flood of them tells nothing more.
  constexpr size_t kMost = 100;
  ContextCell *cell = self->contexts.Find(IdOf(context));
  if (cell && cell->uncaught.size() < kMost) cell->uncaught.emplace_back(self->isolate, value);
}

}  // namespace ci

void ci_error_dispose(ci_error_t *error) {
  for (ci_slice_t *slice :
       {&error->name, &error->message, &error->stack, &error->code, &error->url, &error->source_line}) {
    std::free(const_cast<uint8_t *>(slice->bytes));
  }
  *error = {};
}
