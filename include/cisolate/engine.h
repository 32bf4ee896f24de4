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
  /// Installs handlers of SIGABRT, SIGTRAP, SIGILL and SIGRTMIN+6, by which expendable threads are parked
  /// (escalation.h). Other threads' signals go to the handlers that were there before.
  bool parks_threads;
  /// A signal that ends the process is reported on standard error first: which isolate the thread was inside, how
  /// its turn stood, a backtrace.
  bool reports_crashes;
  /// V8 cannot go on and ends the process when this returns; is_out_of_memory: an isolate's heap is full
  /// in spite of its limit. On the thread concerned, maybe inside a collection: report or exit, no more.
  void (*_Nullable on_fatal)(bool is_out_of_memory, const char *_Nonnull location, const char *_Nonnull message);
  /// The watchdog took a step of an escalation. On its thread, without its lock.
  void (*_Nullable on_escalation)(void);
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

/// How many isolates exist now, lost ones apart.
CI_API size_t ci_engine_live_isolates(void);

/// What all isolates of the process hold, and what the kernel allows it.
typedef struct ci_engine_load {
  size_t live_isolates;
  /// Isolates whose threads are parked.
  size_t lost_isolates;
  /// What all ledgers hold, those of lost isolates and of memory that outlived its isolate included.
  size_t held_bytes;
  /// Memory mappings, estimated from above.
  size_t mappings;
  /// vm.max_map_count.
  size_t most_mappings;
} ci_engine_load_t;

/// Reads the load; its cost grows with the number of isolates, some 10 ns each.
/// Thread: any.
CI_API void ci_engine_load(ci_engine_load_t *_Nonnull out);

CI_END

#endif
