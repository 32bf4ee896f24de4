// SPDX-License-Identifier: Apache-2.0
// WebAssembly.compileStreaming and instantiateStreaming are V8's, which asks here for the bytes of a response. The
// prelude's part `wasm` reads them.
#include "engine_state.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// (Uint8Array of the whole module); its data is V8's side of the compilation.
void OnModule(const Info &info) {
  auto streaming = v8::WasmStreaming::Unpack(info.GetIsolate(), info.Data());
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (BytesOf(info[0], &bytes, &count)) streaming->OnBytesReceived(bytes, count);
  streaming->Finish();
}

void OnFailure(const Info &info) { v8::WasmStreaming::Unpack(info.GetIsolate(), info.Data())->Abort(info[0]); }

// The value at a path of properties of the prelude.
v8::MaybeLocal<v8::Value> Find(v8::Local<v8::Context> context, v8::Local<v8::Value> value,
                               std::initializer_list<const char *> path) {
  v8::Isolate *isolate = context->GetIsolate();
  for (const char *name : path) {
    if (!value->IsObject() || !value.As<v8::Object>()->Get(context, Literal(isolate, name)).ToLocal(&value)) return {};
  }
  return value;
}

}  // namespace

void OnWasmStreaming(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  ci_isolate *self = ci_isolate::Of(isolate);
  ContextCell *cell = self ? self->contexts.Find(IdOf(context)) : nullptr;
  v8::TryCatch caught(isolate);
  v8::Local<v8::Function> on_module;
  v8::Local<v8::Function> on_failure;
  v8::Local<v8::Value> environment;
  v8::Local<v8::Value> internals;
  v8::Local<v8::Value> read;
  v8::Local<v8::Value> ignored;
  constexpr auto kThrow = v8::ConstructorBehavior::kThrow;
  if (cell && !cell->exports.IsEmpty() &&
      Find(context, cell->exports.Get(isolate), {"environment"}).ToLocal(&environment) && environment->IsArray() &&
      environment.As<v8::Array>()->Get(context, 1).ToLocal(&internals) &&
      Find(context, internals, {"parts", "wasm", "readModule"}).ToLocal(&read) && read->IsFunction() &&
      v8::Function::New(context, OnModule, info.Data(), 1, kThrow).ToLocal(&on_module) &&
      v8::Function::New(context, OnFailure, info.Data(), 1, kThrow).ToLocal(&on_failure)) {
    v8::Local<v8::Value> arguments[] = {info[0], on_module, on_failure};
    if (read.As<v8::Function>()->Call(context, v8::Undefined(isolate), 3, arguments).ToLocal(&ignored)) return;
  }
  if (caught.HasTerminated()) return;
  auto streaming = v8::WasmStreaming::Unpack(isolate, info.Data());
  if (caught.HasCaught()) {
    streaming->Abort(caught.Exception());
  } else {
    streaming->Abort(v8::Exception::TypeError(Literal(isolate, "There are no responses in this context")));
  }
}

}  // namespace ci
