// SPDX-License-Identifier: Apache-2.0
/// V8 itself: once for the process, never stopped.
#ifndef CISOLATE_ENGINE_H
#define CISOLATE_ENGINE_H

#include "base.h"

CI_BEGIN

typedef struct ci_engine_options {
  size_t size;  ///< sizeof this struct, as the caller compiled it.
  /// V8 flags after Rookery's own, separated by spaces.
  ci_slice_t flags;
  /// V8's background threads (compilation). 1 or more.
  int32_t worker_threads;
  /// V8 cannot go on and ends the process when this returns; is_out_of_memory: an isolate's heap is full
  /// in spite of its limit. On the thread concerned, maybe inside a collection: report or exit, no more.
  void (*_Nullable on_fatal)(bool is_out_of_memory, const char *_Nonnull location, const char *_Nonnull message);
} ci_engine_options_t;

/// Starts V8 once for the process; later calls do nothing and succeed.
/// Thread: any.
/// Errors: CI_INVALID (a struct of another size, or a V8 of another version than the headers).
CI_API ci_status_t ci_engine_start(const ci_engine_options_t *_Nonnull options);

/// The version of the V8 that is loaded, "10.2.154.26-node.37".
CI_API const char *_Nonnull ci_engine_version(void);

/// The version of the headers this was compiled with, "10.2.154.26".
CI_API const char *_Nonnull ci_engine_header_version(void);

/// Rookery's own V8 flags, as given to V8 before the caller's.
CI_API const char *_Nonnull ci_engine_flags(void);

/// How many isolates exist now. For leak checks.
CI_API size_t ci_engine_live_isolates(void);

CI_END

#endif
