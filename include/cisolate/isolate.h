// SPDX-License-Identifier: Apache-2.0
/// One V8 heap, the turns that a host gives it, and what they cost.
#ifndef CISOLATE_ISOLATE_H
#define CISOLATE_ISOLATE_H

#include "base.h"
#include "escalation.h"
#include "heap_limit.h"
#include "host_call.h"
#include "terminator.h"

CI_BEGIN

/// One V8 heap. At most one thread is inside it at a time.
typedef struct ci_isolate ci_isolate_t;

typedef struct ci_attribute {
  ci_slice_t key;
  ci_slice_t value;
} ci_attribute_t;

/// What import() asks for. Slices are borrowed for the callback.
typedef struct ci_import_request {
  ci_import_id_t import;
  ci_context_id_t context;
  /// URL of the script or module that calls; empty where V8 does not know.
  ci_slice_t referrer;
  ci_slice_t specifier;
  const ci_attribute_t *_Nullable attributes;
  size_t attribute_count;
} ci_import_request_t;

/// What import.meta shows besides `url`. Filled by the callback; slices live until it is called again.
typedef struct ci_import_meta {
  bool is_main;
  /// Left out of import.meta where empty.
  ci_slice_t filename;
  ci_slice_t dirname;
} ci_import_meta_t;

typedef struct ci_isolate_options {
  size_t size;              ///< sizeof this struct, as the caller compiled it.
  void *_Nullable context;  ///< Passed to the callbacks below.
  /// What the host calls it, for crash reports; cut after 127 bytes.
  ci_slice_t name;
  /// All memory of the isolate together (see ci_heap_statistics_t), in bytes. 0: V8's default, nothing bounded.
  size_t heap_limit_bytes;
  /// Date and performance.now() stand still inside a turn, and move on at its start and at host calls.
  bool freezes_clock;
  /// Random bytes for scripts follow from `seed`, the same each time.
  bool is_seeded;
  uint64_t seed;
  /// Errors' stacks go through on_stack.
  bool rewrites_stacks;
  /// A JavaScript function of the host was called. On the isolate's thread; may use ci_host_call_*.
  void (*_Nullable on_host_call)(void *_Nullable context, ci_host_call_t *_Nonnull call);
  /// import() was called: answer later, never inside, with ci_import_finish or ci_import_fail.
  void (*_Nullable on_import)(void *_Nullable context, const ci_import_request_t *_Nonnull request);
  /// import.meta of the module at `url` is wanted.
  void (*_Nullable on_import_meta)(void *_Nullable context, ci_slice_t url, ci_import_meta_t *_Nonnull out_meta);
  /// import.meta.resolve: return or throw through `call`, whose argument 0 is the specifier.
  void (*_Nullable on_resolve)(void *_Nullable context, ci_slice_t referrer, ci_host_call_t *_Nonnull call);
  /// V8's stack text of an error that was just made; hand the text to show to `out`, or nothing.
  void (*_Nullable on_stack)(void *_Nullable context, ci_slice_t stack, void *_Nonnull out);
  /// V8 has a task for this isolate: have its thread call ci_isolate_run_tasks. Any thread; only wake.
  void (*_Nullable on_task)(void *_Nullable context);
  /// A turn is past its budget, or lost: says what to do. On the watchdog's thread, under its lock: no ci_ function
  /// may be called. Without it, turns are terminated and no more.
  ci_step_t (*_Nullable on_overrun)(void *_Nullable context, const ci_overrun_t *_Nonnull overrun);
  /// The isolate's turn will never end; nothing of the isolate may be used any more but ci_isolate_dispose.
  /// As on_overrun.
  void (*_Nullable on_lost)(void *_Nullable context, const ci_lost_turn_t *_Nonnull turn);
} ci_isolate_options_t;

/// Gives on_stack's answer to the shim. To be called inside on_stack only.
CI_API void ci_stack_set(void *_Nonnull out, ci_slice_t text);

