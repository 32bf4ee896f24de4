// SPDX-License-Identifier: Apache-2.0
#include "cisolate/snapshot.h"

#include <v8.h>

#include <string>

#include "cisolate/engine.h"
#include "engine_state.h"
#include "values.h"

namespace ci {

namespace {

v8::StartupData snapshot = {nullptr, 0};

// The null-prototype object `host`: the shim's operations and the host's, by name.
v8::MaybeLocal<v8::Object> NewHost(v8::Local<v8::Context> context, const ci_snapshot_options_t &options) {
  v8::Isolate *isolate = context->GetIsolate();
  auto host = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
  auto add = [&](v8::Local<v8::String> name, uint32_t operation) {
    v8::Local<v8::Function> function;
    return NewOperation(context, name, operation).ToLocal(&function) &&
           host->Set(context, name, function).FromMaybe(false);
  };
  size_t count = 0;
  const IntrinsicEntry *entries = Intrinsics(&count);
  for (size_t i = 0; i < count; ++i) {
    if (!add(Literal(isolate, entries[i].name), static_cast<uint32_t>(i))) return {};
  }
  for (size_t i = 0; i < options.operation_count; ++i) {
    v8::Local<v8::String> name;
    if (!ToString(isolate, options.operations[i]).ToLocal(&name)) return {};
    if (!add(name, CI_OPERATION_HOST + static_cast<uint32_t>(i))) return {};
  }
  return host;
}

// `out_environment`: what the scripts are called with, for those that run later.
bool RunScripts(v8::Local<v8::Context> context, const ci_snapshot_options_t &options, v8::Local<v8::Object> internals,
                v8::Local<v8::Object> host, v8::Local<v8::Array> *out_environment) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::Local<v8::String> names[] = {Literal(isolate, "primordials"), Literal(isolate, "internals"),
                                   Literal(isolate, "host")};
  v8::Local<v8::Value> values[] = {v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0), internals, host};
  *out_environment = v8::Array::New(isolate, values, 3);
  for (size_t i = 0; i < options.script_count; ++i) {
    v8::Local<v8::String> source;
    v8::Local<v8::String> name;
    if (!ToString(isolate, options.scripts[i].source).ToLocal(&source)) return false;
    if (!ToString(isolate, options.scripts[i].name).ToLocal(&name)) return false;
    v8::ScriptOrigin origin(isolate, name);
    v8::ScriptCompiler::Source unit(source, origin);
    v8::Local<v8::Function> body;
    v8::Local<v8::Value> ignored;
    if (!v8::ScriptCompiler::CompileFunctionInContext(context, &unit, 3, names, 0, nullptr).ToLocal(&body)) {
      return false;
    }
    if (!body->Call(context, v8::Undefined(isolate), 3, values).ToLocal(&ignored)) return false;
  }
  return true;
}

}  // namespace

v8::StartupData *EngineSnapshot() { return snapshot.data ? &snapshot : nullptr; }

}  // namespace ci

ci_status_t ci_snapshot_new(const ci_snapshot_options_t *options, ci_slice_t *out_blob, ci_error_t *error) {
  if (options->size != sizeof(*options) || !ci::EngineStarted() || ci::LiveIsolates() > 0) return CI_INVALID;
  v8::SnapshotCreator creator(ci::ExternalReferences());
  v8::Isolate *isolate = creator.GetIsolate();
  ci_status_t status = CI_OK;
  {
    v8::HandleScope handles(isolate);
    creator.SetDefaultContext(v8::Context::New(isolate));
    auto context = v8::Context::New(isolate);
    {
      v8::Context::Scope scope(context);
      v8::TryCatch caught(isolate);
      auto internals = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
      v8::Local<v8::Object> host;
      v8::Local<v8::Array> environment;
      v8::Local<v8::Value> exports;
      if (!ci::NewHost(context, *options).ToLocal(&host) ||
          !ci::RunScripts(context, *options, internals, host, &environment) ||
          !internals->Get(context, ci::Literal(isolate, "exports")).ToLocal(&exports)) {
        status = CI_SCRIPT_ERROR;
        if (caught.HasCaught()) {
          v8::Local<v8::Message> message = caught.Message();
          v8::Local<v8::Value> words = caught.Exception();
          v8::Local<v8::Value> where = v8::Undefined(isolate);
          if (!message.IsEmpty()) {
            words = message->Get();
            where = message->GetScriptResourceName();
          }
          v8::String::Utf8Value text(isolate, words);
          v8::String::Utf8Value url(isolate, where);
          error->message = ci::CopyBytes(*text ? *text : "", static_cast<size_t>(text.length()));
          error->url = ci::CopyBytes(*url ? *url : "", static_cast<size_t>(url.length()));
          error->line = message.IsEmpty() ? 0 : message->GetLineNumber(context).FromMaybe(0);
        }
      } else {
        auto object = exports->IsObject() ? exports.As<v8::Object>() : v8::Object::New(isolate);
        v8::Local<v8::Value> primordials;
        if (!object->Set(context, ci::Literal(isolate, "environment"), environment).FromMaybe(false) ||
            !environment->Get(context, 0).ToLocal(&primordials) || !primordials->IsObject() ||
            !ci::DefineParts(context, primordials.As<v8::Object>(), internals, options->parts, options->part_count)) {
          status = CI_INVALID;
        }
        creator.AddData(context, object);
      }
    }
    creator.AddContext(context);
  }
  // V8 insists that a creator makes its blob, also one that nobody wants.
  auto blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kClear);
  if (status == CI_OK) *out_blob = ci::CopyBytes(blob.data, static_cast<size_t>(blob.raw_size));
  delete[] blob.data;
  return status;
}

ci_status_t ci_snapshot_use(ci_slice_t blob, const ci_snapshot_part_t *parts, size_t part_count) {
  if (!ci::EngineStarted() || ci::LiveIsolates() > 0) return CI_INVALID;
  v8::StartupData data = {reinterpret_cast<const char *>(blob.bytes), static_cast<int>(blob.count)};
  if (blob.count < 64 || !data.IsValid()) return CI_INVALID;
  ci::snapshot = data;
  ci::UseParts(parts, part_count);
  return CI_OK;
}

const char *ci_snapshot_recipe(void) {
  static const std::string recipe = [] {
    std::string text = std::to_string(CI_ABI_VERSION) + " " + ci_engine_flags();
    size_t count = 0;
    const ci::IntrinsicEntry *entries = ci::Intrinsics(&count);
    for (size_t i = 0; i < count; ++i) text += std::string(" ") + entries[i].name;
    return text;
  }();
  return recipe.c_str();
}
