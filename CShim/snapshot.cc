// SPDX-License-Identifier: Apache-2.0
#include "cisolate/snapshot.h"

#include <v8.h>

#include <optional>
#include <string>

#include "cisolate/engine.h"
#include "engine_state.h"
#include "prelude_script.h"
#include "values.h"

namespace ci {

namespace {

v8::StartupData snapshot = {nullptr, 0};
// Those of the snapshot. Set before the first isolate.
std::optional<SnapshotScripts> scripts;

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
bool RunScripts(v8::Local<v8::Context> context, const SnapshotScripts &scripts, v8::Local<v8::Object> internals,
                v8::Local<v8::Object> host, v8::Local<v8::Array> *out_environment) {
  v8::Isolate *isolate = context->GetIsolate();
  PreludeArguments values = {v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0), internals, host};
  *out_environment = v8::Array::New(isolate, values, 3);
  for (const PreludeScript &script : scripts.all()) {
    v8::Local<v8::Function> body;
    v8::Local<v8::Value> ignored;
    if (!CompilePreludeScript(context, script, nullptr).ToLocal(&body)) return false;
    if (!body->Call(context, v8::Undefined(isolate), 3, values).ToLocal(&ignored)) return false;
  }
  return true;
}

ci_status_t Failed(v8::Local<v8::Context> context, const v8::TryCatch &caught, ci_error_t *error) {
  if (!caught.HasCaught()) return CI_SCRIPT_ERROR;
  v8::Isolate *isolate = context->GetIsolate();
  v8::Local<v8::Message> message = caught.Message();
  v8::Local<v8::Value> words = caught.Exception();
  v8::Local<v8::Value> where = v8::Undefined(isolate);
  if (!message.IsEmpty()) {
    words = message->Get();
    where = message->GetScriptResourceName();
  }
  v8::String::Utf8Value text(isolate, words);
  v8::String::Utf8Value url(isolate, where);
  error->message = CopyBytes(*text ? *text : "", static_cast<size_t>(text.length()));
  error->url = CopyBytes(*url ? *url : "", static_cast<size_t>(url.length()));
  error->line = message.IsEmpty() ? 0 : message->GetLineNumber(context).FromMaybe(0);
  return CI_SCRIPT_ERROR;
}

// Runs the scripts in the context, which holds what they leave.
ci_status_t Fill(v8::SnapshotCreator *creator, v8::Local<v8::Context> context, const ci_snapshot_options_t &options,
                 const SnapshotScripts &scripts, ci_error_t *error) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::Context::Scope scope(context);
  v8::TryCatch caught(isolate);
  auto internals = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
  v8::Local<v8::Object> host;
  v8::Local<v8::Array> environment;
  v8::Local<v8::Value> exports;
  if (!NewHost(context, options).ToLocal(&host) || !RunScripts(context, scripts, internals, host, &environment) ||
      !internals->Get(context, Literal(isolate, "exports")).ToLocal(&exports)) {
    return Failed(context, caught, error);
  }
  auto object = exports->IsObject() ? exports.As<v8::Object>() : v8::Object::New(isolate);
  creator->AddData(context, object);
  v8::Local<v8::Value> primordials;
  bool is_set = object->Set(context, Literal(isolate, "environment"), environment).FromMaybe(false) &&
                environment->Get(context, 0).ToLocal(&primordials) && primordials->IsObject() &&
                DefineParts(context, primordials.As<v8::Object>(), internals, options.parts, options.part_count);
  return is_set ? CI_OK : CI_INVALID;
}

// A snapshot of what the scripts leave, without the code of any function.
ci_status_t MakeCold(const ci_snapshot_options_t &options, const SnapshotScripts &scripts, v8::StartupData *out_blob,
                     ci_error_t *error) {
  v8::SnapshotCreator creator(scripts.references());
  v8::Isolate *isolate = creator.GetIsolate();
  ci_status_t status;
  {
    v8::HandleScope handles(isolate);
    creator.SetDefaultContext(v8::Context::New(isolate));
    auto context = v8::Context::New(isolate);
    status = Fill(&creator, context, options, scripts, error);
    creator.AddContext(context);
  }
  // V8 insists that a creator makes its blob, also one that nobody wants.
  *out_blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kClear);
  return status;
}

