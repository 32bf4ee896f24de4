// SPDX-License-Identifier: Apache-2.0
// Work that is too long for a turn. An operation makes a job and hands its number to JavaScript; the host has it done
// elsewhere, and JavaScript fetches the result.
#ifndef CSHIM_JOB_H
#define CSHIM_JOB_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "crypto.h"
#include "ledger.h"

namespace ci {

// Memory that is charged to a ledger and outlives its owner. It is no block of the ledger's, which a lost isolate gives
// back while a thread may still work in it.
class ChargedMemory {
 public:
  // Empty without memory.
  static std::unique_ptr<ChargedMemory> New(Ledger *ledger, size_t count);
  ~ChargedMemory();
  ChargedMemory(const ChargedMemory &) = delete;
  uint8_t *data() const { return data_; }

 private:
  ChargedMemory(std::shared_ptr<Ledger> ledger, uint8_t *data, size_t count)
      : ledger_(std::move(ledger)), data_(data), count_(count) {}
  const std::shared_ptr<Ledger> ledger_;
  uint8_t *const data_;
  const size_t count_;
};

class Job {
 public:
  // `memory` has the bytes of the request's parts, and then room for the result.
  Job(const CryptoRequest &request, uint8_t *output, std::unique_ptr<ChargedMemory> memory);

  // Whether the host took the job now, for the first time.
  bool Take() { return !is_taken_.exchange(true); }
  void Run(const Patience &patience);
  // Null before the end.
  const CryptoResult *result() const { return is_done_.load(std::memory_order_acquire) ? &result_ : nullptr; }
  // Nobody will run it: frees its memory. After it ran there is nothing to do.
  void Discard();

 private:
  const CryptoRequest request_;
  CryptoResult result_;
  std::unique_ptr<ChargedMemory> memory_;
  std::atomic<bool> is_taken_{false};
  std::atomic<bool> is_done_{false};
};

// Each is about a few milliseconds of somebody else's time; the host bounds them further.
constexpr size_t kMostJobs = 1024;

}  // namespace ci

#endif
