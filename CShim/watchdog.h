// SPDX-License-Identifier: Apache-2.0
// One thread a process that ends turns whose budget is spent.
#ifndef CSHIM_WATCHDOG_H
#define CSHIM_WATCHDOG_H

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdint>

#include "cisolate/escalation.h"
#include "cisolate/isolate.h"

namespace ci {

// A turn as the watchdog sees it. What is not atomic is guarded by the watchdog's mutex.
struct WatchdogSlot {
  ci_isolate *isolate = nullptr;
  bool armed = false;
  ci_budget_t budget = {};
  pthread_t thread = {};
  pid_t thread_id = 0;
  uint64_t armed_at = 0;
  // The thread has a low priority for the rest of the turn.
  bool is_lowered = false;
  int nice = 0;
  // The turn before was a long one.
  bool was_long = false;
  bool is_expendable = false;
  void *lost_context = nullptr;
  void (*on_lost)(void *context) = nullptr;
  clockid_t cpu_clock = 0;
  uint64_t cpu_start = 0;
  // On the thread's CPU clock; 0: none.
  uint64_t cpu_limit = 0;
  uint64_t soft_cpu_limit = 0;
  // On CLOCK_MONOTONIC; 0: none.
  uint64_t deadline = 0;
  uint64_t soft_deadline = 0;

  // Since when the turn is to end, on both clocks; 0: it is not.
  uint64_t overrun_cpu = 0;
  uint64_t overrun_wall = 0;
  uint64_t parked_wall = 0;
  std::atomic<uint32_t> kicks{0};
  std::atomic<bool> kick_wanted{false};
  // ci_loss_t; set by the thread that parks.
  std::atomic<int> loss{CI_LOSS_NONE};

  WatchdogSlot *previous = nullptr;
  WatchdogSlot *next = nullptr;
};

// Starts a turn's watch on the calling thread.
void Arm(WatchdogSlot *slot, ci_budget_t budget);
// Ends it; afterwards the watchdog does not touch the isolate. Returns the CPU time since Arm.
uint64_t Disarm(WatchdogSlot *slot);
// Has it look at once. Thread: any, also in a signal handler.
void WakeWatchdog();
// Ends the turn for a caller's reason if one is armed.
bool TerminateArmed(WatchdogSlot *slot, ci_termination_t reason);

}  // namespace ci

#endif
