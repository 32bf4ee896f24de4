// SPDX-License-Identifier: Apache-2.0
/// Stops an isolate's JavaScript from any thread.
#ifndef CISOLATE_TERMINATOR_H
#define CISOLATE_TERMINATOR_H

#include "base.h"

CI_BEGIN

struct ci_isolate;

/// Why execution was terminated. The first reason of a turn stays.
typedef enum CI_CLOSED_ENUM ci_termination {
  CI_TERMINATION_NONE CI_SWIFT_NAME(none) = 0,
  CI_TERMINATION_REQUESTED CI_SWIFT_NAME(requested) = 1,
  CI_TERMINATION_CPU CI_SWIFT_NAME(cpu) = 2,
  CI_TERMINATION_WALL CI_SWIFT_NAME(wall) = 3,
  CI_TERMINATION_HEAP CI_SWIFT_NAME(heap) = 4,
} ci_termination_t;

/// A reference to an isolate that outlives it.
typedef struct ci_terminator ci_terminator_t;

/// Ends the turn under way, if there is one; a turn that begins later is not touched.
/// Thread: any, also after the isolate was disposed. Returns whether a turn was under way.
CI_API bool ci_terminator_terminate(ci_terminator_t *_Nonnull terminator);

/// Why the isolate's turn under way was terminated.
/// Thread: any.
CI_API ci_termination_t ci_isolate_termination(const struct ci_isolate *_Nonnull isolate);

/// Drops the caller's reference.
CI_API void ci_terminator_release(ci_terminator_t *_Nonnull terminator);

CI_END

#endif
