// SPDX-License-Identifier: Apache-2.0
// The V8 platform: V8's default one, with the shim's clock, page ledger and per-isolate task queues.
#ifndef CSHIM_PLATFORM_H
#define CSHIM_PLATFORM_H

#include <v8-platform.h>
#include <v8.h>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "ledger.h"
#include "thread_state.h"

namespace ci {

// V8's tasks for one isolate's thread.
class TaskRunner final : public v8::TaskRunner {
 public:
  TaskRunner(void (*on_task)(void *), void *context) : on_task_(on_task), context_(context) {}

  void PostTask(std::unique_ptr<v8::Task> task) override;
  void PostNonNestableTask(std::unique_ptr<v8::Task> task) override { PostTask(std::move(task)); }
  void PostDelayedTask(std::unique_ptr<v8::Task> task, double delay_in_seconds) override;
  void PostNonNestableDelayedTask(std::unique_ptr<v8::Task> task, double delay_in_seconds) override {
    PostDelayedTask(std::move(task), delay_in_seconds);
  }
  void PostIdleTask(std::unique_ptr<v8::IdleTask>) override {}
  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

  // The next task that is due, or nothing.
  std::unique_ptr<v8::Task> Take();
  // Drops all tasks, also those still to be posted.
  void Close();

 private:
  struct Delayed {
    uint64_t due;
    std::unique_ptr<v8::Task> task;
  };
  std::mutex mutex_;
  std::deque<std::unique_ptr<v8::Task>> tasks_;
  std::vector<Delayed> delayed_;
  bool closed_ = false;
  void (*const on_task_)(void *);
  void *const context_;
};

// Makes the process's platform; once.
v8::Platform *NewPlatform(int worker_threads);

// Says which runner serves an isolate, before V8 initialises it, and forgets it again.
void RegisterTaskRunner(v8::Isolate *isolate, std::shared_ptr<TaskRunner> runner);
void ForgetTaskRunner(v8::Isolate *isolate);

// Gives what a lost isolate holds back to the system.
void Reclaim(Ledger &ledger);

// Milliseconds since 1970, live.
double WallClockMilliseconds();

}  // namespace ci

#endif
