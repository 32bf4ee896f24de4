// SPDX-License-Identifier: Apache-2.0
#include "watchdog.h"

#include <pthread.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <mutex>

#include "engine_state.h"
#include "park.h"
#include "priority.h"
#include "state.h"

namespace ci {

namespace {

// While turns are under way. A turn that is due sooner wakes the watchdog; others are met by its regular look.
constexpr uint64_t kRegularLook = 2'000'000;
// A turn that takes longer lets others go first: its thread gets the lowest priority, and so does the isolate's next
// turn from its start.
constexpr uint64_t kLongTurn = 2'000'000;
// While a turn is past its budget.
constexpr uint64_t kUrgentLook = 2'000'000;
// How many looks at nothing before it sleeps.
constexpr int kIdleLooks = 100;

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

// 80 %.
uint64_t SoftPart(uint64_t limit) { return limit / 5 * 4; }

void LowerThread(WatchdogSlot *slot) { slot->is_lowered = ci::Lower(slot->thread_id); }

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
          (void)SetPriority(0, -20, 0);
          uv_run(&static_cast<Watchdog *>(self)->loop_, UV_RUN_DEFAULT);
          return nullptr;
        },
        this);
    pthread_detach(thread);
  }

  void Arm(WatchdogSlot *slot, uint64_t due) {
    ShimScope shim;
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
    ShimScope shim;
    std::lock_guard<std::mutex> lock(mutex_);
    if (slot->armed) Unlink(slot);
  }

  bool Terminate(WatchdogSlot *slot, ci_termination_t reason) {
    ShimScope shim;
    std::lock_guard<std::mutex> lock(mutex_);
    // V8 may hold a lock for ever on behalf of a parked thread.
    bool is_running = slot->armed && slot->loss.load() == CI_LOSS_NONE;
    if (is_running) slot->isolate->Terminate(reason);
    return is_running;
  }

  void Wake() { uv_async_send(&wake_); }
  void Ask() {
    is_asked_.store(true);
    Wake();
  }

 private:
  void Unlink(WatchdogSlot *slot) {
    slot->armed = false;
    (slot->previous ? slot->previous->next : first_) = slot->next;
    if (slot->next) slot->next->previous = slot->previous;
  }

  // What is spent, if anything is.
  static ci_termination_t Spent(const WatchdogSlot &slot, uint64_t now) {
    if (slot.deadline && slot.deadline <= now) return CI_TERMINATION_WALL;
    if (slot.cpu_limit && Read(slot.cpu_clock) >= slot.cpu_limit) return CI_TERMINATION_CPU;
    return CI_TERMINATION_NONE;
  }

  // The soonest moment at which a limit, soft or not, can be passed.
  static uint64_t Due(const WatchdogSlot &slot, uint64_t now) {
    uint64_t due = slot.deadline ? slot.deadline : UINT64_MAX;
    if (slot.soft_deadline) due = std::min(due, slot.soft_deadline);
    if (uint64_t limit = slot.soft_cpu_limit ? slot.soft_cpu_limit : slot.cpu_limit) {
      uint64_t used = Read(slot.cpu_clock);
      due = std::min(due, now + (limit > used ? limit - used : 0));
    }
    return due;
  }

  static void Lower(WatchdogSlot *slot, uint64_t now) {
    if (!slot->is_lowered && slot->is_expendable && now - slot->armed_at >= kLongTurn) LowerThread(slot);
  }

  // A turn that is to end ends sooner on a core. Where that needs a privilege, it waits for one.
  static void Raise(WatchdogSlot *slot) {
    if (slot->is_lowered) SetPriority(slot->thread_id, slot->nice, 0);
  }

  static void CheckSoftLimits(WatchdogSlot *slot, uint64_t now) {
    if (slot->soft_deadline && slot->soft_deadline <= now) {
      slot->soft_deadline = 0;
      slot->isolate->Approach(CI_LIMIT_WALL);
    }
    if (slot->soft_cpu_limit && Read(slot->cpu_clock) >= slot->soft_cpu_limit) {
      slot->soft_cpu_limit = 0;
      slot->isolate->Approach(CI_LIMIT_CPU);
    }
  }

  // A turn that should end, or is lost: has the host decide, and does it. False when there is nothing more to watch.
  bool Escalate(WatchdogSlot *slot, ci_termination_t spent, uint64_t now) {
    ci_isolate *isolate = slot->isolate;
    uint64_t cpu = Read(slot->cpu_clock);
    ci_overrun_t overrun = {};
    overrun.loss = static_cast<ci_loss_t>(slot->loss.load(std::memory_order_acquire));
    overrun.is_terminated = isolate->terminating();
    overrun.termination = overrun.is_terminated ? static_cast<ci_termination_t>(isolate->termination.load()) : spent;
    if (overrun.is_terminated && !slot->overrun_wall) {
      slot->overrun_cpu = cpu;
      slot->overrun_wall = now;
      Raise(slot);
    }
    if (slot->overrun_wall) {
      overrun.cpu_past_nanoseconds = cpu - slot->overrun_cpu;
      overrun.wall_past_nanoseconds = now - slot->overrun_wall;
    }
    overrun.kicks = slot->kicks.load(std::memory_order_relaxed);
    overrun.is_expendable = slot->is_expendable;
    overrun.worker_tasks = isolate->ledger->worker_tasks.load();
    if (overrun.loss != CI_LOSS_NONE && !slot->parked_wall) slot->parked_wall = now;
    if (slot->parked_wall) overrun.parked_nanoseconds = now - slot->parked_wall;

    const auto &options = isolate->options;
    ci_step_t step = options.on_overrun      ? options.on_overrun(options.context, &overrun)
                     : overrun.is_terminated ? CI_STEP_WAIT
                                             : CI_STEP_TERMINATE;
    switch (step) {
      case CI_STEP_WAIT:
        return true;
      case CI_STEP_TERMINATE:
        slot->overrun_cpu = cpu;
        slot->overrun_wall = now;
        isolate->Terminate(spent);
        Raise(slot);
        return true;
      case CI_STEP_KICK:
        slot->kick_wanted.store(true, std::memory_order_relaxed);
        slot->kicks.fetch_add(1, std::memory_order_relaxed);
        Kick(slot->thread);
        return true;
      case CI_STEP_CONDEMN:
        Condemn(slot, overrun, now);
        return true;
      case CI_STEP_RECLAIM:
        StartReclaim(isolate->ledger);
        return true;
      case CI_STEP_FORGET:
        return false;
    }
    return false;
  }

  // On a thread of its own: hundreds of MiB take longer to give back than a turn may be late. Not one of libuv's pool,
  // whose threads are joined as the process exits, and aborts there when it is still starting them.
  static void StartReclaim(std::shared_ptr<Ledger> ledger) {
    auto *work = new std::shared_ptr<Ledger>(std::move(ledger));
    pthread_t thread;
    int error = pthread_create(
        &thread, nullptr,
        [](void *data) -> void * {
          std::unique_ptr<std::shared_ptr<Ledger>> owned(static_cast<std::shared_ptr<Ledger> *>(data));
          pthread_setname_np(pthread_self(), "reclaim");
          // It begins with the watchdog's priority.
          (void)SetPriority(0, kBackgroundNice, kBackgroundSlice);
          Reclaim(**owned);
          return nullptr;
        },
        work);
    if (error == 0) {
      pthread_detach(thread);
    } else {
      Reclaim(**work);
      delete work;
    }
  }

  static void Condemn(WatchdogSlot *slot, const ci_overrun_t &overrun, uint64_t now) {
    ci_isolate *isolate = slot->isolate;
    CountLost();
    const Ledger &ledger = *isolate->ledger;
    uint64_t cpu = Read(slot->cpu_clock) - slot->cpu_start;
    ci_lost_turn_t turn = {overrun.termination,
                           overrun.loss,
                           cpu,
                           now - isolate->turn_wall_start,
                           ledger.peak(),
                           ledger.external_peak(),
                           isolate->approached.load()};
    if (isolate->options.on_lost) isolate->options.on_lost(isolate->options.context, &turn);
    if (slot->on_lost) slot->on_lost(slot->lost_context);
  }

  void Look() {
    bool escalates = LookAtAll();
    if (is_asked_.exchange(false) || escalates) NoteEscalation();
  }

  // Whether an escalation is under way.
  bool LookAtAll() {
    std::lock_guard<std::mutex> lock(mutex_);
    uint64_t now = ci_now();
    uint64_t next = now + kRegularLook;
    bool escalates = false;
    for (WatchdogSlot *slot = first_, *following; slot; slot = following) {
      following = slot->next;
      bool is_over = slot->loss.load(std::memory_order_acquire) != CI_LOSS_NONE || slot->isolate->terminating();
      ci_termination_t spent = is_over ? CI_TERMINATION_NONE : Spent(*slot, now);
      if (is_over || spent != CI_TERMINATION_NONE) {
        escalates = true;
        next = std::min(next, now + kUrgentLook);
        if (!Escalate(slot, spent, now)) Unlink(slot);
      } else {
        Lower(slot, now);
        CheckSoftLimits(slot, now);
        next = std::min(next, Due(*slot, now));
      }
    }
    idle_looks_ = first_ ? 0 : idle_looks_ + 1;
    if (idle_looks_ > kIdleLooks) {
      idle_looks_ = 0;
      asleep_ = true;
      next_look_ = UINT64_MAX;
      uv_timer_stop(&timer_);
      return escalates;
    }
    next_look_ = next;
    uv_update_time(&loop_);
    // libuv counts in whole milliseconds; rounding up looks once, not twice.
    uint64_t wait = next > now ? (next - now + 999'999) / 1'000'000 : 0;
    uv_timer_start(
        &timer_, [](uv_timer_t *handle) { static_cast<Watchdog *>(handle->data)->Look(); }, std::max<uint64_t>(wait, 1),
        0);
    return escalates;
  }

  std::mutex mutex_;
  std::atomic<bool> is_asked_{false};
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
  const ThreadState &thread = CurrentThread();
  uint64_t now = ci_now();
  slot->budget = budget;
  slot->thread = pthread_self();
  static thread_local const pid_t thread_id = gettid();
  slot->thread_id = thread_id;
  slot->armed_at = now;
  slot->is_lowered = false;
  slot->nice = thread.nice;
  slot->is_expendable = thread.expendable;
  if (slot->was_long && slot->is_expendable) LowerThread(slot);
  slot->lost_context = thread.lost_context;
  slot->on_lost = thread.on_lost;
  slot->overrun_cpu = slot->overrun_wall = slot->parked_wall = 0;
  slot->kicks.store(0, std::memory_order_relaxed);
  slot->kick_wanted.store(false, std::memory_order_relaxed);
  slot->cpu_clock = ThreadClock();
  slot->cpu_start = Read(slot->cpu_clock);
  slot->cpu_limit = slot->soft_cpu_limit = slot->soft_deadline = 0;
  slot->deadline = budget.deadline_nanoseconds;
  uint64_t due = UINT64_MAX;
  if (budget.cpu_nanoseconds) {
    slot->cpu_limit = slot->cpu_start + budget.cpu_nanoseconds;
    uint64_t soft = SoftPart(budget.cpu_before_nanoseconds + budget.cpu_nanoseconds);
    if (soft <= budget.cpu_before_nanoseconds) {
      // Passed in an earlier turn, which ended before anybody looked.
      slot->isolate->Approach(CI_LIMIT_CPU);
    } else if (!(budget.approached & CI_LIMIT_CPU)) {
      slot->soft_cpu_limit = slot->cpu_start + (soft - budget.cpu_before_nanoseconds);
    }
    due = now + ((slot->soft_cpu_limit ? slot->soft_cpu_limit : slot->cpu_limit) - slot->cpu_start);
  }
  if (slot->deadline) {
    uint64_t started = budget.started_nanoseconds ? budget.started_nanoseconds : now;
    uint64_t soft = slot->deadline > started ? started + SoftPart(slot->deadline - started) : 0;
    if (soft <= now) {
      slot->isolate->Approach(CI_LIMIT_WALL);
    } else if (!(budget.approached & CI_LIMIT_WALL)) {
      slot->soft_deadline = soft;
    }
    due = std::min(due, slot->soft_deadline ? slot->soft_deadline : slot->deadline);
  }
  TheWatchdog().Arm(slot, due);
}

static void RaiseThread() {
  ThreadState &thread = CurrentThread();
  // Needs a privilege; without it somebody else goes on with this thread's work.
  thread.lowered = !SetPriority(0, thread.nice, 0);
}

uint64_t Disarm(WatchdogSlot *slot) {
  TheWatchdog().Disarm(slot);
  if (slot->is_lowered) RaiseThread();
  uint64_t cpu = Read(slot->cpu_clock) - slot->cpu_start;
  slot->was_long = cpu >= kLongTurn;
  return cpu;
}

void WakeWatchdog() { TheWatchdog().Wake(); }

bool TerminateArmed(WatchdogSlot *slot, ci_termination_t reason) { return TheWatchdog().Terminate(slot, reason); }

}  // namespace ci

void ci_watchdog_ask(void) { ci::TheWatchdog().Ask(); }
