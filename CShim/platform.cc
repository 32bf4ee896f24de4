// SPDX-License-Identifier: Apache-2.0
#include "platform.h"

#include <libplatform/libplatform.h>

#include <cstdlib>
#include <unordered_map>

#include "cisolate/isolate.h"
#include "pages.h"
#include "priority.h"

namespace ci {

void TaskRunner::PostTask(std::unique_ptr<v8::Task> task) {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return;
  tasks_.push_back(std::move(task));
  if (on_task_) on_task_(context_);
}

void TaskRunner::PostDelayedTask(std::unique_ptr<v8::Task> task, double delay_in_seconds) {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return;
  delayed_.push_back({ci_now() + static_cast<uint64_t>(delay_in_seconds * 1e9), std::move(task)});
}

std::unique_ptr<v8::Task> TaskRunner::Take() {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  if (!tasks_.empty()) {
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }
  for (auto it = delayed_.begin(); it != delayed_.end(); ++it) {
    if (it->due > ci_now()) continue;
    auto task = std::move(it->task);
    delayed_.erase(it);
    return task;
  }
  return nullptr;
}

void TaskRunner::Close() {
  std::deque<std::unique_ptr<v8::Task>> tasks;
  std::vector<Delayed> delayed;
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  tasks.swap(tasks_);
  delayed.swap(delayed_);
}

namespace {

// Zones are the working memory of the parser and the compilers.
class ZoneAllocator final : public v8::ZoneBackingAllocator {
 public:
  MallocFn GetMallocFn() const override { return Allocate; }
  FreeFn GetFreeFn() const override { return Free; }

 private:
  // Zones of nobody are blocks without an owner.
  static void *Allocate(size_t size) {
    if (Ledger *ledger = CurrentThread().ledger) return ledger->NewBlock(Holding::kZones, size, false);
    auto *block = static_cast<BlockHeader *>(std::malloc(size + sizeof(BlockHeader)));
    if (!block) return nullptr;
    block->ledger = nullptr;
    return block + 1;
  }
  static void Free(void *memory) {
    if (!memory) return;
    BlockHeader *block = static_cast<BlockHeader *>(memory) - 1;
    if (block->ledger) {
      Ledger::FreeBlock(memory);
    } else {
      std::free(block);
    }
  }
};

// V8's background work, charged to the isolate that posted it.
class ChargedTask final : public v8::Task {
 public:
  ChargedTask(std::unique_ptr<v8::Task> task, std::shared_ptr<Ledger> ledger)
      : task_(std::move(task)), ledger_(std::move(ledger)) {
    ledger_->worker_tasks.fetch_add(1);
  }
  ~ChargedTask() override {
    task_.reset();
    ledger_->worker_tasks.fetch_sub(1);
  }
  void Run() override {
    LowerThisThread();
    ThreadState &thread = CurrentThread();
    Ledger *outer = std::exchange(thread.ledger, ledger_.get());
    task_->Run();
    thread.ledger = outer;
  }

  static void LowerThisThread() {
    static thread_local bool is_lowered = SetPriority(0, kBackgroundNice, kBackgroundSlice);
    (void)is_lowered;
  }

  static std::unique_ptr<v8::Task> For(std::unique_ptr<v8::Task> task) {
    Ledger *ledger = CurrentThread().ledger;
    if (!ledger) return task;
    return std::make_unique<ChargedTask>(std::move(task), ledger->shared());
  }

 private:
  std::unique_ptr<v8::Task> task_;
  std::shared_ptr<Ledger> ledger_;
};

class Platform final : public v8::Platform {
 public:
  explicit Platform(int worker_threads)
      : inner_(v8::platform::NewDefaultPlatform(worker_threads)), pages_(inner_->GetPageAllocator()) {}

  v8::PageAllocator *GetPageAllocator() override { return &pages_; }
  v8::ZoneBackingAllocator *GetZoneBackingAllocator() override { return &zones_; }
  int NumberOfWorkerThreads() override { return inner_->NumberOfWorkerThreads(); }

  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner(v8::Isolate *isolate) override {
    ShimScope shim;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = runners_.find(isolate);
    if (found != runners_.end()) return found->second;
    // Only the isolate that makes a snapshot has no runner of ours.
    return spare_;
  }

  void CallOnWorkerThread(std::unique_ptr<v8::Task> task) override {
    ShimScope shim;
    inner_->CallOnWorkerThread(ChargedTask::For(std::move(task)));
  }
  void CallDelayedOnWorkerThread(std::unique_ptr<v8::Task> task, double delay_in_seconds) override {
    ShimScope shim;
    inner_->CallDelayedOnWorkerThread(ChargedTask::For(std::move(task)), delay_in_seconds);
  }
  std::unique_ptr<v8::JobHandle> PostJob(v8::TaskPriority priority, std::unique_ptr<v8::JobTask> task) override {
    return v8::platform::NewDefaultJobHandle(this, priority, std::move(task),
                                             static_cast<size_t>(NumberOfWorkerThreads()));
  }

  double MonotonicallyIncreasingTime() override { return inner_->MonotonicallyIncreasingTime(); }
  double CurrentClockTimeMillis() override {
    double frozen = CurrentThread().frozen_milliseconds;
    return frozen > 0 ? frozen : SystemClockTimeMillis();
  }
  v8::TracingController *GetTracingController() override { return inner_->GetTracingController(); }

  PageAllocator &pages() { return pages_; }

  static double Now() { return SystemClockTimeMillis(); }

  void Register(v8::Isolate *isolate, std::shared_ptr<TaskRunner> runner) {
    std::lock_guard<std::mutex> lock(mutex_);
    runners_[isolate] = std::move(runner);
  }
  void Forget(v8::Isolate *isolate) {
    std::lock_guard<std::mutex> lock(mutex_);
    runners_.erase(isolate);
  }

 private:
  std::unique_ptr<v8::Platform> inner_;
  PageAllocator pages_;
  ZoneAllocator zones_;
  std::mutex mutex_;
  std::unordered_map<v8::Isolate *, std::shared_ptr<TaskRunner>> runners_;
  std::shared_ptr<TaskRunner> spare_ = std::make_shared<TaskRunner>(nullptr, nullptr);
};

// Never destroyed: V8's threads use it until the process ends.
Platform *process_platform = nullptr;

}  // namespace

v8::Platform *NewPlatform(int worker_threads) { return process_platform = new Platform(worker_threads); }

void RegisterTaskRunner(v8::Isolate *isolate, std::shared_ptr<TaskRunner> runner) {
  process_platform->Register(isolate, std::move(runner));
}

void ForgetTaskRunner(v8::Isolate *isolate) { process_platform->Forget(isolate); }

void Reclaim(Ledger &ledger) {
  process_platform->pages().Reclaim(ledger);
  ledger.FreeBlocks();
}

double WallClockMilliseconds() { return Platform::Now(); }

}  // namespace ci
