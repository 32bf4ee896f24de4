// SPDX-License-Identifier: Apache-2.0
// Parking: a thread that would otherwise take the process with it, or never end, stops for ever where it is.
#ifndef CSHIM_PARK_H
#define CSHIM_PARK_H

#include <pthread.h>

#include "cisolate/escalation.h"
#include "thread_state.h"

namespace ci {

// Whether parking the calling thread now harms only the isolate it is inside.
inline bool MayPark() { return CurrentThread().parkable; }

// Never returns. The watchdog learns of it. Thread: one that MayPark, also in a signal handler or in malloc.
[[noreturn]] void Park(ci_loss_t loss);

// Has a thread look whether it can be parked. It must be in a turn; the watchdog's lock holds it there.
void Kick(pthread_t thread);

// Handlers of SIGABRT, SIGTRAP and SIGILL, which V8 raises when it gives up, and of the kick.
void InstallParking();

}  // namespace ci

#endif
