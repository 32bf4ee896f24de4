// SPDX-License-Identifier: Apache-2.0
#include "cisolate/heap_limit.h"

#include "scopes.h"

void ci_isolate_heap_statistics(ci_isolate_t *self, ci_heap_statistics_t *out) {
  v8::HeapStatistics statistics;
  {
    ci::Entered entered(self);
    self->isolate->GetHeapStatistics(&statistics);
  }
  self->NoteUsedHeap(statistics.used_heap_size());
  const ci::Ledger &ledger = *self->ledger;
  *out = {};
  out->total_heap_size = statistics.total_heap_size();
  out->used_heap_size = statistics.used_heap_size();
  out->heap_size_limit = statistics.heap_size_limit();
  out->malloced_memory = statistics.malloced_memory();
  out->number_of_native_contexts = statistics.number_of_native_contexts();
  out->heap_pages = ledger.of(ci::Holding::kHeapPages).value();
  out->array_buffers = ledger.of(ci::Holding::kArrayBuffers).value();
  out->wasm_memory = ledger.of(ci::Holding::kWasmMemory).value();
  out->wasm_code = ledger.of(ci::Holding::kWasmCode).value();
  out->zones = ledger.of(ci::Holding::kZones).value();
  out->held = ledger.total();
  // The meter of native memory counts more than that.
  size_t rest = out->heap_pages + out->array_buffers + out->wasm_memory + out->wasm_code + out->zones;
  out->native = out->held > rest ? out->held - rest : 0;
  out->peak_held = ledger.peak();
  out->peak_used_heap_size = self->peak_used_heap;
  out->peak_heap_pages = ledger.of(ci::Holding::kHeapPages).peak();
  out->peak_external = ledger.external_peak();
  out->recent_used_heap_size = self->recent_used_heap;
  self->recent_used_heap = 0;
}

bool ci_isolate_refused_memory(const ci_isolate_t *self) { return self->ledger->refused(); }
