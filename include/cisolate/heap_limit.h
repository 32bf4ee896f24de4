// SPDX-License-Identifier: Apache-2.0
/// What an isolate holds, and how much it may.
#ifndef CISOLATE_HEAP_LIMIT_H
#define CISOLATE_HEAP_LIMIT_H

#include "base.h"

CI_BEGIN

struct ci_isolate;

/// Bytes held now and at the most. v8::HeapStatistics where the name is V8's.
/// What the limit bounds is `held`: the sum of heap_pages, array_buffers, wasm_memory, wasm_code, zones and native.
typedef struct ci_heap_statistics {
  uint64_t total_heap_size;
  uint64_t used_heap_size;
  uint64_t heap_size_limit;
  uint64_t malloced_memory;
  uint64_t number_of_native_contexts;
  /// Pages of the V8 heap mapped for this isolate.
  uint64_t heap_pages;
  uint64_t array_buffers;
  uint64_t wasm_memory;
  uint64_t wasm_code;
  /// Working memory of V8's parser and compilers.
  uint64_t zones;
  /// malloc on the isolate's behalf; 0 unless the program charges it (native_memory.h).
  uint64_t native;
  uint64_t held;
  uint64_t peak_held;
  /// The most of used_heap_size seen at a garbage collection or at a reading of this.
  uint64_t peak_used_heap_size;
  uint64_t peak_heap_pages;
  /// The most of array_buffers + wasm_memory.
  uint64_t peak_external;
  /// The most of used_heap_size seen at a garbage collection since the reading before, or at this one.
  uint64_t recent_used_heap_size;
} ci_heap_statistics_t;

/// Reads the statistics.
/// Thread: one that may enter the isolate.
CI_API void ci_isolate_heap_statistics(struct ci_isolate *_Nonnull isolate, ci_heap_statistics_t *_Nonnull out);

/// True once an ArrayBuffer or wasm memory was refused because of the limit.
CI_API bool ci_isolate_refused_memory(const struct ci_isolate *_Nonnull isolate);

CI_END

#endif
