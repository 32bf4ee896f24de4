// SPDX-License-Identifier: Apache-2.0
#include "job.h"

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <new>

#include "cisolate/job.h"
#include "priority.h"
#include "state.h"

struct ci_job {
  std::shared_ptr<ci::Job> job;
};

namespace ci {

std::unique_ptr<ChargedMemory> ChargedMemory::New(Ledger *ledger, size_t count) {
  ledger->Charge(Holding::kArrayBuffers, count);
  ShimScope shim;
  auto *data = static_cast<uint8_t *>(std::malloc(count ? count : 1));
  if (!data) {
    ledger->Discharge(Holding::kArrayBuffers, count);
    return nullptr;
  }
  return std::unique_ptr<ChargedMemory>(new ChargedMemory(ledger->shared(), data, count));
}

ChargedMemory::~ChargedMemory() {
  ShimScope shim;
  // Keys may be among it.
  OPENSSL_cleanse(data_, count_);
  std::free(data_);
  ledger_->Discharge(Holding::kArrayBuffers, count_);
}

Job::Job(const CryptoRequest &request, uint8_t *output, std::unique_ptr<ChargedMemory> memory)
    : request_(request), memory_(std::move(memory)) {
  result_.output = output;
}

void Job::Run(const Patience &patience) {
  ShimScope shim;
  RunCrypto(request_, &result_, patience);
  is_done_.store(true, std::memory_order_release);
}

void Job::Discard() {
  if (!is_done_.load(std::memory_order_acquire)) memory_.reset();
}

namespace {

uint64_t ThreadCpu() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

struct Watch {
  uint64_t start;
  void *context;
  bool (*goes_on)(void *context, uint64_t cpu_nanoseconds);
};

}  // namespace
}  // namespace ci

ci_status_t ci_job_take(ci_isolate_t *isolate, uint32_t number, ci_job_t **out_job) {
  ci::ShimScope shim;
  auto found = isolate->jobs.find(number);
  if (found == isolate->jobs.end() || !found->second->Take()) return CI_STALE;
  *out_job = new ci_job{found->second};
  return CI_OK;
}

uint64_t ci_job_run(ci_job_t *job, void *context, bool (*goes_on)(void *context, uint64_t cpu_nanoseconds)) {
  ci::Lower(gettid());
  ci::Watch watch{ci::ThreadCpu(), context, goes_on};
  job->job->Run({[](void *context) {
                   auto *watch = static_cast<ci::Watch *>(context);
                   return watch->goes_on(watch->context, ci::ThreadCpu() - watch->start);
                 },
                 &watch});
  return ci::ThreadCpu() - watch.start;
}

void ci_job_dispose(ci_job_t *job) {
  ci::ShimScope shim;
  job->job->Discard();
  delete job;
}
