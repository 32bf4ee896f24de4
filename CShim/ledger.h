// SPDX-License-Identifier: Apache-2.0
// What one isolate holds, charged where it is allocated.
#ifndef CSHIM_LEDGER_H
#define CSHIM_LEDGER_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "thread_state.h"

namespace ci {

// A sum with its maximum. Any thread.
class Meter {
 public:
  size_t Add(size_t n) {
    size_t now = value_.fetch_add(n, std::memory_order_relaxed) + n;
    size_t peak = peak_.load(std::memory_order_relaxed);
    while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
    return now;
  }
  // Returns what is left.
  size_t Remove(size_t n) { return value_.fetch_sub(n, std::memory_order_acq_rel) - n; }
  size_t value() const { return value_.load(std::memory_order_relaxed); }
  size_t peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> value_{0};
  std::atomic<size_t> peak_{0};
};

enum class Holding : uint8_t { kHeapPages, kArrayBuffers, kWasmMemory, kWasmCode, kZones, kNative };
constexpr size_t kHoldings = 6;

// A block that the shim allocated for V8 and can free when its owner is lost.
struct BlockHeader {
  Ledger *ledger;
  size_t size : 48;
  size_t holding : 8;
  // Given away: it outlives its owner, and is freed as often as `shares` says besides.
  size_t is_given : 1;
  size_t shares : 6;
  size_t is_mapped : 1;
  BlockHeader *previous;
  BlockHeader *next;
};

// Two bounds: past the soft one (the limit) V8 is asked to collect, and the turn ends where that does not help;
// past the hard one the thread is parked before it allocates.
class Ledger {
 public:
  // How far V8 may pass the limit before its thread is parked. It takes single large objects whole, a string of 512 MiB
  // at the most, and looks at interrupts afterwards: a turn that can still end costs less than a thread.
  static constexpr size_t kOvershoot = size_t{576} << 20;
  // The same for zones and native memory, which a lost isolate cannot give back.
  static constexpr size_t kNativeOvershoot = size_t{64} << 20;
  // Mappings of wasm code and memories: past so many the turn ends, past twice as many the thread is parked.
  static constexpr size_t kMostRegions = 512;
  // Address space that wasm memories of one isolate may reserve beyond what they hold: V8 has about 1 TiB for the
  // process.
  static constexpr size_t kMostReserved = size_t{16} << 30;

  // `limit` in bytes; 0: counted, and never bounded.
  static std::shared_ptr<Ledger> New(size_t limit, ci_isolate *owner);
  ~Ledger();
  Ledger(const Ledger &) = delete;

  // Counts `n` bytes more. Asks the owner to judge past the soft bound; parks the calling thread past the hard one,
  // before anything is allocated.
  void Charge(Holding holding, size_t n);
  void Discharge(Holding holding, size_t n);
  // Whether `n` more bytes stay within the limit. V8 asks three times for an ArrayBuffer, with a collection between,
  // before it gives up; only then is it noted as refused. On the owner's thread.
  bool Admits(size_t n);
  bool gave_up() const { return refusals_ >= 3; }
  void NoteRefusal() { refused_.store(true, std::memory_order_relaxed); }

  // Counts a mapping outside the V8 heap that reserves `length` bytes; false where it is one too many. V8 then makes
  // do with less, where it can.
  bool AddRegion(size_t length);
  void RemoveRegion(size_t length);

  // Blocks of ArrayBuffers and zones: charged, and remembered until they are freed. Null without memory.
  void *NewBlock(Holding holding, size_t size, bool zeroed);
  static void FreeBlock(void *memory);
  // Lets the block outlive its owner: it is gone when it was freed once more than `shares` times. Until then it is
  // charged. On the owner's thread.
  static void GiveAway(void *memory, size_t shares);

  // Native memory that somebody else allocates and frees. It may outlive the owner.
  void ChargeNative(size_t n) { Charge(Holding::kNative, n); }
  void DischargeNative(size_t n);

  // Whether a judgement was asked for and not given, and whether the bounds are kept now.
  bool awaits_judgement() const { return limit_ && judge_at_.load(std::memory_order_relaxed) == kNever; }
  bool exceeds() const { return limit_ && (total() > limit_ || regions() > kMostRegions); }
  bool approaches() const { return limit_ && total() > soft_limit(); }
  // Judged: asks again when more is held.
  void Rearm();

  // The owner is gone; what it still holds is counted until it is freed.
  void Abandon();
  // Frees the blocks of an owner that is lost; no thread uses them any more.
  void FreeBlocks();

  const Meter &of(Holding holding) const { return meters_[static_cast<size_t>(holding)]; }
  size_t limit() const { return limit_; }
  size_t soft_limit() const { return limit_ / 5 * 4; }
  size_t total() const { return total_.value(); }
  size_t peak() const { return total_.peak(); }
  size_t external_peak() const { return external_.peak(); }
  size_t regions() const { return regions_.load(std::memory_order_relaxed); }
  bool refused() const { return refused_.load(std::memory_order_relaxed); }
  std::shared_ptr<Ledger> shared();
  // No two ledgers of the process have the same.
  uint64_t serial() const { return serial_; }

  // Of all ledgers, those of lost isolates included.
  static size_t HeldByAll();
  // Memory mappings besides those of an isolate at rest, at the most.
  static size_t MappingsOfAll();

  // V8's background work for the owner that has not ended.
  std::atomic<uint32_t> worker_tasks{0};

 private:
  static constexpr size_t kNever = SIZE_MAX;
  Ledger(size_t limit, ci_isolate *owner);
  void AskForJudgement();
  void Unlink(BlockHeader *block);

  const size_t limit_;
  const uint64_t serial_;
  std::array<Meter, kHoldings> meters_;
  Meter total_;
  // ArrayBuffers and wasm memories, for their peak.
  Meter external_;
  std::atomic<size_t> regions_{0};
  std::atomic<size_t> reserved_{0};
  std::atomic<size_t> judge_at_{kNever};
  std::atomic<bool> refused_{false};
  size_t refused_length_ = 0;
  int refusals_ = 0;

  std::mutex mutex_;
  ci_isolate *owner_;
  BlockHeader *blocks_ = nullptr;
  // The ledger lives until its native memory is zero. The owner counts there as a byte, and so does each block: one
  // number for both saves an atomic operation for each malloc.
  std::shared_ptr<Ledger> self_;
  void Live(size_t n) { meters_[static_cast<size_t>(Holding::kNative)].Add(n); }
  void Die(size_t n);
};

}  // namespace ci

#endif
