// SPDX-License-Identifier: Apache-2.0
/// The microtask queue, which V8 drains only when told to.
#ifndef CISOLATE_MICROTASKS_H
#define CISOLATE_MICROTASKS_H

#include "base.h"
#include "isolate.h"

CI_BEGIN

/// Runs microtasks until there are none.
/// Errors: CI_TERMINATED.
CI_API ci_status_t ci_microtasks_run(ci_isolate_t *_Nonnull isolate);

CI_END

#endif
