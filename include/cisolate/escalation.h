// SPDX-License-Identifier: Apache-2.0
/// What happens to a turn that does not end when it should.
#ifndef CISOLATE_ESCALATION_H
#define CISOLATE_ESCALATION_H

#include "base.h"
#include "terminator.h"

CI_BEGIN

/// Why a thread was parked.
typedef enum CI_CLOSED_ENUM ci_loss {
  CI_LOSS_NONE CI_SWIFT_NAME(none) = 0,
  /// Termination was not honoured, and the kick found the thread inside V8.
  CI_LOSS_UNRESPONSIVE CI_SWIFT_NAME(unresponsive) = 1,
  /// The isolate passed the hard bound of its memory.
  CI_LOSS_MEMORY CI_SWIFT_NAME(memory) = 2,
  /// V8 gave up for want of memory.
  CI_LOSS_OUT_OF_MEMORY CI_SWIFT_NAME(outOfMemory) = 3,
  /// V8 gave up for another reason: a failed check, an abort.
  CI_LOSS_ABORTED CI_SWIFT_NAME(aborted) = 4,
} ci_loss_t;

/// A turn past its budget, as the watchdog sees it at one of its looks.
typedef struct ci_overrun {
  /// Why the turn is to end; NONE: it is not over its budget, but lost.
  ci_termination_t termination;
  /// Whether termination was requested.
  bool is_terminated;
  /// Since it was.
  uint64_t cpu_past_nanoseconds;
  uint64_t wall_past_nanoseconds;
  uint32_t kicks;
  /// Whether the thread declared that it may be lost; another one is never kicked or parked.
  bool is_expendable;
  /// Not NONE once the thread is parked: it will never return.
  ci_loss_t loss;
  /// V8's background work for the isolate that has not ended.
  uint32_t worker_tasks;
  /// Elapsed time since the thread was first seen parked.
  uint64_t parked_nanoseconds;
} ci_overrun_t;

/// What the watchdog is to do.
typedef enum CI_CLOSED_ENUM ci_step {
  CI_STEP_WAIT CI_SWIFT_NAME(wait) = 0,
  /// Ask V8 to end the JavaScript of the turn.
  CI_STEP_TERMINATE CI_SWIFT_NAME(terminate) = 1,
  /// Send the thread the signal whose handler parks it, where it finds it inside V8.
  CI_STEP_KICK CI_SWIFT_NAME(kick) = 2,
  /// Take a parked thread's isolate out of use.
  CI_STEP_CONDEMN CI_SWIFT_NAME(condemn) = 3,
  /// Give a condemned isolate's memory back to the system.
  CI_STEP_RECLAIM CI_SWIFT_NAME(reclaim) = 4,
  /// Stop looking.
  CI_STEP_FORGET CI_SWIFT_NAME(forget) = 5,
} ci_step_t;

/// What a lost turn cost.
typedef struct ci_lost_turn {
  ci_termination_t termination;
  ci_loss_t loss;
  uint64_t cpu_nanoseconds;
  uint64_t wall_nanoseconds;
  /// The most that the isolate held, and the most of its ArrayBuffers and wasm memories.
  uint64_t peak_memory;
  uint64_t peak_external;
  /// ci_limit_t bits of the limits of which 80 % were used.
  uint32_t approached;
} ci_lost_turn_t;

/// Declares that the calling thread may be lost: where V8 does not stop, or would end the process, inside a turn
/// on this thread, the thread is parked for ever, with its isolate, and everything else goes on. A turn on it that
/// takes more than 2 ms goes on with the lowest priority, so that others are not kept waiting.
/// `on_lost` is called once on the watchdog's thread: whoever needs such a thread starts another.
CI_API void ci_thread_set_expendable(void *_Nullable context, void (*_Nullable on_lost)(void *_Nullable context));

/// Whether the calling thread was given the lowest priority, because a turn on it took more than 2 ms, and cannot have
/// its own again for want of a privilege: have another thread go on with what is left.
CI_API bool ci_thread_is_lowered(void);

/// Has the watchdog's thread call on_escalation soon. A thread that is made there does not inherit a low priority.
/// Thread: any.
CI_API void ci_watchdog_ask(void);

/// Takes the declaration back; the thread is like any other again.
CI_API void ci_thread_set_indispensable(void);

CI_END

#endif
