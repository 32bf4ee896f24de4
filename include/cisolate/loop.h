// SPDX-License-Identifier: Apache-2.0
/// A libuv loop for the thread that runs isolates: a wake-up from any thread, and timers.
#ifndef CISOLATE_LOOP_H
#define CISOLATE_LOOP_H

#include "base.h"

CI_BEGIN

typedef struct ci_loop ci_loop_t;
typedef struct ci_timer ci_timer_t;

/// Creates a loop. `on_wake` runs on the loop's thread, once for any number of ci_loop_wake before it.
/// Owns:   the caller owns *out_loop until ci_loop_dispose.
/// Errors: CI_OUT_OF_MEMORY (memory or file descriptors).
CI_API ci_status_t ci_loop_new(void *_Nullable context, void (*_Nonnull on_wake)(void *_Nullable context),
                               ci_loop_t *_Nullable *_Nonnull out_loop);

/// Thread: the loop's, outside ci_loop_turn, after every timer was disposed.
CI_API void ci_loop_dispose(ci_loop_t *_Nonnull loop);

/// Waits for a wake-up or a timer and runs what is due. With `waits` false it only looks.
/// Thread: one at a time.
CI_API void ci_loop_turn(ci_loop_t *_Nonnull loop, bool waits);

/// Thread: any, until the loop is disposed.
CI_API void ci_loop_wake(ci_loop_t *_Nonnull loop);

/// Creates a timer that is not running.
/// Thread: the loop's. Owns: the caller, until ci_timer_dispose.
CI_API ci_timer_t *_Nonnull ci_timer_new(ci_loop_t *_Nonnull loop, void *_Nullable context,
                                         void (*_Nonnull on_time)(void *_Nullable context));

/// Starts or restarts the timer; it fires once.
CI_API void ci_timer_start(ci_timer_t *_Nonnull timer, uint64_t milliseconds);

CI_API void ci_timer_stop(ci_timer_t *_Nonnull timer);

CI_API void ci_timer_dispose(ci_timer_t *_Nonnull timer);

CI_END

#endif
