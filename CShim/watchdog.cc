// SPDX-License-Identifier: Apache-2.0
#include "watchdog.h"

#include <pthread.h>
#include <sys/resource.h>
#include <uv.h>

#include <algorithm>
#include <mutex>

#include "state.h"

namespace ci {

namespace {

// A turn that ends sooner than this wakes the watchdog; others are met by its regular look.
constexpr uint64_t kRegularLook = 20'000'000;
// How many looks at nothing before it sleeps.
constexpr int kIdleLooks = 10;

uint64_t Read(clockid_t clock) {
  timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

clockid_t ThreadClock() {
  static thread_local clockid_t clock = [] {
    clockid_t found = CLOCK_THREAD_CPUTIME_ID;
    pthread_getcpuclockid(pthread_self(), &found);
    return found;
  }();
  return clock;
}

class Watchdog {
 public:
  Watchdog() {
    uv_loop_init(&loop_);
    uv_async_init(&loop_, &wake_, [](uv_async_t *handle) { static_cast<Watchdog *>(handle->data)->Look(); });
    uv_timer_init(&loop_, &timer_);
    wake_.data = timer_.data = this;
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void *self) -> void * {
          pthread_setname_np(pthread_self(), "watchdog");
          // Where it is permitted: a watchdog that waits for a core ends turns late.
          (void)setpriority(PRIO_PROCESS, 0, -20);
          uv_run(&static_cast<Watchdog *>(self)->loop_, UV_RUN_DEFAULT);
          return nullptr;
        },
        this);
    pthread_detach(thread);
  }

  void Arm(WatchdogSlot *slot, uint64_t due) {
    std::lock_guard<std::mutex> lock(mutex_);
    slot->armed = true;
    slot->previous = nullptr;
    slot->next = first_;
    if (first_) first_->previous = slot;
    first_ = slot;
    if (asleep_ || due < next_look_) {
      asleep_ = false;
      uv_async_send(&wake_);
    }
  }

  void Disarm(WatchdogSlot *slot) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!slot->armed) return;
    slot->armed = false;
    (slot->previous ? slot->previous->next : first_) = slot->next;
    if (slot->next) slot->next->previous = slot->previous;
  }

  bool Terminate(WatchdogSlot *slot, ci_termination_t reason) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (slot->armed) slot->isolate->Terminate(reason);
    return slot->armed;
  }

 private:
  // The soonest moment at which the budget can be spent.
  static uint64_t Due(const WatchdogSlot &slot, uint64_t now) {
    uint64_t due = slot.deadline ? slot.deadline : UINT64_MAX;
    if (slot.cpu_limit) {
      uint64_t used = Read(slot.cpu_clock);
      due = std::min(due, now + (slot.cpu_limit > used ? slot.cpu_limit - used : 0));
    }
    return due;
  }

  void Look() {
    std::lock_guard<std::mutex> lock(mutex_);
    uint64_t now = ci_now();
    uint64_t next = now + kRegularLook;
    for (WatchdogSlot *slot = first_; slot; slot = slot->next) {
      if (slot->isolate->terminating()) continue;
      if (slot->deadline && slot->deadline <= now) {
        slot->isolate->Terminate(CI_TERMINATION_WALL);
      } else if (slot->cpu_limit && Read(slot->cpu_clock) >= slot->cpu_limit) {
        slot->isolate->Terminate(CI_TERMINATION_CPU);
      } else {
        next = std::min(next, Due(*slot, now));
      }
    }
    idle_looks_ = first_ ? 0 : idle_looks_ + 1;
    if (idle_looks_ > kIdleLooks) {
      idle_looks_ = 0;
      asleep_ = true;
      next_look_ = UINT64_MAX;
      uv_timer_stop(&timer_);
      return;
    }
    next_look_ = next;
    uv_update_time(&loop_);
    // libuv counts in whole milliseconds; rounding up looks once, not twice.
    uint64_t wait = next > now ? (next - now + 999'999) / 1'000'000 : 0;
    uv_timer_start(
        &timer_, [](uv_timer_t *handle) { static_cast<Watchdog *>(handle->data)->Look(); }, std::max<uint64_t>(wait, 1),
        0);
  }

  std::mutex mutex_;
  WatchdogSlot *first_ = nullptr;
  bool asleep_ = true;
  int idle_looks_ = 0;
  uint64_t next_look_ = UINT64_MAX;
  uv_loop_t loop_;
  uv_async_t wake_;
  uv_timer_t timer_;
};

// Never destroyed: its thread lives until the process ends.
Watchdog &TheWatchdog() {
  static Watchdog *watchdog = new Watchdog;
  return *watchdog;
}

}  // namespace

void Arm(WatchdogSlot *slot, ci_budget_t budget) {
  slot->cpu_clock = ThreadClock();
  slot->cpu_start = Read(slot->cpu_clock);
  slot->cpu_limit = budget.cpu_nanoseconds ? slot->cpu_start + budget.cpu_nanoseconds : 0;
  slot->deadline = budget.deadline_nanoseconds;
  uint64_t due = budget.deadline_nanoseconds ? budget.deadline_nanoseconds : UINT64_MAX;
  if (budget.cpu_nanoseconds) due = std::min(due, ci_now() + budget.cpu_nanoseconds);
  TheWatchdog().Arm(slot, due);
}

uint64_t Disarm(WatchdogSlot *slot) {
  TheWatchdog().Disarm(slot);
  return Read(slot->cpu_clock) - slot->cpu_start;
}

bool TerminateArmed(WatchdogSlot *slot, ci_termination_t reason) { return TheWatchdog().Terminate(slot, reason); }

}  // namespace ci
