// SPDX-License-Identifier: Apache-2.0
// Scripts of the prelude, whose text no heap holds.
#ifndef CSHIM_PRELUDE_SCRIPT_H
#define CSHIM_PRELUDE_SCRIPT_H

#include <v8.h>

#include <memory>
#include <vector>

#include "cisolate/snapshot.h"

namespace ci {

// Text that stays where it is for as long as a heap refers to it, which holds no copy.
class StaticText final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit StaticText(ci_slice_t text) : text_(text) {}
  // Null where the text is not ASCII.
  static std::unique_ptr<StaticText> Of(ci_slice_t text);
  const char *data() const override { return reinterpret_cast<const char *>(text_.bytes); }
  size_t length() const override { return text_.count; }

 protected:
  void Dispose() override {}

 private:
  ci_slice_t text_;
};

// A script and its text, which may be null.
struct PreludeScript {
  explicit PreludeScript(const ci_snapshot_script_t &described)
      : script(described), text(StaticText::Of(described.source)) {}
  ci_snapshot_script_t script;
  std::unique_ptr<StaticText> text;
};

// The values of a script's parameters: primordials, internals, host.
using PreludeArguments = v8::Local<v8::Value>[3];

// Compiles a script to the function (primordials, internals, host); `code` may be null.
v8::MaybeLocal<v8::Function> CompilePreludeScript(v8::Local<v8::Context> context, const PreludeScript &script,
                                                  std::unique_ptr<v8::ScriptCompiler::CachedData> code);

// The scripts of a snapshot, and the addresses that it refers to.
class SnapshotScripts {
 public:
  SnapshotScripts(const ci_snapshot_script_t *scripts, size_t count);
  const std::vector<PreludeScript> &all() const { return scripts_; }
  const intptr_t *references() const { return references_.data(); }

 private:
  std::vector<PreludeScript> scripts_;
  std::vector<intptr_t> references_;
};

}  // namespace ci

#endif