// Calls in the context what most workers call, so that V8 compiles it.
ci_status_t WarmUp(v8::Local<v8::Context> context, const PreludeScript &script, ci_error_t *error) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::Context::Scope scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Object> exports;
  v8::Local<v8::Value> environment;
  if (!context->GetDataFromSnapshotOnce<v8::Object>(0).ToLocal(&exports) ||
      !exports->Get(context, Literal(isolate, "environment")).ToLocal(&environment) || !environment->IsArray()) {
    return CI_INVALID;
  }
  PreludeArguments arguments;
  for (uint32_t i = 0; i < 3; ++i) {
    if (!environment.As<v8::Array>()->Get(context, i).ToLocal(&arguments[i])) return CI_INVALID;
  }
  v8::Local<v8::Function> body;
  v8::Local<v8::Value> check;
  if (!CompilePreludeScript(context, script, nullptr).ToLocal(&body) ||
      !body->Call(context, v8::Undefined(isolate), 3, arguments).ToLocal(&check)) {
    return Failed(context, caught, error);
  }
  if (!check->IsFunction()) {
    isolate->ThrowException(v8::Exception::TypeError(Literal(isolate, "The warm-up returned no function")));
    return Failed(context, caught, error);
  }
  isolate->PerformMicrotaskCheckpoint();
  v8::Local<v8::Value> ignored;
  if (!check.As<v8::Function>()->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&ignored)) {
    return Failed(context, caught, error);
  }
  return CI_OK;
}

// The same snapshot, with the code of functions that the warm-up called. The warm-up has a context of its own, of
// which nothing is kept: contexts share the code of functions, and nothing that a script can change.
ci_status_t MakeWarm(const ci_snapshot_options_t &options, const SnapshotScripts &scripts, v8::StartupData cold,
                     v8::StartupData *out_blob, ci_error_t *error) {
  // Outlives the heap that refers to its text.
  const PreludeScript warm_up(options.warm_up);
  v8::SnapshotCreator creator(scripts.references(), &cold);
  v8::Isolate *isolate = creator.GetIsolate();
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  ci_status_t status = CI_INVALID;
  {
    v8::HandleScope handles(isolate);
    v8::Local<v8::Context> context;
    if (v8::Context::FromSnapshot(isolate, 0).ToLocal(&context)) {
      status = WarmUp(context, warm_up, error);
    }
  }
  {
    v8::HandleScope handles(isolate);
    creator.SetDefaultContext(v8::Context::New(isolate));
    v8::Local<v8::Context> context;
    v8::Local<v8::Object> exports;
    if (!v8::Context::FromSnapshot(isolate, 0).ToLocal(&context)) {
      status = CI_INVALID;
      context = v8::Context::New(isolate);
    } else if (context->GetDataFromSnapshotOnce<v8::Object>(0).ToLocal(&exports)) {
      creator.AddData(context, exports);
    }
    creator.AddContext(context);
  }
  *out_blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  return status;
}

}  // namespace

const intptr_t *ExternalReferences() {
  static const SnapshotScripts none(nullptr, 0);
  return scripts ? scripts->references() : none.references();
}

v8::StartupData *EngineSnapshot() { return snapshot.data ? &snapshot : nullptr; }

}  // namespace ci

ci_status_t ci_snapshot_new(const ci_snapshot_options_t *options, ci_slice_t *out_blob, ci_error_t *error) {
  if (options->size != sizeof(*options) || !ci::EngineStarted() || ci::LiveIsolates() > 0) return CI_INVALID;
  ci::SnapshotScripts scripts(options->scripts, options->script_count);
  v8::StartupData blob = {nullptr, 0};
  ci_status_t status = ci::MakeCold(*options, scripts, &blob, error);
  if (status == CI_OK && options->warm_up.source.count > 0) {
    v8::StartupData cold = blob;
    status = ci::MakeWarm(*options, scripts, cold, &blob, error);
    delete[] cold.data;
  }
  if (status == CI_OK) *out_blob = ci::CopyBytes(blob.data, static_cast<size_t>(blob.raw_size));
  delete[] blob.data;
  return status;
}

ci_status_t ci_snapshot_use(ci_slice_t blob, const ci_snapshot_script_t *scripts, size_t script_count,
                            const ci_snapshot_part_t *parts, size_t part_count) {
  if (!ci::EngineStarted() || ci::LiveIsolates() > 0) return CI_INVALID;
  v8::StartupData data = {reinterpret_cast<const char *>(blob.bytes), static_cast<int>(blob.count)};
  if (blob.count < 64 || !data.IsValid()) return CI_INVALID;
  ci::snapshot = data;
  ci::scripts.emplace(scripts, script_count);
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