/// Creates an isolate from the engine's snapshot, or an empty one; no thread is inside it yet.
/// Owns:   the caller owns *out_isolate until ci_isolate_dispose.
/// Thread: any.
/// Errors: CI_INVALID (a struct of another size, engine not started), CI_OUT_OF_MEMORY (also where the process
///         has about as many memory mappings as vm.max_map_count allows).
CI_API ci_status_t ci_isolate_new(const ci_isolate_options_t *_Nonnull options,
                                  ci_isolate_t *_Nullable *_Nonnull out_isolate);

/// Ends the isolate; its terminators become inert, promises of host calls are dropped.
/// Thread: any, with no turn open.
CI_API void ci_isolate_dispose(ci_isolate_t *_Nonnull isolate);

/// The isolate's terminator.
/// Owns: the caller owns one reference, until ci_terminator_release.
CI_API ci_terminator_t *_Nonnull ci_isolate_terminator(ci_isolate_t *_Nonnull isolate);

/// The limits that a turn can come near to: bits.
typedef enum CI_CLOSED_ENUM ci_limit {
  CI_LIMIT_CPU CI_SWIFT_NAME(cpu) = 1,
  CI_LIMIT_WALL CI_SWIFT_NAME(wall) = 2,
  CI_LIMIT_MEMORY CI_SWIFT_NAME(memory) = 4,
} ci_limit_t;

/// What a turn may spend. At 80 % of a limit its soft limit is passed: JavaScript hears of it through the prelude's
/// `approachLimit(name, used, total)` in a microtask (milliseconds, or bytes), and the turn's record says so.
typedef struct ci_budget {
  /// Of the calling thread's CPU clock, in nanoseconds. 0: no limit.
  uint64_t cpu_nanoseconds;
  /// On CLOCK_MONOTONIC, in nanoseconds. 0: no limit.
  uint64_t deadline_nanoseconds;
  /// CPU time that counts against the same limit and was spent before.
  uint64_t cpu_before_nanoseconds;
  /// When the elapsed time began, on CLOCK_MONOTONIC; 0: with the turn.
  uint64_t started_nanoseconds;
  /// ci_limit_t bits of soft limits that were reported before.
  uint32_t approached;
} ci_budget_t;

/// What a turn cost and whether it was cut short.
typedef struct ci_turn {
  uint64_t cpu_nanoseconds;
  uint64_t wall_nanoseconds;
  ci_termination_t termination;
  /// ci_limit_t bits of the soft limits that were passed in it.
  uint32_t approached;
} ci_turn_t;

/// Enters the isolate on this thread and arms the watchdog.
/// Calls below may also be made outside a turn: they then enter for themselves, without a budget.
/// Thread: the one that will end the turn. Turns of one isolate do not nest.
CI_API void ci_isolate_begin_turn(ci_isolate_t *_Nonnull isolate, ci_budget_t budget);

/// Disarms, clears a termination that is still under way, leaves, and says what the turn cost.
CI_API void ci_isolate_end_turn(ci_isolate_t *_Nonnull isolate, ci_turn_t *_Nonnull out_turn);

/// CPU and elapsed time of all ended turns.
CI_API void ci_isolate_time_spent(const ci_isolate_t *_Nonnull isolate, uint64_t *_Nonnull out_cpu_nanoseconds,
                                  uint64_t *_Nonnull out_wall_nanoseconds);

/// Runs the tasks that V8 posted to this isolate's thread and that are due (wasm, finalisation).
/// Errors: CI_TERMINATED.
CI_API ci_status_t ci_isolate_run_tasks(ci_isolate_t *_Nonnull isolate);

/// Tells V8 to free what it can.
CI_API void ci_isolate_low_memory(ci_isolate_t *_Nonnull isolate);

/// Gives the isolate another name; cut after 127 bytes.
/// Thread: the isolate's own, or any while no thread is inside.
CI_API void ci_isolate_set_name(ci_isolate_t *_Nonnull isolate, ci_slice_t name);

/// Whether the isolate's thread was parked in its turn: nothing but ci_isolate_dispose may be called.
/// Thread: any.
CI_API bool ci_isolate_is_lost(const ci_isolate_t *_Nonnull isolate);

/// The monotonic clock all deadlines here are on, in nanoseconds.
CI_API uint64_t ci_now(void);

CI_END

#endif
