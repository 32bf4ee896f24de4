// SPDX-License-Identifier: Apache-2.0
// One thread a process that ends turns whose budget is spent.
#ifndef CSHIM_WATCHDOG_H
#define CSHIM_WATCHDOG_H

#include <time.h>

#include <cstdint>

#include "cisolate/isolate.h"

namespace ci {

// A turn as the watchdog sees it. Everything here is guarded by the watchdog's mutex.
struct WatchdogSlot {
  ci_isolate *isolate = nullptr;
  bool armed = false;
  clockid_t cpu_clock = 0;
  uint64_t cpu_start = 0;
  // On the thread's CPU clock; 0: none.
  uint64_t cpu_limit = 0;
  // On CLOCK_MONOTONIC; 0: none.
  uint64_t deadline = 0;
  WatchdogSlot *previous = nullptr;
  WatchdogSlot *next = nullptr;
};

// Starts a turn's watch on the calling thread.
void Arm(WatchdogSlot *slot, ci_budget_t budget);
// Ends it; afterwards the watchdog does not touch the isolate. Returns the CPU time since Arm.
uint64_t Disarm(WatchdogSlot *slot);
// Ends the turn for a caller's reason if one is armed.
bool TerminateArmed(WatchdogSlot *slot, ci_termination_t reason);

}  // namespace ci

#endif
