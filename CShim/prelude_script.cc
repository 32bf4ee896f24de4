// SPDX-License-Identifier: Apache-2.0
#include "prelude_script.h"

#include "engine_state.h"
#include "utf8.h"
#include "values.h"

namespace ci {

std::unique_ptr<StaticText> StaticText::Of(ci_slice_t text) {
  if (AsciiPrefix(text.bytes, text.count) < text.count) return nullptr;
  return std::make_unique<StaticText>(text);
}

v8::MaybeLocal<v8::Function> CompilePreludeScript(v8::Local<v8::Context> context, const PreludeScript &script,
                                                  std::unique_ptr<v8::ScriptCompiler::CachedData> code) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::Local<v8::String> names[] = {Literal(isolate, "primordials"), Literal(isolate, "internals"),
                                   Literal(isolate, "host")};
  v8::Local<v8::String> source;
  v8::Local<v8::String> name;
  auto made = script.text ? v8::String::NewExternalOneByte(isolate, script.text.get())
                          : ToString(isolate, script.script.source);
  if (!made.ToLocal(&source) || !ToString(isolate, script.script.name).ToLocal(&name)) return {};
  auto options = code ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions;
  // The source takes the cache over.
  v8::ScriptCompiler::Source unit(source, v8::ScriptOrigin(isolate, name), code.release());
  return v8::ScriptCompiler::CompileFunctionInContext(context, &unit, 3, names, 0, nullptr, options);
}

SnapshotScripts::SnapshotScripts(const ci_snapshot_script_t *scripts, size_t count)
    : references_{reinterpret_cast<intptr_t>(&Trampoline), reinterpret_cast<intptr_t>(PartGetter())} {
  for (size_t i = 0; i < count; ++i) {
    scripts_.emplace_back(scripts[i]);
    if (auto *text = scripts_.back().text.get()) references_.push_back(reinterpret_cast<intptr_t>(text));
  }
  references_.push_back(0);
}

}  // namespace ci
