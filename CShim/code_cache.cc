// SPDX-License-Identifier: Apache-2.0
#include "cisolate/code_cache.h"

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

// V8 10.2 was seen to crash where the heap limit is met inside the deserialisation of a code cache.
bool HasRoomFor(ci_isolate *self, size_t size) {
  if (self->options.heap_limit_bytes == 0) return true;
  v8::HeapStatistics statistics;
  self->isolate->GetHeapStatistics(&statistics);
  return statistics.used_heap_size() + 3 * size < self->options.heap_limit_bytes / 2;
}

}  // namespace ci

ci_status_t ci_code_cache_new(ci_isolate_t *self, ci_module_id_t module, ci_slice_t *out_bytes) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell) return CI_STALE;
  ci::InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  if (cell->script.IsEmpty()) return CI_INVALID;
  std::unique_ptr<v8::ScriptCompiler::CachedData> data(
      v8::ScriptCompiler::CreateCodeCache(cell->script.Get(self->isolate)));
  if (!data) return CI_OUT_OF_MEMORY;
  *out_bytes = ci::CopyBytes(data->data, static_cast<size_t>(data->length));
  return CI_OK;
}

uint32_t ci_code_cache_tag(void) { return v8::ScriptCompiler::CachedDataVersionTag(); }
