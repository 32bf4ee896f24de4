// SPDX-License-Identifier: Apache-2.0
// Parts of the prelude that a context gets when a script first names what is in them. They are no part of the snapshot,
// whose size each isolate pays for.
#include <mutex>
#include <string>
#include <vector>

#include "engine_state.h"
#include "prelude_script.h"
#include "scopes.h"
#include "values.h"

namespace ci {

namespace {

struct PartScript {
  PreludeScript script;
  // V8's code of the script, from the first context that ran it. Guarded by `code_mutex`, and never replaced.
  std::unique_ptr<v8::ScriptCompiler::CachedData> code;
};
struct Part {
  std::vector<ci_slice_t> globals;
  std::vector<PartScript> scripts;
};

// Set before the first isolate, and never changed.
std::vector<Part> parts;
std::mutex code_mutex;

std::unique_ptr<v8::ScriptCompiler::CachedData> BorrowCode(const PartScript &script) {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(code_mutex);
  if (!script.code) return nullptr;
  return std::make_unique<v8::ScriptCompiler::CachedData>(script.code->data, script.code->length,
                                                          v8::ScriptCompiler::CachedData::BufferNotOwned);
}

void KeepCode(PartScript *script, v8::Local<v8::Function> body) {
  std::unique_ptr<v8::ScriptCompiler::CachedData> code(v8::ScriptCompiler::CreateCodeCacheForFunction(body));
  ShimScope shim;
  std::lock_guard<std::mutex> lock(code_mutex);
  if (code && !script->code) script->code = std::move(code);
}

bool RunScript(ci_isolate *self, v8::Local<v8::Context> context, PartScript *part, PreludeArguments &arguments) {
  v8::Isolate *isolate = self->isolate;
  auto code = HasRoomFor(self, part->script.script.source.count * 4) ? BorrowCode(*part) : nullptr;
  bool has_code = code != nullptr;
  v8::Local<v8::Function> body;
  v8::Local<v8::Value> ignored;
  if (!CompilePreludeScript(context, part->script, std::move(code)).ToLocal(&body)) return false;
  if (!body->Call(context, v8::Undefined(isolate), 3, arguments).ToLocal(&ignored)) return false;
  if (!has_code) KeepCode(part, body);
  return true;
}

// Runs a part's scripts once in a context. Empty with an exception or a termination under way; the next use tries
// again.
v8::MaybeLocal<v8::Object> Load(ci_isolate *self, v8::Local<v8::Context> context, ContextCell *cell, size_t index) {
  v8::Isolate *isolate = self->isolate;
  if (cell->parts.size() < parts.size()) cell->parts.resize(parts.size());
  if (!cell->parts[index].IsEmpty()) return cell->parts[index].Get(isolate);
  v8::Local<v8::Value> environment;
  if (!cell->exports.Get(isolate)->Get(context, Literal(isolate, "environment")).ToLocal(&environment) ||
      !environment->IsArray()) {
    return {};
  }
  PreludeArguments arguments;
  for (uint32_t i = 0; i < 3; ++i) {
    if (!environment.As<v8::Array>()->Get(context, i).ToLocal(&arguments[i])) return {};
  }
  auto internals = arguments[1].As<v8::Object>();
  auto exposed = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
  auto key = Literal(isolate, "exposed");
  // A part loads others while it loads.
  v8::Local<v8::Value> outer;
  if (!internals->Get(context, key).ToLocal(&outer) || !internals->Set(context, key, exposed).FromMaybe(false)) {
    return {};
  }
  bool is_done = true;
  for (PartScript &script : parts[index].scripts) is_done = is_done && RunScript(self, context, &script, arguments);
  if (!internals->Set(context, key, outer).FromMaybe(false) || !is_done) return {};
  cell->parts[index].Reset(isolate, exposed);
  return exposed;
}

// The data of a lazy property: which part, and which of its globals, counted from 1; 0 is the part itself.
constexpr int32_t kMostGlobals = 1 << 16;

// Loads the part of a lazy property; V8 keeps what is returned as the property's value.
void GetPart(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  v8::Local<v8::Context> context;
  if (!self || !info.Holder()->GetCreationContext().ToLocal(&context)) return;
  ContextCell *cell = self->contexts.Find(IdOf(context));
  if (!cell || !info.Data()->IsInt32()) return;
  int32_t number = info.Data().As<v8::Int32>()->Value();
  auto index = static_cast<size_t>(number / kMostGlobals);
  auto place = static_cast<size_t>(number % kMostGlobals);
  if (number < 0 || index >= parts.size() || place > parts[index].globals.size()) return;
  v8::Context::Scope scope(context);
  v8::Local<v8::Object> exposed;
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (!Load(self, context, cell, index).ToLocal(&exposed)) return;
  if (place == 0)
    info.GetReturnValue().Set(exposed);
  else if (ToString(isolate, parts[index].globals[place - 1]).ToLocal(&key) &&
           exposed->Get(context, key).ToLocal(&value))
    info.GetReturnValue().Set(value);
}

// Where a part's global is: `URL` is a property of the global object, `ArrayPrototype.toSorted` one of what the
// primordials call ArrayPrototype, and `@@dispose` after the dot stands for Symbol.dispose.
bool FindPlace(v8::Local<v8::Context> context, v8::Local<v8::Object> primordials, ci_slice_t global,
               v8::Local<v8::Object> *out_holder, v8::Local<v8::Name> *out_key) {
  v8::Isolate *isolate = context->GetIsolate();
  std::string path(reinterpret_cast<const char *>(global.bytes), global.count);
  size_t dot = path.find('.');
  std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  *out_holder = context->Global();
  v8::Local<v8::Value> value;
  if (dot != std::string::npos) {
    if (!primordials->Get(context, Literal(isolate, path.substr(0, dot).c_str())).ToLocal(&value)) return false;
    if (!value->IsObject()) return false;
    *out_holder = value.As<v8::Object>();
  }
  *out_key = Literal(isolate, name.c_str());
  if (name.rfind("@@", 0) != 0) return true;
  if (!primordials->Get(context, Literal(isolate, "Symbol")).ToLocal(&value) || !value->IsObject()) return false;
  if (!value.As<v8::Object>()->Get(context, Literal(isolate, name.c_str() + 2)).ToLocal(&value)) return false;
  if (!value->IsSymbol()) return false;
  *out_key = value.As<v8::Symbol>();
  return true;
}

}  // namespace

v8::AccessorNameGetterCallback PartGetter() { return GetPart; }

bool DefineParts(v8::Local<v8::Context> context, v8::Local<v8::Object> primordials, v8::Local<v8::Object> internals,
                 const ci_snapshot_part_t *described, size_t count) {
  v8::Isolate *isolate = context->GetIsolate();
  auto define = [&](v8::Local<v8::Object> holder, v8::Local<v8::Name> key, size_t part, size_t place) {
    auto data = v8::Integer::New(isolate, static_cast<int32_t>(part) * kMostGlobals + static_cast<int32_t>(place));
    return holder->SetLazyDataProperty(context, key, GetPart, data, v8::DontEnum).FromMaybe(false);
  };
  auto all = v8::Object::New(isolate, v8::Null(isolate), nullptr, nullptr, 0);
  for (size_t i = 0; i < count; ++i) {
    v8::Local<v8::String> name;
    if (!ToString(isolate, described[i].name).ToLocal(&name) || !define(all, name, i, 0)) return false;
    for (size_t j = 0; j < described[i].global_count; ++j) {
      v8::Local<v8::Object> holder;
      v8::Local<v8::Name> key;
      bool is_there = false;
      if (!FindPlace(context, primordials, described[i].globals[j], &holder, &key)) return false;
      if (!holder->HasOwnProperty(context, key).To(&is_there)) return false;
      // What the engine has is better than ours.
      if (!is_there && !define(holder, key, i, j + 1)) return false;
    }
  }
  return internals->Set(context, Literal(isolate, "parts"), all).FromMaybe(false);
}

void UseParts(const ci_snapshot_part_t *described, size_t count) {
  parts.clear();
  for (size_t i = 0; i < count; ++i) {
    Part part;
    part.globals.assign(described[i].globals, described[i].globals + described[i].global_count);
    for (size_t j = 0; j < described[i].script_count; ++j) {
      part.scripts.push_back({PreludeScript(described[i].scripts[j]), nullptr});
    }
    parts.push_back(std::move(part));
  }
}

}  // namespace ci
